// SPDX-License-Identifier: MIT
// Reels of random programs, from a seed: processes that fork (told and not), exec and end, threads that free each
// other's blocks, reallocs in place and moving, frees of what never was, allocs over live blocks, blocks from nothing
// to many pages; under the system's malloc or an allocator of ours with classes, zones and carved slots.
//
// What was written is kept as steps, from which a naive model tells the state at any moment.
#ifndef HEAPREEL_TESTS_REEL_RANDOM_REEL_H
#define HEAPREEL_TESTS_REEL_RANDOM_REEL_H

#include "recording.h"

#define RANDOM_PLACES 4096 // where blocks of a process may lie: they do not touch each other
#define RANDOM_CLASSES 6   // of the allocator of ours
#define RANDOM_STACKS 24
#define RANDOM_PROCESSES_MAX 12

struct random_shape
{
    uint64_t seed;
    uint64_t event_count;  // about
    uint32_t live_blocks;  // of a process, about
    uint32_t process_max;  // 1: no forks
    bool has_classes;      // an allocator of ours
    uint32_t commit_every; // events, 0 = only at the end

    // Called after each of these commits, and once the reel is finished; NULL = nobody. The reel in the making tells
    // what has been written.
    void (*at_commit)(void *context);
    void *context;
};

enum random_step_kind
{
    RANDOM_EVENT,
    RANDOM_FORK, // the parent's blocks are as they are in the child
    RANDOM_START,
    RANDOM_END,
};

struct random_step
{
    enum random_step_kind kind;
    uint32_t process;
    uint32_t place;       // event
    uint32_t parent;      // start of a fork that was told
    uint32_t fork_serial; // fork, start; 0 = none
    bool is_fork;         // start
    struct reel_event event;
};

struct random_reel
{
    struct random_step *steps;
    size_t step_count, step_max;
    uint64_t event_count;
    uint32_t process_count;
    bool has_classes;
};

extern const struct reel_class_info random_classes[RANDOM_CLASSES];

// The class of a block at a place, RANDOM_CLASSES: none.
uint32_t random_class_of_place(uint32_t place);

void random_reel_make(struct random_reel *reel, struct recording *recording, const struct random_shape *shape);
void random_reel_free(struct random_reel *reel);

#endif
