// SPDX-License-Identifier: MIT
// Where slots of `zoned` come from, how long quarantine keeps them, what goes back to the kernel and what observers are
// told of it.
#include "cases.h"
#include "zoned_check.h"
#include "zoned_child.h"

#include "heap/zoned_internal.h"

#include <string.h>

enum
{
    LIVE = 3000,
};

// As many frees of other blocks as the quarantine holds, and not one less, until the first is used again.
static void count_frees_until_reuse(uint32_t capacity, uint32_t least, uint32_t most)
{
    void *first = take(1024);
    void *spare[256];
    for (uint32_t i = 0; i < 256; i++)
        spare[i] = take(1024);
    give(first);
    uint32_t frees = 0;
    for (; frees < 256; frees++)
    {
        void *block = take(1024);
        if (block == first)
            break;
        give(spare[frees]);
    }
    EXPECT(capacity <= 256 && frees >= least && frees <= most);
}

static void expect_16_in_line(void)
{
    count_frees_until_reuse(16, 16, 16);
}

static void expect_1_in_line(void)
{
    count_frees_until_reuse(1, 1, 1);
}

static void a_fifo_quarantine_holds_a_slot_for_exactly_its_length(void **state)
{
    (void)state;
    run_in_zoned_child("quarantine=fifo,quarantine-bytes=16K", 0, expect_16_in_line);
    run_in_zoned_child("quarantine=fifo,quarantine-bytes=1", 0, expect_1_in_line);
}

// At least the ring's length and one swap; and no slot stays longer than chance has it (1/8 a free: 2^-47 beyond 250).
static void expect_16_at_random(void)
{
    count_frees_until_reuse(16, 9, 250);
}

static void a_random_quarantine_holds_a_slot_for_its_ring_at_least(void **state)
{
    (void)state;
    run_in_zoned_child("quarantine=random,quarantine-bytes=16K", 0, expect_16_at_random);
}

// What an observer is told, summed up.
static struct told
{
    uint32_t classes;
    uint32_t zones;
    size_t committed_slots;
    size_t returned;
    struct heap_census census[SIZE_CLASS_COUNT];
} told;

static bool is_in_zone_of(const void *address, uint32_t class_id)
{
    return (uintptr_t)address - zoned_root.zones[class_id].address < zoned_root.zones[class_id].bytes;
}

static void on_class(const struct heap_class *about)
{
    EXPECT(about->class_id == told.classes++ && !about->is_aligned);
    EXPECT(about->slot_bytes == size_class_bytes[about->class_id]);
    EXPECT(about->usable_bytes == about->slot_bytes - zoned_root.canary_bytes);
}

static void on_zone(const struct heap_zone *about)
{
    told.zones++;
    EXPECT(about->bytes > 0 && (about->role == HEAP_ROLE_METADATA || about->class_id < SIZE_CLASS_COUNT));
}

static void on_committed(const void *address, size_t bytes)
{
    if ((uintptr_t)address - zoned_root.main_address < zoned_root.main_bytes)
        told.committed_slots += bytes;
}

static void on_returned(const void *address, size_t bytes)
{
    EXPECT(is_in_zone_of(address, size_class_of(1000)));
    told.returned += bytes;
}

static void on_census(const struct heap_census *about)
{
    told.census[about->class_id] = *about;
}

static const struct heap_observer observer = {on_class, on_zone, on_committed, on_returned, on_census};

static void watch_a_class_come_and_go(void)
{
    static void *blocks[LIVE];
    size_t slab_bytes = zoned_shapes[size_class_of(1000)].slab_bytes;
    heap_observe(&observer);
    for (size_t i = 0; i < LIVE; i++)
    {
        struct heap_grant grant = heap_zoned.malloc(1000);
        EXPECT(grant.about & HEAP_GRANT_CARVED);
        blocks[i] = memset(grant.block, 1, 1000);
    }
    size_t committed = told.committed_slots;
    EXPECT(committed >= LIVE * (size_t)1024 && committed < LIVE * (size_t)1024 + 65536 + slab_bytes);
    EXPECT(heap_zoned.mallinfo2().uordblks == LIVE * (size_t)1024);
    for (size_t i = 0; i < LIVE; i++)
        give(blocks[i]);
    EXPECT(told.returned + ZONED_EMPTY_BYTES_MAX >= LIVE * (size_t)1024);
    EXPECT(heap_zoned.mallinfo2().keepcost <= ZONED_EMPTY_BYTES_MAX);
    EXPECT(heap_zoned.trim(0) == 1);
    EXPECT(heap_zoned.trim(0) == 0); // nothing is left to return
    EXPECT(told.returned % slab_bytes == 0 && heap_zoned.mallinfo2().arena == 0);
    EXPECT(zoned_check() == NULL); // looks whether the pages are gone
    for (size_t i = 0; i < LIVE; i++)
    {
        struct heap_grant grant = heap_zoned.calloc(1, 1000);
        EXPECT((grant.about & HEAP_GRANT_CARVED) == 0 && is_all(grant.block, 1000, 0));
    }
    EXPECT(told.committed_slots - committed == told.returned); // told again
}

static void pages_of_empty_slabs_go_back_and_come_again_as_zeros(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, watch_a_class_come_and_go);
}

static void describe_and_count(void)
{
    void *blocks[100];
    for (size_t i = 0; i < 100; i++)
        blocks[i] = take(300);
    for (size_t i = 0; i < 30; i++)
        give(blocks[i]);
    heap_zoned.census(&observer);
    const struct heap_census *census = &told.census[size_class_of(300 + zoned_root.canary_bytes)];
    EXPECT(census->carved == 100 && census->used == 70);
    EXPECT(census->quarantined == (zoned_root.has_quarantine ? 30 : 0));
    heap_zoned.describe(&observer);
    EXPECT(told.classes == SIZE_CLASS_COUNT && told.zones == SIZE_CLASS_COUNT + 1);
    EXPECT(told.committed_slots >= 100 * (size_t)320);
}

static void everything_is_told_to_who_asks(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, describe_and_count);
    run_in_zoned_child("quarantine=fifo,canary=on", 0, describe_and_count);
}

enum
{
    SLAB_SLOTS = 16, // of 1024 bytes
    SLABS = 4,
};

static void take_full_slabs(char **blocks)
{
    EXPECT(zoned_shapes[size_class_of(1024)].slots == SLAB_SLOTS);
    for (size_t i = 0; i < SLABS * SLAB_SLOTS; i++)
        blocks[i] = take(1024);
    for (size_t i = 1; i < SLABS * SLAB_SLOTS; i++)
        EXPECT(blocks[i] == blocks[i - 1] + 1024);
}

static void free_in_full_slabs(void)
{
    char *blocks[SLABS * SLAB_SLOTS];
    take_full_slabs(blocks);
    const size_t freed[] = {50, 3, 20, 7};
    for (size_t i = 0; i < 4; i++)
        give(blocks[freed[i]]);
    EXPECT(zoned_check() == NULL);
    for (size_t i = 4; i-- > 0;)
        EXPECT(take(1024) == blocks[freed[i]]);
}

static void slots_of_full_slabs_are_taken_last_freed_first(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_in_full_slabs);
}

// All of the second slab, of which only the last ones stay ready, and then two above it.
static void free_a_slab_and_above(void)
{
    char *blocks[SLABS * SLAB_SLOTS];
    take_full_slabs(blocks);
    for (size_t i = SLAB_SLOTS; i < 2 * SLAB_SLOTS; i++)
        give(blocks[i]);
    give(blocks[50]);
    give(blocks[40]);
    EXPECT(zoned_check() == NULL);
    for (size_t i = 2 * SLAB_SLOTS; i-- > 2 * SLAB_SLOTS - ZONED_READY_MAX;)
        EXPECT(take(1024) == blocks[i]);
    for (size_t i = SLAB_SLOTS; i < 2 * SLAB_SLOTS - ZONED_READY_MAX; i++)
        EXPECT(take(1024) == blocks[i]);
    EXPECT(take(1024) == blocks[40] && take(1024) == blocks[50]);
}

static void the_lowest_free_slot_is_taken_once_none_is_ready(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_a_slab_and_above);
}

static void resize_within_the_class(void)
{
    void *block = take(100);
    EXPECT(heap_zoned.realloc(block, 112).block == block && heap_zoned.realloc(block, 97).block == block);
    memset(block, 7, 97);
    char *moved = heap_zoned.realloc(block, 113).block;
    EXPECT(moved != block && is_all(moved, 97, 7) && heap_zoned.usable_size(block) == 0);
    EXPECT(heap_zoned.realloc(moved, 0).block == NULL && heap_zoned.usable_size(moved) == 0);
    expect_no_misuse();
}

static void a_resize_within_the_class_keeps_the_block(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, resize_within_the_class);
}

static void align(void)
{
    for (size_t alignment = 1; alignment <= (size_t)1 << 30; alignment *= 2)
        for (size_t size = 0; size < 9000; size = size * 3 + 1)
        {
            char *block = heap_zoned.memalign(alignment, size).block;
            EXPECT(block && (uintptr_t)block % alignment == 0 && heap_zoned.usable_size(block) >= size);
            memset(block, 1, size);
            give(block);
        }
    expect_no_misuse();
}

static void alignments_reach_a_gibibyte(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, align);
    run_in_zoned_child("canary=on,guards=on", 0, align);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fifo_quarantine_holds_a_slot_for_exactly_its_length),
        cmocka_unit_test(a_random_quarantine_holds_a_slot_for_its_ring_at_least),
        cmocka_unit_test(pages_of_empty_slabs_go_back_and_come_again_as_zeros),
        cmocka_unit_test(everything_is_told_to_who_asks),
        cmocka_unit_test(slots_of_full_slabs_are_taken_last_freed_first),
        cmocka_unit_test(the_lowest_free_slot_is_taken_once_none_is_ready),
        cmocka_unit_test(a_resize_within_the_class_keeps_the_block),
        cmocka_unit_test(alignments_reach_a_gibibyte),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
