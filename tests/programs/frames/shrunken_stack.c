// SPDX-License-Identifier: MIT
// A stack of the program's own, and then a smaller one in the lower part of the same memory, with frames at the same
// places. What was above is gone: a walk that remembers the first stack must not read there.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>

enum
{
    FRAMES = 32,
};

static jmp_buf here;
static char *stack;
static int levels;
static char *frame_places[FRAMES];
static void *volatile latest;

static __attribute__((noinline)) void recurse(int level)
{
    char local[4096 - 64];
    frame_places[level] = local;
    __asm__ volatile("" ::"r"(local) : "memory");
    if (level > 0)
        recurse(level - 1);
    else
        latest = malloc(100);
    __asm__ volatile("" ::: "memory");
}

// The outermost frame of the stack: there is no return address to its caller.
static __attribute__((noreturn)) void run(void)
{
    recurse(levels);
    longjmp(here, 1);
}

static __attribute__((noinline)) void run_on(size_t bytes)
{
    if (setjmp(here) == 0)
        __asm__ volatile("movq %0, %%rsp\n"
                         "pushq $0\n"
                         "jmp *%1" ::"r"(stack + bytes),
                         "r"(run)
                         : "memory");
}

int main(void)
{
    size_t stack_bytes = (size_t)(FRAMES + 2) * 8192;
    stack = mmap(NULL, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return 2;
    levels = FRAMES - 1;
    run_on(stack_bytes);
    size_t frame_bytes = (size_t)(frame_places[1] - frame_places[0]);
    char *place = frame_places[0];
    size_t lower_bytes = stack_bytes - FRAMES_GONE * frame_bytes;
    size_t pages_bytes = (lower_bytes + 4095) & ~(size_t)4095;
    munmap(stack + pages_bytes, stack_bytes - pages_bytes);
    levels = FRAMES - 1 - FRAMES_GONE;
    run_on(lower_bytes);
    return frame_places[0] == place ? 0 : 3;
}
