// SPDX-License-Identifier: MIT
// The parts of an event. The order of the table is the order of an event's steps.
#include "bench/event_parts.h"

#include "bench/stack_shapes.h"
#include "record/clock.h"
#include "record/record.h"
#include "record/recorder_internal.h"
#include "tests/lib/session_fixture.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum
{
    PREFETCH_RECORDS = 8, // ahead of the record that is written
    CHILD_COUNT = 1024,   // of one node
    DEPTH_CHECKED_MAX = 64,
};

static struct
{
    struct session_fixture session;
    struct wire_ring *floor_ring; // written by nothing but the floor's parts
    int (*backtrace)(void **frames, int capacity);
    void *frames[WIRE_DEPTH_LIMIT];
    uint32_t depth; // of the part that runs
    uint32_t parent;
    uint64_t sink;
    struct record_thread *volatile found;
} parts;

#define OPERATION __attribute__((noinline)) static void

static inline void *block_of(uint64_t number)
{
    return (void *)(uintptr_t)(0x10000 + number % 1024 * 16); // never followed
}

// --- the floor ---

static void repeat_rdtsc(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        *(volatile uint64_t *)&parts.sink = __rdtsc();
}

static void repeat_rdtscp(uint32_t depth, uint64_t count)
{
    unsigned int processor;
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        *(volatile uint64_t *)&parts.sink = __rdtscp(&processor);
}

static void repeat_lfence_rdtsc(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
    {
        __builtin_ia32_lfence();
        *(volatile uint64_t *)&parts.sink = __rdtsc();
    }
}

static void repeat_monotonic(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        *(volatile uint64_t *)&parts.sink = clock_monotonic_ns();
}

// A record and the head: half a cache line, and one word that the reader looks at.
static inline void write_records(uint64_t count, bool is_prefetched, bool is_committed)
{
    struct wire_ring *ring = parts.floor_ring;
    uint64_t head = ring->state >> 1;
    for (uint64_t i = 0; i < count; i++)
    {
        if (is_prefetched)
            __asm__ volatile("prefetchw %0" ::"m"(ring->records[(head + PREFETCH_RECORDS) % EVENT_PARTS_RING_RECORDS]));
        ring->records[head % EVENT_PARTS_RING_RECORDS] =
            (struct wire_event){.time = i, .where = head, .size = count, .slack = 8};
        head++;
        if (is_committed)
            __atomic_store_n(&ring->state, head << 1, __ATOMIC_RELEASE);
        __asm__ volatile("" ::: "memory");
    }
    __atomic_store_n(&ring->state, head << 1, __ATOMIC_RELEASE);
}

static void repeat_write(uint32_t depth, uint64_t count)
{
    (void)depth;
    write_records(count, false, false);
}

static void repeat_write_prefetched(uint32_t depth, uint64_t count)
{
    (void)depth;
    write_records(count, true, false);
}

static void repeat_write_and_commit(uint32_t depth, uint64_t count)
{
    (void)depth;
    write_records(count, false, true);
}

// --- steps of the event path ---

static void repeat_lookup(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        if (recorder_is_active())
            parts.found = record_own.thread;
}

// A realloc that failed: marked, stamped, unmarked, nothing written.
static void repeat_mark_and_clock(uint32_t depth, uint64_t count)
{
    const struct record_realloc failed = {.requested = 1};
    uint64_t time;
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        record_realloc_end(record_realloc_begin(&time), &failed, NULL);
}

// What an allocator tells has no stack: everything of an event but that.
static void repeat_event_without_stack(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        record_heap(WIRE_EVENT_COMMIT, (uintptr_t)block_of(i), 4096, 0, 0);
}

static uint64_t child_address(uint64_t number)
{
    return (uintptr_t)event_parts_open + number % CHILD_COUNT; // in a known module; no two alike
}

static void repeat_intern_one(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        stack_tree_intern(parts.parent, child_address(0), 1);
}

static void repeat_intern_many(uint32_t depth, uint64_t count)
{
    (void)depth;
    for (uint64_t i = 0; i < count; i++)
        stack_tree_intern(parts.parent, child_address(i * 61), 1);
}

// --- on a stack ---

OPERATION do_nothing(uint64_t number)
{
    __asm__ volatile("" ::"r"(number) : "memory");
}

OPERATION capture(uint64_t number)
{
    (void)number;
    capture_stack(record_own.thread, __builtin_frame_address(0));
}

OPERATION record_one_alloc(uint64_t number)
{
    record_alloc(block_of(number), 100, 104, 0, __builtin_frame_address(0));
}

OPERATION record_one_free(uint64_t number)
{
    record_free(block_of(number), __builtin_frame_address(0));
}

OPERATION record_pair(uint64_t number)
{
    record_one_free(number);
    record_one_alloc(number);
}

OPERATION do_nothing_twice(uint64_t number)
{
    do_nothing(number);
    do_nothing(number);
}

// As many frames as the stack has: the innermost is this function's own, and the outermost is left out.
OPERATION backtrace_by_libunwind(uint64_t number)
{
    (void)number;
    parts.backtrace(parts.frames, (int)parts.depth);
}

#define REPEAT_ON_STACK(name, change, operation)                                                                       \
    static void name(uint32_t depth, uint64_t count)                                                                   \
    {                                                                                                                  \
        parts.depth = depth;                                                                                           \
        stack_shape_repeat(change, depth, operation, count);                                                           \
    }

// The innermost frame of a pair is its own.
#define REPEAT_PAIR(name, operation)                                                                                   \
    static void name(uint32_t depth, uint64_t count)                                                                   \
    {                                                                                                                  \
        stack_shape_repeat(STACK_ALL_ENTERED, depth - 1, operation, count);                                            \
    }

REPEAT_ON_STACK(repeat_nothing, STACK_SAME, do_nothing)
REPEAT_ON_STACK(repeat_capture_same, STACK_SAME, capture)
REPEAT_ON_STACK(repeat_capture_one_new, STACK_ONE_NEW, capture)
REPEAT_ON_STACK(repeat_capture_two_new, STACK_TWO_NEW, capture)
REPEAT_ON_STACK(repeat_alloc_same, STACK_SAME, record_one_alloc)
REPEAT_ON_STACK(repeat_alloc_one_new, STACK_ONE_NEW, record_one_alloc)
REPEAT_ON_STACK(repeat_alloc_two_new, STACK_TWO_NEW, record_one_alloc)
REPEAT_ON_STACK(repeat_free_same, STACK_SAME, record_one_free)
REPEAT_ON_STACK(repeat_free_one_new, STACK_ONE_NEW, record_one_free)
REPEAT_ON_STACK(repeat_free_two_new, STACK_TWO_NEW, record_one_free)
REPEAT_ON_STACK(repeat_libunwind, STACK_SAME, backtrace_by_libunwind)
REPEAT_PAIR(repeat_pair, record_pair)
REPEAT_PAIR(repeat_pair_calls, do_nothing_twice)

// --- the table ---

static struct wire_ring *floor_ring(void)
{
    return parts.floor_ring;
}

static struct wire_ring *recorder_ring(void)
{
    return record_own.thread->ring;
}

const struct event_part event_parts[] = {
    {"rdtsc", "clock: rdtsc", false, 0, NULL, repeat_rdtsc},
    {"rdtscp", "clock: rdtscp", false, 0, NULL, repeat_rdtscp},
    {"lfence_rdtsc", "clock: lfence, rdtsc", false, 0, NULL, repeat_lfence_rdtsc},
    {"clock_gettime", "clock: clock_gettime, monotonic", false, 0, NULL, repeat_monotonic},
    {"write", "write 32 bytes into a ring", false, 0, floor_ring, repeat_write},
    {"write_prefetched", "the same, prefetchw 4 lines ahead", false, 0, floor_ring, repeat_write_prefetched},
    {"write_and_commit", "the same, and its new head", false, 0, floor_ring, repeat_write_and_commit},
    {"lookup", "is it recording, and the thread's slot", false, 0, NULL, repeat_lookup},
    {"mark", "busy mark, clock, idle", false, 0, recorder_ring, repeat_mark_and_clock},
    {"no_stack", "event without a stack", false, 0, recorder_ring, repeat_event_without_stack},
    {"intern_one", "intern a known child, always the same", false, 0, NULL, repeat_intern_one},
    {"intern_many", "intern a known child, of 1024", false, 0, NULL, repeat_intern_many},
    {"nothing", "loop and call of an empty function", true, 1, NULL, repeat_nothing},
    {"capture_same", "walk and intern, unchanged", true, 1, NULL, repeat_capture_same},
    {"capture_one_new", "walk and intern, 1 new frame", true, 1, NULL, repeat_capture_one_new},
    {"capture_two_new", "walk and intern, 2 new", true, STACK_FRAMES_MIN_TWO_NEW, NULL, repeat_capture_two_new},
    {"alloc_same", "whole alloc, stack unchanged", true, 1, recorder_ring, repeat_alloc_same},
    {"alloc_one_new", "whole alloc, 1 new frame", true, 1, recorder_ring, repeat_alloc_one_new},
    {"alloc_two_new", "whole alloc, 2 new frames", true, STACK_FRAMES_MIN_TWO_NEW, recorder_ring, repeat_alloc_two_new},
    {"free_same", "whole free, stack unchanged", true, 1, recorder_ring, repeat_free_same},
    {"free_one_new", "whole free, 1 new frame", true, 1, recorder_ring, repeat_free_one_new},
    {"free_two_new", "whole free, 2 new frames", true, STACK_FRAMES_MIN_TWO_NEW, recorder_ring, repeat_free_two_new},
    {"pair", "free and alloc, all frames entered anew", true, STACK_FRAMES_MIN_ALL_ENTERED + 1, recorder_ring,
     repeat_pair},
    {"pair_calls", "the calls of that alone", true, STACK_FRAMES_MIN_ALL_ENTERED + 1, NULL, repeat_pair_calls},
    {"libunwind", "unw_backtrace", true, 1, NULL, repeat_libunwind},
};
const uint32_t event_part_count = sizeof event_parts / sizeof *event_parts;

// --- the session ---

static void die(const char *what)
{
    fprintf(stderr, "event_cost: %s\n", what);
    exit(3);
}

static void find_backtrace(void)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL); // the recorder has opened it
    void *symbol = library ? dlsym(library, "unw_backtrace") : NULL;
    if (!symbol)
        die("no unw_backtrace in libunwind.so.8");
    memcpy(&parts.backtrace, &symbol, sizeof symbol);
}

// Runs inside every shape of stack.
OPERATION check_stack(uint64_t number)
{
    (void)number;
    uint32_t node = capture_stack(record_own.thread, __builtin_frame_address(0));
    int got = parts.backtrace(parts.frames, WIRE_DEPTH_LIMIT) - 1; // its own call is the first
    if (recorder.nodes[node].depth != parts.depth || got < (int)parts.depth)
        die("a stack is not as deep as it was asked for");
    for (uint32_t i = 1; i <= parts.depth; i++, node = recorder.nodes[node].parent)
        if ((uint64_t)parts.frames[i] != recorder.nodes[node].address)
            die("a captured stack differs from unw_backtrace's");
}

static void check_shapes(void)
{
    for (parts.depth = 1; parts.depth <= DEPTH_CHECKED_MAX; parts.depth++)
    {
        stack_shape_repeat(STACK_SAME, parts.depth, check_stack, 2);
        stack_shape_repeat(STACK_ONE_NEW, parts.depth, check_stack, 2);
        if (parts.depth >= STACK_FRAMES_MIN_TWO_NEW)
            stack_shape_repeat(STACK_TWO_NEW, parts.depth, check_stack, 2);
        if (parts.depth >= STACK_FRAMES_MIN_ALL_ENTERED)
            stack_shape_repeat(STACK_ALL_ENTERED, parts.depth, check_stack, 2);
    }
}

static void make_children(void)
{
    parts.parent = stack_tree_intern(0, 1, 0);
    for (uint64_t i = 0; i < CHILD_COUNT; i++)
        stack_tree_intern(parts.parent, child_address(i), 1);
}

void event_parts_open(void)
{
    session_fixture_open(&parts.session, WIRE_STACKS_ON, EVENT_PARTS_RING_RECORDS);
    setenv(WIRE_SESSION_VARIABLE, parts.session.directory, 1);
    record_start();
    record_start_stacks();
    record_alloc(block_of(0), 8, 24, 0, __builtin_frame_address(0));
    size_t bytes = wire_ring_bytes(EVENT_PARTS_RING_RECORDS);
    void *ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (!recorder_is_active() || !record_own.thread || ring == MAP_FAILED)
        die("the recorder does not begin");
    parts.floor_ring = ring;
    find_backtrace();
    check_shapes();
    make_children();
}

void event_parts_close(void)
{
    uint64_t dropped = record_own.thread->ring->dropped;
    session_fixture_close(&parts.session);
    if (dropped > 0)
        die("events were dropped: the ring was not emptied in time");
}
