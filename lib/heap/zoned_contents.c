// SPDX-License-Identifier: MIT
// Looks for the first byte in a freed slot that somebody wrote. Reports nothing.
#include "heap/zoned_contents.h"

#include <stdbool.h>

typedef uint64_t vector __attribute__((vector_size(16), may_alias));

enum
{
    STEP_VECTORS = 4,
    STEP_BYTES = STEP_VECTORS * sizeof(vector),
};

static vector step_bits(const char *bytes)
{
    const vector *vectors = (const vector *)bytes;
    return (vectors[0] | vectors[1]) | (vectors[2] | vectors[3]);
}

// All of it is looked at, and the last step may overlap the one before: the end is the only branch that depends on the
// size, which the processor cannot foresee.
static bool is_all_zero(const char *slot, size_t bytes)
{
    vector bits = {0};
    if (bytes < STEP_BYTES)
        for (size_t i = 0; i < bytes; i += sizeof(vector))
            bits |= *(const vector *)(slot + i);
    else
    {
        const char *last = slot + bytes - STEP_BYTES;
        bits = step_bits(last);
        for (; slot < last; slot += STEP_BYTES)
            bits |= step_bits(slot);
    }
    return (bits[0] | bits[1]) == 0;
}

size_t zoned_first_not_zero(const void *slot, size_t bytes)
{
    if (is_all_zero(slot, bytes))
        return bytes;
    size_t offset = 0;
    while (((const char *)slot)[offset] == 0)
        offset++;
    return offset;
}
