// SPDX-License-Identifier: MIT
// `zoned` at the kernel's limits: it gives up when memory is used up, not before. Without sanitizers, whose own address
// space leaves no room for a limit.
#define _GNU_SOURCE
#include "cases.h"
#include "zoned_child.h"

#include "heap/pages.h"
#include "heap/zoned_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum
{
    MIB = 1 << 20,
    SIZES = 5,
};

static size_t limit(void)
{
    struct rlimit about;
    EXPECT(getrlimit(RLIMIT_AS, &about) == 0);
    return about.rlim_cur;
}

// Bytes of slots that are handed out until there is no memory.
static size_t take_all(size_t size)
{
    size_t total = 0;
    errno = 0;
    struct heap_grant grant;
    while ((grant = heap_zoned.malloc(size)).block)
        total += heap_grant_usable(grant);
    EXPECT(errno == ENOMEM);
    expect_no_misuse();
    return total;
}

// The program itself has some megabytes.
static void expect_most_of_the_limit(void)
{
    size_t before = limit() - pages_space_left();
    EXPECT(take_all(64) >= limit() / 100 * 80);
    EXPECT(before < limit() / 10);
}

static void small_blocks_use_up_the_address_space(void **state)
{
    (void)state;
    run_in_zoned_child("", (size_t)64 * MIB, expect_most_of_the_limit);
    run_in_zoned_child("", (size_t)300 * MIB, expect_most_of_the_limit);
    run_in_zoned_child("", (size_t)1000 * MIB, expect_most_of_the_limit);
}

static void expect_most_in_the_greatest_class(void)
{
    EXPECT(take_all(SIZE_CLASS_BYTES_MAX) >= limit() / 100 * 80);
}

static void great_slots_use_up_the_address_space(void **state)
{
    (void)state;
    run_in_zoned_child("", (size_t)64 * MIB, expect_most_in_the_greatest_class);
    run_in_zoned_child("", (size_t)300 * MIB, expect_most_in_the_greatest_class);
}

static void expect_space_that_large_blocks_left(void)
{
    void *blocks[60];
    for (size_t i = 0; i < 60; i++)
        blocks[i] = memset(take((size_t)MIB), 1, (size_t)MIB);
    for (size_t i = 0; i < 60; i++)
        give(blocks[i]);
    EXPECT(take_all(3000) >= limit() / 100 * 80);
}

static void small_blocks_get_what_large_ones_left(void **state)
{
    (void)state;
    run_in_zoned_child("", (size_t)100 * MIB, expect_space_that_large_blocks_left);
}

static void expect_most_for_all_sizes(void)
{
    const size_t sizes[SIZES] = {20, 500, 3000, 20000, 100000};
    size_t total = 0;
    bool is_exhausted = false;
    while (!is_exhausted)
        for (size_t i = 0; i < SIZES && !is_exhausted; i++)
        {
            struct heap_grant grant = heap_zoned.malloc(sizes[i]);
            is_exhausted = !grant.block;
            total += heap_grant_usable(grant);
        }
    EXPECT(total >= limit() / 100 * 80);
}

static void blocks_of_all_sizes_use_up_the_address_space(void **state)
{
    (void)state;
    run_in_zoned_child("", (size_t)300 * MIB, expect_most_for_all_sizes);
}

static size_t mapping_count(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    EXPECT(maps);
    size_t lines = 0;
    for (int byte = getc(maps); byte != EOF; byte = getc(maps))
        lines += byte == '\n';
    (void)fclose(maps);
    return lines;
}

// More slabs than the kernel allows mappings: half of the space is between them.
static void expect_limit_and_not_mappings(void)
{
    EXPECT(limit() / 2 / 8192 > pages_map_count_max());
    EXPECT(take_all(8) >= limit() / 100 * 40);
    EXPECT(zoned_root.shared->guards_left == 0);
    EXPECT(mapping_count() < pages_map_count_max() / 2);
}

static void guards_never_use_up_the_mappings(void **state)
{
    (void)state;
    run_in_zoned_child("guards=on", (size_t)1200 * MIB, expect_limit_and_not_mappings);
}

// The kernel joins two mappings only if they are alike.
static void use_up_mappings(void)
{
    for (int i = 0;; i++)
        if (mmap(NULL, PAGES_BYTES, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            return;
}

static void grow_without_a_mapping_left(void)
{
    char *first = memset(take(64), 1, 64);
    use_up_mappings();
    for (size_t i = 0; i < (size_t)MIB; i++)
        memset(take(64), 1, 64);
    give(first);
}

static void a_class_in_use_grows_when_no_mapping_is_left(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, grow_without_a_mapping_left);
    run_in_zoned_child("guards=on", 0, grow_without_a_mapping_left);
}

static void grow_by_extents(void)
{
    size_t bytes = 0;
    while (bytes < (size_t)64 * MIB)
    {
        struct heap_grant grant = heap_zoned.malloc(1000);
        EXPECT(grant.block);
        memset(grant.block, 1, 1000);
        bytes += heap_grant_usable(grant);
    }
    // Each as large as all before it.
    EXPECT(zoned_root.shared->zone_count > SIZE_CLASS_COUNT + 4);
    EXPECT(zoned_root.shared->zone_count < SIZE_CLASS_COUNT + 16);
}

static void a_full_zone_grows_by_extents(void **state)
{
    (void)state;
    run_in_zoned_child("zone-bytes=1", 0, grow_by_extents);
}

static void expect_few_mappings(void)
{
    size_t before = mapping_count();
    for (size_t size = 1; size <= 100000; size = size * 5 / 4 + 1)
        for (size_t i = 0; i < 300; i++)
            take(size);
    EXPECT(mapping_count() - before <= (size_t)4 * SIZE_CLASS_COUNT);
}

static void without_guards_a_zone_is_one_writable_range(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, expect_few_mappings);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_blocks_use_up_the_address_space),
        cmocka_unit_test(great_slots_use_up_the_address_space),
        cmocka_unit_test(small_blocks_get_what_large_ones_left),
        cmocka_unit_test(blocks_of_all_sizes_use_up_the_address_space),
        cmocka_unit_test(guards_never_use_up_the_mappings),
        cmocka_unit_test(a_class_in_use_grows_when_no_mapping_is_left),
        cmocka_unit_test(a_full_zone_grows_by_extents),
        cmocka_unit_test(without_guards_a_zone_is_one_writable_range),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
