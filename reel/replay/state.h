// SPDX-License-Identifier: MIT
// The moving state: heaps of all processes and the tallies of all stacks, and what each event does to them. Knows no
// files: rows and events are given to it.
#ifndef HEAPREEL_REEL_REPLAY_STATE_H
#define HEAPREEL_REEL_REPLAY_STATE_H

#include "reel/event.h"
#include "reel/replay.h"
#include "reel/replay/classes.h"
#include "reel/replay/heap.h"
#include "reel/replay/journal.h"
#include "reel/replay/lives.h"

struct replay_state
{
    struct replay_lives lives;
    struct replay_classes classes;
    struct replay_heap **heaps;            // [process]; NULL: not there
    struct replay_heap *spare;             // memory of one that was dropped when the state was cleared; NULL: none
    struct reel_replay_process *processes; // [process]
    struct reel_stack_state *stacks;       // [stack]
    size_t stack_count;
    size_t turn_next; // of lives.turns
    struct replay_journal journal;
    uint64_t live_blocks; // in all tables
    bool is_bare;         // blocks and classes alone are right (heap.h)
    bool is_written;      // the journal is kept, which a counted state does in any case
};

// Events of a chunk, and of each its links (reel_cursor_next_with_births): what is born and dies between two moments
// needs no place in the tables.
struct replay_run
{
    const struct reel_event *events;
    const uint32_t *links;
    uint64_t first; // number of the first one
};

// A heap for so many blocks, empty, with memory that is there already if it is of that order. NULL: no memory.
struct replay_heap *replay_state_heap_for(struct replay_state *state, size_t block_count);

// lives and classes have been read. REEL_OK or REEL_E_NO_MEMORY.
int replay_state_open(struct replay_state *state, size_t stack_count);
void replay_state_close(struct replay_state *state);
// Makes room for more processes and stacks, which are not there yet. REEL_OK or REEL_E_NO_MEMORY.
int replay_state_grow(struct replay_state *state, size_t process_count, size_t stack_count);
// Back to the moment 0: no heap, no turn taken.
void replay_state_clear(struct replay_state *state);

// Takes the turns before the event. *is_any: there were some. REEL_OK or REEL_E_NO_MEMORY, as all that follow; then the
// state must be cleared.
int replay_state_turn(struct replay_state *state, uint64_t event, bool *is_any);
// The event of the next turn, REPLAY_NEVER: there is none.
uint64_t replay_state_next_turn(const struct replay_state *state);
// Applies the events of the run from begin to end; no turn lies among them.
int replay_state_forward(struct replay_state *state, const struct replay_run *run, size_t begin, size_t end);
// Undoes them, the last one first; the moment before the first is not before journal.from.
int replay_state_back(struct replay_state *state, const struct replay_run *run, size_t begin, size_t end);
// Makes a bare state whole.
int replay_state_count(struct replay_state *state);

#endif
