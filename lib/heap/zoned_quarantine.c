// SPDX-License-Identifier: MIT
// The order in which freed slots become usable again. Touches no slot.
#include "heap/zoned_quarantine.h"

enum
{
    CAPACITY_MAX = 1 << 24, // 128 MiB of places
};

uint32_t zoned_quarantine_capacity(const struct heap_options *options, uint32_t slot_bytes)
{
    if (options->quarantine == HEAP_QUARANTINE_NONE)
        return 0;
    uint64_t slots = options->quarantine_bytes / slot_bytes;
    if (slots > CAPACITY_MAX)
        return CAPACITY_MAX;
    return slots ? (uint32_t)slots : 1;
}

void zoned_quarantine_init(struct zoned_quarantine *quarantine, uint64_t *places, uint32_t capacity,
                           enum heap_quarantine order, uint64_t seed)
{
    uint32_t random_count = order == HEAP_QUARANTINE_RANDOM ? (capacity + 1) / 2 : 0;
    *quarantine = (struct zoned_quarantine){
        .random_count = random_count,
        .ring_count = capacity - random_count,
        .seed = seed | 1,
    };
    quarantine->places = places;
}

// xorshift64*: not for secrets that must hold against who sees the order, but nobody can guess it beforehand.
static uint32_t random_below(struct zoned_quarantine *quarantine, uint32_t bound)
{
    uint64_t x = quarantine->seed;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    quarantine->seed = x;
    return (uint32_t)(((x * UINT64_C(0x2545f4914f6cdd1d)) >> 32) * bound >> 32);
}

static uint64_t swap(uint64_t *place, uint64_t slot)
{
    uint64_t other = *place;
    *place = slot;
    return other;
}

static uint64_t pass_ring(struct zoned_quarantine *quarantine, uint64_t slot)
{
    uint64_t *place = &quarantine->places[quarantine->random_count + quarantine->oldest];
    if (++quarantine->oldest == quarantine->ring_count)
        quarantine->oldest = 0;
    return swap(place, slot);
}

uint64_t zoned_quarantine_pass(struct zoned_quarantine *quarantine, uint64_t slot)
{
    if (quarantine->random_count)
        slot = swap(&quarantine->places[random_below(quarantine, quarantine->random_count)], slot);
    if (slot && quarantine->ring_count)
        slot = pass_ring(quarantine, slot);
    if (!slot)
        quarantine->held++;
    return slot;
}
