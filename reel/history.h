// SPDX-License-Identifier: MIT
// Questions about the events themselves: each reads a range of them with progress. What lies in damaged chunks is left
// out, and counted. Memory is bounded by the live blocks and the answer. Functions return REEL_OK or a negative enum
// reel_status with a line of text in *error; a range that begins after its end is REEL_E_ARGUMENT, one that ends after
// the reel is cut.
#ifndef HEAPREEL_REEL_HISTORY_H
#define HEAPREEL_REEL_HISTORY_H

#include "reel/replay.h"

// How many events the last question of this header or of reel/measure.h through the reader had to leave out because
// they are damaged, among those that it had to read; of a block that lives where the range begins, the birth.
uint64_t reel_history_damaged_events(const struct reel_reader *reader);

// A block that an address has belonged to.
struct reel_tenant
{
    uint32_t process;
    uint64_t address;         // of the block
    uint64_t requested_bytes; // that it had last
    uint64_t usable_bytes;    // the greatest that it had
    uint64_t birth_event;
    uint64_t birth_ns;
    uint32_t alloc_stack;
    uint32_t alloc_thread;
    uint64_t free_event; // UINT64_MAX: it lived at the end, or its process's, or was lost; the rest is 0 then
    uint64_t free_ns;
    uint32_t free_stack;
    uint32_t free_thread;
};
// Blocks that held the byte at the address before that many events, in the order of their births; process 0: in any.
// A block holds its usable bytes, and one without any its address. What came with a fork is the child's too, with its
// birth in the parent. Reads the events twice when a block came to the byte by growing in place. The array is the
// caller's, to be freed with free(); NULL when there is none.
int reel_history_of_address(struct reel_reader *reader, uint32_t process, uint64_t address, uint64_t events,
                            const struct reel_progress *progress, struct reel_tenant **tenants, size_t *count,
                            struct reel_error *error);

// A block counts in the process that allocated it, with the size that it had last; one that was lost, or whose process
// ended, was not freed.
#define REEL_LIFETIME_SIZES 48 // requested bytes: [0] is 0, [n] from 2^(n-1) up to 2^n - 1, the last all above too
#define REEL_LIFETIME_TIMES 48 // nanoseconds, the same way
struct reel_lifetimes
{
    uint64_t blocks[REEL_LIFETIME_SIZES][REEL_LIFETIME_TIMES]; // freed in the range
    uint64_t bytes[REEL_LIFETIME_SIZES][REEL_LIFETIME_TIMES];
    uint64_t alive_blocks[REEL_LIFETIME_SIZES]; // born in the range and alive at its end
    uint64_t alive_bytes[REEL_LIFETIME_SIZES];
};
uint64_t reel_lifetime_least(size_t step);
uint64_t reel_lifetime_most(size_t step, size_t step_count); // UINT64_MAX: no bound
// Moves the replay to the beginning of the range. *out is the caller's, to be freed with free().
int reel_history_lifetimes(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_lifetimes **out, struct reel_error *error);

// The same by the stack that allocated them. The median is a step of the times: half of the freed blocks lived no
// longer than it ends, half no shorter than it begins; UINT64_MAX: none was freed, or the step has no end.
struct reel_stack_lifetimes
{
    uint32_t stack; // 0 = blocks without one
    uint64_t freed_blocks;
    uint64_t freed_bytes;
    uint64_t median_least_ns;
    uint64_t median_most_ns;
    uint64_t alive_blocks;
    uint64_t alive_bytes;
};
// By freed blocks descending. Moves the replay to the beginning of the range. The array is the caller's; NULL when
// empty.
int reel_history_lifetimes_by_stack(struct reel_replay *replay, uint64_t begin, uint64_t end,
                                    const struct reel_progress *progress, struct reel_stack_lifetimes **rows,
                                    size_t *count, struct reel_error *error);

// Blocks that one thread allocated and another freed in the range, by the same process.
struct reel_crossing
{
    uint32_t alloc_thread;
    uint32_t free_thread;
    uint64_t blocks;
    uint64_t bytes;
};
// By blocks descending. Moves the replay to the beginning of the range. The array is the caller's; NULL when empty.
int reel_history_crossings(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_crossing **rows, size_t *count,
                           struct reel_error *error);

// Stacks that only grow: of equally spaced moments, from the beginning of the range to its end, their live bytes are at
// none less than at the one before, and greater at most of them. By how much they grew. Moves the replay. The array is
// the caller's.
#define REEL_GROWTH_MOMENTS 9
#define REEL_GROWTH_RISES 6 // at least, of the 8 steps
struct reel_growth
{
    uint32_t stack; // 0 = blocks without one
    uint64_t first_bytes;
    uint64_t last_bytes;
    uint64_t last_blocks;
};
int reel_history_growth(struct reel_replay *replay, uint64_t begin, uint64_t end, const struct reel_progress *progress,
                        struct reel_growth **rows, size_t *count, struct reel_error *error);

#endif
