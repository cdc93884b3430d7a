// SPDX-License-Identifier: MIT
// `splitmerge`: every invariant after random work, merging, trimming, growth in place, what it tells of wrong frees.
#define _GNU_SOURCE
#include "cases.h"
#include "splitmerge_check.h"

#include "heap/backend.h"
#include "heap/misuse.h"
#include "heap/pages.h"
#include "heap/size_class.h"
#include "heap/splitmerge_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    PLACES = 300,
    STEPS = 60000,
    STEPS_BETWEEN_CHECKS = 200,
    THREAD_STEPS = 20000,
};

static const struct heap_backend *const heap = &heap_splitmerge;

struct place
{
    unsigned char *block;
    size_t size;
    unsigned char value;
};

static void forget_heap(void)
{
    for (uint32_t i = 0; i < splitmerge.region_count; i++)
        munmap(splitmerge.regions[i].begin, (size_t)(splitmerge.regions[i].end - splitmerge.regions[i].begin));
    memset(&splitmerge, 0, sizeof splitmerge);
}

// Each case begins with an empty heap.
static void open_heap(void)
{
    const struct heap_options options = {.kind = HEAP_SPLITMERGE};
    forget_heap();
    assert_ptr_equal(heap_open(&options), heap);
}

static void assert_sound(void)
{
    const char *fault = splitmerge_find_fault();
    if (fault)
        fail_msg("%s", fault);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static size_t random_size(uint32_t *random)
{
    uint32_t kind = next_random(random) % 16;
    size_t limit = kind < 8 ? 200 : kind < 14 ? 4000 : kind < 15 ? SIZE_CLASS_BYTES_MAX + 1 : 400000;
    return next_random(random) % limit;
}

static bool is_intact(const struct place *place, size_t size)
{
    for (size_t i = 0; i < size; i += i < 64 ? 1 : 61)
        if (place->block[i] != place->value)
            return false;
    return size == 0 || place->block[size - 1] == place->value;
}

static bool fill(struct place *place, struct heap_grant grant, size_t size, uint32_t random)
{
    place->block = grant.block;
    place->size = size;
    place->value = (unsigned char)random;
    if (!grant.block || heap_grant_usable(grant) < size || (uintptr_t)grant.block % 16 != 0 ||
        heap->usable_size(grant.block) != heap_grant_usable(grant))
        return false;
    memset(grant.block, place->value, size);
    return true;
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static bool allocate(struct place *place, uint32_t *random)
{
    size_t size = random_size(random);
    uint32_t choice = next_random(random);
    if (choice % 8 == 0)
    {
        struct heap_grant zeroed = heap->calloc(size / 8 + 1, 8);
        return zeroed.block && is_zero(zeroed.block, size / 8 * 8 + 8) && fill(place, zeroed, size, choice);
    }
    if (choice % 8 == 1)
    {
        size_t alignment = (size_t)16 << next_random(random) % 10;
        struct heap_grant aligned = heap->memalign(alignment, size);
        return (uintptr_t)aligned.block % alignment == 0 && fill(place, aligned, size, choice);
    }
    return fill(place, heap->malloc(size), size, choice);
}

// One step on one place; false: something was not as it must be.
static bool one_step(struct place *places, uint32_t *random)
{
    struct place *place = &places[next_random(random) % PLACES];
    if (!place->block)
        return allocate(place, random);
    if (!is_intact(place, place->size))
        return false;
    if (next_random(random) % 3 == 0)
    {
        size_t size = random_size(random) + 1;
        struct heap_grant resized = heap->realloc(place->block, size);
        if (!resized.block)
            return false;
        place->block = resized.block;
        return is_intact(place, size < place->size ? size : place->size) && fill(place, resized, size, *random);
    }
    bool is_misuse = heap->free(place->block);
    place->block = NULL;
    return !is_misuse;
}

static bool free_all(struct place *places)
{
    bool is_fine = true;
    for (int i = 0; i < PLACES; i++)
        is_fine &= !places[i].block || (is_intact(&places[i], places[i].size) && !heap->free(places[i].block));
    return is_fine;
}

static void every_invariant_holds_after_random_work(void **state)
{
    (void)state;
    open_heap();
    static struct place places[PLACES];
    uint32_t random = 20260105;
    for (int step = 0; step < STEPS; step++)
    {
        if (!one_step(places, &random))
            fail_msg("step %d went wrong", step);
        if (step % STEPS_BETWEEN_CHECKS == 0)
            assert_sound();
    }
    assert_true(free_all(places));
    assert_sound();
    assert_int_equal(splitmerge.free_chunks, 0);
    assert_ptr_equal(splitmerge.regions[0].top, splitmerge_first(&splitmerge.regions[0]));
}

static void *work(void *seed)
{
    struct place *places = calloc(PLACES, sizeof *places);
    uint32_t random = *(uint32_t *)seed;
    bool is_fine = true;
    for (int step = 0; step < THREAD_STEPS && is_fine; step++)
        is_fine = one_step(places, &random);
    is_fine = free_all(places) && is_fine;
    free(places);
    *(uint32_t *)seed = is_fine;
    return NULL;
}

static void threads_share_the_heap(void **state)
{
    (void)state;
    open_heap();
    uint32_t seeds[3] = {11, 22, 33};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, work, &seeds[i]);
    for (int i = 0; i < 3; i++)
    {
        pthread_join(threads[i], NULL);
        assert_int_equal(seeds[i], true);
    }
    assert_sound();
    assert_int_equal(splitmerge.free_chunks, 0);
}

static void *take(size_t size)
{
    void *block = heap->malloc(size).block;
    assert_non_null(block);
    return block;
}

static void the_hole_that_fits_best_is_taken(void **state)
{
    (void)state;
    open_heap();
    const size_t sizes[] = {3000, 1500, 1540, 1600, 1500, 90000};
    void *holes[6], *walls[6];
    for (int i = 0; i < 6; i++)
    {
        holes[i] = take(sizes[i]);
        walls[i] = take(24);
    }
    for (int i = 0; i < 6; i++)
        heap->free(holes[i]);
    assert_sound();
    assert_ptr_equal(take(1535), holes[2]);
    void *one = take(1500), *other = take(1500);
    assert_true((one == holes[1] && other == holes[4]) || (one == holes[4] && other == holes[1]));
    assert_ptr_equal(take(1590), holes[3]);
    assert_ptr_equal(take(60000), holes[5]);
    assert_sound();
    for (int i = 0; i < 6; i++)
        assert_false(heap->free(walls[i]));
    assert_sound();
}

static void freed_neighbours_become_one_hole(void **state)
{
    (void)state;
    open_heap();
    char *blocks[4];
    for (int i = 0; i < 4; i++)
        blocks[i] = take(1000);
    void *wall = take(24);
    heap->free(blocks[0]);
    heap->free(blocks[2]);
    heap->free(blocks[3]);
    assert_int_equal(splitmerge.free_chunks, 2);
    heap->free(blocks[1]);
    assert_int_equal(splitmerge.free_chunks, 1);
    assert_ptr_equal(take(4 * 1000), blocks[0]);
    heap->free(blocks[0]);
    heap->free(wall);
    assert_sound();
}

static void a_block_grows_and_shrinks_where_it_is(void **state)
{
    (void)state;
    open_heap();
    char *block = take(100), *neighbour = take(3000), *wall = take(24);
    heap->free(neighbour);
    assert_ptr_equal(heap->realloc(block, 2500).block, block);
    assert_sound();
    assert_ptr_equal(heap->realloc(block, 50).block, block);
    assert_int_equal(heap->usable_size(block), 56);
    assert_sound();
    assert_ptr_not_equal(heap->realloc(block, 5000).block, block);
    void *last = take(90000);
    assert_ptr_equal(heap->realloc(last, 130000).block, last);
    assert_sound();
    heap->free(wall);
}

static void memory_above_the_top_goes_back(void **state)
{
    (void)state;
    open_heap();
    enum
    {
        COUNT = 64,
        BYTES = 100000,
    };
    static unsigned char *blocks[COUNT];
    for (int i = 0; i < COUNT; i++)
        memset(blocks[i] = take(BYTES), 0xee, BYTES);
    struct splitmerge_region *region = &splitmerge.regions[0];
    char *committed = region->committed;
    assert_true(committed - region->top < 1 << 20);
    for (int i = 0; i < COUNT; i++)
        heap->free(blocks[i]);
    assert_true(committed - region->committed > COUNT * BYTES * 3 / 4);
    assert_sound();
    heap->trim(0);
    assert_true(region->committed - region->top < 4096);
    unsigned char *block = heap->calloc(3, BYTES / 3).block;
    assert_true(is_zero(block, BYTES / 3 * 3));
    assert_sound();
    heap->free(block);
}

static void assert_told(bool is_misuse, enum heap_misuse_kind kind, const void *address)
{
    struct heap_misuse misuse;
    assert_true(is_misuse);
    assert_true(heap_misuse_take(&misuse));
    assert_int_equal(misuse.kind, kind);
    assert_ptr_equal(misuse.address, address);
}

static void wrong_frees_are_told_and_change_nothing(void **state)
{
    (void)state;
    open_heap();
    char *before = take(500), *block = take(500), *after = take(500), *wall = take(24), *large = take(500000);
    int local;
    memset(block, 0xff, 500);
    assert_told(heap->free(block + 16), HEAP_MISUSE_MISALIGNED_FREE, block + 16);
    memset(block, 0, 500);
    assert_told(heap->free(block + 16), HEAP_MISUSE_MISALIGNED_FREE, block + 16);
    assert_told(heap->free(block + 3), HEAP_MISUSE_MISALIGNED_FREE, block + 3);
    assert_told(heap->free(&local), HEAP_MISUSE_INVALID_FREE, &local);
    assert_told(heap->free(splitmerge.regions[0].end - 64), HEAP_MISUSE_INVALID_FREE, splitmerge.regions[0].end - 64);
    assert_told(heap->free(splitmerge.regions[0].begin), HEAP_MISUSE_INVALID_FREE, splitmerge.regions[0].begin);
    assert_told(heap->free(large + 4096), HEAP_MISUSE_MISALIGNED_FREE, large + 4096);
    assert_false(heap->free(large));
    assert_told(heap->free(large), HEAP_MISUSE_DOUBLE_FREE, large);
    assert_false(heap->free(block));
    assert_told(heap->free(block), HEAP_MISUSE_DOUBLE_FREE, block);
    assert_false(heap->free(before));
    assert_false(heap->free(after));
    assert_told(heap->free(block), HEAP_MISUSE_DOUBLE_FREE, block);
    assert_told(heap->free(after), HEAP_MISUSE_DOUBLE_FREE, after);
    assert_int_equal(heap->usable_size(block), 0);
    struct heap_grant refused = heap->realloc(block, 10);
    assert_null(refused.block);
    assert_told(refused.about & HEAP_GRANT_MISUSE, HEAP_MISUSE_DOUBLE_FREE, block);
    assert_sound();
    assert_false(heap->free(wall));
    assert_told(heap->free(wall), HEAP_MISUSE_DOUBLE_FREE, wall);
    assert_sound();
}

static void a_freed_size_must_fit_the_block(void **state)
{
    (void)state;
    open_heap();
    char *block = take(100);
    assert_told(heap->free_sized(block, 113, 0), HEAP_MISUSE_WRONG_SIZE, block);
    assert_told(heap->free(block), HEAP_MISUSE_DOUBLE_FREE, block);
    assert_false(heap->free_sized(take(100), 100, 0));
    assert_false(heap->free_sized(NULL, 100, 0));
    assert_false(heap->free_sized(take(300000), 300000, 0));
}

static void absurd_sizes_are_told(void **state)
{
    (void)state;
    open_heap();
    char *block = take(10);
    errno = 0;
    assert_told(heap->malloc(SIZE_MAX).about & HEAP_GRANT_MISUSE, HEAP_MISUSE_ABSURD_SIZE, NULL);
    assert_told(heap->calloc(SIZE_MAX / 2, 3).about & HEAP_GRANT_MISUSE, HEAP_MISUSE_ABSURD_SIZE, NULL);
    assert_told(heap->realloc(block, (size_t)PTRDIFF_MAX + 1).about & HEAP_GRANT_MISUSE, HEAP_MISUSE_ABSURD_SIZE, NULL);
    assert_int_equal(errno, ENOMEM);
    assert_false(heap->free(block));
}

static size_t told_committed, told_zones;

static void count_zone(const struct heap_zone *zone)
{
    assert_int_equal(zone->role, HEAP_ROLE_CHUNKS);
    assert_int_equal(zone->class_id, HEAP_NO_CLASS);
    told_zones++;
}

static void count_committed(const void *address, size_t bytes)
{
    (void)address;
    told_committed += bytes;
}

static void count_returned(const void *address, size_t bytes)
{
    (void)address;
    told_committed -= bytes;
}

static void what_the_observer_is_told_adds_up(void **state)
{
    (void)state;
    open_heap();
    static const struct heap_observer observer = {
        .zone = count_zone, .committed = count_committed, .returned = count_returned};
    heap->describe(&observer);
    heap_observe(&observer);
    void *blocks[50];
    for (int i = 0; i < 50; i++)
        blocks[i] = take(100000);
    for (int i = 0; i < 50; i++)
        heap->free(blocks[i]);
    heap->trim(0);
    heap_observe(NULL);
    assert_int_equal(told_zones, splitmerge.region_count);
    assert_int_equal(told_committed, splitmerge.regions[0].committed - splitmerge.regions[0].begin);
    assert_int_equal(told_committed, heap->mallinfo2().arena);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW true // a sanitizer's shadow alone is beyond any limit of address space
#else
#define HAS_SHADOW false
#endif

// Opened under a limit of 512 MiB, of which nearly all must end up in blocks.
static bool uses_a_limit_up(void)
{
    struct rlimit limit = {(size_t)512 << 20, (size_t)512 << 20};
    const struct heap_options options = {.kind = HEAP_SPLITMERGE};
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return false;
    size_t left = pages_space_left(), got = 0;
    if (heap_open(&options) != heap)
        return false;
    for (unsigned char *block; (block = heap->malloc(1000).block); got += 1000)
        *block = 1;
    return errno == ENOMEM && splitmerge.region_count > 1 && got > left / 10 * 9 && !splitmerge_find_fault();
}

// Pages that the kernel refuses are no reason to reserve address space.
static bool stays_in_one_region(void)
{
    struct rlimit limit = {(size_t)256 << 20, (size_t)256 << 20};
    const struct heap_options options = {.kind = HEAP_SPLITMERGE};
    if (heap_open(&options) != heap || setrlimit(RLIMIT_DATA, &limit) != 0)
        return false;
    while (heap->malloc(10000).block)
        ;
    return errno == ENOMEM && splitmerge.region_count == 1 && !splitmerge_find_fault();
}

static void assert_in_child(bool (*passes)(void))
{
    if (HAS_SHADOW)
        skip();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
    {
        forget_heap();
        _exit(passes() ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_limit_of_address_space_is_used_up_by_more_regions(void **state)
{
    (void)state;
    assert_in_child(uses_a_limit_up);
}

static void a_limit_of_memory_reserves_nothing(void **state)
{
    (void)state;
    assert_in_child(stays_in_one_region);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_invariant_holds_after_random_work),
        cmocka_unit_test(threads_share_the_heap),
        cmocka_unit_test(the_hole_that_fits_best_is_taken),
        cmocka_unit_test(freed_neighbours_become_one_hole),
        cmocka_unit_test(a_block_grows_and_shrinks_where_it_is),
        cmocka_unit_test(memory_above_the_top_goes_back),
        cmocka_unit_test(wrong_frees_are_told_and_change_nothing),
        cmocka_unit_test(a_freed_size_must_fit_the_block),
        cmocka_unit_test(absurd_sizes_are_told),
        cmocka_unit_test(what_the_observer_is_told_adds_up),
        cmocka_unit_test(a_limit_of_address_space_is_used_up_by_more_regions),
        cmocka_unit_test(a_limit_of_memory_reserves_nothing),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
