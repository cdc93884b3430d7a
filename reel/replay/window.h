// SPDX-License-Identifier: MIT
// The chunk that a replay stands in, decoded, and the way to its neighbours.
#ifndef HEAPREEL_REEL_REPLAY_WINDOW_H
#define HEAPREEL_REEL_REPLAY_WINDOW_H

#include "reel/reader.h"

struct sqlite3_stmt;

struct replay_window
{
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    struct sqlite3_stmt *select_first; // event of the chunk that has an event
    const struct reel_event *events;   // the cursor's, as the next
    const uint32_t *links;
    size_t count;
    uint64_t first;
    uint64_t next; // event before which the cursor stands, UINT64_MAX: not known
};

int replay_window_open(struct replay_window *window, struct reel_reader *reader, struct reel_error *error);
void replay_window_close(struct replay_window *window);

// Makes the window the chunk that has the event, or, where that is damaged or missing, the next one that can be read:
// then first is greater than the event; count 0: there is none. REEL_OK, or what is no damage of a chunk.
int replay_window_move(struct replay_window *window, uint64_t event, struct reel_error *error);

// How many events of the reel are not later than the time, as far as the window tells; no event before `from` is.
uint64_t replay_window_not_later(const struct replay_window *window, uint64_t from, uint64_t t_ns);

// What was read may have changed, or grown.
void replay_window_forget(struct replay_window *window);

// For the way over the events from `from` to `until`: if it is long, a thread decodes its chunks ahead, from now on and
// until the end is told.
void replay_window_begin_ahead(struct replay_window *window, uint64_t from, uint64_t until);
void replay_window_end_ahead(struct replay_window *window);

#endif
