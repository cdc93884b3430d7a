// SPDX-License-Identifier: MIT
// The rules for arguments: what is refused with which errno, and what an allocator is asked for otherwise.
#include "cases.h"

#include "heap/arguments.h"
#include "heap/misuse.h"

#include <errno.h>

static struct
{
    size_t alignment;
    size_t size;
    int calls;
    bool is_empty;
} asked;

static char memory[16];

static struct heap_grant allocate(size_t alignment, size_t size)
{
    asked.alignment = alignment;
    asked.size = size;
    asked.calls++;
    return asked.is_empty ? heap_no_memory(false) : heap_grant_of(memory, sizeof memory, 0);
}

static void begin(void)
{
    struct heap_misuse untold;
    heap_misuse_take(&untold);
    asked.calls = 0;
    asked.is_empty = false;
    errno = 0;
}

static void assert_asked(struct heap_grant grant, size_t alignment, size_t size)
{
    assert_ptr_equal(grant.block, memory);
    assert_int_equal(asked.alignment, alignment);
    assert_int_equal(asked.size, size);
    assert_int_equal(errno, 0);
}

static void assert_refused(struct heap_grant grant, int error)
{
    assert_null(grant.block);
    assert_int_equal(asked.calls, 0);
    assert_int_equal(errno, error);
}

static void assert_absurd(struct heap_grant grant, size_t size)
{
    struct heap_misuse misuse;
    assert_refused(grant, ENOMEM);
    assert_true(grant.about & HEAP_GRANT_MISUSE);
    assert_true(heap_misuse_take(&misuse));
    assert_int_equal(misuse.kind, HEAP_MISUSE_ABSURD_SIZE);
    assert_null(misuse.address);
    assert_int_equal(misuse.size, size);
    assert_false(heap_misuse_take(&misuse));
    errno = 0;
}

static void memalign_rounds_its_alignment_up(void **state)
{
    (void)state;
    begin();
    assert_asked(heap_memalign(allocate, 0, 7), 1, 7);
    assert_asked(heap_memalign(allocate, 1, 7), 1, 7);
    assert_asked(heap_memalign(allocate, 16, 7), 16, 7);
    assert_asked(heap_memalign(allocate, 17, 7), 32, 7);
    assert_asked(heap_memalign(allocate, 4097, 0), 8192, 0);
    assert_asked(heap_memalign(allocate, (SIZE_MAX / 2 + 1) - 1, 7), SIZE_MAX / 2 + 1, 7);
    begin();
    assert_refused(heap_memalign(allocate, SIZE_MAX / 2 + 2, 7), EINVAL);
    assert_refused(heap_memalign(allocate, SIZE_MAX, SIZE_MAX), EINVAL);
}

static void aligned_alloc_wants_a_power_of_two(void **state)
{
    (void)state;
    begin();
    assert_asked(heap_aligned_alloc(allocate, 1, 7), 1, 7);
    assert_asked(heap_aligned_alloc(allocate, 64, 7), 64, 7);
    begin();
    assert_refused(heap_aligned_alloc(allocate, 0, 7), EINVAL);
    assert_refused(heap_aligned_alloc(allocate, 48, 7), EINVAL);
}

static void posix_memalign_leaves_errno_and_the_pointer_alone(void **state)
{
    (void)state;
    struct heap_grant grant = {.block = &grant};
    begin();
    errno = 4711;
    assert_int_equal(heap_posix_memalign(allocate, &grant, 0, 7), EINVAL);
    assert_int_equal(heap_posix_memalign(allocate, &grant, 4, 7), EINVAL);
    assert_int_equal(heap_posix_memalign(allocate, &grant, 24, 7), EINVAL);
    assert_int_equal(heap_posix_memalign(allocate, &grant, 8, SIZE_MAX), ENOMEM);
    assert_int_equal(asked.calls, 0);
    asked.is_empty = true;
    assert_int_equal(heap_posix_memalign(allocate, &grant, 8, 7), ENOMEM);
    assert_int_equal(asked.calls, 1);
    assert_ptr_equal(grant.block, &grant);
    assert_int_equal(errno, 4711);
    asked.is_empty = false;
    assert_int_equal(heap_posix_memalign(allocate, &grant, 8, 7), 0);
    assert_int_equal(errno, 4711);
    errno = 0;
    assert_asked(grant, 8, 7);
}

static void valloc_and_pvalloc_give_pages(void **state)
{
    (void)state;
    begin();
    assert_asked(heap_valloc(allocate, 7), 4096, 7);
    assert_asked(heap_pvalloc(allocate, 0), 4096, 0);
    assert_asked(heap_pvalloc(allocate, 1), 4096, 4096);
    assert_asked(heap_pvalloc(allocate, 4096), 4096, 4096);
    assert_asked(heap_pvalloc(allocate, 4097), 4096, 8192);
}

static void sizes_beyond_every_pointer_difference_are_absurd(void **state)
{
    (void)state;
    begin();
    assert_asked(heap_memalign(allocate, 64, PTRDIFF_MAX), 64, PTRDIFF_MAX);
    const size_t beyond = (size_t)PTRDIFF_MAX + 1;
    begin();
    assert_absurd(heap_memalign(allocate, 64, beyond), beyond);
    assert_absurd(heap_aligned_alloc(allocate, 64, beyond), beyond);
    assert_absurd(heap_valloc(allocate, SIZE_MAX), SIZE_MAX);
    assert_absurd(heap_pvalloc(allocate, SIZE_MAX), SIZE_MAX);
    assert_absurd(heap_pvalloc(allocate, PTRDIFF_MAX), beyond); // once rounded
    assert_true(heap_size_is_sane(PTRDIFF_MAX));
    assert_false(heap_size_is_sane(beyond));
}

static void only_the_latest_misuse_is_told_and_once(void **state)
{
    (void)state;
    begin();
    struct heap_misuse misuse;
    assert_false(heap_misuse_take(&misuse));
    heap_misuse_note(HEAP_MISUSE_DOUBLE_FREE, memory, 0, 0);
    heap_misuse_note(HEAP_MISUSE_WRONG_SIZE, memory + 1, 5, 6);
    assert_true(heap_misuse_take(&misuse));
    assert_int_equal(misuse.kind, HEAP_MISUSE_WRONG_SIZE);
    assert_ptr_equal(misuse.address, memory + 1);
    assert_int_equal(misuse.size, 5);
    assert_int_equal(misuse.true_size, 6);
    assert_false(heap_misuse_take(&misuse));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memalign_rounds_its_alignment_up),
        cmocka_unit_test(aligned_alloc_wants_a_power_of_two),
        cmocka_unit_test(posix_memalign_leaves_errno_and_the_pointer_alone),
        cmocka_unit_test(valloc_and_pvalloc_give_pages),
        cmocka_unit_test(sizes_beyond_every_pointer_difference_are_absurd),
        cmocka_unit_test(only_the_latest_misuse_is_told_and_once),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
