// SPDX-License-Identifier: MIT
// The live blocks of one process, found by address. Knows addresses only: overlap of ranges is somebody else's
// question.
//
//   groups (hash of address), a cache line each          pool (dense, freed places reused last in, first out)
//   +----------------+--------+------------------+       +-----------------------------------------+
//   | 12 tags        | passed | 12 indexes       | ----->| address, requested, birth, stack, slack |
//   +----------------+--------+------------------+       +-----------------------------------------+
//
// A tag is eight bits of the hash, so that a lookup compares twelve blocks at once and reads one or two cache lines. A
// block whose group is full goes to the next one with room; `passed` counts the blocks that passed a group on their
// way, so that a lookup knows whether to go on, and a removal leaves nothing behind. The pool's reuse order keeps the
// few entries that come and go warm. An entry is half a cache line. Not thread safe. Any address is allowed, also 0.
#ifndef HEAPREEL_REEL_BLOCKS_H
#define HEAPREEL_REEL_BLOCKS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REEL_BLOCK_EVENT_BITS 48
#define REEL_BLOCK_EVENT_MASK ((UINT64_C(1) << REEL_BLOCK_EVENT_BITS) - 1)
#define REEL_BLOCK_SLACK_UNKNOWN UINT32_MAX // more than a slack can say

struct reel_block
{
    uint64_t address;
    uint64_t requested_bytes;
    uint64_t birth_event : REEL_BLOCK_EVENT_BITS; // number of the alloc event
    uint64_t size_class : 8;                      // its number in the caller's list of classes, 0 = none
    uint64_t is_inherited : 1;                    // came with a fork: counted where it was allocated, not here
    uint64_t is_over : 1;                         // took the place of a live one
    uint32_t stack;                               // of the alloc event
    uint32_t slack;                               // usable minus requested bytes
};

static_assert(sizeof(struct reel_block) == 32, "no block lies in two cache lines");

struct reel_blocks_group;

struct reel_blocks
{
    struct reel_blocks_group *groups;
    struct reel_block *pool;
    uint32_t group_bits; // 1 << group_bits groups
    uint32_t home_shift; // 64 - group_bits
    uint32_t pool_end;   // pool[1 .. pool_end-1] are blocks or vacant, no more than the groups may hold; 0 is neither
    uint32_t pool_max;   // allocated entries
    uint32_t vacant_count;
    uint32_t *vacant; // vacant entries: the last one is used next; some 0 are below the first
    size_t count;
};

int reel_blocks_init(struct reel_blocks *blocks); // REEL_OK or REEL_E_NO_MEMORY
void reel_blocks_fini(struct reel_blocks *blocks);
// Removes all and keeps the memory.
void reel_blocks_clear(struct reel_blocks *blocks);

// Makes room for that many blocks in all, so that it need not grow on the way to them. REEL_OK or REEL_E_NO_MEMORY.
int reel_blocks_reserve(struct reel_blocks *blocks, size_t count);

// Pointers into the table are valid until the next insert.
struct reel_block *reel_blocks_find(const struct reel_blocks *blocks, uint64_t address);
// The entry for the address, new or already there (*is_new tells); a new one is zero but for its address. NULL: no
// memory, nothing changed.
struct reel_block *reel_blocks_insert(struct reel_blocks *blocks, uint64_t address, bool *is_new);
// False if there is none. *removed may be NULL.
bool reel_blocks_remove(struct reel_blocks *blocks, uint64_t address, struct reel_block *removed);
// The same without a copy: what the block was, valid until the next insert. NULL if there is none.
const struct reel_block *reel_blocks_drop(struct reel_blocks *blocks, uint64_t address);

// *copy becomes an independent table with the same blocks, all marked as inherited when as_inherited is set.
int reel_blocks_clone(struct reel_blocks *copy, const struct reel_blocks *blocks, bool as_inherited);

// Walks all blocks in no order: start with *position = 0; NULL at the end. The table must not change meanwhile.
const struct reel_block *reel_blocks_next(const struct reel_blocks *blocks, size_t *position);

#endif
