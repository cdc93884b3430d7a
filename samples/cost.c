// SPDX-License-Identifier: MIT
// S16, the cost of an operation is constant: cycles of the time-stamp counter for each of 400 000 calls of malloc and
// free, with 10 000 live blocks of 16 bytes to 2 KiB that are replaced at random.
// Watch: median, 999th of a thousand, and maximum of each. The maximum is the machine's as much as the allocator's:
// interrupts and page faults are in it.
// Expect: bump and zoned a flat line, with pages faulted in at first use. Searching and merging shows as a wide tail.
#include "sample.h"

#include <x86intrin.h>

enum
{
    LIVE = 10000,
    CALLS = 400000,
};

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, uint32_t *cycles)
{
    char name[64];
    qsort(cycles, CALLS, sizeof *cycles, compare);
    snprintf(name, sizeof name, "%s_median_cycles", what);
    sample_figure(name, cycles[CALLS / 2]);
    snprintf(name, sizeof name, "%s_p999_cycles", what);
    sample_figure(name, cycles[CALLS / 1000 * 999]);
    snprintf(name, sizeof name, "%s_max_cycles", what);
    sample_figure(name, cycles[CALLS - 1]);
}

int main(void)
{
    unsigned processor;
    sample_begin();
    void **blocks = sample_memory(LIVE * sizeof *blocks);
    uint32_t *of_malloc = sample_memory(CALLS * sizeof *of_malloc);
    uint32_t *of_free = sample_memory(CALLS * sizeof *of_free);
    memset(of_malloc, 1, CALLS * sizeof *of_malloc); // faults of our own pages are not to be measured
    memset(of_free, 1, CALLS * sizeof *of_free);
    for (size_t i = 0; i < CALLS; i++)
    {
        size_t at = sample_below(LIVE);
        size_t bytes = (size_t)16 << sample_below(7);
        bytes += sample_below(bytes);
        uint64_t begin = __rdtscp(&processor);
        free(blocks[at]);
        uint64_t middle = __rdtscp(&processor);
        blocks[at] = malloc(bytes);
        uint64_t end = __rdtscp(&processor);
        of_free[i] = (uint32_t)(middle - begin);
        of_malloc[i] = (uint32_t)(end - middle);
        sample_touch(blocks[at], bytes);
    }
    print("malloc", of_malloc);
    print("free", of_free);
}
