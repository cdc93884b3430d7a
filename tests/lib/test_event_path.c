// SPDX-License-Identifier: MIT
// The event path, called directly: what stands in the ring after which calls.
#define _GNU_SOURCE
#include "session_fixture.h"

#include "record/record.h"
#include "record/recorder_internal.h"
#include "wire/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/single_threaded.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    RING_EVENTS = 1024,
};

static struct session_fixture fixture;
static uint32_t descriptions;

static void describe(void)
{
    descriptions++;
    record_heap(WIRE_EVENT_CLASS, 0, 16, 16, 0);
}

static int open_session(void **state)
{
    (void)state;
    session_fixture_open(&fixture, WIRE_STACKS_OFF, RING_EVENTS);
    setenv(WIRE_SESSION_VARIABLE, fixture.directory, 1);
    record_on_begin(describe);
    record_start();
    return !recorder_is_active();
}

static int close_session(void **state)
{
    (void)state;
    session_fixture_close(&fixture);
    return 0;
}

static struct wire_ring *own_ring(void)
{
    return record_own.thread->ring;
}

static uint64_t committed(void)
{
    return own_ring()->state >> 1;
}

static const struct wire_event *last_event(uint64_t back)
{
    return &own_ring()->records[(committed() - 1 - back) % RING_EVENTS];
}

static void drain(void)
{
    __atomic_store_n(&own_ring()->tail, committed(), __ATOMIC_RELEASE);
}

static void *address(uintptr_t number)
{
    return (void *)number; // never followed
}

static void heap_is_described_when_the_recording_begins_and_only_then(void **state)
{
    (void)state;
    assert_int_equal(descriptions, 1);
    assert_int_equal(committed(), 1);
    assert_int_equal(wire_where_kind(last_event(0)->where), WIRE_EVENT_CLASS);
    record_start();
    assert_true(record_is_active());
    assert_int_equal(descriptions, 1);
}

static void alloc_is_committed_with_its_sizes(void **state)
{
    (void)state;
    record_alloc(address(0x1000), 100, 104, WIRE_EVENT_ZEROED, NULL);
    const struct wire_event *event = last_event(0);
    assert_int_equal(wire_where_kind(event->where), WIRE_EVENT_ALLOC);
    assert_int_equal(wire_where_flags(event->where), WIRE_EVENT_ZEROED);
    assert_int_equal(wire_where_address(event->where), 0x1000);
    assert_int_equal(event->size, 100);
    assert_int_equal(event->slack, 4);
    assert_int_equal(own_ring()->state & 1, 0);
    drain();
}

static void enormous_slack_is_kept_in_pages(void **state)
{
    (void)state;
    uint64_t usable = (UINT64_C(6) << 32) + 8192;
    record_alloc(address(0x1000), UINT64_C(1) << 32, usable, 0, NULL);
    assert_int_equal(wire_where_flags(last_event(0)->where), WIRE_EVENT_USABLE_PAGES);
    assert_int_equal(last_event(0)->slack, usable / 4096);
    drain();
}

static void end_realloc(struct record_thread *thread, uint64_t before, const void *old, const void *block,
                        size_t requested, size_t usable)
{
    const struct record_realloc call = {.time_before = before,
                                        .old = old,
                                        .usable_before = 1000,
                                        .block = block,
                                        .requested = requested,
                                        .usable = usable,
                                        .flags = WIRE_EVENT_CARVED};
    record_realloc_end(thread, &call, NULL);
}

static void moving_realloc_is_a_free_before_and_an_alloc_after(void **state)
{
    (void)state;
    uint64_t before;
    struct record_thread *thread = record_realloc_begin(&before);
    assert_non_null(thread);
    assert_int_equal(own_ring()->state & 1, 1);
    end_realloc(thread, before, address(0x1000), address(0x2000), 300, 312);
    assert_int_equal(wire_where_kind(last_event(1)->where), WIRE_EVENT_FREE);
    assert_int_equal(wire_where_address(last_event(1)->where), 0x1000);
    assert_int_equal(wire_where_flags(last_event(1)->where), WIRE_EVENT_REALLOC);
    assert_int_equal(last_event(1)->time, before);
    assert_int_equal(wire_where_kind(last_event(0)->where), WIRE_EVENT_ALLOC);
    assert_int_equal(wire_where_flags(last_event(0)->where), WIRE_EVENT_REALLOC | WIRE_EVENT_CARVED);
    assert_true(last_event(0)->time > before);
    drain();
}

// Gives the time before the call.
static uint64_t perform_realloc(const void *old, const void *block, size_t requested, size_t usable)
{
    uint64_t before;
    struct record_thread *thread = record_realloc_begin(&before);
    end_realloc(thread, before, old, block, requested, usable);
    return before;
}

static void realloc_in_place_is_one_resize(void **state)
{
    (void)state;
    uint64_t events = committed();
    perform_realloc(address(0x1000), address(0x1000), 300, 312);
    assert_int_equal(committed(), events + 1);
    assert_int_equal(wire_where_kind(last_event(0)->where), WIRE_EVENT_RESIZE);
    drain();
}

static void block_that_shrinks_in_place_is_resized_before_the_call(void **state)
{
    (void)state;
    uint64_t before_shrinking = perform_realloc(address(0x1000), address(0x1000), 300, 312);
    assert_int_equal(last_event(0)->time, before_shrinking);
    uint64_t before_growing = perform_realloc(address(0x1000), address(0x1000), 2000, 2008);
    assert_true(before_growing < last_event(0)->time);
    drain();
}

static void failed_realloc_leaves_no_event_and_an_idle_ring(void **state)
{
    (void)state;
    uint64_t events = committed();
    perform_realloc(address(0x1000), NULL, 300, 0);
    assert_int_equal(committed(), events);
    assert_int_equal(own_ring()->state & 1, 0);
}

static void realloc_to_nothing_is_a_free(void **state)
{
    (void)state;
    perform_realloc(address(0x1000), NULL, 0, 0);
    assert_int_equal(wire_where_kind(last_event(0)->where), WIRE_EVENT_FREE);
    drain();
}

static void nested_event_is_committed_by_the_outermost_call(void **state)
{
    (void)state;
    uint64_t events = committed();
    uint64_t before;
    struct record_thread *thread = record_realloc_begin(&before);
    record_alloc(address(0x3000), 8, 24, 0, NULL); // as a signal handler would
    assert_int_equal(committed(), events);
    end_realloc(thread, before, address(0x1000), address(0x2000), 300, 312);
    assert_int_equal(committed(), events + 3);
    assert_int_equal(wire_where_address(last_event(2)->where), 0x3000);
    drain();
}

// A handler that comes between a commit and the end of its call finds depth above 0 and the ring idle.
static void nested_event_marks_a_ring_that_is_idle_already(void **state)
{
    (void)state;
    uint64_t events = committed();
    record_own.thread->depth = 1;
    record_alloc(address(0x3000), 8, 24, 0, NULL);
    assert_int_equal(own_ring()->state, events << 1 | 1);
    record_own.thread->depth = 0;
    record_free(address(0x3000), NULL);
    assert_int_equal(own_ring()->state, (events + 2) << 1);
    drain();
}

static void full_ring_drops_and_counts_in_drop_mode(void **state)
{
    (void)state;
    drain();
    uint64_t dropped = own_ring()->dropped;
    uint64_t events = committed();
    for (int i = 0; i < RING_EVENTS + 10; i++)
        record_free(address(0x1000), NULL);
    uint64_t written = committed() - events;
    assert_true(written <= RING_EVENTS);
    assert_int_equal(written + own_ring()->dropped - dropped, RING_EVENTS + 10);
    drain();
    record_free(address(0x1000), NULL);
    assert_int_equal(committed(), events + written + 1);
    drain();
}

// ThreadSanitizer holds a signal back until a call that it knows, and the wait for room makes none.
#ifndef __SANITIZE_THREAD__
static atomic_bool is_interrupted;
static struct wire_ring *waited_for;

// Far deeper in the stack than any call of the test.
static void record_from_deep_down(int number)
{
    (void)number;
    char depth[65536];
    __asm__ volatile("" ::"r"(depth) : "memory"); // so that it is there
    atomic_store(&is_interrupted, true);
    record_free(address(0x5000), depth);
}

// A tracer that is slow: the waiting thread is interrupted before it gets room.
static void *interrupt_the_wait_and_make_room(void *waiting)
{
    struct wire_ring *ring = waited_for;
    while (!__atomic_load_n(&ring->is_waiting, __ATOMIC_SEQ_CST))
        sched_yield();
    pthread_kill(*(pthread_t *)waiting, SIGUSR1);
    while (!atomic_load(&is_interrupted))
        sched_yield();
    __atomic_store_n(&ring->tail, ring->state >> 1, __ATOMIC_RELEASE);
    return NULL;
}

// A handler that runs while a call waits for room is an outermost call of its own. It must not make the waiting one
// look as if it had been left by longjmp when the next handler comes.
static void call_interrupted_while_it_waits_is_still_the_outermost(void **state)
{
    (void)state;
    uint64_t before;
    pthread_t tracer;
    pthread_t self = pthread_self();
    for (int i = 0; i < RING_EVENTS; i++)
        record_free(address(0x1000), NULL);
    fixture.session->when_full = WIRE_WHEN_FULL_WAIT;
    waited_for = own_ring();
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = record_from_deep_down}, NULL);
    assert_int_equal(pthread_create(&tracer, NULL, interrupt_the_wait_and_make_room, &self), 0);
    struct record_thread *thread = record_realloc_begin(&before);
    pthread_join(tracer, NULL);
    fixture.session->when_full = WIRE_WHEN_FULL_DROP;
    uint64_t events = committed();
    assert_int_equal(wire_where_address(last_event(0)->where), 0x5000);
    record_alloc(address(0x3000), 8, 24, 0, NULL);
    assert_int_equal(committed(), events);
    end_realloc(thread, before, address(0x1000), address(0x2000), 300, 312);
    assert_int_equal(committed(), events + 3);
    drain();
}
#endif

static void hostile_tail_does_not_overrun_the_ring(void **state)
{
    (void)state;
    __atomic_store_n(&own_ring()->tail, UINT64_MAX, __ATOMIC_RELEASE);
    for (int i = 0; i < 3 * RING_EVENTS; i++)
        record_free(address(0x1000), NULL);
    assert_true(record_own.thread->limit <= record_own.thread->head + RING_EVENTS);
    drain();
}

static void events_keep_errno(void **state)
{
    (void)state;
    errno = ENOTTY;
    record_alloc(address(0x1000), 8, 24, 0, NULL);
    record_free(address(0x1000), NULL);
    assert_int_equal(errno, ENOTTY);
    drain();
}

static void what_an_allocator_tells_has_no_stack_and_keeps_its_words(void **state)
{
    (void)state;
    record_heap(WIRE_EVENT_ZONE, 0x70000000, 1 << 20, 3 | WIRE_ROLE_SLOTS << WIRE_CLASS_BITS, 0);
    const struct wire_event *event = last_event(0);
    assert_int_equal(wire_where_kind(event->where), WIRE_EVENT_ZONE);
    assert_int_equal(wire_where_address(event->where), 0x70000000);
    assert_int_equal(event->size, 1 << 20);
    assert_int_equal(event->slack, 3 | WIRE_ROLE_SLOTS << WIRE_CLASS_BITS);
    assert_int_equal(event->stack, 0);
    drain();
}

static void what_an_allocator_tells_inside_a_call_is_committed_with_it(void **state)
{
    (void)state;
    uint64_t events = committed();
    uint64_t before;
    struct record_thread *thread = record_realloc_begin(&before);
    record_heap(WIRE_EVENT_COMMIT, 0x70000000, 4096, 0, 0);
    assert_int_equal(committed(), events);
    end_realloc(thread, before, address(0x1000), address(0x2000), 300, 312);
    assert_int_equal(committed(), events + 3);
    assert_int_equal(wire_where_kind(last_event(2)->where), WIRE_EVENT_COMMIT);
    drain();
}

static void misuse_follows_the_free_that_was_one(void **state)
{
    (void)state;
    record_free(address(0x1000), NULL);
    record_misuse(WIRE_MISUSE_WRONG_SIZE, address(0x1000), 24, UINT64_C(1) << 40, 0, NULL);
    assert_int_equal(wire_where_kind(last_event(1)->where), WIRE_EVENT_FREE);
    assert_int_equal(wire_where_kind(last_event(0)->where), WIRE_EVENT_MISUSE);
    assert_int_equal(wire_where_address(last_event(0)->where), 0x1000);
    assert_int_equal(last_event(0)->size, 24);
    assert_int_equal(last_event(0)->slack, WIRE_MISUSE_WRONG_SIZE | 0xffffffu << WIRE_MISUSE_BITS); // cut
    drain();
}

static void *record_once(void *context)
{
    record_alloc(address(0x5000), 8, 24, 0, NULL);
    *(struct wire_ring **)context = own_ring();
    record_thread_end();
    return NULL;
}

static void ended_thread_leaves_its_ring_retired_and_a_free_one_is_used_again(void **state)
{
    (void)state;
    struct wire_ring *first;
    struct wire_ring *second;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, record_once, &first), 0);
    pthread_join(thread, NULL);
    assert_int_equal(first->owner, WIRE_RING_RETIRED);
    first->owner = WIRE_RING_FREE; // the tracer has drained it
    assert_int_equal(pthread_create(&thread, NULL, record_once, &second), 0);
    pthread_join(thread, NULL);
    assert_ptr_equal(first, second);
    assert_int_equal(second->incarnation, 2);
    assert_int_equal(second->state >> 1, 2);
}

static void thread_whose_new_ring_another_takes_gets_the_next(void **state)
{
    (void)state;
    uint32_t used = recorder.channel->ring_used;
    struct wire_ring *taken = channel_ring(recorder.channel, used);
    struct wire_ring *ring = NULL;
    pthread_t thread;
    for (uint32_t i = 0; i < used; i++)
        assert_int_not_equal(channel_ring(recorder.channel, i)->owner, WIRE_RING_FREE);
    taken->owner = WIRE_RING_CLAIMED;
    assert_int_equal(pthread_create(&thread, NULL, record_once, &ring), 0);
    pthread_join(thread, NULL);
    assert_ptr_equal(ring, channel_ring(recorder.channel, used + 1));
    assert_int_equal(recorder.channel->lost_without_ring, 0);
}

static int child_has_a_channel_of_its_own(const struct wire_channel *parent, uint64_t parent_events)
{
    record_alloc(address(0x6000), 8, 24, 0, NULL);
    return recorder.channel != parent && recorder.channel->origin == WIRE_ORIGIN_FORK &&
           recorder.channel->pid == getpid() && committed() == 2 && parent_events > 0 && // its description, and this
           wire_where_kind(last_event(1)->where) == WIRE_EVENT_CLASS && descriptions == 2;
}

static void forked_copy_never_writes_into_its_parents_ring(void **state)
{
    (void)state;
    record_alloc(address(0x1000), 8, 24, 0, NULL);
    uint64_t events = committed();
    pid_t child = _Fork(); // runs no fork handler
    if (child == 0)
        _exit(child_has_a_channel_of_its_own(recorder.channel, events) ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(committed(), events);
    drain();
}

// Ten times the descriptions right after the fork, and those after the child's first event. 0: its ring holds anything
// but a description and that event.
static int descriptions_in_child(void)
{
    record_fork_child();
    uint32_t by_the_fork = descriptions;
    if (by_the_fork == 1) // part of what will be described
        record_heap(WIRE_EVENT_COMMIT, 0x70000000, 4096, 0, 0);
    record_free(address(0x1000), NULL);
    bool is_right = committed() == 2 && wire_where_kind(last_event(1)->where) == WIRE_EVENT_CLASS;
    return is_right ? (int)(by_the_fork * 10 + descriptions) : 0;
}

static int descriptions_after_fork(bool had_threads)
{
    char is_single_threaded = __libc_single_threaded;
    __libc_single_threaded = !had_threads;
    record_fork_begin();
    __libc_single_threaded = is_single_threaded;
    pid_t child = _Fork();
    if (child == 0)
        _exit(descriptions_in_child());
    int status;
    waitpid(child, &status, 0);
    drain();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A handler that forks may have interrupted the allocator, whose lock the description takes.
static void fork_alone_does_not_describe_the_heap(void **state)
{
    (void)state;
    assert_int_equal(descriptions_after_fork(false), 12);
}

static void fork_of_a_program_with_threads_describes_the_heap(void **state)
{
    (void)state;
    assert_int_equal(descriptions_after_fork(true), 22);
}

static void recording_stops_when_the_tracer_is_gone(void **state)
{
    (void)state;
    fixture.session->is_stopped = 1;
    uint64_t events = committed();
    for (int i = 0; i < 2 * RING_EVENTS; i++)
        record_free(address(0x1000), NULL);
    assert_true(committed() - events <= RING_EVENTS);
    assert_false(recorder_is_active());
    record_heap(WIRE_EVENT_COMMIT, 0x70000000, 4096, 0, 0);
    assert_false(record_is_active());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_is_described_when_the_recording_begins_and_only_then), // first: it has begun
        cmocka_unit_test(alloc_is_committed_with_its_sizes),
        cmocka_unit_test(enormous_slack_is_kept_in_pages),
        cmocka_unit_test(moving_realloc_is_a_free_before_and_an_alloc_after),
        cmocka_unit_test(realloc_in_place_is_one_resize),
        cmocka_unit_test(block_that_shrinks_in_place_is_resized_before_the_call),
        cmocka_unit_test(failed_realloc_leaves_no_event_and_an_idle_ring),
        cmocka_unit_test(realloc_to_nothing_is_a_free),
        cmocka_unit_test(nested_event_is_committed_by_the_outermost_call),
        cmocka_unit_test(nested_event_marks_a_ring_that_is_idle_already),
        cmocka_unit_test(full_ring_drops_and_counts_in_drop_mode),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test(call_interrupted_while_it_waits_is_still_the_outermost),
#endif
        cmocka_unit_test(hostile_tail_does_not_overrun_the_ring),
        cmocka_unit_test(events_keep_errno),
        cmocka_unit_test(what_an_allocator_tells_has_no_stack_and_keeps_its_words),
        cmocka_unit_test(what_an_allocator_tells_inside_a_call_is_committed_with_it),
        cmocka_unit_test(misuse_follows_the_free_that_was_one),
        cmocka_unit_test(ended_thread_leaves_its_ring_retired_and_a_free_one_is_used_again),
        cmocka_unit_test(thread_whose_new_ring_another_takes_gets_the_next),
        cmocka_unit_test(forked_copy_never_writes_into_its_parents_ring),
        cmocka_unit_test(fork_alone_does_not_describe_the_heap),
        cmocka_unit_test(fork_of_a_program_with_threads_describes_the_heap),
        cmocka_unit_test(recording_stops_when_the_tracer_is_gone), // last: it is final
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
