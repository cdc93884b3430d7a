// SPDX-License-Identifier: MIT
// `splitmerge` and fork: beside threads that are inside it, and in a signal handler that has interrupted it.
#define _GNU_SOURCE
#include "cases.h"
#include "splitmerge_check.h"

#include "heap/backend.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    FORKS = 40,
    BLOCKS = 64,
    INTERVAL_US = 200,
};

static const struct heap_backend *const heap = &heap_splitmerge;

static atomic_bool is_over;
static atomic_int forks, failures;

static void open_heap(void)
{
    const struct heap_options options = {.kind = HEAP_SPLITMERGE};
    assert_ptr_equal(heap_open(&options), heap);
}

static void *churn(void *nothing)
{
    void *blocks[BLOCKS] = {NULL};
    for (unsigned int i = 0; !is_over; i++)
    {
        heap->free(blocks[i % BLOCKS]);
        blocks[i % BLOCKS] = heap->malloc(i * 7919 % 3000).block;
    }
    for (int i = 0; i < BLOCKS; i++)
        heap->free(blocks[i]);
    return nothing;
}

// As the handlers of pthread_atfork do it. child's answer is its exit status.
static void fork_once(int (*child)(void))
{
    heap->fork_prepare();
    pid_t pid = fork();
    if (pid == 0)
    {
        heap->fork_child();
        _exit(child());
    }
    heap->fork_parent();
    int status = 1;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        failures++;
    forks++;
}

static int use_heap(void)
{
    if (splitmerge_find_fault())
        return 1;
    void *block = heap->malloc(500).block;
    return block && !heap->free(block) && !splitmerge_find_fault() ? 0 : 2;
}

static void a_child_has_a_sound_heap_whatever_threads_were_at(void **state)
{
    (void)state;
    open_heap();
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, churn, NULL);
    for (int i = 0; i < FORKS; i++)
        fork_once(use_heap);
    is_over = true;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
    assert_null(splitmerge_find_fault());
}

static int do_nothing(void)
{
    return 0;
}

static void fork_in_handler(int signal_number)
{
    (void)signal_number;
    fork_once(do_nothing);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_LOCKS_OF_ITS_OWN true // a sanitizer's runtime, which a fork in a handler finds held
#else
#define HAS_LOCKS_OF_ITS_OWN false
#endif

static void a_fork_in_a_handler_does_not_wait_for_what_it_interrupted(void **state)
{
    (void)state;
    if (HAS_LOCKS_OF_ITS_OWN)
        skip();
    open_heap();
    struct sigaction action = {.sa_handler = fork_in_handler, .sa_flags = SA_RESTART};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    const struct itimerval every = {{0, INTERVAL_US}, {0, INTERVAL_US}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &every, NULL);
    while (forks < FORKS)
        heap->free(heap->malloc(100).block);
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(failures, 0);
    assert_null(splitmerge_find_fault());
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_in_a_handler_does_not_wait_for_what_it_interrupted),
        cmocka_unit_test(a_child_has_a_sound_heap_whatever_threads_were_at),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
