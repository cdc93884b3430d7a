// SPDX-License-Identifier: MIT
// Questions about the events themselves: each reads a range of them once, with progress.
#ifndef HEAPREEL_REEL_HISTORY_H
#define HEAPREEL_REEL_HISTORY_H

#include "reel/replay.h"

// A block that an address has belonged to.
struct reel_tenant
{
    uint32_t process;
    uint64_t address; // of the block
    uint64_t requested_bytes;
    uint64_t usable_bytes; // the greatest that it had
    uint64_t birth_event;
    uint64_t birth_ns;
    uint32_t alloc_stack;
    uint32_t alloc_thread;
    uint64_t free_event; // UINT64_MAX: it lived at the end, or was lost
    uint64_t free_ns;
    uint32_t free_stack;
    uint32_t free_thread;
};
// Blocks that held the byte at the address before that many events, in the order of their births; process 0: in any.
// The array is the caller's.
int reel_history_of_address(struct reel_reader *reader, uint32_t process, uint64_t address, uint64_t events,
                            const struct reel_progress *progress, struct reel_tenant **tenants, size_t *count,
                            struct reel_error *error);

#define REEL_LIFETIME_SIZES 48 // requested bytes: [0] is 0, [n] from 2^(n-1) up to 2^n - 1
#define REEL_LIFETIME_TIMES 48 // nanoseconds, the same way
struct reel_lifetimes
{
    uint64_t blocks[REEL_LIFETIME_SIZES][REEL_LIFETIME_TIMES]; // freed in the range
    uint64_t bytes[REEL_LIFETIME_SIZES][REEL_LIFETIME_TIMES];
    uint64_t alive_blocks[REEL_LIFETIME_SIZES]; // born in the range and alive at its end
    uint64_t alive_bytes[REEL_LIFETIME_SIZES];
};
int reel_history_lifetimes(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_lifetimes **out, struct reel_error *error);

// Blocks that one thread allocated and another freed.
struct reel_crossing
{
    uint32_t alloc_thread;
    uint32_t free_thread;
    uint64_t blocks;
    uint64_t bytes;
};
// By blocks descending. The array is the caller's.
int reel_history_crossings(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_crossing **rows, size_t *count,
                           struct reel_error *error);

// Stacks whose live bytes are greater at each of the moments than at the one before, by how much they grew.
struct reel_growth
{
    uint32_t stack;
    uint64_t first_bytes;
    uint64_t last_bytes;
    uint64_t last_blocks;
};
#define REEL_GROWTH_MOMENTS 9
int reel_history_growth(struct reel_replay *replay, uint64_t begin, uint64_t end, const struct reel_progress *progress,
                        struct reel_growth **rows, size_t *count, struct reel_error *error);

#endif
