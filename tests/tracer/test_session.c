// SPDX-License-Identifier: MIT
// The session's directory: made, seen by others as living or dead, and removed.
#include "tracer/session.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char shared_dir[64];

static int make_dir(void **state)
{
    (void)state;
    snprintf(shared_dir, sizeof shared_dir, "/tmp/heapreel-test-XXXXXX");
    return mkdtemp(shared_dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(shared_dir); // fails when a session left anything
}

static struct session_config config(void)
{
    return (struct session_config){.shared_dir = shared_dir,
                                   .clock = WIRE_CLOCK_TSC,
                                   .stacks = WIRE_STACKS_ON,
                                   .when_full = WIRE_WHEN_FULL_DROP,
                                   .depth_max = 17,
                                   .ring_records = 1000};
}

static void session_page_tells_what_was_asked_for(void **state)
{
    struct session session;
    struct session_config wanted = config();
    struct stat about;
    (void)state;
    assert_int_equal(session_create(&session, &wanted, NULL), REEL_OK);
    assert_int_equal(stat(session.directory, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    assert_true(session.page->magic == WIRE_SESSION_MAGIC);
    assert_int_equal(session.page->version, WIRE_VERSION);
    assert_int_equal(session.page->session_bytes, sizeof(struct wire_session));
    assert_int_equal(session.page->when_full, WIRE_WHEN_FULL_DROP);
    assert_int_equal(session.page->depth_max, 17);
    assert_int_equal(session.page->ring_records, 1024);
    assert_int_equal(fstat(session.news_fd, &about), 0);
    assert_true(S_ISFIFO(about.st_mode));
    session_destroy(&session);
    session_destroy(&session);
}

static void lock_word_names_the_living_tracer(void **state)
{
    struct session session;
    struct session_config wanted = config();
    (void)state;
    assert_int_equal(session_create(&session, &wanted, NULL), REEL_OK);
    unsigned int word = *(unsigned int *)(void *)&session.page->tracer_life;
    assert_int_equal(word & FUTEX_TID_MASK, (unsigned int)gettid());
    assert_int_equal(word & FUTEX_OWNER_DIED, 0);
    session_destroy(&session);
}

static void living_session_is_left_alone_and_a_dead_one_removed(void **state)
{
    struct session living;
    struct session next;
    struct session_config wanted = config();
    char dead[128];
    char file[160];
    (void)state;
    assert_int_equal(session_create(&living, &wanted, NULL), REEL_OK);
    // A dead tracer's directory: a page that nobody locks, and a channel.
    snprintf(dead, sizeof dead, "%s/heapreel-dead01", shared_dir);
    assert_int_equal(mkdir(dead, 0700), 0);
    static const char *const names[] = {WIRE_SESSION_FILE, "7-7" WIRE_CHANNEL_SUFFIX};
    for (size_t i = 0; i < 2; i++)
    {
        snprintf(file, sizeof file, "%s/%s", dead, names[i]);
        close(open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    }
    assert_int_equal(session_create(&next, &wanted, NULL), REEL_OK);
    assert_int_equal(access(living.directory, F_OK), 0);
    assert_int_equal(access(dead, F_OK), -1);
    session_destroy(&next);
    session_destroy(&living);
}

static void missing_directory_is_one_clear_line(void **state)
{
    struct session session;
    struct session_config wanted = config();
    struct reel_error error = {0};
    (void)state;
    wanted.shared_dir = "/tmp/heapreel-no-such-directory";
    assert_int_equal(session_create(&session, &wanted, &error), REEL_E_OPEN);
    assert_non_null(strstr(error.text, "/tmp/heapreel-no-such-directory: No such file or directory"));
    assert_null(strchr(error.text, '\n'));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        CASE(session_page_tells_what_was_asked_for),
        CASE(lock_word_names_the_living_tracer),
        CASE(living_session_is_left_alone_and_a_dead_one_removed),
        CASE(missing_directory_is_one_clear_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
