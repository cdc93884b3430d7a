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
    uint32_t parent_process; // the recorded parent, or the image before exec; 0 = none
    bool is_fork;
    const char *command;
    uint64_t begin_ns;
    uint64_t end_ns;           // while it runs: 0
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

// Slots of a size class in a process, inherited ones included.
struct reel_class_summary
{
    uint32_t process;
    uint32_t class_id;
    bool is_aligned;
    uint64_t slot_bytes;
    uint64_t carved_slots;
    uint64_t live_slots;
    uint64_t peak_live_slots;
};

// The heap of a process under an allocator of ours.
struct reel_heap_summary
{
    uint32_t process;
    uint64_t carved_slots;
    uint64_t carved_bytes;
    uint64_t bound_bytes;     // sum over the classes of slot size and peak of live slots
    uint64_t live_slot_bytes; // slots with their whole size
    uint64_t peak_slot_bytes;
    uint64_t committed_bytes; // pages of zones for blocks
    uint64_t peak_committed_bytes;
    uint64_t metadata_bytes; // pages of the allocator's own tables
    uint64_t peak_metadata_bytes;
    size_t class_count;
    const struct reel_class_summary *classes; // ascending slots
};

// What stacks there are of it; 0 = none.
struct reel_finding_summary
{
    uint32_t process;
    uint32_t thread;
    uint64_t event; // so many came before it
    uint64_t t_ns;
    enum reel_misuse misuse;
    uint64_t address;
    uint64_t size_bytes;
    uint64_t true_size_bytes;
    uint32_t stack;
    uint32_t alloc_stack;
    uint32_t first_free_stack;
};

#define REEL_SUMMARY_FINDINGS_MAX 20

// A stack that was captured both ways, with two results. Stacks: 0 = none.
struct reel_difference_summary
{
    uint32_t process;
    uint32_t number; // in the process, from 1
    uint32_t thread; // 0 = not known
    uint64_t t_ns;
    uint32_t walked_stack;
    uint32_t unwound_stack;
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
    size_t heap_count;
    struct reel_heap_summary *heaps; // greatest bound first
    size_t class_count;
    struct reel_class_summary *classes;         // of all heaps
    uint64_t finding_counts[REEL_MISUSE_COUNT]; // [enum reel_misuse]
    uint64_t finding_count;
    size_t first_finding_count;
    struct reel_finding_summary *first_findings; // at most REEL_SUMMARY_FINDINGS_MAX
    size_t difference_count;                     // of those that are kept
    struct reel_difference_summary *differences;
};

int reel_summary_read(struct reel_summary **out, struct reel_reader *reader, struct reel_error *error);
void reel_summary_destroy(struct reel_summary *summary); // NULL is allowed

#endif
