// SPDX-License-Identifier: MIT
// What `zoned` puts into slots when asked to: zeros when a slot is freed, a secret at the end of one that is used.
#ifndef HEAPREEL_HEAP_ZONED_CONTENTS_H
#define HEAPREEL_HEAP_ZONED_CONTENTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Offset of the first byte that is not zero; bytes (a multiple of 16) if all are.
size_t zoned_first_not_zero(const void *slot, size_t bytes);

static inline void zoned_canary_write(void *slot, size_t slot_bytes, uint64_t canary)
{
    memcpy((char *)slot + slot_bytes - sizeof canary, &canary, sizeof canary);
}

// Offset in the slot of the first byte of the canary that is wrong; slot_bytes if all are right.
static inline size_t zoned_canary_wrong(const void *slot, size_t slot_bytes, uint64_t canary)
{
    uint64_t found;
    memcpy(&found, (const char *)slot + slot_bytes - sizeof found, sizeof found);
    return found == canary ? slot_bytes : slot_bytes - sizeof found + (size_t)__builtin_ctzll(found ^ canary) / 8;
}

#endif
