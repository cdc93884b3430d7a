// SPDX-License-Identifier: MIT
// What the files of lib/record share: the state of the process, of a thread, and the steps between them.
//
// Locking: there is none to wait for. Shared things are claimed by compare and swap or skipped when somebody else has
// them; the only wait is for room in a full ring.
#ifndef HEAPREEL_RECORD_RECORDER_INTERNAL_H
#define HEAPREEL_RECORD_RECORDER_INTERNAL_H

#include "record/record.h"
#include "record/walk.h"
#include "wire/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum recorder_phase
{
    RECORDER_UNKNOWN = 0, // not yet looked for a session, or this is a child whose page was wiped by fork
    RECORDER_ACTIVE = 1,
    RECORDER_OFF = RECORD_PHASE_OFF, // no session, or recording has ended; final
    RECORDER_UNDESCRIBED = 3,        // active, but what the allocator has is not yet told
};

// Alone on a page that the kernel wipes in every forked child, by whatever call it was forked: a copy of a recorded
// process can never write into its parent's rings.
struct recorder_page
{
    uint32_t phase; // enum recorder_phase, relaxed atomic
};

// Ring slots kept free for events of signal handlers that interrupt an event.
enum
{
    RING_RESERVE = 64,
};

enum
{
    OWN_FRAMES_MAX = 8, // of ours, on top of the program's
    CAPTURE_MAX = WIRE_DEPTH_LIMIT + OWN_FRAMES_MAX,
    UNWINDING_BYTES = 2048, // what capture.c keeps there
};

// No frame is older than this one.
#define NO_OUTER_FRAME UINTPTR_MAX

// Private to one thread and the signal handlers that interrupt it. Recycled with its ring.
struct record_thread
{
    struct wire_ring *ring;
    struct wire_event *records;
    uint64_t head;  // next slot; signal handlers advance it too
    uint64_t limit; // head may reach this without looking at the ring's tail
    uint64_t mask;
    uint64_t backed;    // records of the ring that have memory, from its first on
    uint64_t last_time; // of clock_stamp_alone
    uint32_t clock;     // copy of the session's
    uint32_t depth; // recorder calls under way in this thread: more than 1 inside a signal handler or a reentrant call
    bool is_capturing;
    bool has_arranged_end;
    // Of the call that made depth 1: a call from an older frame proves that it was left by longjmp. NO_OUTER_FRAME
    // while nobody has.
    uintptr_t outer_frame;
    struct walk_stack stack;
    struct walk_nodes nodes;
    // Scratch of captures by libunwind: the program's stack may be small.
    void *frames[CAPTURE_MAX];
    _Alignas(16) unsigned char unwinding[UNWINDING_BYTES];
};

// One per process. Written while the recorder starts (by one thread, the others find it busy and skip), then constant.
struct recorder
{
    struct recorder_page *page;
    const struct wire_session *session;
    struct wire_channel *channel;
    struct wire_stack_node *nodes;
    struct record_thread *threads; // one for each ring
    uint32_t ring_count;           // of this process's channel, and of those of its forked children
    uint32_t ring_records;         // the same
    bool has_session;              // survives fork, unlike the page
    bool awaits_stacks;            // they are wanted, and libunwind is not yet open
    bool is_vfork_child_leaving;   // a child of vfork, in our memory, failed to exec and will exit next
    uint32_t is_starting;          // atomic flag
    uint32_t fork_serial;          // atomic counter
    char directory[256];
    void (*describe)(void); // of record_on_begin; NULL: there is nothing to describe
};

extern struct recorder recorder;

// What a thread has of the recorder; nobody else looks at it.
struct record_own
{
    struct record_thread *thread; // NULL: it has no ring yet
    // Lower half: its calls of the event path that are under way, counted from before they look at the thread. Upper
    // half: how many of them were so when a handler forked this process (left_behind.c).
    uint32_t calls;
};

extern __thread struct record_own record_own __attribute__((tls_model("initial-exec")));

static inline bool recorder_is_active(void)
{
    return __atomic_load_n(&recorder.page->phase, __ATOMIC_RELAXED) == RECORDER_ACTIVE;
}

static inline bool recorder_is_on(void)
{
    uint32_t phase = __atomic_load_n(&recorder.page->phase, __ATOMIC_RELAXED);
    return phase == RECORDER_ACTIVE || phase == RECORDER_UNDESCRIBED;
}

#define RECORD_CALLS_MAX 0xffffu
#define RECORD_CALL_LEFT (RECORD_CALLS_MAX + 1)

static inline uint32_t record_calls_under_way(uint32_t calls)
{
    return calls & RECORD_CALLS_MAX;
}

static inline uint32_t record_calls_left(uint32_t calls)
{
    return calls / RECORD_CALL_LEFT;
}

// The innermost call under way was begun by the parent: it must come to its end and begin anew.
static inline bool record_was_left_behind(void)
{
    uint32_t calls = __atomic_load_n(&record_own.calls, __ATOMIC_RELAXED);
    return __builtin_expect(calls > RECORD_CALLS_MAX, 0) && record_calls_under_way(calls) <= record_calls_left(calls);
}

// --- recorder.c ---
// Starts, or restarts in a forked child, unless that has been tried. True: the recorder is on.
bool recorder_begin(void);
// Slow path of recorder_is_active: the same, and has the heap described. Not inside the allocator.
bool recorder_wake(void);
void recorder_stop(void); // for good
bool recorder_tracer_is_gone(void);
static inline bool recorder_is_active_or_wakes(void)
{
    return __builtin_expect(recorder_is_active(), 1) || recorder_wake();
}
// What the forking thread leaves for the child to find; serial 0 = nothing is announced.
void recorder_announce_fork(uint32_t serial, uint64_t time);

// --- left_behind.c ---
// In a forked child: whether the fork was a handler's that has interrupted the event path.
bool left_behind_is_any(void);
// The child's calls under way may go on with the parent's channel and with recorder.threads, which it must not use any
// more. fork_time: what they stamp from then on is not in the parent's ring before its fork.
void left_behind_hold(struct wire_channel *parent, uint64_t fork_time);
// One call less is under way. Was it left behind? Then gives the time of the fork if it used that thread: what it has
// stamped since is to be recorded again; 0: it has recorded nothing, or as it should.
uint64_t left_behind_end(const struct record_thread *thread, bool *was_left);

// --- channel.c ---
// Rings that a process has room for under its limit of address space, and the events in the longest of them.
void channel_choose_rings(const struct wire_session *session, uint32_t *ring_count, uint32_t *ring_records);
// Makes, maps and publishes a channel for this process. parent: mapped channel of the parent if this is a forked copy.
struct wire_channel *channel_create(const struct wire_session *session, const char *directory,
                                    const struct wire_channel *parent, uint32_t fork_serial, uint64_t fork_begin_time);
struct wire_ring *channel_ring(struct wire_channel *channel, uint32_t index);

// --- thread.c ---
struct record_thread *record_thread_open(void);
// True if there is room for an event and RING_RESERVE more. Waits for the tracer if the session says so.
bool record_thread_make_room(struct record_thread *thread);

// --- tree.c ---
bool stack_tree_open(uint32_t node_count_max);
void stack_tree_reset(void); // in a forked child, which has a new channel
// Node for address called from parent; parent 0 makes a root. 0 if the tree is full.
uint32_t stack_tree_intern(uint32_t parent, uint64_t address, uint32_t depth);

// --- capture.c ---
// Loads libunwind, once; never call it while the dynamic loader is at work.
void capture_open(void);
// The stack of the caller of the exported function whose frame is given: node id, 0 = none. While libunwind is being
// opened: a stack of ours alone, for what the dynamic loader allocates on our behalf.
uint32_t capture_stack(struct record_thread *thread, const void *frame);

// --- unwinder_calls.c ---
// handle: of libunwind, as dlopen gave it.
void unwinder_calls_replace(void *handle);

// --- modules.c ---
bool modules_open(void);
// In a forked child, which has its parent's modules. Does not ask the loader: a thread that is gone may hold its lock.
void modules_inherit(const struct wire_channel *parent);
// Looks whether the program's modules have changed and logs what is new. Skips if another thread is at it.
void modules_refresh(void);
bool modules_know(uint64_t address);
// The module that an address lies in, as the loader knows it: [begin, end). Both 0 if there is none.
void modules_range_around(uint64_t address, uint64_t *begin, uint64_t *end);

#endif
