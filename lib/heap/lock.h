// SPDX-License-Identifier: MIT
// The lock of the allocators that need one: a word, one atomic exchange to take it (a plain store while the process has
// a single thread, as in glibc's malloc), a plain store to let it go. Who does not get it spins, then yields, then
// sleeps in steps of up to a millisecond. Not for signal handlers that interrupt the holder.
#ifndef HEAPREEL_HEAP_LOCK_H
#define HEAPREEL_HEAP_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

struct heap_lock
{
    uint32_t is_held;
};

void heap_lock_wait(struct heap_lock *lock); // the slow path

// False: somebody has it.
static inline bool heap_lock_try(struct heap_lock *lock)
{
    if (!__libc_single_threaded)
        return __atomic_exchange_n(&lock->is_held, 1, __ATOMIC_ACQUIRE) == 0;
    bool is_free = __atomic_load_n(&lock->is_held, __ATOMIC_RELAXED) == 0;
    __atomic_store_n(&lock->is_held, 1, __ATOMIC_RELAXED);
    return is_free;
}

static inline void heap_lock_acquire(struct heap_lock *lock)
{
    if (__builtin_expect(!heap_lock_try(lock), 0))
        heap_lock_wait(lock);
}

static inline void heap_lock_release(struct heap_lock *lock)
{
    __atomic_store_n(&lock->is_held, 0, __ATOMIC_RELEASE);
}

#endif
