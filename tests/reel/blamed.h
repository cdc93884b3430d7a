// SPDX-License-Identifier: MIT
// Reels made block by block, with stacks, and who is blamed at their end.
#ifndef HEAPREEL_TESTS_REEL_BLAMED_H
#define HEAPREEL_TESTS_REEL_BLAMED_H

#include "recording.h"
#include "reel/blame.h"

#define PAGE UINT64_C(4096)
#define BASE UINT64_C(0x10000000)
#define BLAMED_STACKS 5 // with 0, which stands for none
#define BLAMED_PROCESSES 2
#define BLAMED_STEP_NS 10 // between two events

// In the making.
struct blamed
{
    struct recording *recording;
    struct reel_writer *writer;
    uint64_t t_ns;
};

void blamed_begin(struct blamed *blamed, struct recording *recording);
// Requested is usable: no rounding.
void blamed_alloc(struct blamed *blamed, uint32_t process, uint32_t stack, uint64_t address, uint64_t usable_bytes);
void blamed_free(struct blamed *blamed, uint32_t process, uint64_t address);

struct blamed_answer
{
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_blame *blame;
    const struct reel_blame_share *stacks;
    const struct reel_blame_share *classes;
    struct reel_blame_share total;
    struct reel_heap_state heap;
    struct reel_error error;
};

// Finishes the reel, and blames at its end.
void blamed_ask(struct blamed_answer *asked, struct blamed *blamed, uint32_t process);
void blamed_ask_again(struct blamed_answer *asked, uint32_t process);
void blamed_done(struct blamed_answer *asked);

#endif
