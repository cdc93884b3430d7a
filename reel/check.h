// SPDX-License-Identifier: MIT
// The judge of a reel: replays every event and reports what cannot have happened.
#ifndef HEAPREEL_REEL_CHECK_H
#define HEAPREEL_REEL_CHECK_H

#include "reel/reader.h"

enum reel_violation_kind
{
    REEL_VIOLATION_OVERLAP = 1,      // a block allocated over a live one (any common byte)
    REEL_VIOLATION_UNKNOWN_FREE = 2, // a free of an address that was freed before or never allocated
    REEL_VIOLATION_RESIZE = 3,       // a resize of a block that is not live, or into another block
    REEL_VIOLATION_ORDER = 4,        // time goes backwards
    REEL_VIOLATION_REFERENCE = 5,    // names a thread, process or stack that is not in the reel
    REEL_VIOLATION_TOTALS = 6,       // stored figures differ from the replayed ones
    REEL_VIOLATION_COUNT = 7,        // fewer or more events than the program's own counters say
    REEL_VIOLATION_CHUNK = 8,        // a chunk that cannot be decoded
    // Of allocators of ours alone:
    REEL_VIOLATION_PLACE = 9,      // a block outside its zone or on pages that are not committed; zones that overlap
    REEL_VIOLATION_SLOT = 10,      // a slot carved twice or not at all, of another class, or over another slot
    REEL_VIOLATION_CLASS_LAW = 11, // more slots of a class carved than its peak of live slots explains, or fewer
    REEL_VIOLATION_CENSUS = 12,    // the allocator's own books differ from the events
};

struct reel_violation
{
    enum reel_violation_kind kind;
    uint64_t event; // number, where one event is meant
    uint32_t process;
    char text[256]; // one line
};

struct reel_check_result
{
    uint64_t events;
    uint64_t violations;       // all of them, also those that were not reported
    uint64_t before_recording; // frees of blocks that were there before recording began: no violation
    uint64_t fork_uncertain;   // events on blocks that a fork caught in mid-call: no violation
    uint64_t loss_uncertain;   // what would be violations but for events known to be missing
    uint64_t misuse_excused;   // frees of what was not live that a finding names: the program's fault, no violation
    uint64_t findings;         // of misuse, all of them
    uint64_t unjudged_heaps;   // of processes whose past is not known for sure: the law of the classes was not judged
    bool is_partial;           // the reel is being written or is damaged: its figures were not compared
};

// Calls report for the first limit violations. Returns REEL_OK when the reel could be read to its end, clean or not.
int reel_check(struct reel_reader *reader, uint64_t limit,
               void (*report)(void *context, const struct reel_violation *violation), void *context,
               const struct reel_progress *progress, struct reel_check_result *result, struct reel_error *error);

#endif
