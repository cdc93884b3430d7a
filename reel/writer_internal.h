// SPDX-License-Identifier: MIT
// The writer's state, shared by its files: writer.c (life and transactions), writer_store.c (statements and failures),
// writer_rows.c (processes, threads, modules, samples), writer_names.c (frames, stacks, symbols), writer_events.c (the
// event stream: live blocks, totals, chunks), writer_forks.c (copies of blocks for children to come),
// writer_keyframes.c (keyframes, and the thread that encodes them), writer_heap.c (classes, zones, pages),
// writer_classes.c (slots of each class), writer_totals.c (what the blocks of each class come to), writer_findings.c
// (findings, and the blocks that they name), writer_differences.c (stacks that were captured with two results).
#ifndef HEAPREEL_REEL_WRITER_INTERNAL_H
#define HEAPREEL_REEL_WRITER_INTERNAL_H

#include "reel/blocks.h"
#include "reel/classes.h"
#include "reel/codec.h"
#include "reel/figures.h"
#include "reel/intern.h"
#include "reel/ranges.h"
#include "reel/sqlite.h"
#include "reel/writer.h"

enum writer_statement
{
    WRITER_BEGIN,
    WRITER_COMMIT,
    WRITER_INSERT_RUN,
    WRITER_UPDATE_RUN,
    WRITER_UPDATE_START,
    WRITER_INSERT_PROCESS,
    WRITER_UPDATE_PROCESS,
    WRITER_END_PROCESS,
    WRITER_INSERT_THREAD,
    WRITER_END_THREAD,
    WRITER_INSERT_MODULE,
    WRITER_INSERT_MAPPING,
    WRITER_INSERT_FRAME,
    WRITER_INSERT_STACK,
    WRITER_INSERT_SYMBOL,
    WRITER_SELECT_THREAD,
    WRITER_INSERT_DIFFERENCE,
    WRITER_INSERT_RESIDENCY,
    WRITER_INSERT_RESIDENT_PAGES,
    WRITER_REPLACE_LOSS,
    WRITER_REPLACE_CHUNK,
    WRITER_REPLACE_CHUNK_DATA,
    WRITER_REPLACE_CLASS_TOTALS,
    WRITER_DELETE_CLASS_TOTALS,
    WRITER_INSERT_KEYFRAME,
    WRITER_INSERT_CLASS,
    WRITER_INSERT_ZONE,
    WRITER_INSERT_PAGE_CHANGE,
    WRITER_INSERT_CENSUS,
    WRITER_INSERT_FINDING,
    WRITER_SELECT_QUESTIONS,
    WRITER_SELECT_FORKS,
    WRITER_UPDATE_FINDING,
    WRITER_REPLACE_CLASS_FIGURES,
    WRITER_REPLACE_HEAP_FIGURES,
    WRITER_STATEMENT_COUNT
};

// What is counted for a process and for the run. Inherited blocks are counted where they were allocated.
struct writer_ledger
{
    struct reel_figures figures; // peak_event means something when peak_live_bytes is not 0
    uint64_t live_blocks;
    uint64_t live_bytes;
};

struct writer_class
{
    uint64_t carved_slots;
    uint64_t live_slots;
    uint64_t peak_live_slots;
    uint64_t peak_event; // REEL_NO_EVENT: one of the parent's
    bool is_changed;     // since the last commit
};

// Sums over the classes, each slot with its whole size.
struct writer_slots
{
    uint64_t carved_bytes;
    uint64_t bound_bytes; // of the peaks of each class
    uint64_t live_bytes;
    uint64_t peak_live_bytes;
    uint64_t peak_event; // means something when peak_live_bytes is not 0
};

struct writer_zone
{
    uint64_t begin;
    uint64_t end;
    bool is_metadata;
};

struct writer_pages
{
    struct reel_ranges pages; // committed now
    uint64_t peak_bytes;
};

// What is known of an allocator of ours in a process.
struct writer_heap
{
    struct writer_class classes[1 + REEL_CLASSES_MAX]; // [number of the class]
    struct writer_slots slots;
    struct writer_pages blocks;   // in zones for blocks
    struct writer_pages metadata; // in zones for the allocator's own tables
    struct writer_zone *zones;
    size_t zone_count, zone_max;
};

struct writer_process
{
    struct writer_ledger ledger;
    struct reel_blocks blocks;    // empty storage once the process has ended
    struct writer_heap *heap;     // NULL: nothing is known, or the process has ended and its figures are stored
    struct writer_totals *totals; // of its classes; NULL: it has none, or has ended and they are stored
    bool is_running;
    bool is_changed;    // since the last commit
    bool is_blind_fork; // of a parent that did not announce it: its blocks are not known here
    uint64_t begin_ns;
    uint64_t begin_event;    // events in the reel before it
    uint64_t end_event;      // and when it ended
    uint64_t resident_bytes; // of the last sample
    uint64_t pages_checksum; // of the last row of resident pages ...
    size_t pages_bytes;      // ... and its size, 0 = none
};

// The residency sample that was added last.
struct writer_sample
{
    int64_t row; // 0 = none
    uint32_t process;
    uint64_t t_ns;
};

struct writer_thread
{
    uint32_t process;
    bool is_after_alloc;    // its last event was an alloc ...
    uint64_t alloc_address; // ... of this block
};

struct writer_module
{
    char *path;
    uint8_t *build_id;
    size_t build_id_bytes;
};

// The blocks of a process at the moment it announced a fork, waiting for the child.
struct writer_fork
{
    struct reel_blocks blocks;
    struct writer_heap *heap;     // slots alone; NULL: none
    struct writer_totals *totals; // the same
    uint64_t event;               // events in the reel at that moment
    uint64_t live_bytes;          // requested bytes of these blocks
    uint32_t process;
    uint32_t serial;
};

// The chunk being filled; its events are the codec's. A chunk that was stored while it was partial is stored again.
struct writer_chunk
{
    uint64_t begin_ns; // of its first event
    size_t count;
    size_t stored_count; // events of it that the file has ...
    size_t stored_bytes; // ... and their encoded bytes
    uint64_t first_event;
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t live_bytes_min;
    uint64_t live_bytes_max;
};

struct writer_keyframe_job;
struct writer_totals;

// What the next keyframe depends on.
struct writer_keyframes
{
    struct writer_keyframe_job *job; // being encoded, or encoded and not in the file yet; NULL: none
    uint64_t last_event;             // events of the last one that was begun
    uint64_t next_look;              // whether one is due is not asked before that many events
    uint64_t bytes;                  // of all in the file
    uint64_t chunk_bytes;            // of all chunks but the one being filled
    uint64_t sample_bytes;           // of the last one that was encoded ...
    uint64_t sample_blocks;          // ... and its blocks; 0 = none was
};

struct reel_writer
{
    struct sqlite3 *database;
    struct sqlite3_stmt *statements[WRITER_STATEMENT_COUNT]; // prepared when first used
    struct reel_error failure;                               // status 0: none; else everything but close repeats it
    char *path;
    struct reel_codec *codec;
    struct writer_chunk chunk;
    struct writer_keyframes keyframes;
    struct writer_ledger ledger; // of the run
    uint64_t now_ns;             // greatest time given so far
    uint64_t event_t_ns;         // of the last event
    uint64_t resident_bytes;     // sum of the running processes' last samples
    struct writer_sample sample;

    struct writer_process *processes; // [id - 1], as the others
    struct writer_thread *threads;
    struct writer_module *modules;
    struct writer_fork *forks; // oldest first
    size_t process_count, process_max;
    size_t thread_count, thread_max;
    size_t module_count, module_max;
    size_t fork_count, fork_max;
    struct reel_classes classes; // of the run
    struct reel_intern frames;   // (module, offset)
    uint32_t named_frame;        // the last one that has symbols
    struct reel_intern stacks;   // (parent, frame)
};

// writer_store.c

// Binds and runs a statement that gives no rows. One letter in types for each parameter: i = int64_t, t = const char *
// (NULL allowed), b = const void * and size_t (NULL allowed).
int writer_run(struct reel_writer *writer, struct reel_error *error, enum writer_statement statement, const char *types,
               ...);
// The prepared statement, reset. NULL: the writer has failed.
struct sqlite3_stmt *writer_statement(struct reel_writer *writer, struct reel_error *error,
                                      enum writer_statement statement);
// Runs a bound statement to its end and resets it.
int writer_step(struct reel_writer *writer, struct reel_error *error, struct sqlite3_stmt *statement);
// Takes SQLite's last result, or the given status, as the end of this writer: rolls back, remembers, reports.
int writer_fail_sqlite(struct reel_writer *writer, struct reel_error *error);
int writer_fail_memory(struct reel_writer *writer, struct reel_error *error);
// REEL_OK, or the failure again.
int writer_check(const struct reel_writer *writer, struct reel_error *error);
// Room for one more element in a growing array; array points to the pointer to its first element.
bool writer_reserve(void *array, size_t *max, size_t count, size_t element_bytes);

#define WRITER_RESERVE(writer, one, many)                                                                              \
    writer_reserve(&(writer)->many, &(writer)->one##_max, (writer)->one##_count, sizeof *(writer)->many)

// NULL, with an error, if there is none.
struct writer_process *writer_process(struct reel_writer *writer, uint32_t process, struct reel_error *error);
// The same for one that runs, while the writer has not failed; of the status then, writer_refusal.
struct writer_process *writer_running_process(struct reel_writer *writer, uint32_t process, struct reel_error *error);
int writer_refusal(const struct reel_writer *writer);

// writer_events.c

int writer_store_chunk(struct reel_writer *writer, struct reel_error *error); // what the file does not have yet
int writer_next_chunk(struct reel_writer *writer, struct reel_error *error);  // the same, and begins a new one

// writer_rows.c

int writer_store_figures(struct reel_writer *writer, struct reel_error *error); // changed processes and the run
void writer_saw_time(struct reel_writer *writer, uint64_t t_ns);

// writer_classes.c

// The process's heap, made when there is none: REEL_OK or REEL_E_NO_MEMORY.
int writer_heap_of(struct writer_process *process, struct writer_heap **heap);
void writer_heap_destroy(struct writer_heap *heap);                                         // NULL is allowed
const struct writer_zone *writer_zone_at(const struct writer_heap *heap, uint64_t address); // NULL: none
// The slots alone, for a forked child: it tells its zones itself.
int writer_heap_copy(struct writer_heap **copy, const struct writer_heap *heap);
// Gives the block its class and counts its slot; REEL_OK or REEL_E_NO_MEMORY.
int writer_class_join(struct reel_writer *writer, struct writer_process *process, struct reel_block *block,
                      const struct reel_event *event, uint64_t number);
void writer_class_leave(struct reel_writer *writer, struct writer_process *process, const struct reel_block *block);
int writer_store_heap(struct reel_writer *writer, struct reel_error *error, struct writer_heap *heap, uint32_t process);

// writer_findings.c

// Completes the findings from the events that the file has.
int writer_answer_findings(struct reel_writer *writer, struct reel_error *error);

// writer_keyframes.c

// Whether a keyframe is due at the end of this chunk.
bool writer_keyframe_is_due(struct reel_writer *writer);
// Begins one, of the state after the last event. Without memory or a thread there is none.
void writer_keyframe_begin(struct reel_writer *writer);
// Puts one that is encoded into the file; waits for it if asked to.
int writer_keyframe_store(struct reel_writer *writer, bool is_waiting, struct reel_error *error);
void writer_keyframe_drop(struct reel_writer *writer); // waits for the thread

// writer_forks.c

int writer_keep_fork(struct reel_writer *writer, uint32_t process, uint32_t serial);
bool writer_take_fork(struct reel_writer *writer, uint32_t process, uint32_t serial, struct writer_fork *fork);
void writer_drop_forks(struct reel_writer *writer);

#endif
