// SPDX-License-Identifier: MIT
// The state of a check: what each process's heap looks like at the point of replay, and what is wrong so far.
//
//   judge_rows.c     reads what the reel says about processes and threads
//   judge.c          replays events: starts and ends of processes, overlaps, unknown frees, forks
//   judge_figures.c  compares the replayed figures with the stored ones
//
// The ledger here and the writer's follow the same definitions and share no code: that is the point.
#ifndef HEAPREEL_REEL_JUDGE_H
#define HEAPREEL_REEL_JUDGE_H

#include "reel/blocks.h"
#include "reel/check.h"
#include "reel/shadow.h"

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

    struct shadow *shadow; // NULL: not started, or ended
    bool is_blind;         // a fork whose parent's blocks are not known
    bool is_doubtful;      // figures can no longer agree with the writer's: they are not compared
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

    uint64_t report_limit;
    void (*report)(void *context, const struct reel_violation *violation);
    void *context;
    struct reel_check_result result;
};

// Counts a violation and reports it while the limit allows.
void judge_convict(struct judge *judge, enum reel_violation_kind kind, uint64_t event, uint32_t process,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

// judge_rows.c: reads processes and threads, and convicts rows that name what is not there.
int judge_read_rows(struct judge *judge, struct reel_error *error);
void judge_fini(struct judge *judge);

// judge.c: both return REEL_OK or REEL_E_NO_MEMORY.
int judge_replay(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first);
int judge_finish(struct judge *judge); // what ends after the last event
// Events are missing here.
void judge_skip(struct judge *judge);

// judge_figures.c
int judge_compare_chunk(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first,
                        struct reel_error *error);
int judge_compare_figures(struct judge *judge, struct reel_error *error);

#endif
