// SPDX-License-Identifier: MIT
// A lock-free stack of 32-bit indices, last in first out. Index 0 is none. It owns no memory: where the link of an
// index lies, its user says.
//
//   bit 63          32 31            0
//      +--------------+--------------+       link of 7     link of 4
//      | tag          | top index 7  |  -->       4    -->      0
//      +--------------+--------------+
//
// Each pop raises the tag. A pop that was stopped between reading the link of the top and exchanging the word therefore
// fails when anybody has popped meanwhile, even if the same index is on top again (ABA), until exactly 2^32 pops have
// passed. Until it fails, it may have read the link of an index that somebody else owns by now: the link must stay
// readable for ever, and its value is not used then.
#ifndef HEAPREEL_HEAP_INDEX_STACK_H
#define HEAPREEL_HEAP_INDEX_STACK_H

#include "heap/index_step.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef INDEX_STACK_TAG_BITS
#define INDEX_STACK_TAG_BITS 32 // fewer only to show what happens then
#endif

struct index_stack
{
    uint64_t word; // compare and swap by anybody
};

// How the user of a stack keeps its links.
struct index_links
{
    uint32_t *(*at)(uint32_t index);
    // NULL: nothing. Called when a link was stored there, before others can pop it.
    void (*seal)(uint32_t *at, uint32_t link);
    // NULL: always. False: the link there cannot have that value, so its memory was overwritten. May be asked about any
    // value, and be wrong, while others pop.
    bool (*is_sound)(const uint32_t *at, uint32_t link);
};

static inline uint32_t index_of_word(uint64_t word)
{
    return (uint32_t)word;
}

static inline uint64_t index_word_tagged(uint32_t index, uint64_t tag)
{
    return (tag & ((UINT64_C(1) << INDEX_STACK_TAG_BITS) - 1)) << 32 | index;
}

// Atomic, but not to be seen by a sanitizer of races: the link may be in memory that is another thread's by now.
static inline uint32_t index_link_load(const uint32_t *link)
{
    uint32_t value;
    __asm__ volatile("movl %1, %0" : "=r"(value) : "m"(*link));
    return value;
}

// link is where that of the index lies.
static inline __attribute__((always_inline)) void
index_stack_push_at(struct index_stack *stack, const struct index_links *links, uint32_t index, uint32_t *link)
{
    uint64_t word = __atomic_load_n(&stack->word, __ATOMIC_RELAXED);
    do
    {
        __atomic_store_n(link, index_of_word(word), __ATOMIC_RELAXED);
        if (links->seal)
            links->seal(link, index_of_word(word));
        INDEX_STEP();
    } while (!__atomic_compare_exchange_n(&stack->word, &word, index_word_tagged(index, word >> 32), false,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

static inline void index_stack_push(struct index_stack *stack, const struct index_links *links, uint32_t index)
{
    index_stack_push_at(stack, links, index, links->at(index));
}

// 0: the stack was empty. *is_broken becomes true if the link of the index was unsound: the index is good, what lay
// below it is lost. *link: where the link of the index lies. It is found before the exchange, which later loads wait
// for.
static inline __attribute__((always_inline)) uint32_t
index_stack_pop_at(struct index_stack *stack, const struct index_links *links, bool *is_broken, uint32_t **link)
{
    uint64_t word = __atomic_load_n(&stack->word, __ATOMIC_ACQUIRE);
    bool is_sound;
    uint32_t next;
    do
    {
        INDEX_STEP();
        if (index_of_word(word) == 0)
            return 0;
        *link = links->at(index_of_word(word));
        next = index_link_load(*link);
        is_sound = !links->is_sound || links->is_sound(*link, next);
        if (__builtin_expect(!is_sound, 0))
            next = 0;
        INDEX_STEP();
    } while (!__atomic_compare_exchange_n(&stack->word, &word, index_word_tagged(next, (word >> 32) + 1), false,
                                          __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE));
    if (__builtin_expect(!is_sound, 0))
        *is_broken = true;
    return index_of_word(word);
}

static inline uint32_t index_stack_pop(struct index_stack *stack, const struct index_links *links, bool *is_broken)
{
    uint32_t *link;
    return index_stack_pop_at(stack, links, is_broken, &link);
}

#endif
