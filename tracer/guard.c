// SPDX-License-Identifier: MIT
// The handler of SIGBUS: puts a private page of zeros where the file has none. Refuses faults outside the registered
// ranges and threads: those are bugs and end the tracer as usual.
#include "tracer/guard.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_RANGES 65536

struct guard_range
{
    uintptr_t begin; // 0 = unused; written last when added, first when removed
    uintptr_t end;
};

static struct
{
    struct guard_range ranges[GUARD_RANGES];
    size_t used; // ranges above were never in use
} guard;

static _Thread_local bool is_thread_guarded;

static bool is_guarded(uintptr_t address)
{
    for (size_t i = 0; i < guard.used; i++)
    {
        uintptr_t begin = __atomic_load_n(&guard.ranges[i].begin, __ATOMIC_RELAXED);
        if (begin != 0 && address >= begin && address < guard.ranges[i].end)
            return true;
    }
    return false;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    (void)context;
    uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)4095;
    void *at = (void *)page; // NOLINT(performance-no-int-to-ptr)
    bool is_without_backing = info->si_code == BUS_ADRERR && is_thread_guarded;
    if ((is_without_backing || is_guarded(page)) &&
        mmap(at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at)
        return;
    signal(number, SIG_DFL); // the access is tried again and ends the tracer
}

static void install_handler(void)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
}

bool guard_add(void *begin, size_t bytes)
{
    install_handler();
    size_t slot = 0;
    while (slot < guard.used && guard.ranges[slot].begin != 0)
        slot++;
    if (slot == GUARD_RANGES)
        return false;
    guard.ranges[slot].end = (uintptr_t)begin + bytes;
    __atomic_store_n(&guard.ranges[slot].begin, (uintptr_t)begin, __ATOMIC_RELEASE);
    if (slot == guard.used)
        guard.used++;
    return true;
}

void guard_remove(void *begin)
{
    for (size_t i = 0; i < guard.used; i++)
        if (guard.ranges[i].begin == (uintptr_t)begin)
        {
            guard.ranges[i].begin = 0;
            return;
        }
}

void guard_thread_begin(void)
{
    install_handler();
    is_thread_guarded = true;
}

void guard_thread_end(void)
{
    is_thread_guarded = false;
}
