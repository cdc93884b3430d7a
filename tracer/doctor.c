// SPDX-License-Identifier: MIT
// Looks at each thing that recording needs. Refuses to change anything.
#include "tracer/record.h"

#include "tracer/clock.h"
#include "tracer/launch.h"
#include "tracer/session.h"

#include <dlfcn.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DOCTOR_DESCRIPTORS_MIN 256

struct doctor
{
    void (*report)(void *context, const char *name, bool is_good, const char *text);
    void *context;
    int missing;
};

__attribute__((format(printf, 4, 5))) static void say(struct doctor *doctor, const char *name, bool is_good,
                                                      const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    doctor->missing += !is_good;
    doctor->report(doctor->context, name, is_good, text);
}

static void check_kernel(struct doctor *doctor)
{
    struct utsname system = {0};
    uname(&system);
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    bool is_good = fd >= 0;
    if (is_good)
        close(fd);
    say(doctor, "kernel", is_good, is_good ? "%s %s" : "%s %s: no pidfd_open (Linux 5.3 or later is needed)",
        system.sysname, system.release);
}

static void check_barrier(struct doctor *doctor)
{
    long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    if (commands > 0 && (commands & MEMBARRIER_CMD_GLOBAL_EXPEDITED) != 0)
        say(doctor, "membarrier", true, "global expedited");
    else
        say(doctor, "membarrier", true, "not available: the merge waits 10 ms longer instead");
}

static void check_shared_memory(struct doctor *doctor, const char *shared_dir)
{
    struct reel_error error;
    uint64_t free_bytes = 0;
    const char *directory = shared_dir != NULL ? shared_dir : SESSION_DEFAULT_DIR;
    if (session_check_space(directory, &free_bytes, &error) == REEL_OK)
        say(doctor, "shared memory", true, "%s, %llu MiB free", directory, (unsigned long long)(free_bytes >> 20));
    else
        say(doctor, "shared memory", false, "%s", error.text);
}

static void check_clock(struct doctor *doctor)
{
    if (clock_tsc_is_trusted())
        say(doctor, "clock", true, "time-stamp counter");
    else
        say(doctor, "clock", true, "CLOCK_MONOTONIC (the time-stamp counter is not trusted here): events cost more");
}

static void check_unwinder(struct doctor *doctor)
{
    void *library = dlopen("libunwind.so.8", RTLD_LAZY | RTLD_LOCAL);
    if (library != NULL)
        say(doctor, "libunwind", true, "libunwind.so.8");
    else
        say(doctor, "libunwind", false, "libunwind.so.8 is missing: no call stacks (apt-get install libunwind8)");
    if (library != NULL)
        dlclose(library);
}

static void check_preload(struct doctor *doctor, const char *preload_path)
{
    struct reel_error error;
    if (launch_check_preload(preload_path, &error) == REEL_OK)
        say(doctor, "preload library", true, "%s", preload_path);
    else
        say(doctor, "preload library", false, "%s", error.text);
}

static void check_limits(struct doctor *doctor)
{
    struct rlimit files = {0};
    getrlimit(RLIMIT_NOFILE, &files);
    bool is_enough = files.rlim_max >= DOCTOR_DESCRIPTORS_MIN;
    say(doctor, "open files", is_enough,
        is_enough ? "up to %llu" : "only %llu: one is needed for each process (ulimit -n)",
        (unsigned long long)files.rlim_max);
}

int tracer_doctor(const char *preload_path, const char *shared_dir,
                  void (*report)(void *context, const char *name, bool is_good, const char *text), void *context)
{
    struct doctor doctor = {.report = report, .context = context};
    check_kernel(&doctor);
    check_barrier(&doctor);
    check_shared_memory(&doctor, shared_dir);
    check_clock(&doctor);
    check_unwinder(&doctor);
    check_preload(&doctor, preload_path);
    check_limits(&doctor);
    return doctor.missing;
}
