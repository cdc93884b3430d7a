// SPDX-License-Identifier: MIT
// A replay's parts, for the files that answer from it: replay.c (the way to a moment), start.c (where a way begins),
// refresh.c (a reel that grows), answers.c (sums, classes), live_blocks.c (blocks), and those of regions, identity and
// blame.
#ifndef HEAPREEL_REEL_REPLAY_REPLAY_INTERNAL_H
#define HEAPREEL_REEL_REPLAY_REPLAY_INTERNAL_H

#include "reel/replay.h"
#include "reel/replay/backed.h"
#include "reel/replay/state.h"
#include "reel/replay/window.h"

struct reel_replay
{
    struct reel_reader *reader;
    struct replay_state state;
    struct replay_window window;
    struct replay_backed backed; // as it was last asked for
    uint64_t timed_ns;           // a time whose moment was looked up last ...
    uint64_t timed_events;       // ... and that moment; both 0: none
    uint64_t event_count;        // that it knows of
    uint64_t events;             // where it stands
    uint64_t t_ns;
    uint64_t damaged_events;
    uint64_t followed;        // the moment that who follows was sent to
    uint64_t bare_until;      // the state is bare on the way to that many events ...
    uint64_t written_from;    // ... with a journal from that many on
    uint64_t rear_reached;    // the moment that the last step back went to
    uint64_t rear_step;       // events of a step of the last drag back, 0: there was none
    uint32_t rear_jumps;      // since then
    uint32_t rear_count;      // parts that were taken since the last jump
    struct replay_rear *rear; // what is being prepared for going back; NULL: nothing
    bool is_settled;          // it knows the whole of a complete reel
    bool is_broken;           // for want of memory, or as there are other classes: it begins anew
};

// The heap of a process that runs, NULL: it does not. That of a child is there from the fork on, before it begins.
static inline const struct replay_heap *replay_heap_of(const struct reel_replay *replay, uint32_t process)
{
    bool is_running = process < replay->state.lives.count && replay->state.processes[process].is_running;
    return is_running ? replay->state.heaps[process] : NULL;
}

// Whether glibc's words lie before blocks: an allocator that tells its classes has none.
static inline bool replay_has_headers(const struct reel_replay *replay)
{
    return replay->state.classes.told.count == 0;
}

// start.c

// Puts the state where the way to that many events is the shortest: it may stay, or begin at a keyframe or at 0. The
// state is bare where it is cheaper to count the blocks at the end of the way.
int replay_start(struct reel_replay *replay, uint64_t events, struct reel_error *error);
struct replay_keyframe
{
    uint64_t events;
    uint64_t t_ns; // of the last of them
    uint64_t blocks;
};
// The last keyframe before the moment, by its row. All 0: there is none.
struct replay_keyframe replay_keyframe_before(struct reel_replay *replay, uint64_t events);
// Whether it is so near before where the state stands that undoing events is cheaper than a keyframe.
bool replay_is_step(const struct reel_replay *replay, uint64_t events);
// Whether from a keyframe any moment just before a journal that begins there is reached within a frame: nothing need be
// prepared.
bool replay_is_near_keyframes(struct reel_replay *replay, uint64_t from);

// replay.c

// One more than the greatest number of a stack.
int replay_read_stack_count(struct reel_reader *reader, size_t *count, struct reel_error *error);
// Moves a replay of its own, which answers nothing, and leaves in its journal what the events between the moments
// destroy; fewer if they are more than a journal holds.
int replay_write_journal(struct reel_replay *replay, uint64_t from, uint64_t to, const struct reel_progress *progress,
                         struct reel_error *error);
// Another kind of way for a replay of its own, of which classes are asked alone: replay_begin_bare puts it at or before
// the moment, as it is cheapest, and then replay_go_bare moves it forward to the moment of a time, and to the next.
int replay_begin_bare(struct reel_replay *replay, uint64_t from, struct reel_error *error);
int replay_go_bare(struct reel_replay *replay, uint64_t t_ns, const struct reel_progress *progress,
                   struct reel_error *error);

// rear.c

// Begins to prepare what lies behind the journal if a step back to the moment `events` comes near its beginning.
void replay_rear_ask(struct reel_replay *replay, uint64_t events);
// A jump to the moment `events` begins, which leaves a journal from `from` on. What is being prepared ends; and if
// somebody has gone back by steps in a row lately, the same is begun for a drag from there: a keyframe is loaded, the
// rest waits until the jump leaves it a processor, unless a few steps use the journal up.
void replay_rear_jump(struct reel_replay *replay, uint64_t events, uint64_t from);
void replay_rear_go(struct reel_replay *replay); // now it does
// Whether the moment can be reached with what is being prepared.
bool replay_rear_reaches(const struct reel_replay *replay, uint64_t events);
// Waits for it. The state stands at the beginning of the journal, which is exchanged. False: there is nothing, as if it
// had not been asked for.
bool replay_rear_take(struct reel_replay *replay);
void replay_rear_close(struct reel_replay *replay);

#endif
