// SPDX-License-Identifier: MIT
// The event path: from an allocation call to a committed record in the thread's ring.
//
// The order of steps is the contract of the ring (busy before the clock, idle with the commit). Signal handlers may run
// an event of their own between any two instructions: they find depth above 0, leave the state word alone and take
// slots after ours; the outermost call commits them all.
#define _GNU_SOURCE
#include "record/record.h"

#include "base/syscall.h"
#include "record/clock.h"
#include "record/recorder_internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/single_threaded.h>
#include <unistd.h>

enum
{
    STALE_STACK_BYTES = 8 << 20,
    PREFETCH_EVENTS = 8, // four cache lines
};

// Takes the next slot in one instruction, so that a signal handler gets another one.
static inline uint64_t take_slot(struct record_thread *thread)
{
    uint64_t slot = 1;
    __asm__ volatile("xaddq %0, %1" : "+r"(slot), "+m"(thread->head)::"memory", "cc");
    return slot;
}

static inline void compiler_barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline uint64_t stamp(struct record_thread *thread)
{
    if (__builtin_expect(thread->clock != WIRE_CLOCK_TSC || !__libc_single_threaded, 0))
        return clock_stamp(thread->clock);
    uint64_t now = clock_stamp_alone();
    if (__builtin_expect(now < thread->last_time, 0))
        now = thread->last_time;
    thread->last_time = now;
    return now;
}

static bool is_on_signal_stack(void)
{
    stack_t stack = {0};
    return base_syscall3(SYS_sigaltstack, 0, (uintptr_t)&stack, 0) < 0 || (stack.ss_flags & SS_ONSTACK);
}

// A handler that left an event by longjmp leaves depth above 0 for ever. An event from a frame outside the one that
// entered proves it: the stack between them is gone.
static void recover_from_longjmp(struct record_thread *thread, uintptr_t frame)
{
    if (frame <= thread->outer_frame || frame - thread->outer_frame > STALE_STACK_BYTES || is_on_signal_stack())
        return;
    thread->outer_frame = NO_OUTER_FRAME;
    thread->depth = 0;
    if (thread->is_capturing)
        thread->stack.generation = 0; // it may be half made
    thread->is_capturing = false;
    record_own.calls = 1;
}

// In one instruction each, as handlers count too.
static inline void note_call(void)
{
    __asm__ volatile("addl $1, %0" : "+m"(record_own.calls)::"memory", "cc");
}

// Gives what left_behind_end gives.
static inline uint64_t note_end_of_call(const struct record_thread *thread, bool *was_left)
{
    __asm__ volatile("subl $1, %0" : "+m"(record_own.calls)::"memory", "cc");
    *was_left = false;
    return __builtin_expect(record_own.calls > RECORD_CALLS_MAX, 0) ? left_behind_end(thread, was_left) : 0;
}

// A ring for the thread if it has none, room in it, and the end of what a longjmp has left. NULL: there is none, or
// this is a child that came back from the handler that forked it.
__attribute__((noinline)) static struct record_thread *prepare(uintptr_t frame)
{
    struct record_thread *thread = record_own.thread ? record_own.thread : record_thread_open();
    if (!thread || record_was_left_behind()) // then it may be half made
        return NULL;
    if (thread->depth != 0)
        recover_from_longjmp(thread, frame);
    bool has_room = thread->head + RING_RESERVE <= thread->limit || record_thread_make_room(thread);
    return has_room && !record_was_left_behind() ? thread : NULL;
}

// The frame is noted after depth was raised: a handler that came by before, for as long as the wait for room takes, was
// an outermost call itself.
static inline void enter(struct record_thread *thread, uintptr_t frame)
{
    thread->depth++;
    compiler_barrier();
    if (__builtin_expect(thread->depth == 1, 1))
    {
        thread->outer_frame = frame;
        __atomic_store_n(&thread->ring->state, thread->head << 1 | 1, __ATOMIC_RELAXED);
    }
    else if (!(thread->ring->state & 1)) // the outer call was about to mark the ring, or has committed
        __atomic_store_n(&thread->ring->state, thread->ring->state | 1, __ATOMIC_RELAXED);
    compiler_barrier();
}

// Marks the ring busy: also what is nested in the capture of the stack is stamped under the mark. NULL: nothing is to
// be recorded. Otherwise end must follow. is_on may make the recorder active.
__attribute__((always_inline)) static inline struct record_thread *begin_if(bool (*is_on)(void))
{
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    struct record_thread *thread;
    bool is_left = false;
    do
    {
        note_call();
        bool is_recording = is_on();
        thread = record_own.thread;
        if (__builtin_expect(
                is_recording && thread && thread->depth == 0 && thread->head + RING_RESERVE <= thread->limit, 1))
            break;
        thread = is_recording ? prepare(frame) : NULL;
        if (!thread)
            note_end_of_call(NULL, &is_left);
    } while (!thread && is_left);
    if (__builtin_expect(thread != NULL, 1))
        enter(thread, frame);
    return thread;
}

__attribute__((always_inline)) static inline struct record_thread *begin(void)
{
    return begin_if(recorder_is_active_or_wakes);
}

// The tracer has read the ring's lines on the last lap: they are fetched for writing before they are needed.
static inline void put(struct record_thread *thread, struct wire_event event)
{
    uint64_t slot = take_slot(thread);
    __asm__ volatile("prefetchw %0" ::"m"(thread->records[(slot + PREFETCH_EVENTS) & thread->mask]));
    struct wire_event *record = &thread->records[slot & thread->mask];
    // One by one: copied as a whole, they would be gathered in memory first, and loaded before they have got there.
    record->time = event.time;
    record->where = event.where;
    record->size = event.size;
    record->slack = event.slack;
    record->stack = event.stack;
}

// A handler came by after the commit: its events are to be committed, and its mark to be taken away.
static inline bool is_stale(const struct record_thread *thread, uint64_t committed)
{
    return *(const volatile uint64_t *)&thread->head != committed ||
           *(const volatile uint64_t *)&thread->ring->state != committed << 1;
}

// Commits, unless an outer call will.
static inline void commit(struct record_thread *thread)
{
    compiler_barrier();
    if (__builtin_expect(thread->depth != 1, 0))
    {
        thread->depth--;
        return;
    }
    uint64_t committed;
    do
    {
        thread->depth = 1;
        compiler_barrier();
        committed = *(volatile uint64_t *)&thread->head;
        __atomic_store_n(&thread->ring->state, committed << 1, __ATOMIC_RELEASE);
        thread->outer_frame = NO_OUTER_FRAME;
        compiler_barrier();
        thread->depth = 0;
        compiler_barrier();
    } while (__builtin_expect(is_stale(thread, committed), 0));
}

// Gives a time from which on what was put is to be put again; 0: nothing is.
static inline uint64_t end(struct record_thread *thread)
{
    bool was_left;
    commit(thread);
    return note_end_of_call(thread, &was_left);
}

// The same of a single event: whether it is to be put again.
static inline bool is_lost(struct record_thread *thread, uint64_t time)
{
    uint64_t since = end(thread);
    return __builtin_expect(since != 0, 0) && time >= since;
}

static inline uint32_t stack_here(struct record_thread *thread, bool is_wanted, const void *frame)
{
    if (!is_wanted || thread->is_capturing)
        return 0;
    thread->is_capturing = true;
    uint32_t stack = capture_stack(thread, frame);
    thread->is_capturing = false;
    return stack;
}

// Fills in requested and usable size; the difference is 32 bits wide unless the block is enormous.
static inline struct wire_event sized_event(const void *block, uint32_t kind, uint32_t flags, size_t requested,
                                            size_t usable, uint32_t stack)
{
    uint64_t slack = usable > requested ? usable - requested : 0;
    if (__builtin_expect(slack > UINT32_MAX, 0))
    {
        slack = usable / WIRE_PAGE_BYTES;
        flags |= WIRE_EVENT_USABLE_PAGES;
    }
    return (struct wire_event){.where = wire_where((uintptr_t)block, kind, flags),
                               .size = requested,
                               .slack = (uint32_t)slack,
                               .stack = stack};
}

// The first allocation of a program, often in the constructor of a library before ours, loads libunwind. Not so if the
// dynamic loader itself is the caller: it must not be entered while it is at work. And not before libc has its
// environment, as in a .preinit_array: the loader would initialise libc along with libunwind, without one.
__attribute__((noinline, cold)) static void open_stacks(struct record_thread *thread, const void *frame)
{
    uint64_t begin;
    uint64_t end;
    if (!environ)
        return;
    modules_range_around(getauxval(AT_BASE), &begin, &end);
    if (thread->depth != 1 || ((const uintptr_t *)frame)[1] - begin < end - begin)
        return;
    int saved_errno = errno;
    capture_open();
    errno = saved_errno;
}

bool record_alloc(const void *block, size_t requested, size_t usable, uint32_t flags, const void *frame)
{
    uint64_t time;
    bool has_arranged_end;
    struct record_thread *thread;
    do
    {
        if (!(thread = begin()))
            return false;
        if (__builtin_expect(recorder.awaits_stacks, 0))
            open_stacks(thread, frame);
        uint32_t stack = stack_here(thread, recorder.session->stacks != WIRE_STACKS_OFF, frame);
        struct wire_event event = sized_event(block, WIRE_EVENT_ALLOC, flags, requested, usable, stack);
        event.time = time = stamp(thread);
        put(thread, event);
        has_arranged_end = thread->has_arranged_end;
    } while (is_lost(thread, time));
    return !has_arranged_end;
}

void record_free(const void *block, const void *frame)
{
    uint64_t time;
    struct record_thread *thread;
    do
    {
        if (!(thread = begin()))
            return;
        uint32_t stack = stack_here(thread, recorder.session->stacks >= WIRE_STACKS_ON, frame);
        time = stamp(thread);
        put(thread, (struct wire_event){
                        .time = time, .where = wire_where((uintptr_t)block, WIRE_EVENT_FREE, 0), .stack = stack});
    } while (is_lost(thread, time));
}

struct record_thread *record_realloc_begin(uint64_t *time_before)
{
    struct record_thread *thread = begin();
    if (!thread)
        return NULL;
    *time_before = stamp(thread);
    return thread;
}

// Puts those of its events that were not put before that time; *made_time is when the block was seen, if it was.
static void put_realloc(struct record_thread *thread, const struct record_realloc *call, const void *frame,
                        uint64_t since, uint64_t *made_time)
{
    bool is_moved = call->block && call->block != call->old;
    bool is_freed = !call->block && call->requested == 0;
    bool has_stack = (call->block || is_freed) && recorder.session->stacks != WIRE_STACKS_OFF;
    uint32_t stack = stack_here(thread, has_stack, frame);
    uint32_t moved_flag = is_moved ? WIRE_EVENT_REALLOC : 0;
    if ((is_moved || is_freed) && call->time_before >= since)
        put(thread, (struct wire_event){.time = call->time_before,
                                        .where = wire_where((uintptr_t)call->old, WIRE_EVENT_FREE, moved_flag),
                                        .stack = recorder.session->stacks >= WIRE_STACKS_ON ? stack : 0});
    // A block that shrank in place gave its tail away during the call, and another thread may have it by now.
    bool is_smaller = !is_moved && call->usable < call->usable_before;
    if (call->block && (is_smaller ? call->time_before : *made_time) >= since)
    {
        uint32_t kind = is_moved ? WIRE_EVENT_ALLOC : WIRE_EVENT_RESIZE;
        struct wire_event event =
            sized_event(call->block, kind, call->flags | moved_flag, call->requested, call->usable, stack);
        event.time = *made_time = is_smaller ? call->time_before : stamp(thread);
        put(thread, event);
    }
}

void record_realloc_end(struct record_thread *thread, const struct record_realloc *call, const void *frame)
{
    uint64_t made_time = UINT64_MAX;
    uint64_t since = 0;
    if (__builtin_expect(record_was_left_behind(), 0))
        since = end(thread);
    while (since == 0 || (thread = begin()))
    {
        put_realloc(thread, call, frame, since, &made_time);
        if (__builtin_expect((since = end(thread)) == 0, 1))
            return;
    }
}

void record_heap(uint32_t kind, uint64_t address, uint64_t size, uint32_t slack, uint32_t flags)
{
    uint64_t time;
    struct record_thread *thread;
    do
    {
        if (!(thread = begin_if(recorder_is_active)))
            return;
        time = stamp(thread);
        put(thread,
            (struct wire_event){.time = time, .where = wire_where(address, kind, flags), .size = size, .slack = slack});
    } while (is_lost(thread, time));
}

void record_misuse(uint32_t misuse, const void *address, uint64_t size, uint64_t true_size, uint32_t flags,
                   const void *frame)
{
    const uint64_t true_size_max = UINT32_MAX >> WIRE_MISUSE_BITS;
    uint64_t told_size = true_size < true_size_max ? true_size : true_size_max;
    uint64_t time;
    struct record_thread *thread;
    do
    {
        if (!(thread = begin()))
            return;
        uint32_t stack = stack_here(thread, recorder.session->stacks != WIRE_STACKS_OFF, frame);
        time = stamp(thread);
        put(thread, (struct wire_event){.time = time,
                                        .where = wire_where((uintptr_t)address, WIRE_EVENT_MISUSE, flags),
                                        .size = size,
                                        .slack = misuse | (uint32_t)told_size << WIRE_MISUSE_BITS,
                                        .stack = stack});
    } while (is_lost(thread, time));
}

void record_fork_begin(void)
{
    recorder_announce_fork(0, 0);
    struct record_thread *thread = begin_if(recorder_begin);
    if (!thread)
        return;
    uint32_t serial = __atomic_add_fetch(&recorder.fork_serial, 1, __ATOMIC_RELAXED);
    uint64_t time = stamp(thread);
    put(thread, (struct wire_event){.time = time, .where = wire_where(0, WIRE_EVENT_FORK, 0), .size = serial});
    if (!is_lost(thread, time))
        recorder_announce_fork(serial, time);
}
