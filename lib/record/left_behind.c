// SPDX-License-Identifier: MIT
// Calls of the event path that a handler interrupted, forked in, and then returns to in the child. They go on with what
// they hold of the parent: its rings must not feel it, and what the parent has not told before the fork is to be told
// again.
//
// What such calls write to becomes a private copy at the same place: the parent's channel is replaced by empty memory,
// and the threads' table is left to them, the child gets another one. All is given back when the last of them has
// ended.
#include "base/memory.h"
#include "record/recorder_internal.h"

#include <stddef.h>

enum
{
    HELD_MAX = 4, // forks of handlers within handlers; deeper ones lose an event
};

struct held
{
    struct record_thread *threads;
    size_t threads_bytes;
    struct wire_channel *channel;
    size_t channel_bytes;
    uint64_t fork_time; // what was stamped before it, the parent has told before the fork
};

// The one thread's that has forked.
static struct held held[HELD_MAX];
static uint32_t held_count;

bool left_behind_is_any(void)
{
    return record_calls_under_way(record_own.calls) != 0;
}

void left_behind_hold(struct wire_channel *parent, uint64_t fork_time)
{
    uint32_t under_way = record_calls_under_way(record_own.calls);
    size_t channel_bytes = parent->file_bytes;
    if (held_count < HELD_MAX)
        held[held_count++] = (struct held){.threads = recorder.threads,
                                           .threads_bytes = recorder.ring_count * sizeof *recorder.threads,
                                           .channel = parent,
                                           .channel_bytes = channel_bytes,
                                           .fork_time = fork_time};
    base_memory_replace(parent, channel_bytes);
    record_own.calls = under_way + under_way * RECORD_CALL_LEFT;
}

static const struct held *find(const struct record_thread *thread)
{
    for (uint32_t i = held_count; i-- > 0;)
        if ((uintptr_t)thread - (uintptr_t)held[i].threads < held[i].threads_bytes)
            return &held[i];
    return NULL;
}

static void give_back(void)
{
    for (; held_count > 0; held_count--)
    {
        const struct held *old = &held[held_count - 1];
        base_memory_unmap(old->threads, old->threads_bytes);
        base_memory_unmap(old->channel, old->channel_bytes);
    }
}

// Calls under way are a stack: those that were left behind are its outermost. One of them has ended when fewer are
// under way than were left.
static bool take_off(void)
{
    uint32_t calls = __atomic_load_n(&record_own.calls, __ATOMIC_RELAXED);
    do
    {
        if (record_calls_under_way(calls) >= record_calls_left(calls))
            return false;
    } while (!__atomic_compare_exchange_n(&record_own.calls, &calls, calls - RECORD_CALL_LEFT, false, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    return true;
}

uint64_t left_behind_end(const struct record_thread *thread, bool *was_left)
{
    *was_left = take_off();
    if (!*was_left)
        return 0;
    const struct held *old = find(thread);
    uint64_t fork_time = old ? old->fork_time : 0;
    if (find(record_own.thread))
        record_own.thread = NULL;
    if (record_own.calls == 0)
        give_back();
    return fork_time;
}
