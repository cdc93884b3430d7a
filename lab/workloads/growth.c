// SPDX-License-Identifier: MIT
// Vectors that grow by half, side by side, until they are full and begin anew. An operation is a realloc, or a free
// with a malloc.
#include "lab/workloads/blocks.h"
#include "lab/workloads/clock.h"

#define SEED 2

static void grow_one(struct blocks *vectors)
{
    char **vector = &vectors->held[random_below(&vectors->random, vectors->count)];
    size_t size = *(const uint64_t *)(const void *)*vector;
    size_t grown = size + size / 2;
    if (grown <= vectors->sizes.max)
    {
        *vector = block_touch(realloc(*vector, grown), grown);
        return;
    }
    free(*vector);
    *vector = block_allocate(vectors->sizes.min);
}

void workload_growth(const struct workload *workload, struct workload_result *result)
{
    struct blocks vectors;
    blocks_init(&vectors, workload->live, workload->sizes, SEED);
    for (size_t i = 0; i < workload->live; i++)
        vectors.held[i] = block_allocate(workload->sizes.min);
    for (size_t i = 0; i < 16 * workload->live; i++)
        grow_one(&vectors);
    uint64_t begin_ns = clock_cpu_ns();
    for (uint64_t i = 0; i < workload->operations; i++)
        grow_one(&vectors);
    result->ns = clock_cpu_ns() - begin_ns;
    result->operations = workload->operations;
    result->live_bytes = blocks_live_bytes(&vectors);
    result->resident_bytes = blocks_resident_bytes();
}
