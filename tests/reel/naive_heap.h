// SPDX-License-Identifier: MIT
// The state of a random reel at a moment, told naively: blocks are found by their place, and every sum is made anew by
// going through all of them. Shares no code with the replay.
#ifndef HEAPREEL_TESTS_REEL_NAIVE_HEAP_H
#define HEAPREEL_TESTS_REEL_NAIVE_HEAP_H

#include "random_reel.h"
#include "reel/replay.h"

struct naive_block
{
    bool is_live;
    bool is_inherited;
    uint32_t stack;
    uint32_t alloc_thread;
    uint32_t class_id; // RANDOM_CLASSES: none
    uint64_t address;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
    uint64_t greatest_usable_bytes;
    uint64_t birth_event;
    uint64_t birth_ns;
};

struct naive_slots
{
    uint64_t carved;
    uint64_t live;
    uint64_t peak;
};

struct naive_process
{
    uint64_t begin_event;
    uint64_t end_event; // UINT64_MAX: it runs
    bool is_fork;
    struct naive_block blocks[RANDOM_PLACES];
    struct naive_slots slots[RANDOM_CLASSES];
    uint64_t live_slot_bytes;
    uint64_t peak_slot_bytes;
};

struct naive_copy
{
    struct naive_process state;
    uint32_t parent;
    uint32_t serial;
    bool is_taken; // the child has begun
};

struct naive
{
    const struct random_reel *reel;
    size_t step_next;
    uint64_t events;
    uint64_t t_ns;                                         // of the last event
    struct naive_process *processes[RANDOM_PROCESSES_MAX]; // [process - 1]
    struct naive_copy *copies;
    size_t copy_count;

    // Told of each step before it changes anything; block is the live one at the place of the event, or NULL.
    void (*watch)(void *context, const struct naive *naive, const struct random_step *step,
                  const struct naive_block *block);
    void *context;
};

void naive_init(struct naive *naive, const struct random_reel *reel);
void naive_fini(struct naive *naive);
// To the state after so many events: what happens to processes after them has not happened yet. Forward only.
void naive_move(struct naive *naive, uint64_t events);

bool naive_is_running(const struct naive *naive, uint32_t process);
// Process 0: all together.
struct reel_heap_state naive_heap(const struct naive *naive, uint32_t process);
// [RANDOM_STACKS + 1]
void naive_stacks(const struct naive *naive, struct reel_stack_state *stacks);
// Of the blocks of a process with that class; RANDOM_CLASSES: none.
struct reel_class_state naive_class(const struct naive *naive, uint32_t process, uint32_t class_id);
const struct naive_block *naive_block_at(const struct naive *naive, uint32_t process, uint64_t address); // NULL: none
// Usable bytes of live blocks on the page that begins at the address, and how many touch it.
void naive_page(const struct naive *naive, uint32_t process, uint64_t address, uint64_t *bytes, uint64_t *blocks);
// Of the live blocks of a process (0: of all) that are meant by the key the one that was born first; NULL: there is
// none.
const struct naive_block *naive_oldest(const struct naive *naive, uint32_t process,
                                       bool (*is_meant)(const void *key, const struct naive_block *block),
                                       const void *key);

#endif
