// SPDX-License-Identifier: MIT
// The reader's state, shared by its files: reader.c (life, what is checked when a reel is opened), reader_file.c (what
// can be said of a file before SQLite sees it), reader_cursor.c (events), reader_stacks.c (frames with names).
#ifndef HEAPREEL_REEL_READER_INTERNAL_H
#define HEAPREEL_REEL_READER_INTERNAL_H

#include "reel/codec.h"
#include "reel/intern.h"
#include "reel/reader.h"
#include "reel/sqlite.h"

// A frame that was asked for: its functions, innermost first; at least one entry, unnamed if nothing is known.
struct reader_frame
{
    struct reel_frame *functions;
    size_t function_count;
    bool is_awaited; // its name has not come yet
};

struct reel_reader
{
    struct sqlite3 *database;
    char *name; // of the file, for error lines
    bool is_owner;
    bool is_complete;
    uint32_t version;
    uint64_t event_count;
    uint32_t *process_of_thread;
    size_t thread_count; // entries, number 0 is unused
    size_t thread_max;
    uint64_t left_out_events; // by the last question about events (reel/history.h)
    uint32_t named_frame;     // frames are named in their order: those up to this one have been, the others not yet

    struct sqlite3_stmt *select_growth; // NULL until it is asked

    // The time that was looked up last, and its moment, of a reel of so many events: who scrubs asks several questions
    // at one time. All 0: none.
    uint64_t timed_ns, timed_events, timed_of_events;

    // Names, filled as they are asked for. Strings live until the reader is closed.
    struct sqlite3_stmt *select_stack;
    struct sqlite3_stmt *select_frame;
    struct sqlite3_stmt *select_symbols;
    struct reel_intern frame_ids; // (frame, 0): index into frames
    struct reader_frame *frames;  // [id - 1]
    size_t frame_count, frame_max;
    void **kept; // strings and functions that were given out, freed with the reader
    size_t kept_count, kept_max;
};

// reader.c

// A query on the reel has failed: "<file>: the reel is damaged: <SQLite's own words>", but an interruption, want of
// memory, another's lock and a file that cannot be opened are told apart from damage. Returns the status.
int reader_fail_query(const struct reel_reader *reader, struct reel_error *error);
// The one integer of a query; NULL counts as 0. On failure the value stays.
int reader_query_integer(const struct reel_reader *reader, const char *sql, int64_t *value, struct reel_error *error);

// reader_file.c

// Says what is wrong with a file that is no readable reel: missing, no database, another application's, newer,
// truncated. Changes nothing. *is_log_needed tells that a log with content lies beside it.
int reader_examine_file(const char *path, struct reel_error *error, bool *has_log);
int reader_check_identity(const char *name, uint32_t application_id, uint32_t version, struct reel_error *error);

// reader_stacks.c

// A frame with its names, looked up once. The entry is valid until the next call, its functions as long as the reader.
int reader_find_frame(struct reel_reader *reader, uint32_t id, const struct reader_frame **out,
                      struct reel_error *error);
void reader_forget_names(struct reel_reader *reader);

#endif
