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

int replay_lives_read(struct replay_lives *lives, struct reel_reader *reader, struct reel_error *error);
void replay_lives_fini(struct replay_lives *lives);
// The first turn that is not before the event.
size_t replay_lives_turn_at(const struct replay_lives *lives, uint64_t event);

#endif
