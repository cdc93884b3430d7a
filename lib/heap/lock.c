// SPDX-License-Identifier: MIT
// Waiting for a lock that somebody else has. The holder may have been put off its processor, so who has spun a while
// leaves the processor to it, and sleeps when that does not help either.
#include "heap/lock.h"

#include "base/syscall.h"

#include <time.h>

enum
{
    SPINS = 100,
    YIELDS = 50,
    SLEEP_NS_MIN = 1000,
    SLEEP_NS_MAX = 1000000,
};

static void sleep_ns(long ns)
{
    struct timespec time = {0, ns};
    base_syscall3(SYS_nanosleep, (uintptr_t)&time, 0, 0);
}

// Only looks until the lock seems free: exchanges would take the cache line away from the holder.
static bool is_taken(struct heap_lock *lock)
{
    return __atomic_load_n(&lock->is_held, __ATOMIC_RELAXED) == 0 &&
           __atomic_exchange_n(&lock->is_held, 1, __ATOMIC_ACQUIRE) == 0;
}

void heap_lock_wait(struct heap_lock *lock)
{
    for (int i = 0; i < SPINS; i++)
    {
        if (is_taken(lock))
            return;
        __builtin_ia32_pause();
    }
    for (int i = 0; i < YIELDS; i++)
    {
        if (is_taken(lock))
            return;
        base_syscall3(SYS_sched_yield, 0, 0, 0);
    }
    for (long ns = SLEEP_NS_MIN; !is_taken(lock); ns = ns * 2 < SLEEP_NS_MAX ? ns * 2 : SLEEP_NS_MAX)
        sleep_ns(ns);
}
