// SPDX-License-Identifier: MIT
// The state of a check: what each process's heap looks like at the point of replay, and what is wrong so far.
//
//   judge_rows.c      reads what the reel says about processes and threads
//   judge.c           replays events: starts and ends of processes, overlaps, unknown frees, forks
//   judge_misuse.c    reads which frees are the program's own fault
//   judge_timeline.c  takes what an allocator of ours told, in step with the events
//   judge_heap.c      the laws of slots, zones and pages
//   judge_figures.c   compares the replayed figures with the stored ones
//
// The ledger here and the writer's follow the same definitions and share no code: that is the point.
#ifndef HEAPREEL_REEL_JUDGE_H
#define HEAPREEL_REEL_JUDGE_H

#include "reel/blocks.h"
#include "reel/check.h"
#include "reel/classes.h"
#include "reel/ranges.h"
#include "reel/shadow.h"
#include "reel/writer.h"

#define JUDGE_NEVER UINT64_MAX

// Figures that follow from the events alone. Inherited blocks are counted where they were allocated.
struct judge_ledger
{
    uint64_t events;
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t temporary_allocations;
    uint64_t total_requested_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t peak_live_bytes;
    uint64_t peak_event; // means something when peak_live_bytes is not 0
    uint64_t peak_t_ns;
    uint64_t leaked_blocks;
    uint64_t leaked_bytes;
    uint64_t unknown_frees;
    uint64_t inherited_frees;
    uint64_t threads;
};

// Slots of a class in a process, inherited ones included.
struct judge_slots
{
    uint64_t allocations;
    uint64_t carved;
    uint64_t live;
    uint64_t peak;
    uint64_t peak_event; // JUDGE_NEVER: one of the parent's
};

struct judge_zone
{
    uint64_t begin;
    uint64_t end;
    uint32_t class_id;
    enum reel_zone_role role;
    uint64_t slab_sizes; // bit n: slabs of n + 1 pages explain all addresses so far
};

// Counts of a class in the allocator's own books.
struct judge_census
{
    uint64_t class_id;
    uint64_t carved;
    uint64_t used;
    uint64_t quarantined;
};

struct judge_pages
{
    struct reel_ranges ranges;
    uint64_t peak_bytes;
};

// What an allocator of ours in a process has told, and what follows from its blocks.
struct judge_heap
{
    struct judge_slots classes[1 + REEL_CLASSES_MAX]; // [number of the class]
    uint64_t live_bytes;                              // slots with their whole size
    uint64_t peak_bytes;
    uint64_t peak_event;
    struct judge_zone *zones; // by address; they do not overlap
    size_t zone_count, zone_max;
    struct judge_pages blocks;
    struct judge_pages metadata;
};

struct judge_process
{
    // As the reel says.
    uint32_t parent; // 0 = none
    bool is_fork;
    uint64_t start_event; // of an announced fork: where the parent was copied; else: where the process began
    uint64_t end_event;   // JUDGE_NEVER: it runs
    uint64_t fork_event;  // JUDGE_NEVER: not a fork, or not announced
    uint64_t fork_end_ns;
    uint64_t lost_events;

    struct shadow *shadow;   // NULL: not started, or ended
    struct judge_heap *heap; // NULL: there is nothing to tell; stays when the process has ended
    uint64_t slack;          // slots of a class that its threads, or its parent's at the fork, may have in hand
    bool is_blind;           // a fork whose parent's blocks are not known
    bool has_past;           // has blocks from before the recording, or had
    bool has_broken_slots;   // written to after they were freed: the allocator may have had to give them up
    bool is_doubtful;        // figures can no longer agree with the writer's: they are not compared
    // Addresses that the parent touched while it was copied: either state may be the child's.
    struct reel_blocks uncertain;
    bool has_uncertain;
    struct judge_ledger ledger;
};

struct judge_thread
{
    uint32_t process; // 0 = there is no such thread
    bool is_after_alloc;
    uint64_t alloc_address;
};

// A process starts or ends when so many events have happened.
struct judge_turn
{
    uint64_t event;
    uint32_t process;
    bool is_end;
};

// A free that the program is to blame for.
struct judge_excuse
{
    uint32_t process;
    bool is_event; // value is the number of the free, else an address
    uint64_t value;
};

// What happened in one chunk.
struct judge_chunk
{
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t live_bytes_min;
    uint64_t live_bytes_max;
    bool is_begun;
};

struct judge
{
    struct reel_reader *reader;
    struct judge_process *processes; // [id], 0 is unused
    struct judge_thread *threads;    // [id], 0 is unused
    struct judge_turn *turns;        // by event, starts before ends
    uint32_t *copying;               // children whose parent may still be in the call of fork
    size_t process_count;            // with the unused one
    size_t thread_count;
    size_t turn_count;
    size_t turn_next;
    size_t copying_count;
    uint64_t turn_event; // of the next turn, JUDGE_NEVER: none
    uint64_t stack_max;
    uint64_t last_t_ns;
    bool is_broken;     // a chunk could not be read: what follows proves nothing
    bool is_consistent; // the reel is not being written: its figures belong to its events
    bool is_complete;
    struct judge_ledger run;
    struct judge_chunk chunk;

    struct reel_classes classes; // those told so far
    struct judge_excuse *excuses;
    size_t excuse_count, excuse_max;
    struct sqlite3_stmt *timeline; // the next row of it, NULL: there is none
    uint64_t timeline_event;       // that row's, JUDGE_NEVER: there is none
    bool reuses_nothing;           // the allocator is bump:none

    uint64_t report_limit;
    void (*report)(void *context, const struct reel_violation *violation);
    void *context;
    struct reel_check_result result;
};

// Counts a violation and reports it while the limit allows.
void judge_convict(struct judge *judge, enum reel_violation_kind kind, uint64_t event, uint32_t process,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

// Events that are missing would explain what was found here.
bool judge_is_lossy(const struct judge *judge, const struct judge_process *process);

// judge_rows.c: reads processes and threads, and convicts rows that name what is not there.
int judge_read_rows(struct judge *judge, struct reel_error *error);
void judge_fini(struct judge *judge);

// judge.c: both return REEL_OK or REEL_E_NO_MEMORY.
int judge_replay(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first);
int judge_finish(struct judge *judge); // what ends after the last event
// Events are missing here.
void judge_skip(struct judge *judge);

// judge_misuse.c
int judge_read_misuse(struct judge *judge, struct reel_error *error);
bool judge_is_excused(const struct judge *judge, const struct reel_event *event, uint64_t number);

// judge_timeline.c
int judge_timeline_begin(struct judge *judge, struct reel_error *error);
// Takes the rows that have at most so many events before them. REEL_OK or REEL_E_NO_MEMORY.
int judge_timeline_take(struct judge *judge, uint64_t event);

// judge_heap.c. Those that return int: REEL_OK or REEL_E_NO_MEMORY.
int judge_heap_of(struct judge_process *process, struct judge_heap **heap); // made when there is none
int judge_heap_inherit(struct judge_process *child, const struct judge_process *parent);
void judge_heap_fini(struct judge_process *process);
int judge_zone_insert(struct judge_heap *heap, size_t index, const struct judge_zone *zone);
struct judge_zone *judge_zone_at(const struct judge_heap *heap, uint64_t address); // NULL: none
// The class of a block as the reel has known it until now, 0 = none.
uint8_t judge_class_of(const struct judge *judge, const struct judge_process *process, const struct reel_event *event);
// Before the block is in the shadow: whether it may lie there.
int judge_heap_place(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                     uint64_t number, uint8_t class_number);
int judge_heap_join(struct judge *judge, struct judge_process *process, const struct reel_event *event, uint64_t number,
                    uint8_t class_number);
void judge_heap_leave(struct judge *judge, struct judge_process *process, uint8_t class_number);
// The law of the classes, when the process has ended or the reel has.
void judge_heap_settle(struct judge *judge, uint32_t process);

// What the allocator's own books say now.
void judge_heap_census(struct judge *judge, uint32_t process, const struct judge_census *census);

// judge_figures.c
int judge_compare_chunk(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first,
                        struct reel_error *error);
int judge_compare_figures(struct judge *judge, struct reel_error *error);

#endif
