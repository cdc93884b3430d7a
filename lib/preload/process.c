// SPDX-License-Identifier: MIT
// The life cycle of the process and of its threads: start, fork, exit, the end of a thread, unloaded code.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

#include "base/syscall.h"
#include "record/record.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static struct
{
    pthread_key_t thread_key;
    bool has_thread_key;
    int (*next_dlclose)(void *handle);
    pid_t (*next_fork)(void);
} process;

// How often the key's destructor has run in this thread.
static __thread unsigned int exit_rounds __attribute__((tls_model("initial-exec")));

// Destructors of other keys may still free. Keys are visited in rounds: this one asks for another until the last.
static void end_thread(void *value)
{
    if (++exit_rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
        pthread_setspecific(process.thread_key, value);
    else
        record_thread_end();
}

void preload_note_thread(void)
{
    if (!process.has_thread_key || exit_rounds > 0)
        return;
    record_thread_will_end(); // before the call that may allocate
    pthread_setspecific(process.thread_key, &process);
}

static void at_exit(int status, void *context)
{
    (void)context;
    if (record_is_active())
        preload_tell_census();
    record_exit(status);
}

static void before_fork(void)
{
    record_fork_begin();
    if (preload_heap()->fork_prepare)
        preload_heap()->fork_prepare();
}

static void after_fork_in_parent(void)
{
    if (preload_heap()->fork_parent)
        preload_heap()->fork_parent();
}

static void after_fork_in_child(void)
{
    if (preload_heap()->fork_child)
        preload_heap()->fork_child();
    record_fork_child();
}

static void find_next(void *function, const char *name)
{
    void *next = dlsym(RTLD_NEXT, name);
    memcpy(function, &next, sizeof next);
}

// Our exit and fork handlers should be the first registered: they run last at exit, and next to the fork itself.
__attribute__((constructor(101))) static void start(int argc, char **argv, char **environment)
{
    (void)argc;
    (void)argv;
    preload_environment_remember(environment);
    preload_find_deletes();
    find_next(&process.next_fork, "_Fork");
    bool has_locks = preload_heap()->fork_prepare;
    record_start();
    if (has_locks || record_session_directory())
        pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    if (!record_session_directory())
        return;
    process.has_thread_key = pthread_key_create(&process.thread_key, end_thread) == 0;
    on_exit(at_exit, NULL);
    find_next(&process.next_dlclose, "dlclose");
    record_start_stacks();
}

EXPORT int dlclose(void *handle)
{
    if (!process.next_dlclose)
        find_next(&process.next_dlclose, "dlclose");
    int result = process.next_dlclose(handle);
    record_code_changed();
    return result;
}

// Fork for signal handlers: it calls no fork handlers, so the recorder would not hear of it in time. glibc has it since
// 2.34.
EXPORT pid_t _Fork(void)
{
    if (!process.next_fork)
    {
        errno = ENOSYS;
        return -1;
    }
    record_fork_begin();
    pid_t child = process.next_fork();
    if (child == 0)
        record_fork_child();
    return child;
}

static _Noreturn void leave(int status)
{
    record_exit(status);
    for (;;)
        base_syscall3(SYS_exit_group, (uintptr_t)(long)status, 0, 0);
}

EXPORT _Noreturn void _exit(int status)
{
    leave(status);
}

EXPORT _Noreturn void _Exit(int status)
{
    leave(status);
}
