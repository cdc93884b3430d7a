// SPDX-License-Identifier: MIT
// Recording, as the preload library uses it.
//
// None of these functions allocates, uses stdio, changes errno, or blocks without limit. All may be called at any time
// from any thread, also inside signal handlers, before record_start and after the destructors: without a session, or
// when the tracer is gone, they do nothing.
#ifndef HEAPREEL_RECORD_RECORD_H
#define HEAPREEL_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_thread;

// --- allocation events ---

// frame: the frame of the exported function that the program called, where the program's rbp stands with the return
// address after it; the stack is captured from there outwards. It may be NULL when the session has no stacks.

// A block became ours: call it right after the allocator returned. flags: enum wire_event_flag. True while this
// thread's end has not been arranged for (record_thread_will_end).
bool record_alloc(const void *block, size_t requested, size_t usable, uint32_t flags, const void *frame);
// A block is about to be let go: call it right before the allocator's free.
void record_free(const void *block, const void *frame);

// A realloc in three acts. old became block; in place: block is old; failed: block is NULL; realloc to size 0 may let
// the block go and give none.
struct record_realloc
{
    uint64_t time_before;
    const void *old;
    size_t usable_before; // of old
    const void *block;
    size_t requested;
    size_t usable;
    uint32_t flags; // enum wire_event_flag, of the new block
};
// Stamps the time before the call. NULL: nothing is recorded, and then end must not be called.
struct record_thread *record_realloc_begin(uint64_t *time_before);
void record_realloc_end(struct record_thread *thread, const struct record_realloc *call, const void *frame);

// --- what an allocator of ours tells ---

// One event without a stack; kind, address, size, slack and flags as wire/event.h has them. May be called with the
// allocator's locks held: it loads nothing, and waits only for room in the ring.
void record_heap(uint32_t kind, uint64_t address, uint64_t size, uint32_t slack, uint32_t flags);
// A misuse, with the stack of the call that it was noticed in. misuse: enum wire_misuse; flags: enum wire_event_flag.
void record_misuse(uint32_t misuse, const void *address, uint64_t size, uint64_t true_size, uint32_t flags,
                   const void *frame);
// describe is called when this process has begun to be recorded, a forked child included: inside record_start,
// record_is_active, and the functions for events but record_heap. None of these may be called with a lock of the
// allocator held. Set it before the first event.
void record_on_begin(void (*describe)(void));
// True while this process is being recorded; begins to record it if that has not been tried.
bool record_is_active(void);

enum
{
    RECORD_PHASE_OFF = 2,
};
extern const uint32_t *record_phase __attribute__((visibility("hidden"))); // lib/record's own

// In two loads: nothing is recorded in this process, and nothing will be. False: ask by the functions above.
static inline bool record_is_off(void)
{
    return __atomic_load_n(record_phase, __ATOMIC_RELAXED) == RECORD_PHASE_OFF;
}

// --- life of the process ---

// Opens the session and the channel if they are not yet. Called by the constructor; the first event, which is the
// dynamic loader's or another library's, does the same.
void record_start(void);
// Makes stacks available: loads libunwind. An earlier first allocation does the same unless the dynamic loader made it.
void record_start_stacks(void);
// Around fork, in the forking thread.
void record_fork_begin(void);
void record_fork_child(void);
// The program is about to be replaced; failed = the exec came back.
void record_exec_begin(const char *path);
void record_exec_failed(void);
// The process is about to end with that status. Makes no system call, which a seccomp filter could punish.
void record_exit(int status);
// Code may have been unmapped (after dlclose).
void record_code_changed(void);
// The directory of the session, NULL when there is none.
const char *record_session_directory(void);
// Ends this thread's ring; a later event of the same thread opens another one.
void record_thread_end(void);
// Somebody has arranged that record_thread_end is called when this thread ends.
void record_thread_will_end(void);

#endif
