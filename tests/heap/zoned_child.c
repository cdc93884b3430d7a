// SPDX-License-Identifier: MIT
// Runs a case in a child process with `zoned` opened, and calls of the backend that check what every call must keep.
#define _GNU_SOURCE
#include "zoned_child.h"

#include "cases.h"
#include "zoned_check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    OPTIONS_BYTES = 200,
};

_Noreturn void zoned_child_fail(const char *file, int line, const char *condition)
{
    dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, condition);
    _exit(1);
}

static void open_zoned(const char *options)
{
    char text[OPTIONS_BYTES];
    struct heap_options parsed;
    struct base_text complaint;
    snprintf(text, sizeof text, "zoned%s%s", *options ? "," : "", options);
    EXPECT(heap_options_parse(&parsed, text, &complaint));
    EXPECT(heap_open(&parsed) == &heap_zoned);
}

static _Noreturn void run_child(const char *options, size_t address_space, void (*run)(void))
{
    signal(SIGSEGV, SIG_DFL); // not cmocka's
    struct rlimit limit = {address_space, address_space};
    EXPECT(address_space == 0 || setrlimit(RLIMIT_AS, &limit) == 0);
    open_zoned(options);
    run();
    const char *complaint = zoned_check();
    if (complaint)
        zoned_child_fail(__FILE__, __LINE__, complaint);
    _exit(0);
}

void run_in_zoned_child(const char *options, size_t address_space, void (*run)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_child(options, address_space, run);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void *take(size_t size)
{
    struct heap_grant grant = heap_zoned.malloc(size);
    EXPECT(grant.block && (grant.about & HEAP_GRANT_MISUSE) == 0);
    EXPECT(heap_grant_usable(grant) >= size && (uintptr_t)grant.block % 16 == 0);
    return grant.block;
}

void give(void *block)
{
    EXPECT(!heap_zoned.free(block));
}

void expect_misuse(enum heap_misuse_kind kind, const void *address, size_t size, size_t true_size)
{
    struct heap_misuse misuse;
    EXPECT(heap_misuse_take(&misuse));
    EXPECT(misuse.kind == kind);
    EXPECT(misuse.address == address);
    EXPECT(misuse.size == size);
    EXPECT(misuse.true_size == true_size);
}

void expect_no_misuse(void)
{
    struct heap_misuse misuse;
    EXPECT(!heap_misuse_take(&misuse));
}

bool is_all(const void *bytes, size_t count, unsigned char value)
{
    const unsigned char *first = bytes;
    return count == 0 || (first[0] == value && memcmp(first, first + 1, count - 1) == 0);
}
