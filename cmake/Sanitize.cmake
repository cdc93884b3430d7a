# SPDX-License-Identifier: MIT
# heapreel_sanitize(TARGET): the sanitizers or coverage of the preset. Never called for what goes into the preload library:
# a sanitizer's runtime under LD_PRELOAD would replace the malloc that is being watched.
set(HEAPREEL_SANITIZE "" CACHE STRING "Value for -fsanitize= of everything but the preload library")
option(HEAPREEL_COVERAGE "Instrument for gcov" OFF)
function(heapreel_sanitize target)
    if(HEAPREEL_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${HEAPREEL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PUBLIC -fsanitize=${HEAPREEL_SANITIZE})
    endif()
    if(HEAPREEL_SANITIZE STREQUAL "thread")
        # ThreadSanitizer does not model fences and gcc warns of each. Ours order atomics alone, which it needs no fence for.
        target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
    if(HEAPREEL_COVERAGE)
        target_compile_options(${target} PRIVATE --coverage)
        target_link_options(${target} PUBLIC --coverage)
    endif()
endfunction()
