// SPDX-License-Identifier: MIT
// Where freed slots of a class wait for their reuse: first each swaps places with a random one (quarantine=random),
// then all queue in a ring. A slot is a number to it, not 0; what it holds is the
// caller's to keep from being handed out.
//
//   freed -> [ random places ] -> [ ring, oldest first ] -> free
#ifndef HEAPREEL_HEAP_ZONED_QUARANTINE_H
#define HEAPREEL_HEAP_ZONED_QUARANTINE_H

#include "heap/options.h"

#include <stddef.h>
#include <stdint.h>

struct zoned_quarantine
{
    uint64_t *places; // the random ones, then the ring; 0 where nobody is yet
    uint32_t random_count;
    uint32_t ring_count;
    uint32_t oldest; // in the ring
    uint32_t held;   // places that are not 0
    uint64_t seed;
};

// Slots of that size which the options let wait, at least 1; 0 without a quarantine.
uint32_t zoned_quarantine_capacity(const struct heap_options *options, uint32_t slot_bytes);
// places: as many zeros as the capacity says.
void zoned_quarantine_init(struct zoned_quarantine *quarantine, uint64_t *places, uint32_t capacity,
                           enum heap_quarantine order, uint64_t seed);
// Takes a slot in and returns the one that leaves; 0: none yet.
uint64_t zoned_quarantine_pass(struct zoned_quarantine *quarantine, uint64_t slot);

#endif
