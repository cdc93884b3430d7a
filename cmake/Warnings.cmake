# SPDX-License-Identifier: MIT
# Link this target (PRIVATE) from every target of ours: warnings, and in developer builds warnings as errors.
add_library(heapreel_warnings INTERFACE)
target_compile_options(heapreel_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wundef -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
    -Wcast-qual -Wpointer-arith -Wwrite-strings -Wformat=2 -Wvla
    $<$<BOOL:${HEAPREEL_DEVELOPER}>:-Werror>)
