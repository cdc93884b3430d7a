// SPDX-License-Identifier: MIT
// What the samples share: figures on stdout, seeded randomness, and bookkeeping that stays out of the heap which is
// being shown: its memory is shared mappings, which the figures of resident memory do not count. Nothing here calls
// malloc, and nothing is judged.
#ifndef HEAPREEL_SAMPLES_SAMPLE_H
#define HEAPREEL_SAMPLES_SAMPLE_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAMPLE_PAGE 4096
#define SAMPLE_POLLS_A_SECOND 10

// Pages of the hardware, not huge ones: otherwise one touched byte could look like 2 MiB.
static inline void sample_begin(void)
{
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

// The n-th word of the command line as a number.
static inline size_t sample_argument(int argc, char **argv, int n, size_t otherwise)
{
    return argc > n ? strtoull(argv[n], NULL, 10) : otherwise;
}

static inline void sample_figure(const char *name, double value)
{
    dprintf(STDOUT_FILENO, "%s %.12g\n", name, value);
}

static inline uint64_t sample_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static inline size_t sample_below(size_t bound)
{
    return (size_t)(sample_random() >> 11) % bound;
}

static inline void *sample_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        _exit(3);
    return memory;
}

// Writes to each page of the block, as a program that uses it would.
static inline void *sample_touch(void *block, size_t bytes)
{
    volatile unsigned char *at = block;
    if (block == NULL)
        _exit(3);
    for (size_t i = 0; i < bytes; i += SAMPLE_PAGE)
        at[i] = 1;
    at[bytes - 1] = 1;
    return block;
}

// Bytes of private memory that the kernel backs, counted page by page.
static inline size_t sample_resident(void)
{
    char text[4096];
    int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    const char *line = strstr(text, "\nAnonymous:");
    return line != NULL ? strtoull(line + 11, NULL, 10) * 1024 : 0;
}

// There is no room for what is to be shown.
static inline bool sample_fail(void)
{
    _exit(3);
}

// A set of numbers other than 0, for threads too. Room is for fewer than capacity, a power of two.
struct sample_set
{
    uintptr_t *keys;
    size_t capacity;
    size_t count;
};

static inline struct sample_set sample_set_create(size_t capacity)
{
    return (struct sample_set){sample_memory(capacity * sizeof(uintptr_t)), capacity, 0};
}

// True: it was not there.
static inline bool sample_set_add(struct sample_set *set, uintptr_t key)
{
    for (size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20);; at++)
    {
        uintptr_t found = 0;
        uintptr_t *slot = &set->keys[at & (set->capacity - 1)];
        if (__atomic_compare_exchange_n(slot, &found, key, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return __atomic_add_fetch(&set->count, 1, __ATOMIC_RELAXED) < set->capacity || sample_fail();
        if (found == key)
            return false;
    }
}

static inline void sample_set_add_pages(struct sample_set *pages, const void *block, size_t bytes)
{
    for (uintptr_t page = (uintptr_t)block / SAMPLE_PAGE; page <= ((uintptr_t)block + bytes - 1) / SAMPLE_PAGE; page++)
        sample_set_add(pages, page);
}

// Tells that the body of sample_bounded gets on; also in signal handlers.
static size_t *sample_steps;

static inline void sample_step(void)
{
    __atomic_add_fetch(sample_steps, 1, __ATOMIC_RELAXED);
}

// Runs the body in a child of its own, which is killed when it has made no step for so many seconds. 0: it ended well;
// otherwise its exit status, or the signal that ended it.
static inline int sample_bounded(void (*body)(void), int seconds)
{
    int status = 0;
    int idle_polls = 0;
    size_t seen = 0;
    sample_steps = sample_memory(sizeof *sample_steps);
    pid_t child = fork();
    if (child == 0)
    {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body();
        _exit(0);
    }
    struct pollfd end = {pidfd_open(child, 0), POLLIN, 0};
    if (child < 0 || end.fd < 0)
        _exit(3);
    while (idle_polls < seconds * SAMPLE_POLLS_A_SECOND && poll(&end, 1, 1000 / SAMPLE_POLLS_A_SECOND) == 0)
    {
        size_t steps = __atomic_load_n(sample_steps, __ATOMIC_RELAXED);
        idle_polls = steps == seen ? idle_polls + 1 : 0;
        seen = steps;
    }
    if (end.revents == 0)
        kill(child, SIGKILL);
    close(end.fd);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

// The same so many times: how often it was run, and how often it did not end well.
static inline void sample_repeat(void (*body)(void), int seconds, size_t runs)
{
    size_t failed = 0;
    for (size_t i = 0; i < runs; i++)
        failed += sample_bounded(body, seconds) != 0;
    sample_figure("runs", (double)runs);
    sample_figure("failed_runs", (double)failed);
}

#endif
