// SPDX-License-Identifier: MIT
// The figures of a reel, from rows that the writer keeps up to date: no event is read.
#ifndef HEAPREEL_REEL_SUMMARY_H
#define HEAPREEL_REEL_SUMMARY_H

#include "reel/reader.h"
#include "reel/writer.h"

// The same figures for a process and for the whole run.
struct reel_figures
{
    uint64_t events; // allocations + frees + resizes; a moving realloc is a free and an allocation
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t temporary_allocations; // freed by the very next event of the thread that allocated
    uint64_t leaked_blocks;         // allocated by the process and not freed when it ended
    uint64_t leaked_bytes;          // their requested bytes
    uint64_t peak_live_bytes;       // greatest sum of requested bytes of live blocks
    uint64_t peak_event;            // number of the event that reached it
    uint64_t peak_t_ns;
    uint64_t peak_resident_bytes;
    uint64_t total_requested_bytes; // of all allocations, and what resizes added
    uint64_t lost_events;
    uint64_t waits;
    uint64_t wait_ns;
    uint64_t late_events;
    uint64_t unknown_frees;   // of addresses that were never allocated while recording
    uint64_t inherited_frees; // of blocks that a forked child got from its parent
    uint64_t threads;
    uint64_t duration_ns;
    uint64_t committed_events;
    uint64_t verify_count;
    uint64_t verify_differences;
};

struct reel_process_summary
{
    uint32_t process;
    int32_t pid;
    int32_t parent_pid;
    bool is_fork;
    const char *command;
    enum reel_process_end end; // 0 while it runs
    int exit_status;           // -1 = none
    int signal;                // 0 = none
    struct reel_figures figures;
};

struct reel_loss
{
    uint32_t process; // 0 = the run
    const char *kind;
    uint64_t count;
};

// Strings live as long as the summary.
struct reel_summary
{
    const char *command;
    const char *allocator;
    const char *stacks;
    const char *host;
    const char *version;
    int64_t start_unix_ns;
    bool is_complete;
    uint64_t file_bytes;
    struct reel_figures figures;
    size_t process_count;
    struct reel_process_summary *processes;
    size_t loss_count;
    struct reel_loss *losses;
};

int reel_summary_read(struct reel_summary **out, struct reel_reader *reader, struct reel_error *error);
void reel_summary_destroy(struct reel_summary *summary); // NULL is allowed

#endif
