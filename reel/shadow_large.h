// SPDX-License-Identifier: MIT
// The large blocks of a shadow: a sorted array, so that a huge block costs no more than a small one. Private to the
// shadow. It keeps apart what is given to it; whether a block may be added is the shadow's question.
#ifndef HEAPREEL_REEL_SHADOW_LARGE_H
#define HEAPREEL_REEL_SHADOW_LARGE_H

#include "reel/shadow.h"

// The granules of a block: first, and one past the last.
struct shadow_span
{
    uint64_t first;
    uint64_t end;
};

struct shadow_large
{
    struct shadow_block *blocks; // by address; their spans do not touch
    size_t count;
    size_t capacity;
};

void shadow_large_fini(struct shadow_large *large);
// False: no memory; *copy is to be finished all the same.
bool shadow_large_copy_inherited(struct shadow_large *copy, const struct shadow_large *large);

// NULL if there is none.
const struct shadow_block *shadow_large_touching(const struct shadow_large *large, struct shadow_span span);
const struct shadow_block *shadow_large_at(const struct shadow_large *large, uint64_t address);

bool shadow_large_insert(struct shadow_large *large, const struct shadow_block *block); // false: no memory
void shadow_large_remove(struct shadow_large *large, const struct shadow_block *block); // one that was given out
void shadow_large_set_inherited(struct shadow_large *large, uint64_t address);

struct shadow_span shadow_block_span(const struct shadow_block *block);

#endif
