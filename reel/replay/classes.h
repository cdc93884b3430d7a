// SPDX-License-Identifier: MIT
// The size classes of a reel, by number: those that its allocator told, else ranges of usable sizes.
#ifndef HEAPREEL_REEL_REPLAY_CLASSES_H
#define HEAPREEL_REEL_REPLAY_CLASSES_H

#include "reel/classes.h"
#include "reel/replay.h"

// Zones of a process's blocks, by address: a block of whole pages outside all of them has a mapping of its own.
struct replay_zone
{
    uint64_t begin;
    uint64_t end;
};

struct replay_zones
{
    struct replay_zone *all;
    size_t count;
};

struct replay_classes
{
    struct reel_classes told;                           // empty: ranges; their numbers are those of all answers
    struct reel_class_state states[REEL_CLASS_NUMBERS]; // without figures; greatest_bytes 0: there is no such class
    uint64_t slot_bytes[REEL_CLASS_NUMBERS];
    int64_t row_count;          // of the table of classes
    struct replay_zones *zones; // [process]
    size_t zones_count;
    int64_t last_zone; // row that was read last
};

int replay_classes_read(struct replay_classes *classes, struct reel_reader *reader, size_t process_count,
                        struct reel_error *error);
// Reads what has come since: zones, processes. *is_other: there are other classes than before, and nothing was read: a
// block that was seen may be of another one now.
int replay_classes_follow(struct replay_classes *classes, struct reel_reader *reader, size_t process_count,
                          bool *is_other, struct reel_error *error);
void replay_classes_fini(struct replay_classes *classes);

// The number of a block's class.
uint8_t replay_class_of(const struct replay_classes *classes, uint32_t process, uint64_t address, uint64_t usable_bytes,
                        bool is_aligned);

#endif
