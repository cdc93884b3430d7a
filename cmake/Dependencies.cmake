# SPDX-License-Identifier: MIT
# Every library that the tools use. The preload library links none of them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(DW REQUIRED IMPORTED_TARGET libdw>=0.188)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(NCURSESW REQUIRED IMPORTED_TARGET ncursesw)
if(HEAPREEL_DEVELOPER)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()

# Header only: checksums of chunks.
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)

# Only its header at build time: the preload library opens libunwind.so.8 itself (RTLD_LOCAL).
find_path(LIBUNWIND_INCLUDE_DIR libunwind.h REQUIRED)

# Demangling of C++ and Rust names; Debian ships it as a static library without a pkg-config file.
find_path(IBERTY_INCLUDE_DIR demangle.h PATH_SUFFIXES libiberty REQUIRED)
find_library(IBERTY_LIBRARY iberty REQUIRED)
add_library(iberty STATIC IMPORTED)
set_target_properties(iberty PROPERTIES
    IMPORTED_LOCATION ${IBERTY_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${IBERTY_INCLUDE_DIR})
