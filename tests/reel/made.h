// SPDX-License-Identifier: MIT
// Reels of an allocator of ours, made event by event, and what the judge says of them.
#ifndef HEAPREEL_TESTS_REEL_MADE_H
#define HEAPREEL_TESTS_REEL_MADE_H

#include "recording.h"
#include "reel/check.h"

#define ZONE UINT64_C(0x100000)
#define ZONE_BYTES UINT64_C(0x100000)
#define COMMITTED UINT64_C(0x10000)
#define SLOT 48 // of class 0; class 1 has slots of twice as much, class 2 aligned ones of 64
#define CARVED REEL_EVENT_CARVED

// A reel in the making, of one process with one thread. Each event is 10 ns after the one before.
struct made
{
    struct recording *recording;
    struct reel_writer *writer;
    uint64_t t_ns;
};

struct verdict
{
    struct reel_check_result result;
    struct reel_violation first;
};

// With three classes and a zone of that role, whose first pages are committed.
void made_begin(struct made *made, struct recording *recording, const char *allocator, enum reel_zone_role role);
// Thread and process 0: the first.
void made_append(struct made *made, struct reel_event event);
void made_alloc(struct made *made, uint64_t address, uint64_t usable, uint8_t flags);
void made_free(struct made *made, uint64_t address);
void made_pages(struct made *made, uint64_t begin, uint64_t bytes, bool is_committed);
void made_census(struct made *made, uint64_t carved, uint64_t used, uint64_t quarantined); // of class 0
uint32_t made_thread(struct made *made);

struct verdict made_finish(struct made *made);
struct verdict made_check(const struct recording *recording);

#endif
