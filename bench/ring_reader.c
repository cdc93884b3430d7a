// SPDX-License-Identifier: MIT
// The reading thread: copies every committed event out, then moves the tail.
#define _GNU_SOURCE
#include "bench/ring_reader.h"

#include "record/clock.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

enum
{
    LOOK_INTERVAL_NS = 100000,
    COPY_EVENTS = 256,
};

static struct
{
    pthread_t thread;
    struct wire_ring *wanted; // atomic; by the measuring thread
    struct wire_ring *read;   // atomic; by the reader: what it works on
    int is_stopped;           // atomic
} reader;

static uint64_t read_events(struct wire_ring *ring, uint64_t ring_records)
{
    static struct wire_event copy[COPY_EVENTS];
    uint64_t head = __atomic_load_n(&ring->state, __ATOMIC_ACQUIRE) >> 1;
    uint64_t tail = ring->tail;
    for (; tail < head; tail++)
        memcpy(&copy[tail % COPY_EVENTS], &ring->records[tail % ring_records], sizeof *copy);
    __atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
    return tail;
}

// Without sleeping, which would let the core rest.
static void wait_until(uint64_t time_ns)
{
    while (clock_monotonic_ns() < time_ns)
        __builtin_ia32_pause();
}

static void *read_rings(void *context)
{
    const uint64_t ring_records = *(const uint64_t *)context;
    while (!__atomic_load_n(&reader.is_stopped, __ATOMIC_ACQUIRE))
    {
        uint64_t begin_ns = clock_monotonic_ns();
        struct wire_ring *ring = __atomic_load_n(&reader.wanted, __ATOMIC_ACQUIRE);
        __atomic_store_n(&reader.read, ring, __ATOMIC_RELEASE);
        if (ring)
            read_events(ring, ring_records);
        wait_until(begin_ns + LOOK_INTERVAL_NS);
    }
    return NULL;
}

static void keep_on(pthread_t thread, int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    pthread_setaffinity_np(thread, sizeof set, &set);
}

bool ring_reader_start(uint64_t ring_records)
{
    static uint64_t records;
    cpu_set_t allowed;
    records = ring_records;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2)
        return false;
    int first = 0;
    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET((size_t)first, &allowed))
        first++;
    while (!CPU_ISSET((size_t)last, &allowed))
        last--;
    if (pthread_create(&reader.thread, NULL, read_rings, &records) != 0)
        return false;
    keep_on(pthread_self(), first);
    keep_on(reader.thread, last);
    return true;
}

void ring_reader_watch(struct wire_ring *ring)
{
    __atomic_store_n(&reader.wanted, ring, __ATOMIC_RELEASE);
    while (__atomic_load_n(&reader.read, __ATOMIC_ACQUIRE) != ring)
        __builtin_ia32_pause();
}

void ring_reader_catch_up(const struct wire_ring *ring)
{
    uint64_t head = ring->state >> 1;
    while (__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) < head)
        __builtin_ia32_pause();
}

void ring_reader_stop(void)
{
    __atomic_store_n(&reader.is_stopped, 1, __ATOMIC_RELEASE);
    pthread_join(reader.thread, NULL);
}
