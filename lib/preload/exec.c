// SPDX-License-Identifier: MIT
// The exec family and posix_spawn: tells the recorder, and keeps our variables in the new program's environment.
// Everything lives on the stack: these run in children of vfork and in signal handlers.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

#include "base/syscall.h"
#include "record/record.h"

#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef int exec_path_function(const char *file, char *const *argv, char *const *environment);
typedef int spawn_function(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attributes, char *const *argv, char *const *environment);

// The environment to use, in the caller's stack frame.
#define WITH_OUR_VARIABLES(environment)                                                                                \
    preload_environment((environment), alloca(preload_environment_bytes(environment)))

static void find_next(void *slot, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(slot, &symbol, sizeof symbol);
}

static int failed(long result)
{
    record_exec_failed();
    errno = (int)-result;
    return -1;
}

static int exec_at(int directory, const char *path, char *const *argv, char *const *environment, int flags)
{
    record_exec_begin(path);
    return failed(base_syscall6(SYS_execveat, (uintptr_t)(long)directory, (uintptr_t)path, (uintptr_t)argv,
                                (uintptr_t)WITH_OUR_VARIABLES(environment), (uintptr_t)(long)flags, 0));
}

static int exec_file(const char *path, char *const *argv, char *const *environment)
{
    record_exec_begin(path);
    return failed(
        base_syscall3(SYS_execve, (uintptr_t)path, (uintptr_t)argv, (uintptr_t)WITH_OUR_VARIABLES(environment)));
}

// Searches PATH as libc does, and starts a shell for what the kernel does not know.
static int exec_searched(const char *file, char *const *argv, char *const *environment)
{
    static exec_path_function *next;
    if (!next)
        find_next(&next, "execvpe");
    record_exec_begin(file);
    int result = next(file, argv, WITH_OUR_VARIABLES(environment));
    int saved_errno = errno;
    record_exec_failed();
    errno = saved_errno;
    return result;
}

EXPORT int execve(const char *path, char *const argv[], char *const environment[])
{
    return exec_file(path, argv, environment);
}

EXPORT int execv(const char *path, char *const argv[])
{
    return exec_file(path, argv, environ);
}

EXPORT int execvp(const char *file, char *const argv[])
{
    return exec_searched(file, argv, environ);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const environment[])
{
    return exec_searched(file, argv, environment);
}

EXPORT int fexecve(int descriptor, char *const argv[], char *const environment[])
{
    return exec_at(descriptor, "", argv, environment, AT_EMPTY_PATH);
}

EXPORT int execveat(int directory, const char *path, char *const argv[], char *const environment[], int flags)
{
    return exec_at(directory, path, argv, environment, flags);
}

static size_t count_arguments(va_list arguments)
{
    size_t count = 1;
    while (va_arg(arguments, const char *))
        count++;
    return count;
}

static void collect_arguments(char **argv, const char *first, va_list arguments)
{
    memcpy(argv++, &first, sizeof first);
    while ((*argv++ = va_arg(arguments, char *)))
        continue;
}

// argv of a variadic exec, in the caller's frame; after it, list stands behind the terminating NULL.
// NOLINTBEGIN(bugprone-macro-parentheses): its arguments are names
#define ARGUMENTS_OF(argv, first, list)                                                                                \
    va_start(list, first);                                                                                             \
    char **argv = alloca((count_arguments(list) + 1) * sizeof *argv);                                                  \
    va_end(list);                                                                                                      \
    va_start(list, first);                                                                                             \
    collect_arguments(argv, first, list)
// NOLINTEND(bugprone-macro-parentheses)

EXPORT int execl(const char *path, const char *first, ...)
{
    va_list list;
    ARGUMENTS_OF(argv, first, list);
    va_end(list);
    return exec_file(path, argv, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
    va_list list;
    ARGUMENTS_OF(argv, first, list);
    va_end(list);
    return exec_searched(file, argv, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
    va_list list;
    va_start(list, first);
    size_t count = count_arguments(list);
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    char **argv = alloca((count + 1) * sizeof *argv);
    va_start(list, first);
    collect_arguments(argv, first, list);
    va_end(list);
    return exec_file(path, argv, environment);
}

EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
                       const posix_spawn_file_actions_t *restrict actions, const posix_spawnattr_t *restrict attributes,
                       char *const argv[restrict], char *const environment[restrict])
{
    static spawn_function *next;
    if (!next)
        find_next(&next, "posix_spawn");
    return next(pid, path, actions, attributes, argv, WITH_OUR_VARIABLES(environment));
}

EXPORT int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                        const posix_spawn_file_actions_t *restrict actions,
                        const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
                        char *const environment[restrict])
{
    static spawn_function *next;
    if (!next)
        find_next(&next, "posix_spawnp");
    return next(pid, file, actions, attributes, argv, WITH_OUR_VARIABLES(environment));
}
