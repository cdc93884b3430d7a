// SPDX-License-Identifier: MIT
// A reel whose processes take turns beside its events (forks, ends, a class that is told late), and a naive reading of
// it, which shares no code with the library: a block is found by the place that its address has.
#ifndef HEAPREEL_TESTS_REEL_TURNED_H
#define HEAPREEL_TESTS_REEL_TURNED_H

#include "recording.h"

#include "reel/blocks.h"

#define TURNED_BATCH 1000
#define TURNED_PLACES 3000
#define TURNED_BASE UINT64_C(0x7f0000000000)
#define TURNED_PLACE_BYTES 512
#define TURNED_PROCESSES 4
#define TURNED_COPIES 2
#define TURNED_CLASSES 2
#define TURNED_FIRST_CLASS 10 // class_id of the first
#define TURNED_EVENTS 3300000 // all turns are before them

// A heap as a naive reader keeps it.
struct turned_heap
{
    struct reel_block blocks[TURNED_PLACES]; // [place]; address 0: none; size_class is 1 + the index of the class
    size_t block_count;
    bool is_running;
    bool is_blind;
    uint64_t carved[TURNED_CLASSES];
    uint64_t live[TURNED_CLASSES];
    uint64_t peak[TURNED_CLASSES];
    uint64_t slot_bytes;
    uint64_t peak_slot_bytes;
};

struct turned
{
    struct turned_heap processes[1 + TURNED_PROCESSES];
    struct turned_heap copies[1 + TURNED_COPIES]; // [serial]: of process 1, while they wait
    bool is_told[TURNED_CLASSES];                 // whether the class is
};

enum turn
{
    TURN_FORK,     // process 1 announces a fork with the next serial
    TURN_CHILD,    // the child of the first fork begins: process 3
    TURN_BLIND,    // a child that nobody announced: process 4
    TURN_CLASS,    // class 1 is told
    TURN_CHILD_END // the first child ends
};

struct turned_turn
{
    uint64_t event; // events in the reel then
    enum turn turn;
};

#define TURNED_TURNS 6
extern const struct turned_turn turned_turns[TURNED_TURNS];

void turned_begin(struct turned *naive);
void turned_apply(struct turned *naive, const struct reel_event *event, uint64_t number);
void turned_take_turn(struct turned *naive, enum turn turn);

// A random event of a process that has a thread: threads[process], 0 = none.
struct reel_event turned_draw(struct stream *random, const uint32_t *threads);
// Appends; a keyframe is in the file before the next is due, however slow its thread is.
void turned_append(struct reel_writer *writer, const struct reel_event *events, size_t count, struct reel_error *error);
// So many events of the reel; neither finished nor closed.
struct reel_writer *turned_write(struct recording *recording, uint64_t event_count);

#endif
