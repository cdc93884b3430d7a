// SPDX-License-Identifier: MIT
// Processes that live, die, and have died: what can still be told of them.
#include "tracer/clock.h"
#include "tracer/follow.h"
#include "tracer/residency.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// A child that waits for a byte, then exits with 5.
struct waiting_child
{
    pid_t pid;
    int go_fd;
};

static struct waiting_child fork_child(void)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
    {
        char byte;
        close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) == 1 ? 5 : 6);
    }
    close(pipes[0]);
    return (struct waiting_child){pid, pipes[1]};
}

// Returns when the child is a zombie.
static void end_child(const struct waiting_child *child)
{
    siginfo_t about;
    assert_int_equal(write(child->go_fd, "x", 1), 1);
    assert_int_equal(waitid(P_PID, (id_t)child->pid, &about, WEXITED | WNOWAIT), 0);
    close(child->go_fd);
}

static void living_process_is_followed_until_it_ends(void **state)
{
    struct waiting_child child = fork_child();
    struct follow_stat about;
    struct follow follow;
    int wait_status;
    (void)state;
    assert_true(follow_read_stat(child.pid, &about));
    assert_true(follow_open(&follow, child.pid, about.start));
    assert_true(follow_is_alive(&follow));
    struct pollfd waiting = {.fd = follow.pidfd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 0), 0);
    end_child(&child);
    assert_int_equal(poll(&waiting, 1, -1), 1);
    assert_false(follow_is_alive(&follow));
    assert_true(follow_wait_status(&follow, &wait_status)); // of the zombie
    assert_int_equal(WEXITSTATUS(wait_status), 5);
    waitpid(child.pid, NULL, 0);
    if (follow_wait_status(&follow, &wait_status)) // of what is gone, where the kernel keeps it
        assert_int_equal(WEXITSTATUS(wait_status), 5);
    follow_close(&follow);
}

static void process_with_another_start_is_another_process(void **state)
{
    struct waiting_child child = fork_child();
    struct follow_stat about;
    struct follow follow;
    (void)state;
    assert_true(follow_read_stat(child.pid, &about));
    assert_false(follow_open(&follow, child.pid, about.start + 1));
    end_child(&child);
    waitpid(child.pid, NULL, 0);
    assert_false(follow_open(&follow, child.pid, about.start));
}

static void search_finds_all_that_live_and_no_others(void **state)
{
    struct waiting_child children[2] = {fork_child(), fork_child()};
    struct follow_stat about[2];
    struct follow follows[4];
    struct follow *sought[4];
    (void)state;
    for (int i = 0; i < 4; i++)
    {
        assert_true(follow_read_stat(children[i % 2].pid, &about[i % 2]));
        // The last two: another start, another number in the process's own namespace.
        follows[i] = (struct follow){.inner_pid = children[i % 2].pid + (i == 3), .pidfd = -1};
        follows[i].start = about[i % 2].start + (i == 2 ? 1000000 : 0);
        sought[i] = &follows[i];
    }
    follow_search(sought, 4);
    for (int i = 0; i < 4; i++)
    {
        assert_int_equal(follows[i].pid, i < 2 ? children[i].pid : 0);
        assert_int_equal(follows[i].pidfd >= 0, i < 2);
        follow_close(&follows[i]);
    }
    for (int i = 0; i < 2; i++)
    {
        end_child(&children[i]);
        waitpid(children[i].pid, NULL, 0);
    }
}

// made_ns: now, so that few processes need to be looked at, or 0, so that all are.
static void find_relatives_by_their_maps(bool is_made_now)
{
    char path[] = "/tmp/heapreel-test-XXXXXX";
    struct follow_stat about;
    struct follow_root root = {.made_ns = is_made_now ? clock_monotonic_ns() : 0};
    int fd = mkstemp(path);
    assert_true(fd >= 0 && ftruncate(fd, 4096) == 0);
    struct waiting_child stranger = fork_child();
    assert_true(follow_read_stat(stranger.pid, &about));
    root.pid = stranger.pid;
    root.start = about.start;
    assert_false(follow_has_relatives(path, &root));
    void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    assert_false(follow_has_relatives(path, &root));
    struct waiting_child relative = fork_child();
    assert_true(follow_has_relatives(path, &root));
    end_child(&relative);
    assert_false(follow_has_relatives(path, &root));
    end_child(&stranger);
    while (wait(NULL) > 0)
        continue;
    munmap(map, 4096);
    close(fd);
    unlink(path);
}

static void relatives_are_known_by_their_maps(void **state)
{
    (void)state;
    find_relatives_by_their_maps(false);
}

static void relatives_are_looked_for_among_the_newest_numbers(void **state)
{
    (void)state;
    find_relatives_by_their_maps(true);
}

static void threads_are_found_by_number(void **state)
{
    (void)state;
    assert_true(follow_thread_exists(getpid(), gettid()));
    assert_false(follow_thread_exists(getpid(), 1 << 30));
}

static void residency_of_the_living_is_read(void **state)
{
    struct residency_facts facts;
    (void)state;
    assert_true(residency_read(getpid(), &facts));
    assert_true(facts.resident_bytes > 0 && facts.peak_resident_bytes > 0);
    assert_true(facts.anonymous_bytes <= facts.resident_bytes);
    assert_false(residency_read(1 << 30, &facts));
}

static void channel_is_not_counted_as_the_program(void **state)
{
    (void)state;
    struct residency_facts facts = {
        .resident_bytes = 1000, .anonymous_bytes = 300, .shared_bytes = 600, .peak_resident_bytes = 2000};
    struct reel_residency sample;
    residency_without_channel(&facts, 500, &sample);
    assert_int_equal(sample.resident_bytes, 500);
    assert_int_equal(sample.file_bytes, 200);
    assert_int_equal(sample.peak_resident_bytes, 1500);
    residency_without_channel(&facts, 5000, &sample); // more than the process has mapped
    assert_int_equal(sample.resident_bytes, 400);
}

static void samples_take_two_percent_at_most_and_come_every_100_ms_when_cheap(void **state)
{
    struct residency_pace pace = {0};
    (void)state;
    assert_true(residency_is_due(&pace, 0));
    for (int i = 0; i < 20; i++)
        residency_pace_next(&pace, 1000, 10000);
    assert_int_equal(pace.next_ns, 1000 + 100000000);
    residency_pace_next(&pace, 1000, 40000000);
    assert_int_equal(pace.next_ns, 1000 + 2000000000);
    residency_pace_next(&pace, 1000, 10000);
    assert_int_equal(pace.next_ns, 1000 + 100000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(living_process_is_followed_until_it_ends),
        cmocka_unit_test(process_with_another_start_is_another_process),
        cmocka_unit_test(search_finds_all_that_live_and_no_others),
        cmocka_unit_test(relatives_are_known_by_their_maps),
        cmocka_unit_test(relatives_are_looked_for_among_the_newest_numbers),
        cmocka_unit_test(threads_are_found_by_number),
        cmocka_unit_test(residency_of_the_living_is_read),
        cmocka_unit_test(channel_is_not_counted_as_the_program),
        cmocka_unit_test(samples_take_two_percent_at_most_and_come_every_100_ms_when_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
