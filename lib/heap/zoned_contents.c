// SPDX-License-Identifier: MIT
// Looks for the first byte in a freed slot that somebody wrote. Reports nothing.
#include "heap/zoned_contents.h"

#include <stdbool.h>

enum
{
    STEP_BYTES = 16,
};

size_t zoned_first_not_zero(const void *slot, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += STEP_BYTES)
    {
        uint64_t words[STEP_BYTES / sizeof(uint64_t)];
        memcpy(words, (const char *)slot + at, sizeof words);
        if (__builtin_expect((words[0] | words[1]) != 0, 0))
            return at + (words[0] ? (size_t)__builtin_ctzll(words[0]) / 8
                                  : sizeof words[0] + (size_t)__builtin_ctzll(words[1]) / 8);
    }
    return bytes;
}
