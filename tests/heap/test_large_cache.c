// SPDX-License-Identifier: MIT
// Freed large blocks that are kept: what comes back of them, and what stays forbidden meanwhile.
#define _GNU_SOURCE
#include "cases.h"

#include "heap/large.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    PAGE = LARGE_PAGE_BYTES,
    LENGTH = 64 * PAGE,
    KEPT_BYTES_MAX = 32 << 20,
    BLOCKS = 32,
    BLOCK_BYTES = 8 << 20,
    SLACK_BYTES = 4 << 20, // guards, the table of blocks, and what the test itself maps
};

// Nothing is kept of what another case did.
static void open_empty(void)
{
    large_open();
    large_trim();
}

static unsigned char *allocate_touched(size_t bytes)
{
    unsigned char *block = large_allocate(bytes, 0);
    assert_non_null(block);
    memset(block, 0xff, bytes);
    return block;
}

static bool is_zero(const unsigned char *bytes, size_t count)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

static void a_kept_block_comes_back_zeroed(void **state)
{
    (void)state;
    open_empty();
    unsigned char *block = allocate_touched(LENGTH);
    assert_int_equal(large_free(block), 0);
    assert_ptr_equal(large_allocate(LENGTH, 0), block);
    assert_true(is_zero(block, LENGTH));
    assert_int_equal(large_usable_size(block), LENGTH);
    assert_int_equal(large_free(block), 0);
}

static void a_kept_block_is_cut_to_what_is_wanted(void **state)
{
    (void)state;
    open_empty();
    unsigned char *block = allocate_touched(LENGTH);
    assert_int_equal(large_free(block), 0);
    assert_ptr_equal(large_allocate(LENGTH - 5 * PAGE, 0), block);
    assert_int_equal(large_usable_size(block), LENGTH - 5 * PAGE);
    assert_true(is_zero(block, LENGTH - 5 * PAGE));
    assert_int_equal(large_free(block), 0);
}

static void a_kept_block_is_no_block(void **state)
{
    (void)state;
    open_empty();
    size_t blocks = 0;
    size_t bytes = 0;
    unsigned char *block = allocate_touched(LENGTH);
    assert_int_equal(large_free(block), 0);
    assert_int_equal(large_free(block), HEAP_MISUSE_DOUBLE_FREE);
    assert_int_equal(large_usable_size(block), 0);
    large_count(&blocks, &bytes);
    assert_int_equal(blocks + bytes, 0);
}

static void a_use_after_free_of_a_kept_block_faults(void **state)
{
    (void)state;
    open_empty();
    unsigned char *block = allocate_touched(LENGTH);
    assert_int_equal(large_free(block), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
    {
        signal(SIGSEGV, SIG_DFL); // not cmocka's
        *(volatile unsigned char *)&block[PAGE] = 1;
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_true(large_trim());
}

static void what_was_hardly_touched_is_not_kept(void **state)
{
    (void)state;
    open_empty();
    unsigned char *block = large_allocate(LENGTH, 0);
    assert_non_null(block);
    block[0] = 1;
    assert_int_equal(large_free(block), 0);
    assert_false(large_trim());
}

static size_t mapped_bytes(void)
{
    char text[64];
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    return strtoull(text, NULL, 10) * PAGE;
}

static void what_is_kept_is_bounded_and_goes_back(void **state)
{
    (void)state;
    open_empty();
    unsigned char *blocks[BLOCKS];
    size_t before = mapped_bytes();
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = allocate_touched(BLOCK_BYTES);
    for (size_t i = 0; i < BLOCKS; i++)
        assert_int_equal(large_free(blocks[i]), 0);
    assert_in_range(mapped_bytes(), before + BLOCK_BYTES, before + KEPT_BYTES_MAX + SLACK_BYTES);
    assert_true(large_trim());
    assert_in_range(mapped_bytes(), 0, before + SLACK_BYTES);
    assert_false(large_trim());
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_block_comes_back_zeroed),
        cmocka_unit_test(a_kept_block_is_cut_to_what_is_wanted),
        cmocka_unit_test(a_kept_block_is_no_block),
        cmocka_unit_test(a_use_after_free_of_a_kept_block_faults),
        cmocka_unit_test(what_was_hardly_touched_is_not_kept),
        cmocka_unit_test(what_is_kept_is_bounded_and_goes_back),
    };
    return RUN_CASES(argc, argv, tests);
}
