# SPDX-License-Identifier: MIT
# HEAPREEL_TIDY: clang-tidy runs with the compiler on every file of ours, and what it says is an error. As part of the build
# it is incremental: only what changed is looked at again.
option(HEAPREEL_TIDY "Run clang-tidy on every file" OFF)
if(HEAPREEL_TIDY)
    find_program(HEAPREEL_CLANG_TIDY clang-tidy REQUIRED)
    set(CMAKE_C_CLANG_TIDY ${HEAPREEL_CLANG_TIDY} --quiet)
endif()
