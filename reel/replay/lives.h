// SPDX-License-Identifier: MIT
// When processes begin, are copied by a fork, and end, as the rows of the reel tell it.
#ifndef HEAPREEL_REEL_REPLAY_LIVES_H
#define HEAPREEL_REEL_REPLAY_LIVES_H

#include "reel/reader.h"
#include "reel/status.h"

#define REPLAY_NEVER UINT64_MAX

struct replay_life
{
    uint32_t parent;      // whose blocks it got at fork_event, 0 = nobody's
    uint32_t fork_serial; // by which the parent announced the fork
    bool is_fork;
    uint64_t fork_event; // REPLAY_NEVER: it got no blocks
    uint64_t begin_event;
    uint64_t end_event; // REPLAY_NEVER: it runs
};

// In the order in which turns at one event are taken.
enum replay_turn_kind
{
    REPLAY_TURN_FORK = 0, // the parent is copied
    REPLAY_TURN_END = 1,
    REPLAY_TURN_BEGIN = 2,
};

// Taken before the event with that number, and so after the moment with that many events.
struct replay_turn
{
    uint64_t event;
    uint32_t process;
    enum replay_turn_kind kind;
};

struct replay_lives
{
    struct replay_life *all; // [process], 0 is unused
    size_t count;            // with the unused one
    struct replay_turn *turns;
    size_t turn_count;
};

// A row that is new, or another than it was.
struct replay_fate
{
    uint32_t process;
    struct replay_life life;
};

struct replay_fates
{
    struct replay_fate *all; // by process
    size_t fate_count, fate_max;
    size_t process_count; // that the lives have with them
    uint64_t from_event;  // the first turn that comes or goes; REPLAY_NEVER: none does
};

int replay_lives_read(struct replay_lives *lives, struct reel_reader *reader, struct reel_error *error);
void replay_lives_fini(struct replay_lives *lives);

// What has become of the processes since: looks at those that ran, and at new ones.
int replay_lives_look(const struct replay_lives *lives, struct reel_reader *reader, struct replay_fates *fates,
                      struct reel_error *error);
void replay_fates_fini(struct replay_fates *fates);
// Makes the lives what was found. REEL_OK, or REEL_E_NO_MEMORY: they are what they were.
int replay_lives_take(struct replay_lives *lives, const struct replay_fates *fates);
// The first turn that is not before the event.
size_t replay_lives_turn_at(const struct replay_lives *lives, uint64_t event);

#endif
