// SPDX-License-Identifier: MIT
// Reading a reel: open, rows with names, and a cursor over the events.
//
// A reader is used by one thread. Opening is read-only and works on finished reels, on one that is being recorded, and
// on one that was cut off. Strings given out live until the reader is closed, unless said otherwise. Functions return
// REEL_OK or a negative enum reel_status with a line of text in *error.
#ifndef HEAPREEL_REEL_READER_H
#define HEAPREEL_REEL_READER_H

#include "reel/event.h"
#include "reel/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reel_reader;
struct sqlite3;

// Opens a file. Tells apart: missing, no database, a database of another application, a newer format, a damaged one.
int reel_reader_open(struct reel_reader **out, const char *path, struct reel_error *error);
// Reads through a connection that somebody else owns and that outlives the reader.
int reel_reader_attach(struct reel_reader **out, struct sqlite3 *database, struct reel_error *error);
void reel_reader_close(struct reel_reader *reader); // NULL is allowed

// Sees what has been committed since it was opened or refreshed last: events, threads, names that came later, the end
// of the recording. Costs what is new, and nothing once the recording is complete. What was given out stays valid; a
// replay stays at the end that it knows until it is refreshed itself. After an error the reader is as it was.
int reel_reader_refresh(struct reel_reader *reader, struct reel_error *error);

// Whether there is something to see: events, or the end of the recording. Costs a query of one row; other rows may have
// come although it says no. True as well where that cannot be found out: then the refresh tells why.
bool reel_reader_has_grown(struct reel_reader *reader);

bool reel_reader_is_complete(const struct reel_reader *reader);
// Of the format: 1 has no tables of allocators of ours, 2 no differences of stacks.
uint32_t reel_reader_version(const struct reel_reader *reader);
uint64_t reel_reader_event_count(const struct reel_reader *reader); // when it was opened or refreshed
// The connection, for queries; owned by the reader.
struct sqlite3 *reel_reader_database(struct reel_reader *reader);

// Long work calls tick with 0..1; a result other than 0 cancels it (REEL_E_CANCELLED). NULL pointers mean none.
struct reel_progress
{
    int (*tick)(void *context, double fraction);
    void *context;
};

// A cursor gives events in order, a chunk at a time.
struct reel_cursor;
// Starts before event number first; the cursor ends with the reader's event count or at event number end, whichever is
// less.
int reel_cursor_open(struct reel_cursor **out, struct reel_reader *reader, uint64_t first, uint64_t end,
                     struct reel_error *error);
// The same again with the cursor that is there.
void reel_cursor_move(struct reel_cursor *cursor, uint64_t first, uint64_t end);
// Gives the next run of events (owned by the cursor, valid until the next call) and the number of its first; count 0 at
// the end. A damaged chunk gives REEL_E_DAMAGED naming it; the next call goes on with the chunk after it. When somebody
// has interrupted the connection: REEL_E_CANCELLED, and the next call tries the same chunk again.
int reel_cursor_next(struct reel_cursor *cursor, const struct reel_event **events, size_t *count, uint64_t *first,
                     struct reel_error *error);
// The same, and births[i] for each event i of the run: of a free or resize the number in the run of the event that
// allocated its block, of an alloc the number of the free that ended its block, or REEL_BIRTH_ELSEWHERE: neither is in
// the run. A block that is born and dies in the run took no live block's place, unless the file lies; address and
// process of what is linked are the same in any case.
int reel_cursor_next_with_births(struct reel_cursor *cursor, const struct reel_event **events, const uint32_t **births,
                                 size_t *count, uint64_t *first, struct reel_error *error);
// For a long way with births: from where the cursor stands, or is moved to, up to event number until, a thread decodes
// the next two chunks while one is in use. It reads nothing itself and takes no signals; what the cursor gives and
// tells stays the same. Where there is no memory or thread for it nothing changes. Ended by the second call, which the
// close of the cursor does too; the reader must not be refreshed between them.
void reel_cursor_begin_ahead(struct reel_cursor *cursor, uint64_t until);
void reel_cursor_end_ahead(struct reel_cursor *cursor);
void reel_cursor_close(struct reel_cursor *cursor); // NULL is allowed

// The frames of a stack, innermost first, with inlined calls expanded. Strings may be NULL (unknown).
struct reel_frame
{
    const char *function;
    const char *file;
    const char *module; // path
    int line;
    bool is_inlined;
    uint64_t offset; // return address as offset in the module, or absolute without one
};
// Whether a module is the library that records: its frames are not the program's.
bool reel_is_own_module(const char *path); // NULL: not known
// Writes up to capacity frames and the full number to *count.
int reel_reader_stack_frames(struct reel_reader *reader, uint32_t stack, struct reel_frame *frames, size_t capacity,
                             size_t *count, struct reel_error *error);
// Whether there were more frames, further out than the outermost, than the recording keeps of a stack.
int reel_reader_stack_is_cut(struct reel_reader *reader, uint32_t stack, bool *is_cut, struct reel_error *error);
// Which stacks have a function with this part in its name, whatever the case of its letters, into stacks[count].
int reel_reader_stacks_with(struct reel_reader *reader, const char *part, bool *stacks, size_t count,
                            struct reel_error *error);

#endif
