// SPDX-License-Identifier: MIT
// The page source and the lock: limits, what the observer is told, exclusion.
#define _GNU_SOURCE
#include "cases.h"

#include "heap/lock.h"
#include "heap/pages.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW true // a sanitizer's shadow alone is beyond any limit of address space
#else
#define HAS_SHADOW false
#endif

static struct
{
    struct heap_zone zone;
    const void *committed, *returned;
    size_t committed_bytes, returned_bytes;
    char byte_when_returned;
} told;

static void note_zone(const struct heap_zone *zone)
{
    told.zone = *zone;
}

static void note_committed(const void *address, size_t bytes)
{
    told.committed = address;
    told.committed_bytes = bytes;
}

static void note_returned(const void *address, size_t bytes)
{
    told.returned = address;
    told.returned_bytes = bytes;
    told.byte_when_returned = *(const char *)address;
}

static void the_observer_is_told_of_each_step(void **state)
{
    (void)state;
    static const struct heap_observer observer = {
        .zone = note_zone, .committed = note_committed, .returned = note_returned};
    heap_observe(&observer);
    errno = 4711;
    size_t bytes;
    char *zone = pages_reserve(100000, 1, 7, HEAP_ROLE_SLOTS, &bytes);
    assert_non_null(zone);
    assert_int_equal(bytes, 102400);
    assert_ptr_equal(told.zone.address, zone);
    assert_int_equal(told.zone.bytes, bytes);
    assert_int_equal(told.zone.class_id, 7);
    assert_int_equal(told.zone.role, HEAP_ROLE_SLOTS);
    assert_true(pages_commit(zone + 4096, 8192));
    assert_ptr_equal(told.committed, zone + 4096);
    assert_int_equal(told.committed_bytes, 8192);
    memset(zone + 4096, 5, 8192);
    pages_return(zone + 4096, 4096);
    assert_ptr_equal(told.returned, zone + 4096);
    assert_int_equal(told.returned_bytes, 4096);
    assert_int_equal(told.byte_when_returned, 5); // told before
    assert_int_equal(zone[4096], 0);
    assert_int_equal(zone[8192], 5);
    heap_observe(NULL);
    pages_return(zone + 8192, 4096);
    assert_ptr_equal(told.returned, zone + 4096);
    assert_int_equal(errno, 4711);
}

// 0: it came back, else how the child ended.
static int end_of_access(char *address, bool is_write)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
    {
        signal(SIGSEGV, SIG_DFL);
        char byte = *(volatile char *)address;
        if (is_write)
            *(volatile char *)address = byte;
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void pages_fault_until_they_are_committed(void **state)
{
    (void)state;
    size_t bytes;
    char *zone = pages_reserve(8192, 8192, HEAP_NO_CLASS, HEAP_ROLE_METADATA, &bytes);
    assert_int_not_equal(end_of_access(zone, false), 0);
    assert_true(pages_commit(zone, 4096));
    assert_int_equal(end_of_access(zone, true), 0);
    assert_int_not_equal(end_of_access(zone + 4096, false), 0);
    *zone = 3;
    assert_true(pages_return_and_protect(zone, 4096));
    assert_int_not_equal(end_of_access(zone, false), 0);
    assert_true(pages_commit(zone, 4096));
    assert_int_equal(*zone, 0);
    *zone = 4;
    pages_set_read_only(zone, 4096);
    assert_int_equal(*zone, 4);
    assert_int_not_equal(end_of_access(zone, true), 0);
}

static void a_reservation_is_halved_until_it_fits(void **state)
{
    (void)state;
    size_t bytes;
    char *zone = pages_reserve((size_t)1 << 50, 4096, HEAP_NO_CLASS, HEAP_ROLE_BUMP, &bytes);
    assert_non_null(zone);
    assert_int_equal(bytes & (bytes - 1), 0);
    assert_true(bytes <= (size_t)1 << 46);
    munmap(zone, bytes);
    assert_null(pages_reserve((size_t)1 << 50, (size_t)1 << 49, HEAP_NO_CLASS, HEAP_ROLE_BUMP, &bytes));
    assert_non_null(pages_reserve(1, 10000, HEAP_NO_CLASS, HEAP_ROLE_BUMP, &bytes));
    assert_int_equal(bytes, 12288);
}

static void what_is_left_of_a_limit_can_be_reserved_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(pages_space_left(), SIZE_MAX);
    if (HAS_SHADOW)
        skip();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
    {
        struct rlimit limit = {(size_t)1 << 30, RLIM_INFINITY};
        setrlimit(RLIMIT_AS, &limit);
        size_t left = pages_space_left(), bytes;
        bool is_exact = left < (size_t)1 << 30 &&
                        !pages_reserve(left + 4096, left + 4096, HEAP_NO_CLASS, HEAP_ROLE_BUMP, &bytes) &&
                        pages_reserve(left, left, HEAP_NO_CLASS, HEAP_ROLE_BUMP, &bytes) && pages_space_left() == 0;
        _exit(is_exact ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void the_machine_is_as_the_kernel_says(void **state)
{
    (void)state;
    assert_int_equal(pages_physical_bytes(), (size_t)sysconf(_SC_PHYS_PAGES) * 4096);
    assert_true(pages_map_count_max() > 1000);
}

enum
{
    THREADS = 3,
    ROUNDS = 50000,
};

static struct
{
    struct heap_lock lock;
    size_t count; // protected by the lock, and by nothing else
} guarded;

static void *count_up(void *nothing)
{
    for (int i = 0; i < ROUNDS; i++)
    {
        heap_lock_acquire(&guarded.lock);
        guarded.count++;
        heap_lock_release(&guarded.lock);
    }
    return nothing;
}

static void one_thread_at_a_time_holds_the_lock(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, count_up, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(guarded.count, THREADS * ROUNDS);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_observer_is_told_of_each_step),
        cmocka_unit_test(pages_fault_until_they_are_committed),
        cmocka_unit_test(a_reservation_is_halved_until_it_fits),
        cmocka_unit_test(what_is_left_of_a_limit_can_be_reserved_and_no_more),
        cmocka_unit_test(the_machine_is_as_the_kernel_says),
        cmocka_unit_test(one_thread_at_a_time_holds_the_lock),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
