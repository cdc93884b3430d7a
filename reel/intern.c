// SPDX-License-Identifier: MIT
// Pairs to dense ids: an array of pairs and a hash of ids over it. Never forgets a pair.
#include "reel/intern.h"

#include <stdlib.h>

#include "reel/status.h"

#define SLOT_BITS_MIN 10
#define SLOT_BITS_MAX 31

static size_t slot_of(const struct reel_intern *intern, uint64_t first, uint64_t second)
{
    size_t mask = ((size_t)1 << intern->slot_bits) - 1;
    uint64_t hash = (first ^ second * UINT64_C(0xc2b2ae3d27d4eb4f)) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(hash >> (64 - intern->slot_bits));
    for (uint32_t id; (id = intern->slots[slot]) != 0; slot = (slot + 1) & mask)
        if (intern->pairs[id].first == first && intern->pairs[id].second == second)
            break;
    return slot;
}

static bool grow_slots(struct reel_intern *intern)
{
    if (intern->slot_bits >= SLOT_BITS_MAX)
        return false;
    uint32_t *slots = calloc((size_t)2 << intern->slot_bits, sizeof *slots);
    if (slots == NULL)
        return false;
    free(intern->slots);
    intern->slots = slots;
    intern->slot_bits++;
    for (uint32_t id = 1; id <= intern->pair_count; id++)
        intern->slots[slot_of(intern, intern->pairs[id].first, intern->pairs[id].second)] = id;
    return true;
}

static bool has_room(struct reel_intern *intern)
{
    if (intern->pair_count >= ((size_t)1 << intern->slot_bits) / 2 && !grow_slots(intern))
        return false;
    if (intern->pair_count + (size_t)1 < intern->pair_max)
        return true;
    struct reel_intern_pair *pairs = reallocarray(intern->pairs, intern->pair_max * 2, sizeof *pairs);
    if (pairs == NULL)
        return false;
    intern->pairs = pairs;
    intern->pair_max *= 2;
    return true;
}

int reel_intern_init(struct reel_intern *intern)
{
    *intern = (struct reel_intern){.slot_bits = SLOT_BITS_MIN, .pair_max = (size_t)1 << SLOT_BITS_MIN};
    intern->slots = calloc((size_t)1 << SLOT_BITS_MIN, sizeof *intern->slots);
    intern->pairs = calloc(intern->pair_max, sizeof *intern->pairs);
    if (intern->slots != NULL && intern->pairs != NULL)
        return REEL_OK;
    reel_intern_fini(intern);
    return REEL_E_NO_MEMORY;
}

void reel_intern_fini(struct reel_intern *intern)
{
    free(intern->slots);
    free(intern->pairs);
    *intern = (struct reel_intern){0};
}

uint32_t reel_intern_find(const struct reel_intern *intern, uint64_t first, uint64_t second)
{
    return intern->slots[slot_of(intern, first, second)];
}

uint32_t reel_intern_id(struct reel_intern *intern, uint64_t first, uint64_t second, bool *is_new)
{
    size_t slot = slot_of(intern, first, second);
    *is_new = intern->slots[slot] == 0;
    if (!*is_new)
        return intern->slots[slot];
    if (!has_room(intern))
        return 0;
    uint32_t id = ++intern->pair_count;
    intern->pairs[id] = (struct reel_intern_pair){.first = first, .second = second};
    intern->slots[slot_of(intern, first, second)] = id;
    return id;
}
