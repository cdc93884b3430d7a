// SPDX-License-Identifier: MIT
// The laws of `bump`: memory is bounded by the peaks of the classes, what succeeded once needs no fresh memory the
// second time, what one class has no other one gets, and who comes back first. A process opens one allocator, so a case
// must be named.
#include "cases.h"

#include "heap/size_class.h"
#include "opened_heap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum
{
    BLOCKS = 4000,
    ROUNDS = 30,
    EVENTS = 200000,
    EVENTS_BETWEEN_LOOKS = 20000,
    POOL = 1000,
    THREADS = 4,
    HELD = 50, // by each thread
    TURNS = 20000,
};

struct block
{
    void *address;
    size_t size;
};

static struct block blocks[BLOCKS];

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

static size_t random_size(uint64_t *seed)
{
    return 1 + next_random(seed) % ((size_t)16 << next_random(seed) % 10);
}

// S1: frees a random half, and asks for the same sizes in another order.
static size_t free_half_and_ask_again(uint64_t *seed)
{
    static size_t freed[BLOCKS];
    static size_t holes[BLOCKS];
    size_t count = 0;
    for (size_t i = 0; i < BLOCKS; i++)
    {
        if (next_random(seed) % 2 == 0)
            continue;
        release(blocks[i].address);
        freed[count] = blocks[i].size;
        holes[count++] = i;
    }
    for (size_t i = count; i > 0; i--)
    {
        size_t drawn = next_random(seed) % i;
        size_t size = freed[drawn];
        freed[drawn] = freed[i - 1];
        blocks[holes[i - 1]] = (struct block){allocate(size), size};
    }
    return count;
}

static void check_no_fresh_memory(const char *spec)
{
    uint64_t seed = 1;
    open_heap(spec);
    for (size_t i = 0; i < BLOCKS; i++)
    {
        size_t size = random_size(&seed);
        blocks[i] = (struct block){allocate(size), size};
    }
    size_t carved = carved_bytes();
    for (int round = 0; round < ROUNDS; round++)
    {
        assert_true(free_half_and_ask_again(&seed) > BLOCKS / 4);
        assert_int_equal(carved_bytes(), carved);
    }
}

static void lifo_needs_no_fresh_memory_for_the_same_sizes_again(void **state)
{
    (void)state;
    check_no_fresh_memory("bump:lifo");
}

static void fifo_needs_no_fresh_memory_for_the_same_sizes_again(void **state)
{
    (void)state;
    check_no_fresh_memory("bump:fifo");
}

struct counts
{
    uint32_t live[SIZE_CLASS_COUNT];
    uint32_t peak[SIZE_CLASS_COUNT];
    uint32_t carved[SIZE_CLASS_COUNT];
};

static void check_books(const struct counts *counts)
{
    struct opened_class classes[OPENED_CLASSES_MAX];
    assert_true(look_at_classes(classes) >= SIZE_CLASS_COUNT);
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        assert_int_equal(classes[i].about.slot_bytes, size_class_bytes[i]);
        assert_int_equal(classes[i].census.carved, counts->peak[i]);
        assert_int_equal(classes[i].census.used, counts->live[i]);
        assert_int_equal(classes[i].census.quarantined, 0);
    }
}

static void count_event(struct counts *counts, struct block *block, uint64_t *seed)
{
    if (block->address)
    {
        release(block->address);
        counts->live[size_class_of(block->size)]--;
        block->address = NULL;
        return;
    }
    block->size = random_size(seed);
    uint32_t class_id = size_class_of(block->size);
    struct heap_grant grant = heap->malloc(block->size);
    block->address = grant.block;
    counts->carved[class_id] += grant.about & HEAP_GRANT_CARVED ? 1 : 0;
    if (++counts->live[class_id] > counts->peak[class_id])
        counts->peak[class_id] = counts->live[class_id];
    assert_int_equal(counts->carved[class_id], counts->peak[class_id]);
}

// S2, at every event, and B <= H at the end.
static void check_carved_is_peak(const char *spec)
{
    static struct counts counts;
    uint64_t seed = 2;
    open_heap(spec);
    size_t carved_before = carved_bytes();
    for (size_t event = 0; event < EVENTS; event++)
    {
        count_event(&counts, &blocks[next_random(&seed) % BLOCKS], &seed);
        if (event % EVENTS_BETWEEN_LOOKS == 0)
            check_books(&counts);
    }
    size_t bound = 0;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
        bound += (size_t)counts.peak[i] * size_class_bytes[i];
    assert_int_equal(carved_bytes() - carved_before, bound);
}

static void lifo_carves_as_many_slots_as_the_peak(void **state)
{
    (void)state;
    check_carved_is_peak("bump:lifo");
}

static void fifo_carves_as_many_slots_as_the_peak(void **state)
{
    (void)state;
    check_carved_is_peak("bump:fifo");
}

static pthread_barrier_t all_hold;

// Its live blocks are HELD once, and never more.
static void *hold_and_replace(void *context)
{
    void **held = context;
    uint64_t seed = (uintptr_t)context;
    for (size_t i = 0; i < HELD; i++)
        held[i] = heap->malloc(48).block;
    pthread_barrier_wait(&all_hold);
    for (int turn = 0; turn < TURNS; turn++)
    {
        size_t i = next_random(&seed) % HELD;
        heap->free(held[i]);
        held[i] = heap->malloc(48).block;
        memset(held[i], turn, 48);
    }
    return NULL;
}

// S2': a block counts as live until its free has returned.
static void check_carved_with_threads(const char *spec)
{
    static void *held[THREADS][HELD];
    pthread_t threads[THREADS];
    open_heap(spec);
    pthread_barrier_init(&all_hold, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_replace, held[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct heap_census census = census_of(48);
    assert_int_equal(census.used, THREADS * HELD);
    assert_in_range(census.carved, THREADS * HELD, THREADS * HELD + THREADS - 1);
}

static void lifo_carves_one_less_than_threads_over_the_peak_at_most(void **state)
{
    (void)state;
    check_carved_with_threads("bump:lifo");
}

static void fifo_carves_one_less_than_threads_over_the_peak_at_most(void **state)
{
    (void)state;
    check_carved_with_threads("bump:fifo");
}

// S3
static void what_one_class_has_no_other_one_gets(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i].address = allocate(56);
    for (size_t i = 0; i < BLOCKS; i++)
        release(blocks[i].address);
    size_t carved = carved_bytes();
    for (size_t i = 0; i < POOL; i++)
        allocate(4000);
    assert_int_equal(carved_bytes(), carved + POOL * 4096);
}

// S5: how many times malloc is called until a freed block comes back, POOL blocks being free.
static size_t reuse_distance(const char *spec)
{
    open_heap(spec);
    for (size_t i = 0; i < POOL; i++)
        blocks[i].address = allocate(56);
    for (size_t i = 0; i < POOL; i++)
        release(blocks[i].address);
    void *wanted = allocate(56);
    release(wanted);
    for (size_t distance = 1; distance <= 2 * POOL; distance++)
    {
        void *block = allocate(56);
        if (block == wanted)
            return distance;
        release(block);
    }
    return 0;
}

static void lifo_gives_the_last_freed_block_first(void **state)
{
    (void)state;
    assert_int_equal(reuse_distance("bump:lifo"), 1);
}

static void fifo_gives_the_last_freed_block_last(void **state)
{
    (void)state;
    assert_int_equal(reuse_distance("bump:fifo"), POOL);
}

static void none_never_gives_a_block_again(void **state)
{
    (void)state;
    assert_int_equal(reuse_distance("bump:none"), 0);
    struct heap_census census = census_of(64);
    assert_int_equal(census.carved, POOL + 1 + 2 * POOL);
    assert_int_equal(census.used, 0);
}

// S4, for this design: what is carved is what is asked for, rounded to slots.
static void one_block_of_each_class_takes_the_sum_of_the_slots(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    size_t carved = carved_bytes();
    size_t sum = 0;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        allocate(size_class_bytes[i]);
        sum += size_class_bytes[i];
    }
    assert_int_equal(carved_bytes() - carved, sum);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lifo_needs_no_fresh_memory_for_the_same_sizes_again),
        cmocka_unit_test(fifo_needs_no_fresh_memory_for_the_same_sizes_again),
        cmocka_unit_test(lifo_carves_as_many_slots_as_the_peak),
        cmocka_unit_test(fifo_carves_as_many_slots_as_the_peak),
        cmocka_unit_test(lifo_carves_one_less_than_threads_over_the_peak_at_most),
        cmocka_unit_test(fifo_carves_one_less_than_threads_over_the_peak_at_most),
        cmocka_unit_test(what_one_class_has_no_other_one_gets),
        cmocka_unit_test(lifo_gives_the_last_freed_block_first),
        cmocka_unit_test(fifo_gives_the_last_freed_block_last),
        cmocka_unit_test(none_never_gives_a_block_again),
        cmocka_unit_test(one_block_of_each_class_takes_the_sum_of_the_slots),
    };
    if (argument_count != 2)
        return 2;
    return RUN_CASES(argument_count, arguments, tests);
}
