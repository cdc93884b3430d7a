// SPDX-License-Identifier: MIT
// The malloc family of `bump`: what a block is, when it stays and when it moves, what is zero, what is aligned, and
// what is told of misuse. A process opens one allocator, so a case must be named.
#include "cases.h"

#include "heap/size_class.h"
#include "opened_heap.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum
{
    BLOCKS = 64,
    LARGE = SIZE_CLASS_BYTES_MAX + 1,
    GREAT_ALIGNMENT = 2 * SIZE_CLASS_BYTES_MAX,
    SPACE_BYTES = 256 << 20,
    SMALL = 1000, // allocated until there is no more
};

static bool is_filled(const unsigned char *bytes, size_t count, unsigned char value)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static void a_block_holds_what_its_class_says(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    for (size_t size = 0; size <= SIZE_CLASS_BYTES_MAX; size += 1 + size / 8)
    {
        struct heap_grant grant = heap->malloc(size);
        size_t slot = size_class_bytes[size_class_of(size)];
        assert_int_equal(heap_grant_usable(grant), slot);
        assert_int_equal(heap->usable_size(grant.block), slot);
        assert_int_equal((uintptr_t)grant.block % 16, 0);
        memset(grant.block, 0xaa, slot);
    }
}

static void calloc_gives_zeros_also_in_a_slot_used_before(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    unsigned char *used = allocate(500);
    memset(used, 0xff, 512);
    release(used);
    struct heap_grant grant = heap->calloc(5, 100);
    assert_ptr_equal(grant.block, used);
    assert_false(grant.about & HEAP_GRANT_CARVED);
    assert_true(is_filled(grant.block, 500, 0));
    grant = heap->calloc(5, 100);
    assert_true(grant.about & HEAP_GRANT_CARVED);
    assert_true(is_filled(grant.block, 512, 0));
    grant = heap->calloc(3, LARGE);
    assert_true(is_filled(grant.block, 3 * (size_t)LARGE, 0));
}

static void calloc_refuses_what_overflows(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    errno = 0;
    struct heap_grant grant = heap->calloc(SIZE_MAX / 2, 3);
    assert_null(grant.block);
    assert_int_equal(errno, ENOMEM);
    expect_misuse(grant.about & HEAP_GRANT_MISUSE, HEAP_MISUSE_ABSURD_SIZE, NULL);
}

static void realloc_stays_in_the_class_and_moves_out_of_it(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    unsigned char *block = allocate(100);
    memset(block, 7, 112);
    assert_ptr_equal(heap->realloc(block, 112).block, block);
    assert_ptr_equal(heap->realloc(block, 97).block, block);
    unsigned char *grown = heap->realloc(block, 113).block;
    assert_ptr_not_equal(grown, block);
    assert_true(is_filled(grown, 112, 7));
    assert_ptr_equal(allocate(100), block); // it was freed
    unsigned char *shrunk = heap->realloc(grown, 20).block;
    assert_ptr_not_equal(shrunk, grown);
    assert_true(is_filled(shrunk, 20, 7));
    assert_int_equal(heap->usable_size(shrunk), 32);
}

static void realloc_goes_into_large_blocks_and_back(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    unsigned char *block = heap->realloc(NULL, 1000).block;
    memset(block, 9, 1000);
    block = heap->realloc(block, LARGE).block;
    assert_true(is_filled(block, 1000, 9));
    block = heap->realloc(block, 4 * (size_t)LARGE).block;
    assert_true(is_filled(block, 1000, 9));
    block = heap->realloc(block, 1000).block;
    assert_true(is_filled(block, 1000, 9));
    assert_int_equal(heap->usable_size(block), 1024);
    assert_null(heap->realloc(block, 0).block); // frees, as glibc's does
    assert_int_equal(census_of(1024).used, 0);
    assert_int_equal(heap->mallinfo2().hblks, 0);
}

static void realloc_refuses_what_is_no_live_block(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    void *block = allocate(100);
    release(block);
    struct heap_grant grant = heap->realloc(block, 200);
    assert_null(grant.block);
    expect_misuse(grant.about & HEAP_GRANT_MISUSE, HEAP_MISUSE_DOUBLE_FREE, block);
    void *other = allocate(100);
    grant = heap->realloc(other, SIZE_MAX);
    assert_null(grant.block);
    expect_misuse(grant.about & HEAP_GRANT_MISUSE, HEAP_MISUSE_ABSURD_SIZE, NULL);
    release(other); // it is still there
}

static void aligned_blocks_lie_at_multiples_also_when_they_come_back(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    for (size_t alignment = 1; alignment <= (size_t)1 << 30; alignment *= 2)
    {
        void *blocks[3];
        for (int round = 0; round < 2; round++)
        {
            for (size_t i = 0; i < 3; i++)
            {
                allocate(16); // so that the bump offset is not aligned by itself
                blocks[i] = heap->memalign(alignment, 1 + i * alignment / 2).block;
                assert_non_null(blocks[i]);
                assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
                assert_true(heap->usable_size(blocks[i]) >= 1 + i * alignment / 2);
            }
            for (size_t i = 0; i < 3; i++)
                release(blocks[i]);
        }
    }
}

static void gaps_of_alignment_are_the_only_bytes_beside_slots(void **state)
{
    (void)state;
    struct opened_class classes[OPENED_CLASSES_MAX];
    open_heap("bump:lifo");
    size_t before = carved_bytes();
    size_t sum = 0;
    size_t gaps_max = 0;
    for (size_t alignment = 32; alignment <= SIZE_CLASS_BYTES_MAX; alignment *= 2)
    {
        allocate(16);
        assert_non_null(heap->memalign(alignment, alignment).block);
        gaps_max += alignment - 16;
    }
    size_t count = look_at_classes(classes);
    for (size_t i = 0; i < count; i++)
        sum += classes[i].census.carved * classes[i].about.slot_bytes;
    assert_in_range(carved_bytes() - before, sum, sum + gaps_max);
}

static void check_double_free_is_told(const char *spec)
{
    open_heap(spec);
    void *block = allocate(100);
    void *large = allocate(LARGE);
    release(block);
    release(large);
    expect_misuse(heap->free(block), HEAP_MISUSE_DOUBLE_FREE, block);
    expect_misuse(heap->free(large), HEAP_MISUSE_DOUBLE_FREE, large);
    for (int i = 0; i < BLOCKS; i++)
        release(allocate(200)); // others in between change nothing
    expect_misuse(heap->free(block), HEAP_MISUSE_DOUBLE_FREE, block);
    void *first = allocate(100);
    void *second = allocate(100);
    assert_ptr_not_equal(first, second);
    assert_int_equal(census_of(112).used, 2);
}

static void lifo_tells_a_double_free(void **state)
{
    (void)state;
    check_double_free_is_told("bump:lifo");
}

static void fifo_tells_a_double_free(void **state)
{
    (void)state;
    check_double_free_is_told("bump:fifo");
}

static void none_tells_a_double_free(void **state)
{
    (void)state;
    check_double_free_is_told("bump:none");
}

static void what_is_no_block_is_told_and_left_alone(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    unsigned char *block = allocate(1000);
    unsigned char *last = heap->memalign(4096, 100).block;
    static char not_ours[64];
    memset(block, 3, 1000);
    expect_misuse(heap->free(block + 16), HEAP_MISUSE_MISALIGNED_FREE, block + 16);
    expect_misuse(heap->free(block + 1), HEAP_MISUSE_MISALIGNED_FREE, block + 1);
    expect_misuse(heap->free(block + 1023), HEAP_MISUSE_MISALIGNED_FREE, block + 1023);
    expect_misuse(heap->free(last - 16), HEAP_MISUSE_INVALID_FREE, last - 16);               // a gap
    expect_misuse(heap->free(last + 8192), HEAP_MISUSE_INVALID_FREE, last + 8192);           // not carved yet
    expect_misuse(heap->free(last + (1 << 25)), HEAP_MISUSE_INVALID_FREE, last + (1 << 25)); // not usable yet
    expect_misuse(heap->free(not_ours), HEAP_MISUSE_INVALID_FREE, not_ours);
    assert_int_equal(heap->usable_size(block + 16), 0);
    assert_int_equal(heap->usable_size(last + 8192), 0);
    assert_int_equal(heap->usable_size(not_ours), 0);
    assert_false(heap->free(NULL));
    assert_true(is_filled(block, 1000, 3));
    release(block);
    release(last);
}

static void a_wrong_size_is_told_and_the_block_freed(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    void *block = allocate(100);
    assert_false(heap->free_sized(block, 112, 0));
    block = allocate(100);
    struct heap_misuse misuse = expect_misuse(heap->free_sized(block, 96, 0), HEAP_MISUSE_WRONG_SIZE, block);
    assert_int_equal(misuse.size, 96);
    assert_int_equal(misuse.true_size, 112);
    assert_int_equal(census_of(112).used, 0);
    block = heap->aligned_alloc(64, 192).block;
    assert_false(heap->free_sized(block, 192, 64));
    block = heap->aligned_alloc(64, 192).block;
    expect_misuse(heap->free_sized(block, 512, 64), HEAP_MISUSE_WRONG_SIZE, block);
    block = allocate(LARGE);
    assert_false(heap->free_sized(block, LARGE, 0));
    block = allocate(LARGE);
    expect_misuse(heap->free_sized(block, 2 * (size_t)LARGE, 0), HEAP_MISUSE_WRONG_SIZE, block);
    assert_false(heap->free_sized(heap->malloc(0).block, 0, 0));
    assert_false(heap->free_sized(heap->memalign(GREAT_ALIGNMENT, 0).block, 0, GREAT_ALIGNMENT));
    assert_false(heap->free_sized(NULL, 5, 0));
}

// The link of a free slot lies in its first bytes. Whatever a stale write puts there, no block gets a second owner.
static void a_write_to_a_freed_block_is_told_and_does_no_harm(void **state)
{
    (void)state;
    open_heap("bump:lifo");
    const uint32_t written[] = {0xffffffff, 0x80000001, 0x04000001, 0x10000, 2, 5}; // the last two lie inside of slots
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
    {
        uint32_t *blocks[3];
        for (size_t k = 0; k < 3; k++)
            blocks[k] = allocate(48);
        for (size_t k = 0; k < 3; k++)
            release(blocks[k]);
        *blocks[1] = written[i];
        assert_ptr_equal(allocate(48), blocks[2]);
        struct heap_grant grant = heap->malloc(48);
        assert_ptr_equal(grant.block, blocks[1]);
        struct heap_misuse misuse =
            expect_misuse(grant.about & HEAP_GRANT_MISUSE, HEAP_MISUSE_WRITE_AFTER_FREE, grant.block);
        assert_int_equal(misuse.size, 0);
        assert_int_equal(misuse.true_size, 48);
        assert_true(heap->malloc(48).about & HEAP_GRANT_CARVED); // what lay below is lost
    }
}

static void errno_is_kept_by_free(void **state)
{
    (void)state;
    open_heap("bump:fifo");
    void *block = allocate(100);
    void *large = allocate(LARGE);
    errno = 77;
    release(block);
    release(large);
    heap->free(block);
    assert_int_equal(errno, 77);
}

// Only where a sanitizer does not need all the address space for itself.
static void address_space_is_used_up_before_null(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#endif
    const struct rlimit limit = {SPACE_BYTES, SPACE_BYTES};
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    open_heap("bump:lifo");
    size_t bytes = 0;
    void **newest = NULL; // each block holds the address of the one before
    for (void **block; (block = heap->malloc(SMALL).block); bytes += SMALL)
    {
        *block = newest;
        newest = block;
    }
    assert_int_equal(errno, ENOMEM);
    assert_true(bytes > SPACE_BYTES / 2);
    for (; newest; bytes -= SMALL)
    {
        void **freed = newest;
        newest = *freed;
        release(freed);
    }
    assert_int_equal(bytes, 0);
    assert_int_equal(census_of(1024).used, 0);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_holds_what_its_class_says),
        cmocka_unit_test(calloc_gives_zeros_also_in_a_slot_used_before),
        cmocka_unit_test(calloc_refuses_what_overflows),
        cmocka_unit_test(realloc_stays_in_the_class_and_moves_out_of_it),
        cmocka_unit_test(realloc_goes_into_large_blocks_and_back),
        cmocka_unit_test(realloc_refuses_what_is_no_live_block),
        cmocka_unit_test(aligned_blocks_lie_at_multiples_also_when_they_come_back),
        cmocka_unit_test(gaps_of_alignment_are_the_only_bytes_beside_slots),
        cmocka_unit_test(lifo_tells_a_double_free),
        cmocka_unit_test(fifo_tells_a_double_free),
        cmocka_unit_test(none_tells_a_double_free),
        cmocka_unit_test(what_is_no_block_is_told_and_left_alone),
        cmocka_unit_test(a_wrong_size_is_told_and_the_block_freed),
        cmocka_unit_test(a_write_to_a_freed_block_is_told_and_does_no_harm),
        cmocka_unit_test(errno_is_kept_by_free),
        cmocka_unit_test(address_space_is_used_up_before_null),
    };
    if (argument_count != 2)
        return 2;
    return RUN_CASES(argument_count, arguments, tests);
}
