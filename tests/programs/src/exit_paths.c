// SPDX-License-Identifier: MIT
// exit_paths WAY: allocates, then ends in one of the ways that a program can.
#define _GNU_SOURCE
#include "counted.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

static void *kept;

__attribute__((destructor)) static void free_late(void)
{
    counted_free(kept);
    counted_free(counted_malloc(71));
    counted_report();
}

static void allocate_at_exit(void)
{
    counted_free(counted_malloc(72));
}

static void report_and_end_quickly(void)
{
    counted_report();
}

static void *end_process(void *argument)
{
    exit(*(int *)argument);
}

static int *nowhere(void)
{
    return NULL;
}

static void end(const char *way)
{
    static int status = 7;
    pthread_t thread;
    if (strcmp(way, "exit") == 0)
        exit(7);
    if (strcmp(way, "quick_exit") == 0)
        quick_exit(7);
    if (strcmp(way, "thread_exit") == 0 && pthread_create(&thread, NULL, end_process, &status) == 0)
        pthread_join(thread, NULL);
    if (strcmp(way, "pthread_exit") == 0)
        pthread_exit(NULL);
    if (strcmp(way, "return") == 0)
        return;
    counted_report();
    if (strcmp(way, "_exit") == 0)
        _exit(7);
    if (strcmp(way, "exit_group") == 0)
        syscall(SYS_exit_group, 7);
    if (strcmp(way, "abort") == 0)
        abort();
    if (strcmp(way, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(way, "segv") == 0)
        *(volatile int *)nowhere() = 1;
}

int main(int argc, char **argv)
{
    if (argc < 2 || atexit(allocate_at_exit) != 0 || at_quick_exit(report_and_end_quickly) != 0)
        return 2;
    kept = counted_malloc(1000);
    for (size_t i = 1; i <= 500; i++)
        counted_free(counted_malloc(i));
    end(argv[1]);
    return 7;
}
