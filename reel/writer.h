// SPDX-License-Identifier: MIT
// Writing a reel, one event stream in, one SQLite file out.
//
// One writer per file, used by one thread. Ids (process, thread, module, frame, stack) are dense and start at 1. The
// writer keeps the live blocks of each process, so that the totals per process, in the run and per chunk are in the
// file at every commit: a reel that is cut off at any moment is complete up to its last commit. Keyframes are encoded
// by a thread that the writer begins and ends.
//
// All functions return REEL_OK or a negative enum reel_status, with a line of text in *error. After REEL_E_FULL or
// REEL_E_IO the transaction is rolled back and only reel_writer_close may follow; what was committed stays readable.
#ifndef HEAPREEL_REEL_WRITER_H
#define HEAPREEL_REEL_WRITER_H

#include "reel/event.h"
#include "reel/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reel_writer;

// About the recording as a whole. Strings are copied. NULL strings become SQL NULL.
struct reel_run_info
{
    const char *command; // as the user would type it
    const char *allocator;
    const char *stacks;    // on, alloc, off, verify
    const char *when_full; // wait, drop
    const char *host;      // node name and kernel
    const char *version;   // of Heapreel
    int64_t start_unix_ns; // CLOCK_REALTIME at t_ns = 0
    uint64_t ticks_per_second;
};

struct reel_process_info
{
    int32_t pid;
    int32_t parent_pid;
    uint32_t parent_process; // row of the recorded parent or of the image before exec, 0 = none
    uint32_t fork_serial;    // serial given to reel_writer_mark_fork; 0 = not a fork, or not announced
    bool is_fork;            // starts with a copy of the parent's blocks
    uint64_t t_ns;           // first moment of the process
    uint64_t fork_begin_ns;  // is_fork: the copy was made between these two
    uint64_t fork_end_ns;
    const char *command; // arguments separated by spaces
    const char *executable;
};

enum reel_process_end
{
    REEL_END_EXITED = 1,
    REEL_END_SIGNALLED = 2,
    REEL_END_EXEC = 3,    // replaced by another program
    REEL_END_STOPPED = 4, // the recording ended before the process
    REEL_END_UNKNOWN = 5, // gone, nobody could tell how
};

struct reel_process_end_info
{
    uint64_t t_ns;
    enum reel_process_end how;
    int exit_status; // how = exited, else -1
    int signal;      // how = signalled, else 0
};

// Counters that only the program's side knows. Absolute values, not differences.
struct reel_process_counters
{
    uint64_t committed_events; // alloc, free and resize events that the rings' counters say were committed
    uint64_t lost_events;      // not recorded: ring full in drop mode, no ring, corrupt
    uint64_t waits;
    uint64_t wait_ns;
    uint64_t late_events; // arrived after later ones had been written; their time was moved forward
    uint64_t verify_count;
    uint64_t verify_differences;
};

struct reel_module_info
{
    uint32_t process;
    uint64_t t_ns;
    const char *path;
    const uint8_t *build_id;
    size_t build_id_bytes; // 0 = none
    uint64_t bias;
    uint64_t begin;
    uint64_t end;
};

struct reel_residency
{
    uint32_t process;
    uint64_t t_ns;
    uint64_t resident_bytes;
    uint64_t anonymous_bytes;
    uint64_t file_bytes;
    uint64_t swapped_bytes;
    uint64_t peak_resident_bytes; // the kernel's own high-water mark
};

// A private anonymous mapping of a process, without the names of files and stacks. Whole pages.
struct reel_resident_mapping
{
    uint64_t begin;
    uint64_t end;
    bool is_break;        // the program break, [heap]
    bool is_inaccessible; // no access is allowed: the pages are kept for later
};

// Pages that the kernel backs, also by swap; runs do not touch each other within a mapping.
struct reel_resident_run
{
    uint64_t begin;
    uint64_t end;
};

// A stack that was captured both ways, with two results.
struct reel_difference_info
{
    uint32_t process;
    uint32_t number; // in the process, from 1; each is added once
    uint32_t thread; // 0 = not known
    uint64_t t_ns;
    uint32_t walked_stack; // 0 = none, as the next
    uint32_t unwound_stack;
};

// A size class of an allocator of ours. A block belongs to the class with its usable bytes; where two have the same, to
// the one whose is_aligned equals the block's REEL_EVENT_ALIGNED. A block with other usable bytes, or one of whole
// pages outside all zones, has a mapping of its own.
struct reel_class_info
{
    uint32_t class_id; // of the allocator, from 0
    bool is_aligned;
    uint64_t slot_bytes;
    uint64_t usable_bytes;
};

enum reel_zone_role
{
    REEL_ZONE_SLOTS = 1, // slots of one class
    REEL_ZONE_BUMP = 2,  // slots of all classes in the order of carving
    REEL_ZONE_CHUNKS = 3,
    REEL_ZONE_METADATA = 4,
};

#define REEL_NO_CLASS UINT32_MAX

struct reel_zone_info
{
    uint32_t process;
    uint64_t t_ns;
    uint64_t begin;
    uint64_t bytes;
    uint32_t class_id; // REEL_NO_CLASS: none
    enum reel_zone_role role;
};

struct reel_page_change
{
    uint32_t process;
    uint64_t t_ns;
    uint64_t begin;
    uint64_t bytes;
    bool is_committed; // else returned to the kernel
};

// Counts of a class in the allocator's own books.
struct reel_census
{
    uint32_t process;
    uint64_t t_ns;
    uint32_t class_id;
    uint64_t carved_slots;
    uint64_t used_slots;
    uint64_t quarantined_slots;
};

enum reel_misuse
{
    REEL_MISUSE_DOUBLE_FREE = 1,
    REEL_MISUSE_INVALID_FREE = 2,
    REEL_MISUSE_MISALIGNED_FREE = 3,
    REEL_MISUSE_WRONG_SIZE = 4,
    REEL_MISUSE_WRITE_AFTER_FREE = 5,
    REEL_MISUSE_OVERFLOW = 6,
    REEL_MISUSE_ABSURD_SIZE = 7,
    REEL_MISUSE_COUNT, // not a misuse: room for an array of them
};

#define REEL_NO_EVENT UINT64_MAX

struct reel_finding_info
{
    uint32_t process;
    uint32_t thread;
    uint64_t t_ns;
    enum reel_misuse misuse;
    uint64_t address;
    // Wrong size: claimed; absurd size: wanted; overflow, write after free: offset of the first wrong byte.
    uint64_t size_bytes;
    uint64_t true_size_bytes; // of the slot or request, 0 = not told
    uint32_t stack;           // of the misuse
    uint64_t free_event;      // number of the free that was the misuse; REEL_NO_EVENT: it was none
};

// One function at a frame. A frame with inlined calls has several, innermost first.
struct reel_symbol
{
    const char *function; // demangled; NULL = unknown
    const char *file;     // NULL = unknown
    int line;             // 0 = unknown
    bool is_inlined;
};

// Creates the file. Fails with REEL_E_EXISTS if it is there, unless force is set, which replaces a file.
int reel_writer_open(struct reel_writer **out, const char *path, bool force, const struct reel_run_info *info,
                     struct reel_error *error);

// Must be called before the process's first event and after all events up to its beginning.
int reel_writer_add_process(struct reel_writer *writer, const struct reel_process_info *info, uint32_t *process,
                            struct reel_error *error);
int reel_writer_end_process(struct reel_writer *writer, uint32_t process, const struct reel_process_end_info *info,
                            struct reel_error *error);
int reel_writer_set_counters(struct reel_writer *writer, uint32_t process, const struct reel_process_counters *counters,
                             struct reel_error *error);
// The parent is about to fork at this point of the stream: keeps a copy of its blocks for the child with that serial.
int reel_writer_mark_fork(struct reel_writer *writer, uint32_t process, uint32_t fork_serial, struct reel_error *error);
// The run began later than when the reel was made.
int reel_writer_set_start(struct reel_writer *writer, int64_t start_unix_ns, struct reel_error *error);
// Children that ran unrecorded, events without stack, ...: anything missing from the reel, told in words. Absolute
// count.
int reel_writer_set_loss(struct reel_writer *writer, uint32_t process, const char *kind, uint64_t count,
                         struct reel_error *error);

int reel_writer_add_thread(struct reel_writer *writer, uint32_t process, int32_t tid, const char *name, uint64_t t_ns,
                           uint32_t *thread, struct reel_error *error);
int reel_writer_end_thread(struct reel_writer *writer, uint32_t thread, uint64_t t_ns, struct reel_error *error);
// The thread that had that number at that time; 0: there is none.
int reel_writer_find_thread(struct reel_writer *writer, uint32_t process, int32_t tid, uint64_t t_ns, uint32_t *thread,
                            struct reel_error *error);

// The same file (path and build id) in several processes is one row of `module`; its place in each is a row of
// `mapping`.
int reel_writer_add_module(struct reel_writer *writer, const struct reel_module_info *info, uint32_t *module,
                           struct reel_error *error);

// Interns a frame: a return address as offset in a module (address minus bias), or an absolute address with module 0.
int reel_writer_intern_frame(struct reel_writer *writer, uint32_t module, uint64_t offset, uint32_t *frame,
                             struct reel_error *error);
// Interns a stack: frame called from the stack parent (0 = outermost, or REEL_STACK_CUT).
int reel_writer_intern_stack(struct reel_writer *writer, uint32_t parent, uint32_t frame, uint32_t *stack,
                             struct reel_error *error);

// Appends events in order. t_ns must not decrease; threads and processes must exist.
int reel_writer_append(struct reel_writer *writer, const struct reel_event *events, size_t count,
                       struct reel_error *error);

int reel_writer_add_residency(struct reel_writer *writer, const struct reel_residency *sample,
                              struct reel_error *error);
// What belongs to the sample that was added last: both by address. Left out when it is the same as the process's last.
int reel_writer_add_resident_pages(struct reel_writer *writer, const struct reel_resident_mapping *mappings,
                                   size_t mapping_count, const struct reel_resident_run *runs, size_t run_count,
                                   struct reel_error *error);

// What an allocator of ours tells: each takes its place in the stream after the events that were appended before. A
// class or zone that the reel knows already is not added twice; a class that contradicts another is refused
// (REEL_E_ARGUMENT, as everything that names no running process or no range), and the writer goes on.
int reel_writer_add_class(struct reel_writer *writer, const struct reel_class_info *info, struct reel_error *error);
int reel_writer_add_zone(struct reel_writer *writer, const struct reel_zone_info *info, struct reel_error *error);
int reel_writer_add_page_change(struct reel_writer *writer, const struct reel_page_change *change,
                                struct reel_error *error);
int reel_writer_add_census(struct reel_writer *writer, const struct reel_census *census, struct reel_error *error);
// The stacks of the block's allocation and first free are found by the writer: at once while the block lives, else when
// the reel is finished.
int reel_writer_add_finding(struct reel_writer *writer, const struct reel_finding_info *info, struct reel_error *error);

int reel_writer_add_difference(struct reel_writer *writer, const struct reel_difference_info *info,
                               struct reel_error *error);

// Makes all that was given so far durable for readers (WAL), the partial chunk included.
int reel_writer_commit(struct reel_writer *writer, struct reel_error *error);

// Totals of the whole run so far, for progress lines.
struct reel_writer_totals
{
    uint64_t events;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t peak_live_bytes;
};
void reel_writer_totals(const struct reel_writer *writer, struct reel_writer_totals *totals);

// What a frame was interned as. path and build_id live as long as the writer; path is NULL if module is 0.
struct reel_frame_place
{
    const char *path;
    const uint8_t *build_id;
    size_t build_id_bytes;
    uint64_t offset;
    uint32_t module;
};
// Frames have the numbers 1 .. this.
uint32_t reel_writer_frame_count(const struct reel_writer *writer);
void reel_writer_frame_place(const struct reel_writer *writer, uint32_t frame, struct reel_frame_place *place);
// Names a frame, once. Frames come in ascending order, so that the table grows at its end; those left out have no name.
int reel_writer_set_symbols(struct reel_writer *writer, uint32_t frame, const struct reel_symbol *symbols, size_t count,
                            struct reel_error *error);

// Marks the reel as complete at t_ns, leaves WAL mode (one file remains) and closes. Frees the writer in any case.
int reel_writer_finish(struct reel_writer *writer, uint64_t t_ns, struct reel_error *error);
// Closes without marking it complete. Never fails; NULL is allowed.
// After a reel was finished while somebody read it, its log lies beside it: makes them one file again. It stays as it
// is where that cannot be, as long as somebody reads on. No writer is open.
void reel_writer_fold_log(const char *path);
void reel_writer_close(struct reel_writer *writer);

#endif
