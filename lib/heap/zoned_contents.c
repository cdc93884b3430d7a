// SPDX-License-Identifier: MIT
// Looks for the first byte in a freed slot that somebody wrote. Reports nothing.
#include "heap/zoned_contents.h"

#include <stdbool.h>

enum
{
    STEP_VECTORS = 4,
};

typedef uint64_t vector __attribute__((vector_size(16), may_alias));

static bool is_zero(vector words)
{
    return (words[0] | words[1]) == 0;
}

size_t zoned_first_not_zero(const void *slot, size_t bytes)
{
    const vector *vectors = slot;
    size_t count = bytes / sizeof *vectors;
    size_t i = 0;
    while (i + STEP_VECTORS <= count && is_zero(vectors[i] | vectors[i + 1] | vectors[i + 2] | vectors[i + 3]))
        i += STEP_VECTORS;
    while (i < count && is_zero(vectors[i]))
        i++;
    size_t offset = i * sizeof *vectors;
    while (offset < bytes && ((const char *)slot)[offset] == 0)
        offset++;
    return offset;
}
