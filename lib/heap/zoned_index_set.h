// SPDX-License-Identifier: MIT
// A set of small numbers whose least member is found in three steps: a bit for each number, and above it two levels of
// words in which a bit says that the word below is not 0. The caller owns the words, which begin as zeros, and locks.
//
//   top            1                        bit 0: middle[0] has members
//   middle         1 0 ... 0                bit 0: leaves[0] has members
//   leaves         0 0 1 0 ... | 0 ...      bit 2: the set is {2}
#ifndef HEAPREEL_HEAP_ZONED_INDEX_SET_H
#define HEAPREEL_HEAP_ZONED_INDEX_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    INDEX_SET_CAPACITY_MAX = 64 * 64 * 64,
};

struct index_set
{
    uint64_t *top;
    uint64_t *middle;
    uint64_t *leaves;
};

static inline size_t index_set_words_for(size_t bits)
{
    return (bits + 63) / 64;
}

// Words that a set of numbers below capacity needs, in all.
static inline size_t index_set_words(size_t capacity)
{
    size_t leaves = index_set_words_for(capacity);
    return 1 + index_set_words_for(leaves) + leaves;
}

static inline void index_set_place(struct index_set *set, uint64_t *words, size_t capacity)
{
    set->top = words;
    set->middle = words + 1;
    set->leaves = set->middle + index_set_words_for(index_set_words_for(capacity));
}

static inline bool index_set_is_empty(const struct index_set *set)
{
    return *set->top == 0;
}

static inline bool index_set_has(const struct index_set *set, uint32_t index)
{
    return set->leaves[index / 64] >> (index % 64) & 1;
}

static inline void index_set_add(struct index_set *set, uint32_t index)
{
    set->leaves[index / 64] |= UINT64_C(1) << (index % 64);
    set->middle[index / 4096] |= UINT64_C(1) << (index / 64 % 64);
    *set->top |= UINT64_C(1) << (index / 4096);
}

static inline void index_set_remove(struct index_set *set, uint32_t index)
{
    if ((set->leaves[index / 64] &= ~(UINT64_C(1) << (index % 64))) != 0)
        return;
    if ((set->middle[index / 4096] &= ~(UINT64_C(1) << (index / 64 % 64))) != 0)
        return;
    *set->top &= ~(UINT64_C(1) << (index / 4096));
}

// Of a set that is not empty.
static inline uint32_t index_set_least(const struct index_set *set)
{
    uint32_t middle = (uint32_t)__builtin_ctzll(*set->top);
    uint32_t leaf = middle * 64 + (uint32_t)__builtin_ctzll(set->middle[middle]);
    return leaf * 64 + (uint32_t)__builtin_ctzll(set->leaves[leaf]);
}

#endif
