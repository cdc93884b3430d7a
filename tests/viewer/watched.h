// SPDX-License-Identifier: MIT
// A small reel of known contents for the model's tests, and a watcher that counts.
#ifndef HEAPREEL_TESTS_VIEWER_WATCHED_H
#define HEAPREEL_TESTS_VIEWER_WATCHED_H

#include "tests/reel/recording.h"
#include "viewer/model/model.h"

// Events, 1 us apart, the first at 1 us; blocks have 8 usable bytes more than were requested:
//     0  alloc 0x1000   100 by small     3  free  0x2000
//     1  alloc 0x2000  1000 by big       4  alloc 0x4000 4000 by big
//     2  alloc 0x3000    50 by small     5  alloc 0x5000    8 without a stack
// Stack small is outer > small; big is outer > big.
#define WATCHED_EVENTS 6
#define WATCHED_NS 1000
#define WATCHED_END_NS 10000

struct watched
{
    struct recording *recording;
    struct model *model;
    struct state state; // at the end
    struct reel_error error;
    uint32_t small; // stacks
    uint32_t big;
    int ticks;
    bool is_stopping; // the watcher stops what is being made
};

void watched_open(struct watched *watched, struct recording *recording);
// Another reel that lies at the recording's path already.
void watched_open_made(struct watched *watched, struct recording *recording);
void watched_close(struct watched *watched);
// Counts from 0, beginning with the next tick.
void watched_count(struct watched *watched, bool is_stopping);
// The moment moves.
void watched_go(struct watched *watched, uint64_t events);

// Of a writer: a stack of functions of these names, outermost first, whose names are told.
uint32_t watched_stack(struct reel_writer *writer, const char *outer, const char *inner);

#endif
