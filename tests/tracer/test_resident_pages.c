// SPDX-License-Identifier: MIT
// Pages of a child that touched some of what it mapped, as the kernel lists them and as they are looked at one by one.
#include "tracer/resident_pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE ((size_t)4096)
#define PAGES 64
#define HUGE_BYTES ((size_t)1 << 40)

// What the child has mapped, the same in this process.
struct maps
{
    char *every_other;  // of PAGES pages, the second, fourth, ... are written
    char *inaccessible; // 8 pages, written, then closed to every access
    char *untouched;    // 8 pages
    char *read;         // 8 pages, only read: the zero page
    char *reserved;     // HUGE_BYTES without access
    char *shared;       // 8 pages, written
    char *file;         // 8 private pages of a file, written
};

static char *map(size_t bytes, int protection, int flags, int fd)
{
    char *address = mmap(NULL, bytes, protection, flags | MAP_NORESERVE, fd, 0);
    assert_true(address != MAP_FAILED);
    return address;
}

static void map_all(struct maps *maps)
{
    const int both = PROT_READ | PROT_WRITE;
    const int private = MAP_PRIVATE | MAP_ANONYMOUS;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 8 * (off_t)PAGE), 0);
    maps->every_other = map(PAGES * PAGE, both, private, -1);
    maps->inaccessible = map(8 * PAGE, both, private, -1);
    maps->untouched = map(8 * PAGE, both, private, -1);
    maps->read = map(8 * PAGE, both, private, -1);
    maps->reserved = map(HUGE_BYTES, PROT_NONE, private, -1);
    maps->shared = map(8 * PAGE, both, MAP_SHARED | MAP_ANONYMOUS, -1);
    maps->file = map(8 * PAGE, both, MAP_PRIVATE, fileno(file));
    fclose(file);
    for (size_t i = 1; i < PAGES; i += 2)
        maps->every_other[i * PAGE] = 1;
    memset(maps->inaccessible, 1, 8 * PAGE);
    assert_int_equal(mprotect(maps->inaccessible, 8 * PAGE, PROT_NONE), 0);
    for (size_t i = 0; i < 8; i++)
        (void)*(volatile char *)(maps->read + i * PAGE);
    memset(maps->shared, 1, 8 * PAGE);
    memset(maps->file, 1, 8 * PAGE);
}

static void unmap_all(const struct maps *maps)
{
    munmap(maps->every_other, PAGES * PAGE);
    munmap(maps->inaccessible, 8 * PAGE);
    munmap(maps->untouched, 8 * PAGE);
    munmap(maps->read, 8 * PAGE);
    munmap(maps->reserved, HUGE_BYTES);
    munmap(maps->shared, 8 * PAGE);
    munmap(maps->file, 8 * PAGE);
}

static size_t backed_pages(const struct resident_pages *pages, const char *address, size_t bytes)
{
    uint64_t begin = (uintptr_t)address;
    size_t count = 0;
    for (size_t i = 0; i < pages->run_count; i++)
        for (uint64_t page = pages->runs[i].begin; page < pages->runs[i].end; page += PAGE)
            count += page >= begin && page < begin + bytes;
    return count;
}

static void assert_in_order(const struct resident_pages *pages)
{
    size_t run = 0;
    for (size_t i = 0; i < pages->mapping_count; i++)
    {
        const struct reel_resident_mapping *mapping = &pages->mappings[i];
        size_t first = run;
        assert_true(mapping->begin < mapping->end);
        assert_true(i == 0 || mapping[-1].end <= mapping->begin);
        for (; run < pages->run_count && pages->runs[run].begin < mapping->end; run++)
        {
            assert_true(pages->runs[run].begin >= mapping->begin && pages->runs[run].end <= mapping->end);
            assert_true(pages->runs[run].begin < pages->runs[run].end);
            assert_true(run == first || pages->runs[run - 1].end < pages->runs[run].begin);
        }
        assert_true(run > first);
    }
    assert_int_equal(run, pages->run_count);
}

static bool is_inaccessible(const struct resident_pages *pages, const char *address)
{
    for (size_t i = 0; i < pages->mapping_count; i++)
        if (pages->mappings[i].begin <= (uintptr_t)address && (uintptr_t)address < pages->mappings[i].end)
            return pages->mappings[i].is_inaccessible;
    fail_msg("%p is in no mapping", (const void *)address);
    return false;
}

static void assert_backed(const struct maps *maps, const struct resident_pages *pages)
{
    assert_in_order(pages);
    assert_int_equal(backed_pages(pages, maps->every_other, PAGES * PAGE), PAGES / 2);
    for (size_t i = 0; i < PAGES; i++)
        assert_int_equal(backed_pages(pages, maps->every_other + i * PAGE, PAGE), i % 2);
    assert_int_equal(backed_pages(pages, maps->inaccessible, 8 * PAGE), 8);
    assert_true(is_inaccessible(pages, maps->inaccessible));
    assert_false(is_inaccessible(pages, maps->every_other));
    assert_int_equal(backed_pages(pages, maps->untouched, 8 * PAGE), 0);
    assert_int_equal(backed_pages(pages, maps->reserved, HUGE_BYTES), 0);
    assert_int_equal(backed_pages(pages, maps->shared, 8 * PAGE), 0);
    assert_int_equal(backed_pages(pages, maps->file, 8 * PAGE), 0);
}

static void written_private_pages_are_found_by_both_ways(void **state)
{
    (void)state;
    struct maps maps;
    struct resident_pages listed = {0};
    struct resident_pages looked_at = {.has_no_scan = true};
    map_all(&maps);
    assert_true(resident_pages_read(getpid(), &listed));
    assert_false(listed.is_cut);
    assert_true(resident_pages_read(getpid(), &looked_at));
    assert_backed(&maps, &listed);
    assert_backed(&maps, &looked_at);
    if (!listed.has_no_scan)
        assert_int_equal(backed_pages(&listed, maps.read, 8 * PAGE), 0);
    resident_pages_fini(&listed);
    resident_pages_fini(&looked_at);
    unmap_all(&maps);
}

// More runs than the kernel gives at a time, in a mapping that is split into many by what may be done there.
static void many_runs_and_mappings_are_all_there(void **state)
{
    (void)state;
    const size_t pages_max = 6000;
    struct resident_pages pages = {0};
    char *address = map(pages_max * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    for (size_t i = 0; i < pages_max; i += 2)
        address[i * PAGE] = 1;
    for (size_t i = 0; i < pages_max; i += 10)
        assert_int_equal(mprotect(address + i * PAGE, PAGE, PROT_READ), 0);
    for (int round = 0; round < 2; round++)
    {
        assert_true(resident_pages_read(getpid(), &pages));
        assert_in_order(&pages);
        assert_int_equal(backed_pages(&pages, address, pages_max * PAGE), pages_max / 2);
        assert_true(pages.mapping_count > pages_max / 10);
        pages.has_no_scan = true;
    }
    resident_pages_fini(&pages);
    munmap(address, pages_max * PAGE);
}

static void the_program_break_is_marked(void **state)
{
    (void)state;
    struct resident_pages pages = {0};
    char *end = sbrk(4 * (intptr_t)PAGE);
    size_t breaks = 0;
    assert_true(end != (void *)-1);
    memset(end, 1, 4 * PAGE);
    assert_true(resident_pages_read(getpid(), &pages));
    for (size_t i = 0; i < pages.mapping_count; i++)
        if (pages.mappings[i].is_break)
        {
            breaks++;
            assert_true(pages.mappings[i].begin <= (uintptr_t)end && pages.mappings[i].end >= (uintptr_t)sbrk(0));
        }
    assert_int_equal(breaks, 1);
    assert_true(backed_pages(&pages, end, 4 * PAGE) >= 4);
    resident_pages_fini(&pages);
}

static void another_process_is_read_and_one_that_is_gone_is_not(void **state)
{
    (void)state;
    struct resident_pages pages = {0};
    char *address = map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    int pipes[2];
    char byte = 0;
    siginfo_t about;
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
    {
        memset(address, 1, 3 * PAGE);
        raise(SIGSTOP);
        _exit(read(pipes[0], &byte, 1) == 1 ? 0 : 1);
    }
    assert_int_equal(waitid(P_PID, (id_t)pid, &about, WSTOPPED), 0);
    assert_true(resident_pages_read(pid, &pages));
    assert_int_equal(backed_pages(&pages, address, 8 * PAGE), 3);
    assert_int_equal(write(pipes[1], &byte, 1), 1);
    kill(pid, SIGCONT);
    assert_int_equal(waitid(P_PID, (id_t)pid, &about, WEXITED | WNOWAIT), 0);
    assert_false(resident_pages_read(pid, &pages)); // a zombie
    waitpid(pid, NULL, 0);
    assert_false(resident_pages_read(1 << 30, &pages));
    resident_pages_fini(&pages);
    munmap(address, 8 * PAGE);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_private_pages_are_found_by_both_ways),
        cmocka_unit_test(many_runs_and_mappings_are_all_there),
        cmocka_unit_test(the_program_break_is_marked),
        cmocka_unit_test(another_process_is_read_and_one_that_is_gone_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
