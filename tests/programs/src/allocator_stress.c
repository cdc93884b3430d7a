// SPDX-License-Identifier: MIT
// allocator_stress SEED STEPS THREADS FORKS: random work for the malloc that serves this program. Each fork's child
// works on with its parent's blocks, checks and frees them, and ends. Prints the seed first, and last that all was
// right.
#define _GNU_SOURCE
#include "stress.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    STEPS_OF_A_CHILD = 3000,
};

static struct
{
    // NULL: the C library has none. Constant after main has begun.
    void (*free_sized)(void *block, size_t size);
    void (*free_aligned_sized)(void *block, size_t alignment, size_t size);
    atomic_int forks_left;
} program;

// All three aligned forms; aligned_alloc may want a multiple of the alignment.
static void *allocate_aligned(size_t alignment, size_t size)
{
    void *block = NULL;
    if (alignment < sizeof(void *) || size % 3 == 1)
        return memalign(alignment, size);
    if (size % alignment == 0)
        return aligned_alloc(alignment, size);
    return posix_memalign(&block, alignment, size) == 0 ? block : NULL;
}

static void release_sized(void *block, size_t size, size_t alignment)
{
    if (alignment == 0 && program.free_sized)
        program.free_sized(block, size);
    else if (alignment != 0 && program.free_aligned_sized)
        program.free_aligned_sized(block, alignment, size);
    else
        free(block);
}

static void await(pid_t child)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    {
        fprintf(stderr, "allocator_stress: a forked child ended with wait status %d\n", status);
        abort();
    }
}

static void pause_for_a_fork(struct stress_thread *thread)
{
    malloc_trim(0);
    if (atomic_fetch_sub(&program.forks_left, 1) <= 0)
        return;
    pid_t child = fork();
    if (child == 0)
    {
        stress_work(thread, STEPS_OF_A_CHILD);
        stress_drain(thread);
        _exit(EXIT_SUCCESS);
    }
    await(child);
}

static void find(void *slot, const char *name)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(slot, &symbol, sizeof symbol);
}

static uint64_t number(char **argv, int at)
{
    return strtoull(argv[at], NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc != 5)
    {
        fputs("usage: allocator_stress SEED STEPS THREADS FORKS\n", stderr);
        return 2;
    }
    int forks = (int)number(argv, 4);
    struct stress_plan plan = {
        .family = {malloc, calloc, realloc, allocate_aligned, free, release_sized, malloc_usable_size},
        .seed = number(argv, 1),
        .steps = number(argv, 2),
        .threads = (unsigned)number(argv, 3),
        .pause = pause_for_a_fork,
    };
    plan.steps_between_pauses = plan.steps * plan.threads / (size_t)(forks + 1) + 1;
    atomic_init(&program.forks_left, forks);
    find(&program.free_sized, "free_sized");
    find(&program.free_aligned_sized, "free_aligned_sized");
    printf("seed %" PRIu64 ": %zu steps on %u threads, %d forks\n", plan.seed, plan.steps, plan.threads, forks);
    fflush(stdout);
    stress_run(&plan);
    puts("all contents were right");
    return EXIT_SUCCESS;
}
