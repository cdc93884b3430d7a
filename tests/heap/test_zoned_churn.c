// SPDX-License-Identifier: MIT
// `zoned` as an allocator: where slots come from, what goes back to the kernel, quarantine, what observers are told,
// and that the books agree after anything a program can do, be it overwriting all of its memory.
#define _GNU_SOURCE
#include "cases.h"
#include "zoned_check.h"
#include "zoned_child.h"

#include "heap/zoned_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    LIVE = 3000,
    ROUNDS = 60000,
    SIZE_MAX_IN_CHURN = 200000, // some are large blocks
    THREADS = 4,
};

static uint64_t next_random(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *random >> 33;
}

// Small ones mostly.
static size_t random_size(uint64_t *random)
{
    return next_random(random) % SIZE_MAX_IN_CHURN >> next_random(random) % 16;
}

struct block
{
    unsigned char *bytes;
    size_t size;
    unsigned char value;
};

static void fill(struct block *block, uint64_t *random)
{
    block->value = (unsigned char)next_random(random);
    memset(block->bytes, block->value, block->size);
}

static void replace(struct block *block, uint64_t *random)
{
    EXPECT(is_all(block->bytes, block->size, block->value));
    give(block->bytes);
    block->size = random_size(random);
    bool is_zeroed = next_random(random) % 4 == 0;
    block->bytes = is_zeroed ? heap_zoned.calloc(1, block->size).block : take(block->size);
    EXPECT(block->bytes && (!is_zeroed || is_all(block->bytes, block->size, 0)));
    fill(block, random);
}

static void resize(struct block *block, uint64_t *random)
{
    size_t size = 1 + random_size(random);
    block->bytes = heap_zoned.realloc(block->bytes, size).block;
    EXPECT(block->bytes && is_all(block->bytes, size < block->size ? size : block->size, block->value));
    block->size = size;
    fill(block, random);
}

static void churn(uint64_t seed, uint32_t rounds)
{
    static __thread struct block blocks[LIVE];
    uint64_t random = seed;
    for (uint32_t i = 0; i < LIVE; i++)
        blocks[i] = (struct block){.bytes = take(0)};
    for (uint32_t round = 0; round < rounds; round++)
    {
        struct block *block = &blocks[next_random(&random) % LIVE];
        (next_random(&random) % 8 ? replace : resize)(block, &random);
    }
    for (uint32_t i = 0; i < LIVE; i++)
        give(blocks[i].bytes);
}

static void churn_and_check(void)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
    {
        churn(seed, ROUNDS / 6);
        const char *complaint = zoned_check();
        EXPECT(complaint == NULL);
    }
}

static void books_agree_after_random_calls(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, churn_and_check);
    run_in_zoned_child("guards=on", 0, churn_and_check);
    run_in_zoned_child("quarantine=fifo,canary=on,fill=on", 0, churn_and_check);
    run_in_zoned_child("quarantine=random,quarantine-bytes=4K,guards=on,fill=on", 0, churn_and_check);
}

static void books_agree_where_zones_are_tiny(void **state)
{
    (void)state;
    run_in_zoned_child("zone-bytes=1", 0, churn_and_check);
    run_in_zoned_child("zone-bytes=1,guards=on,quarantine=fifo", 0, churn_and_check);
}

static void *churn_in_thread(void *seed)
{
    churn((uint64_t)(uintptr_t)seed, ROUNDS / 8);
    return NULL;
}

static void churn_in_threads(void)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, churn_in_thread, (void *)(i + 1)) == 0);
    for (uint32_t i = 0; i < THREADS; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
}

static void threads_share_classes(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, churn_in_threads);
    run_in_zoned_child("zone-bytes=1,quarantine=random,canary=on", 0, churn_in_threads);
}

static void fork_while_threads_allocate(void)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, churn_in_thread, (void *)(i + 1)) == 0);
    for (uint64_t i = 0; i < 20; i++)
    {
        heap_zoned.fork_prepare();
        pid_t child = fork();
        if (child != 0)
            heap_zoned.fork_parent();
        else
        {
            heap_zoned.fork_child();
            const char *complaint = zoned_check();
            EXPECT(complaint == NULL);
            give(take(100));
            _exit(0);
        }
        int status;
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
}

static void a_child_forked_amid_threads_allocates(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, fork_while_threads_allocate);
}

// Live and free slots, tails, and slabs that are committed ahead.
static void scribble_over_everything(void)
{
    for (uint32_t i = 0; i < zoned_root.shared->zone_count; i++)
    {
        const struct zoned_zone *zone = &zoned_root.zones[i];
        for (uint32_t slab = 0; slab < zone->writable; slab++)
            if (slab >= zone->frontier || zoned_slab_of(zone, slab)->has_pages)
                memset((void *)zoned_slab_address(zone, slab), 0xff, zoned_shapes[zone->class_id].slab_bytes);
    }
}

static int compare_addresses(const void *a, const void *b)
{
    uintptr_t first = *(const uintptr_t *)a;
    uintptr_t second = *(const uintptr_t *)b;
    return (first > second) - (first < second);
}

static void expect_apart(void **blocks, size_t count, size_t size)
{
    qsort(blocks, count, sizeof *blocks, compare_addresses);
    for (size_t i = 1; i < count; i++)
        EXPECT((uintptr_t)blocks[i] - (uintptr_t)blocks[i - 1] >= size);
}

static void allocate_after_scribbling(void)
{
    static void *blocks[LIVE];
    const size_t size = 200;
    for (size_t i = 0; i < LIVE; i++)
        blocks[i] = take(size);
    for (size_t i = 0; i < LIVE; i += 2)
        give(blocks[i]);
    scribble_over_everything();
    EXPECT(zoned_check() == NULL);
    for (size_t i = 0; i < LIVE; i += 2)
        blocks[i] = take(size);
    expect_apart(blocks, LIVE, size);
    scribble_over_everything();
    for (size_t i = 0; i < LIVE; i++)
        give(blocks[i]);
    EXPECT(zoned_check() == NULL);
    churn(5, ROUNDS / 10); // would find contents of one block in another
}

static void books_outlive_a_program_that_overwrites_all_its_memory(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, allocate_after_scribbling);
    run_in_zoned_child("guards=on,quarantine=random", 0, allocate_after_scribbling);
    run_in_zoned_child("zone-bytes=1", 0, allocate_after_scribbling);
}

static void expect_reports_after_scribbling(void)
{
    void *live = take(200);
    void *freed = take(200);
    give(freed);
    scribble_over_everything();
    EXPECT(heap_zoned.malloc(200).block == freed);
    expect_misuse(HEAP_MISUSE_WRITE_AFTER_FREE, freed, 0, 224);
    EXPECT(heap_zoned.free(live));
    expect_misuse(HEAP_MISUSE_OVERFLOW, live, 216, 224);
    EXPECT(heap_zoned.malloc(16).block); // a slot that was never used
    expect_no_misuse();                  // its slab had no pages yet
}

static void overwriting_all_memory_is_told_with_fill_and_canary(void **state)
{
    (void)state;
    run_in_zoned_child("fill=on,canary=on", 0, expect_reports_after_scribbling);
}

static void expect_fault(volatile char *at)
{
    pid_t child = fork();
    if (child == 0)
    {
        *at = 1;
        _exit(0);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void fault_beside_the_books_and_in_the_root(void)
{
    expect_fault((volatile char *)zoned_root.books + PAGES_BYTES - 1);
    expect_fault((volatile char *)&zoned_root.canary_bytes);
}

static void books_lie_between_inaccessible_pages_and_the_root_is_read_only(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, fault_beside_the_books_and_in_the_root);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_agree_after_random_calls),
        cmocka_unit_test(books_agree_where_zones_are_tiny),
        cmocka_unit_test(threads_share_classes),
        cmocka_unit_test(a_child_forked_amid_threads_allocates),
        cmocka_unit_test(books_outlive_a_program_that_overwrites_all_its_memory),
        cmocka_unit_test(overwriting_all_memory_is_told_with_fill_and_canary),
        cmocka_unit_test(books_lie_between_inaccessible_pages_and_the_root_is_read_only),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
