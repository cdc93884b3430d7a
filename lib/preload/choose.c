// SPDX-License-Identifier: MIT
// Which allocator serves this process: the one that HEAPREEL_ALLOCATOR names, opened at the first call of any function
// of the family. Never changes its mind, and never takes another one than was asked for.
#include "preload/preload_internal.h"

#include "base/environment.h"
#include "base/syscall.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum
{
    CANNOT_CHOOSE_STATUS = 2,
    KERNEL_SIGNALS_BYTES = 8,
};

const struct heap_backend *preload_chosen_heap;
struct heap_options preload_heap_options;

int heapreel_allocator_complaint(const char *text, char *complaint, size_t bytes);

static _Noreturn void give_up(void)
{
    for (;;)
        base_syscall3(SYS_exit_group, CANNOT_CHOOSE_STATUS, 0, 0);
}

static const struct heap_backend *open_named(void)
{
    const char *name = base_environment_find(HEAP_ALLOCATOR_VARIABLE);
    struct base_text complaint;
    if (!heap_options_parse(&preload_heap_options, name, &complaint))
    {
        struct base_text line;
        base_text_clear(&line);
        base_text_add(&line, HEAP_ALLOCATOR_VARIABLE "=");
        base_text_add(&line, name);
        base_text_add(&line, ": ");
        base_text_add(&line, complaint.bytes);
        base_text_complain(line.bytes);
        give_up();
    }
    if (preload_heap_options.kind != HEAP_SYSTEM)
        preload_tell_begin();
    const struct heap_backend *heap = heap_open(&preload_heap_options);
    if (!heap)
        give_up();
    return heap;
}

static void set_signals(const uint64_t *blocked, uint64_t *previous)
{
    base_syscall6(SYS_rt_sigprocmask, SIG_SETMASK, (uintptr_t)blocked, (uintptr_t)previous, KERNEL_SIGNALS_BYTES, 0, 0);
}

// A signal handler that came by in the middle and allocates would wait for the thread that it interrupted: none can.
__attribute__((noinline, cold)) const struct heap_backend *preload_choose_heap(void)
{
    static uint32_t is_choosing;
    int saved_errno = errno;
    const uint64_t all_signals = UINT64_MAX;
    uint64_t previous_signals = 0;
    set_signals(&all_signals, &previous_signals);
    if (!__atomic_exchange_n(&is_choosing, 1, __ATOMIC_ACQUIRE))
        __atomic_store_n(&preload_chosen_heap, open_named(), __ATOMIC_RELEASE);
    const struct heap_backend *heap;
    while (!(heap = __atomic_load_n(&preload_chosen_heap, __ATOMIC_ACQUIRE)))
        base_syscall3(SYS_sched_yield, 0, 0, 0);
    set_signals(&previous_signals, NULL);
    errno = saved_errno;
    return heap;
}

// For who starts programs under this library: 0 if the text names an allocator, else one line says what is wrong.
EXPORT int heapreel_allocator_complaint(const char *text, char *complaint, size_t bytes)
{
    struct heap_options options;
    struct base_text line;
    if (heap_options_parse(&options, text, &line))
        return 0;
    size_t length = line.length < bytes ? line.length : bytes - 1;
    memcpy(complaint, line.bytes, length);
    complaint[length] = 0;
    return 1;
}
