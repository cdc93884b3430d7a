// SPDX-License-Identifier: MIT
// What `zoned` tells of a program's mistakes: for each exactly one record, and the books as if nothing had been.
#include "cases.h"
#include "zoned_child.h"

#include "heap/pages.h"

#include <string.h>

enum
{
    SLOT = 64,
    CANARY = 8,
    LARGE = 1 << 20,
};

static void free_twice(void)
{
    char *block = take(SLOT);
    char *other = take(SLOT);
    give(block);
    EXPECT(heap_zoned.free(block));
    expect_misuse(HEAP_MISUSE_DOUBLE_FREE, block, 0, 0);
    EXPECT(take(SLOT) == block); // once
    EXPECT(take(SLOT) != block);
    give(other);
    expect_no_misuse();
}

static void a_block_is_freed_twice(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_twice);
    run_in_zoned_child("canary=on,fill=on", 0, free_twice);
    run_in_zoned_child("guards=on", 0, free_twice);
}

static void free_quarantined(void)
{
    char *block = take(SLOT);
    give(block);
    EXPECT(heap_zoned.free(block));
    expect_misuse(HEAP_MISUSE_DOUBLE_FREE, block, 0, 0);
    EXPECT(heap_zoned.usable_size(block) == 0);
    EXPECT(!heap_zoned.realloc(block, SLOT).block);
    expect_misuse(HEAP_MISUSE_DOUBLE_FREE, block, 0, 0);
}

static void a_block_in_quarantine_is_freed_again(void **state)
{
    (void)state;
    run_in_zoned_child("quarantine=fifo", 0, free_quarantined);
    run_in_zoned_child("quarantine=random", 0, free_quarantined);
}

static void free_after_purge(void)
{
    char *block = take(SLOT);
    give(block);
    EXPECT(heap_zoned.trim(0) == 1);
    EXPECT(heap_zoned.free(block));
    expect_misuse(HEAP_MISUSE_DOUBLE_FREE, block, 0, 0);
}

static void a_block_whose_pages_went_back_is_freed_again(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_after_purge);
    run_in_zoned_child("guards=on", 0, free_after_purge);
}

static void expect_invalid(void *address)
{
    EXPECT(heap_zoned.free(address));
    expect_misuse(HEAP_MISUSE_INVALID_FREE, address, 0, 0);
    EXPECT(heap_zoned.usable_size(address) == 0);
}

static void free_what_is_no_block(void)
{
    char on_stack[SLOT];
    char *block = take(SLOT - CANARY);
    memset(block, 1, SLOT - CANARY);
    expect_invalid(on_stack);
    expect_invalid((void *)8);
    expect_invalid((void *)(UINTPTR_MAX - 15));
    expect_invalid(block + SLOT);                    // a slot that was never handed out
    expect_invalid(block + 5 * (size_t)PAGES_BYTES); // a slab that was never used
    EXPECT(is_all(block, SLOT - CANARY, 1));
    give(block);
}

static void what_is_no_block_is_freed(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_what_is_no_block);
    run_in_zoned_child("canary=on,fill=on,quarantine=fifo", 0, free_what_is_no_block);
}

static void free_a_guard_and_a_tail(void)
{
    char *block = take(SLOT);
    expect_invalid(block + PAGES_BYTES);
    char *tailed = take(96); // 42 slots in a page, 64 bytes of tail
    expect_invalid(tailed + 42 * (size_t)96);
}

static void a_guard_and_a_tail_are_no_blocks(void **state)
{
    (void)state;
    run_in_zoned_child("guards=on", 0, free_a_guard_and_a_tail);
}

static void free_inside(void)
{
    char *block = take(SLOT);
    char *large = take(LARGE);
    for (size_t offset = 1; offset < SLOT; offset += 21)
    {
        EXPECT(heap_zoned.free(block + offset));
        expect_misuse(HEAP_MISUSE_MISALIGNED_FREE, block + offset, 0, 0);
        EXPECT(heap_zoned.usable_size(block + offset) == 0);
    }
    EXPECT(heap_zoned.free(large + 16));
    expect_misuse(HEAP_MISUSE_MISALIGNED_FREE, large + 16, 0, 0);
    give(block);
    expect_invalid(block + 16); // inside what was a block
    give(large);
}

static void an_address_inside_a_block_is_freed(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_inside);
    run_in_zoned_child("canary=on", 0, free_inside);
}

static void free_with_sizes(void)
{
    char *right = take(50);
    EXPECT(!heap_zoned.free_sized(right, 50, 0));
    char *wrong = take(50);
    EXPECT(heap_zoned.free_sized(wrong, 65, 0));
    expect_misuse(HEAP_MISUSE_WRONG_SIZE, wrong, 65, SLOT);
    EXPECT(heap_zoned.usable_size(wrong) == 0); // freed all the same
    char *small = take(50);
    EXPECT(heap_zoned.free_sized(small, LARGE, 0));
    expect_misuse(HEAP_MISUSE_WRONG_SIZE, small, LARGE, SLOT);
    char *large = take(LARGE);
    EXPECT(heap_zoned.free_sized(large, LARGE + 1, 0));
    expect_misuse(HEAP_MISUSE_WRONG_SIZE, large, LARGE + 1, LARGE);
    EXPECT(!heap_zoned.free_sized(take(LARGE), LARGE, 0));
    EXPECT(!heap_zoned.free_sized(NULL, 1, 0));
    expect_no_misuse();
}

static void a_free_names_the_wrong_size(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_with_sizes);
}

static void free_with_alignments(void)
{
    EXPECT(!heap_zoned.free_sized(heap_zoned.aligned_alloc(256, 50).block, 50, 256));
    EXPECT(!heap_zoned.free_sized(heap_zoned.aligned_alloc(256, 256).block, 1, 256)); // C++ does that
    EXPECT(!heap_zoned.free_sized(heap_zoned.aligned_alloc(1 << 16, 1 << 16).block, 1, 1 << 16));
    EXPECT(!heap_zoned.free_sized(heap_zoned.aligned_alloc(1 << 16, 1 << 16).block, 0, 1 << 16));
    EXPECT(!heap_zoned.free_sized(heap_zoned.aligned_alloc(1 << 16, 0).block, 0, 1 << 16));
    char *wrong = heap_zoned.aligned_alloc(256, 50).block;
    EXPECT(heap_zoned.free_sized(wrong, 50, 0));
    expect_misuse(HEAP_MISUSE_WRONG_SIZE, wrong, 50, 256);
    EXPECT(!heap_zoned.free_sized(heap_zoned.aligned_alloc(1 << 16, 50).block, 50, 1 << 16));
    expect_no_misuse();
}

static void a_free_names_the_wrong_alignment(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, free_with_alignments);
    run_in_zoned_child("canary=on", 0, free_with_alignments);
}

static void write_after_free(void)
{
    char *block = take(SLOT);
    give(block);
    block[21] = 1;
    struct heap_grant grant = heap_zoned.malloc(SLOT);
    EXPECT(grant.block == block);
    EXPECT(grant.about & HEAP_GRANT_MISUSE);
    expect_misuse(HEAP_MISUSE_WRITE_AFTER_FREE, block, 21, SLOT);
    EXPECT(is_all(block, SLOT, 0));
    give(block);
    EXPECT(take(SLOT) == block);
    expect_no_misuse();
}

static void a_freed_block_is_written_to(void **state)
{
    (void)state;
    run_in_zoned_child("fill=on", 0, write_after_free);
}

static void overflow(void)
{
    char *block = take(SLOT - CANARY);
    EXPECT(heap_zoned.usable_size(block) == SLOT - CANARY);
    EXPECT(block[SLOT - CANARY] == 0); // ends a string
    block[SLOT - CANARY] = 'x';
    EXPECT(heap_zoned.free(block));
    expect_misuse(HEAP_MISUSE_OVERFLOW, block, SLOT - CANARY, SLOT);
    EXPECT(take(SLOT - CANARY) == block); // it was freed
    block[SLOT - 1] = (char)~block[SLOT - 1];
    struct heap_grant moved = heap_zoned.realloc(block, 2 * (size_t)SLOT);
    EXPECT(moved.block && (moved.about & HEAP_GRANT_MISUSE));
    expect_misuse(HEAP_MISUSE_OVERFLOW, block, SLOT - 1, SLOT);
    give(moved.block);
}

static void a_block_is_written_past_its_end(void **state)
{
    (void)state;
    run_in_zoned_child("canary=on", 0, overflow);
    run_in_zoned_child("canary=on,fill=on", 0, overflow);
}

static void ask_absurdly(void)
{
    struct heap_grant grant = heap_zoned.malloc((size_t)PTRDIFF_MAX + 1);
    EXPECT(!grant.block && (grant.about & HEAP_GRANT_MISUSE));
    expect_misuse(HEAP_MISUSE_ABSURD_SIZE, NULL, (size_t)PTRDIFF_MAX + 1, 0);
    grant = heap_zoned.calloc(SIZE_MAX / 2, 3);
    EXPECT(!grant.block && (grant.about & HEAP_GRANT_MISUSE));
    expect_misuse(HEAP_MISUSE_ABSURD_SIZE, NULL, SIZE_MAX, 0);
    char *block = take(SLOT);
    EXPECT(!heap_zoned.realloc(block, SIZE_MAX).block);
    expect_misuse(HEAP_MISUSE_ABSURD_SIZE, NULL, SIZE_MAX, 0);
    give(block);
}

static void sizes_are_absurd(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, ask_absurdly);
}

static void resize_what_is_no_block(void)
{
    char *block = take(SLOT);
    give(block);
    struct heap_grant grant = heap_zoned.realloc(block, SLOT);
    EXPECT(!grant.block && (grant.about & HEAP_GRANT_MISUSE));
    expect_misuse(HEAP_MISUSE_DOUBLE_FREE, block, 0, 0);
    char on_stack[SLOT];
    EXPECT(!heap_zoned.realloc(on_stack, SLOT).block);
    expect_misuse(HEAP_MISUSE_INVALID_FREE, on_stack, 0, 0);
}

static void what_is_no_block_is_resized(void **state)
{
    (void)state;
    run_in_zoned_child("", 0, resize_what_is_no_block);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_freed_twice),
        cmocka_unit_test(a_block_in_quarantine_is_freed_again),
        cmocka_unit_test(a_block_whose_pages_went_back_is_freed_again),
        cmocka_unit_test(what_is_no_block_is_freed),
        cmocka_unit_test(a_guard_and_a_tail_are_no_blocks),
        cmocka_unit_test(an_address_inside_a_block_is_freed),
        cmocka_unit_test(a_free_names_the_wrong_size),
        cmocka_unit_test(a_free_names_the_wrong_alignment),
        cmocka_unit_test(a_freed_block_is_written_to),
        cmocka_unit_test(a_block_is_written_past_its_end),
        cmocka_unit_test(sizes_are_absurd),
        cmocka_unit_test(what_is_no_block_is_resized),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
