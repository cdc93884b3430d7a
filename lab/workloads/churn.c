// SPDX-License-Identifier: MIT
// Random replacement in a set of live blocks by one thread. An operation is a free and an allocation.
#include "lab/workloads/blocks.h"
#include "lab/workloads/clock.h"

#define ALIGNMENTS 9 // 16 bytes to a page
#define SEED 1

static void replace_one_aligned(struct blocks *blocks)
{
    char **block = &blocks->held[random_below(&blocks->random, blocks->count)];
    size_t alignment = (size_t)16 << random_below(&blocks->random, ALIGNMENTS);
    size_t size = blocks_draw_size(blocks);
    void *fresh = NULL;
    free(*block);
    if (posix_memalign(&fresh, alignment, size) != 0)
        fresh = NULL;
    *block = block_touch(fresh, size);
}

static void finish(const struct workload *workload, uint64_t begin_ns, const struct blocks *blocks,
                   struct workload_result *result)
{
    result->ns = clock_cpu_ns() - begin_ns;
    result->operations = workload->operations;
    result->live_bytes = blocks_live_bytes(blocks);
    result->resident_bytes = blocks_resident_bytes();
}

void workload_churn(const struct workload *workload, struct workload_result *result)
{
    struct blocks blocks;
    blocks_init(&blocks, workload->live, workload->sizes, SEED);
    blocks_fill(&blocks);
    blocks_stir(&blocks);
    uint64_t begin_ns = clock_cpu_ns();
    for (uint64_t i = 0; i < workload->operations; i++)
        blocks_replace_one(&blocks);
    finish(workload, begin_ns, &blocks, result);
}

void workload_aligned(const struct workload *workload, struct workload_result *result)
{
    struct blocks blocks;
    blocks_init(&blocks, workload->live, workload->sizes, SEED);
    for (size_t i = 0; i < 4 * workload->live; i++)
        replace_one_aligned(&blocks);
    uint64_t begin_ns = clock_cpu_ns();
    for (uint64_t i = 0; i < workload->operations; i++)
        replace_one_aligned(&blocks);
    finish(workload, begin_ns, &blocks, result);
}

void workload_pairs(const struct workload *workload, struct workload_result *result)
{
    struct blocks blocks;
    blocks_init(&blocks, workload->live, workload->sizes, SEED);
    blocks_fill(&blocks);
    blocks_stir(&blocks);
    uint64_t begin_ns = clock_cpu_ns();
    for (uint64_t i = 0; i < workload->operations; i++)
        free(block_allocate(blocks_draw_size(&blocks)));
    finish(workload, begin_ns, &blocks, result);
}
