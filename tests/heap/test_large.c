// SPDX-License-Identifier: MIT
// Large blocks: sizes, alignment, growth, what is told of a wrong free, guards, and life at the kernel's limits. Cases
// that would harm the others run in a forked child.
#define _GNU_SOURCE
#include "cases.h"

#include "heap/large.h"
#include "heap/large_table.h"
#include "heap/pages.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    PAGE = LARGE_PAGE_BYTES,
    RACE_ROUNDS = 2000,
};

static bool is_filled(const unsigned char *bytes, size_t count, unsigned char value)
{
    return count == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, count - 1) == 0);
}

// Runs it in a child, where limits and mappings are its own. It returns what went wrong, NULL: nothing.
static void assert_in_child(const char *(*find_fault)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
    {
        signal(SIGSEGV, SIG_DFL); // not cmocka's
        const char *fault = find_fault();
        if (fault)
            dprintf(STDERR_FILENO, "%s\n", fault);
        _exit(fault != NULL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static size_t mapped_pages(void)
{
    char text[64];
    FILE *file = fopen("/proc/self/statm", "r");
    bool is_read = file && fgets(text, sizeof text, file);
    if (file)
        fclose(file);
    return is_read ? strtoull(text, NULL, 10) : 0;
}

static void a_block_is_zeroed_and_usable_in_whole_pages(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, PAGE - 1, PAGE, PAGE + 1, 200000, 5 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        unsigned char *block = large_allocate(sizes[i], 0);
        assert_non_null(block);
        size_t usable = large_usable_size(block);
        assert_int_equal(usable, sizes[i] == 0 ? PAGE : (sizes[i] + PAGE - 1) / PAGE * PAGE);
        assert_true(is_filled(block, usable, 0));
        memset(block, 0xa5, usable);
        assert_int_equal(large_free(block), 0);
        assert_int_equal(large_usable_size(block), 0);
    }
}

static void any_alignment_is_kept(void **state)
{
    (void)state;
    for (size_t alignment = 1; alignment <= (size_t)4 << 30; alignment *= 2)
    {
        unsigned char *block = large_allocate(3 * PAGE, alignment);
        unsigned char *other = large_allocate(1, alignment);
        assert_non_null(block);
        assert_non_null(other);
        assert_int_equal((uintptr_t)block % alignment, 0);
        assert_int_equal((uintptr_t)other % alignment, 0);
        memset(block, 1, 3 * PAGE);
        *other = 1;
        assert_int_equal(large_free(block), 0);
        assert_int_equal(large_free(other), 0);
    }
}

static void what_no_address_space_holds_is_refused(void **state)
{
    (void)state;
    const size_t requests[][2] = {
        {SIZE_MAX, 0}, {PTRDIFF_MAX, 0}, {(size_t)1 << 47, 0}, {1, (size_t)1 << 63}, {1, (size_t)1 << 47}};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
    {
        errno = 0;
        assert_null(large_allocate(requests[i][0], requests[i][1]));
        assert_int_equal(errno, ENOMEM);
    }
}

static void a_wrong_free_is_told_and_changes_nothing(void **state)
{
    (void)state;
    unsigned char *block = large_allocate(300 * PAGE, 0);
    memset(block, 7, 300 * PAGE);
    int local;
    errno = 4711;
    assert_int_equal(large_free(block + 16), HEAP_MISUSE_MISALIGNED_FREE);
    assert_int_equal(large_free(block + 299 * PAGE), HEAP_MISUSE_MISALIGNED_FREE);
    assert_int_equal(large_free(block + 300 * PAGE), HEAP_MISUSE_INVALID_FREE);
    assert_int_equal(large_free(block - PAGE), HEAP_MISUSE_INVALID_FREE);
    assert_int_equal(large_free(&local), HEAP_MISUSE_INVALID_FREE);
    assert_int_equal(large_free((void *)16), HEAP_MISUSE_INVALID_FREE);
    assert_int_equal(large_free((void *)(UINTPTR_MAX - PAGE + 1)), HEAP_MISUSE_INVALID_FREE);
    assert_true(is_filled(block, 300 * PAGE, 7));
    assert_int_equal(large_free(block), 0);
    assert_int_equal(large_free(block), HEAP_MISUSE_DOUBLE_FREE);
    assert_int_equal(large_free(block + 16), HEAP_MISUSE_INVALID_FREE);
    assert_int_equal(large_free(block + PAGE), HEAP_MISUSE_INVALID_FREE);
    assert_int_equal(errno, 4711);
}

// As if a block of 40 pages lived where a shorter one had been freed: entries alone, at pages that no program has.
static void a_freed_beginning_inside_a_live_block_is_inside_it(void **state)
{
    (void)state;
    const uint64_t page = 3 * LARGE_TABLE_FANOUT - 20; // and over the border of two leaves
    large_free(large_allocate(40 * PAGE, 0));          // there have been blocks that long
    struct large_entry *beginning = large_table_make(page), *freed = large_table_make(page + 30);
    beginning->word = large_word(LARGE_LIVE, 40);
    freed->word = large_word(LARGE_FREED, 5);
    assert_int_equal(large_free((void *)((page + 30) * PAGE)), HEAP_MISUSE_MISALIGNED_FREE);
    assert_int_equal(large_free((void *)((page + 39) * PAGE)), HEAP_MISUSE_MISALIGNED_FREE);
    assert_int_equal(large_free((void *)((page + 40) * PAGE)), HEAP_MISUSE_INVALID_FREE);
    beginning->word = 0;
    assert_int_equal(large_free((void *)((page + 30) * PAGE)), HEAP_MISUSE_DOUBLE_FREE);
    freed->word = 0;
}

static void growth_and_shrinkage_keep_contents(void **state)
{
    (void)state;
    const size_t pages[] = {50, 51, 500, 40, 39, 1, 2, 70, 1000, 1000, 3};
    unsigned char *block = large_allocate(50 * PAGE, 0);
    unsigned char *neighbour = large_allocate(50 * PAGE, 0);
    memset(neighbour, 0x77, 50 * PAGE);
    memset(block, 0x5a, 50 * PAGE);
    size_t before = 50;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
    {
        unsigned char *resized = large_resize(block, pages[i] * PAGE - 5);
        assert_non_null(resized);
        assert_true(pages[i] > before || resized == block);
        size_t kept = pages[i] < before ? pages[i] : before;
        assert_int_equal(large_usable_size(resized), pages[i] * PAGE);
        assert_true(is_filled(resized, kept * PAGE, 0x5a));
        assert_true(is_filled(resized + kept * PAGE, (pages[i] - kept) * PAGE, 0));
        if (resized != block)
            assert_int_equal(large_free(block), HEAP_MISUSE_DOUBLE_FREE);
        memset(resized, 0x5a, pages[i] * PAGE);
        before = pages[i];
        block = resized;
    }
    assert_true(is_filled(neighbour, 50 * PAGE, 0x77));
    assert_int_equal(large_free(block), 0);
    assert_int_equal(large_free(neighbour), 0);
}

static void a_refused_growth_changes_nothing(void **state)
{
    (void)state;
    unsigned char *block = large_allocate(PAGE, 0);
    *block = 9;
    errno = 0;
    assert_null(large_resize(block, (size_t)1 << 47));
    assert_int_equal(errno, ENOMEM);
    assert_null(large_resize(block, SIZE_MAX));
    assert_int_equal(*block, 9);
    assert_int_equal(large_usable_size(block), PAGE);
    assert_int_equal(large_free(block), 0);
    assert_null(large_resize(block, PAGE));
}

// The program's own advice splits the mapping, so the kernel does not move it as one.
static void a_block_that_the_program_split_grows_too(void **state)
{
    (void)state;
    unsigned char *block = large_allocate(64 * PAGE, 0);
    memset(block, 3, 64 * PAGE);
    assert_int_equal(madvise(block + 8 * PAGE, 8 * PAGE, MADV_DONTFORK), 0);
    unsigned char *grown = large_resize(block, 640 * PAGE);
    assert_non_null(grown);
    assert_true(is_filled(grown, 64 * PAGE, 3));
    assert_true(is_filled(grown + 64 * PAGE, 576 * PAGE, 0));
    assert_int_equal(large_free(grown), 0);
}

static bool is_accessible(const void *address)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    bool is_read = write(ends[1], address, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return is_read;
}

static void assert_guarded(const unsigned char *block)
{
    size_t usable = large_usable_size(block);
    assert_true(is_accessible(block));
    assert_true(is_accessible(block + usable - 1));
    assert_false(is_accessible(block - 1));
    assert_false(is_accessible(block + usable));
}

static void a_block_lies_between_guards(void **state)
{
    (void)state;
    unsigned char *first = large_allocate(40 * PAGE, 0);
    unsigned char *block = large_allocate(40 * PAGE, 0);
    unsigned char *aligned = large_allocate(40 * PAGE, 1 << 20);
    assert_guarded(first);
    assert_guarded(block);
    assert_guarded(aligned);
    block = large_resize(block, 400 * PAGE);
    assert_guarded(block);
    block = large_resize(block, 30 * PAGE);
    assert_guarded(block);
    block = large_resize(block, 29 * PAGE);
    assert_guarded(block);
    assert_int_equal(large_free(block), 0);
    assert_int_equal(large_free(first), 0);
    assert_int_equal(large_free(aligned), 0);
}

static void counts_are_of_what_lives(void **state)
{
    (void)state;
    size_t blocks_before, bytes_before, blocks, bytes;
    large_count(&blocks_before, &bytes_before);
    void *one = large_allocate(10 * PAGE, 0);
    void *two = large_resize(large_allocate(10 * PAGE, 0), 20 * PAGE);
    large_count(&blocks, &bytes);
    assert_int_equal(blocks - blocks_before, 2);
    assert_int_equal(bytes - bytes_before, 30 * PAGE);
    large_free(one);
    large_free(one);
    large_free(two);
    large_count(&blocks, &bytes);
    assert_int_equal(blocks, blocks_before);
    assert_int_equal(bytes, bytes_before);
}

static bool fill_places(unsigned char **blocks, size_t count, size_t first, size_t step)
{
    for (size_t i = first; i < count; i += step)
    {
        blocks[i] = large_allocate(PAGE, 0);
        if (!blocks[i] || *blocks[i] != 0)
            return false;
        *blocks[i] = (unsigned char)(i | 1);
    }
    return true;
}

static bool empty_places(unsigned char **blocks, size_t count, size_t first, size_t step)
{
    for (size_t i = first; i < count; i += step)
        if (*blocks[i] != (unsigned char)(i | 1) || large_free(blocks[i]) != 0)
            return false;
    return true;
}

// More blocks than the kernel allows mappings; then every second one goes, which would make more holes than it allows;
// then their like come again. No address space may be lost on the way.
static const char *live_beyond_the_limit_of_mappings(void)
{
    size_t count = 2 * pages_map_count_max() + 20000;
    if (count > 1000000)
        return NULL; // a machine with a limit that no test reaches
    unsigned char **blocks = malloc(count * sizeof *blocks);
    size_t mapped_before = 0, blocks_before, blocks_after, bytes;
    large_count(&blocks_before, &bytes);
    if (!fill_places(blocks, count, 0, 1))
        return "a block was refused";
    for (int round = 0; round < 3; round++)
    {
        if (!empty_places(blocks, count, 1, 2))
            return "a block could not be freed, or was overwritten";
        if (!fill_places(blocks, count, 1, 2))
            return "a block was refused after others had been freed";
        if (round == 0)
            mapped_before = mapped_pages();
    }
    if (mapped_pages() > mapped_before + 64)
        return "address space was lost";
    if (!empty_places(blocks, count, 0, 1))
        return "a block could not be freed at the end";
    large_count(&blocks_after, &bytes);
    return blocks_after == blocks_before ? NULL : "blocks are left";
}

static void more_blocks_than_mappings_come_and_go(void **state)
{
    (void)state;
    assert_in_child(live_beyond_the_limit_of_mappings);
}

static const char *fill_the_address_space(void)
{
    struct rlimit limit = {(size_t)256 << 20, RLIM_INFINITY};
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return "the limit was not set";
    const size_t block_bytes = 16 * PAGE;
    size_t left = pages_space_left(), got = 0;
    while (large_allocate(block_bytes, 0))
        got += block_bytes;
    if (errno != ENOMEM)
        return "errno is wrong";
    // Guards and tables cost something; guards are given up at the end.
    return got > left / 100 * 80 && pages_space_left() < 4 * block_bytes ? NULL : "there was more";
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW true // a sanitizer's shadow alone is beyond any limit of address space
#else
#define HAS_SHADOW false
#endif

static void a_limit_of_address_space_is_used_up(void **state)
{
    (void)state;
    if (HAS_SHADOW)
        skip();
    assert_in_child(fill_the_address_space);
}

static const char *lock_memory(void)
{
    struct rlimit limit;
    // What may be locked is bounded: more than a few blocks may not be allowed.
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur < (1 << 20) || mlockall(MCL_FUTURE) != 0)
        return NULL;
    unsigned char *block = large_allocate(4 * PAGE, 0);
    if (!block)
        return "a block was refused";
    memset(block, 1, 4 * PAGE);
    block = large_resize(block, PAGE);
    block = block ? large_resize(block, 4 * PAGE) : NULL;
    if (!block || !is_filled(block, PAGE, 1) || !is_filled(block + PAGE, 3 * PAGE, 0))
        return "what was added is not zero";
    return large_free(block) == 0 ? NULL : "a block could not be freed";
}

static void a_program_that_locks_its_memory_is_served(void **state)
{
    (void)state;
    assert_in_child(lock_memory);
}

static struct
{
    pthread_barrier_t barrier;
    unsigned char *blocks[RACE_ROUNDS];
    int results[2][RACE_ROUNDS];
} race;

static void *free_all(void *results)
{
    pthread_barrier_wait(&race.barrier);
    for (int i = 0; i < RACE_ROUNDS; i++)
        ((int *)results)[i] = large_free(race.blocks[i]);
    return NULL;
}

static void of_two_threads_that_free_a_block_one_is_told(void **state)
{
    (void)state;
    pthread_t threads[2];
    pthread_barrier_init(&race.barrier, NULL, 2);
    for (int i = 0; i < RACE_ROUNDS; i++)
        assert_non_null(race.blocks[i] = large_allocate(PAGE, 0));
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, free_all, race.results[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < RACE_ROUNDS; i++)
        assert_int_equal(race.results[0][i] + race.results[1][i], HEAP_MISUSE_DOUBLE_FREE);
}

static void *churn(void *seed)
{
    unsigned char *blocks[16] = {NULL};
    unsigned int random = *(unsigned int *)seed;
    size_t wrong = 0;
    for (int i = 0; i < 4000; i++)
    {
        random = random * 1664525 + 1013904223;
        unsigned char **block = &blocks[random >> 28];
        size_t size = ((random >> 8) % 64 + 1) * PAGE;
        if (!*block)
            *block = large_allocate(size, 0);
        else if (random & 1 << 20)
            *block = large_resize(*block, size);
        else
        {
            wrong += (size_t)large_free(*block);
            *block = NULL;
            continue;
        }
        if (*block && large_usable_size(*block) >= size)
            memset(*block, (int)random, size);
        else
            wrong++;
    }
    for (int i = 0; i < 16; i++)
        wrong += blocks[i] ? (size_t)large_free(blocks[i]) : 0;
    *(unsigned int *)seed = (unsigned int)wrong;
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    unsigned int seeds[3] = {1, 2, 3};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, churn, &seeds[i]);
    for (int i = 0; i < 3; i++)
    {
        pthread_join(threads[i], NULL);
        assert_int_equal(seeds[i], 0);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_zeroed_and_usable_in_whole_pages),
        cmocka_unit_test(any_alignment_is_kept),
        cmocka_unit_test(what_no_address_space_holds_is_refused),
        cmocka_unit_test(a_wrong_free_is_told_and_changes_nothing),
        cmocka_unit_test(a_freed_beginning_inside_a_live_block_is_inside_it),
        cmocka_unit_test(growth_and_shrinkage_keep_contents),
        cmocka_unit_test(a_refused_growth_changes_nothing),
        cmocka_unit_test(a_block_that_the_program_split_grows_too),
        cmocka_unit_test(a_block_lies_between_guards),
        cmocka_unit_test(counts_are_of_what_lives),
        cmocka_unit_test(more_blocks_than_mappings_come_and_go),
        cmocka_unit_test(a_limit_of_address_space_is_used_up),
        cmocka_unit_test(a_program_that_locks_its_memory_is_served),
        cmocka_unit_test(of_two_threads_that_free_a_block_one_is_told),
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };
    large_open();
    return RUN_CASES(argument_count, arguments, tests);
}
