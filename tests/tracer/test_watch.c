// SPDX-License-Identifier: MIT
// How channels are found: by what their processes tell, and by a look at the directory when that may not be all.
#include "fake_channel.h"
#include "tracer/recording.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture
{
    struct fake_channel fake;
    struct recording recording;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fake_channel_create(&fixture->fake, 1, 256);
    struct session *session = &fixture->recording.session;
    assert_int_equal(mkfifoat(fixture->fake.directory_fd, WIRE_NEWS_FILE, 0600), 0);
    snprintf(session->directory, sizeof session->directory, "%s", fixture->fake.directory);
    session->directory_fd = fixture->fake.directory_fd;
    session->page = &fixture->fake.session;
    fixture->recording.next_scan = UINT64_MAX;
    session->news_fd = openat(session->directory_fd, WIRE_NEWS_FILE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(session->news_fd >= 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    watch_end(&fixture->recording);
    close(fixture->recording.session.news_fd);
    unlinkat(fixture->fake.directory_fd, WIRE_NEWS_FILE, 0);
    fake_channel_destroy(&fixture->fake);
    free(fixture);
    return 0;
}

static void tell(struct fixture *fixture, const char *news)
{
    assert_int_equal(write(fixture->recording.session.news_fd, news, strlen(news)), (ssize_t)strlen(news));
}

static void accept_all(struct fixture *fixture)
{
    struct reel_error error;
    assert_int_equal(watch_accept(&fixture->recording, &error), REEL_OK);
}

static void channel_is_taken_in_once_when_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    accept_all(fixture);
    assert_int_equal(fixture->recording.process_count, 0);
    tell(fixture, FAKE_CHANNEL_NAME "\n");
    accept_all(fixture);
    assert_int_equal(fixture->recording.process_count, 1);
    tell(fixture, FAKE_CHANNEL_NAME "\n" FAKE_CHANNEL_NAME "\n");
    accept_all(fixture);
    assert_int_equal(fixture->recording.process_count, 1);
    assert_int_equal(fixture->recording.channels_seen, 1);
}

static void nonsense_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    tell(fixture, "\n\n../1-1.channel\nnews\n.channel\n/etc/passwd.channel\n" FAKE_CHANNEL_NAME);
    accept_all(fixture);
    assert_int_equal(fixture->recording.channels_seen + fixture->recording.channels_refused, 0);
    tell(fixture, "gone.channel\n");
    accept_all(fixture);
    assert_int_equal(fixture->recording.channels_refused, 1);
}

static void channel_that_nobody_told_of_is_found_by_a_scan(void **state)
{
    struct fixture *fixture = *state;
    struct reel_error error;
    assert_int_equal(watch_scan(&fixture->recording, &error), REEL_OK);
    assert_int_equal(fixture->recording.process_count, 1);
}

static void channel_that_nobody_told_of_is_found_in_time(void **state)
{
    struct fixture *fixture = *state;
    accept_all(fixture);
    assert_int_equal(fixture->recording.process_count, 0);
    fixture->recording.next_scan = 1; // long ago
    accept_all(fixture);
    assert_int_equal(fixture->recording.process_count, 1);
    assert_true(fixture->recording.next_scan > 1);
}

static void news_without_room_for_all_make_it_scan(void **state)
{
    struct fixture *fixture = *state;
    while (write(fixture->recording.session.news_fd, "full\n", 5) == 5)
        continue;
    accept_all(fixture);
    assert_int_equal(fixture->recording.process_count, 1);
}

// A copy of the channel under another name: the same process at another time.
static void add_image(struct fixture *fixture, const char *name, uint64_t begin_time)
{
    struct wire_channel *page = fixture->fake.page;
    uint64_t own_time = page->begin_time;
    page->begin_time = begin_time;
    int fd = openat(fixture->fake.directory_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, fixture->fake.map, fixture->fake.bytes), (ssize_t)fixture->fake.bytes);
    close(fd);
    page->begin_time = own_time;
}

static struct process *image_of(struct fixture *fixture, uint64_t begin_time)
{
    for (size_t i = 0; i < fixture->recording.process_count; i++)
        if (fixture->recording.processes[i]->channel.constants.begin_time == begin_time)
            return fixture->recording.processes[i];
    fail();
    return NULL;
}

static void images_follow_their_times_in_whatever_order_they_are_found(void **state)
{
    static const char *const orders[] = {"a\nb\nc\n", "a\nc\nb\n", "b\na\nc\n", "b\nc\na\n", "c\na\nb\n", "c\nb\na\n"};
    struct fixture *fixture = *state;
    add_image(fixture, "a" WIRE_CHANNEL_SUFFIX, 1001);
    add_image(fixture, "b" WIRE_CHANNEL_SUFFIX, 1002);
    add_image(fixture, "c" WIRE_CHANNEL_SUFFIX, 1003);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
    {
        for (const char *name = orders[i]; *name != '\0'; name += 2)
        {
            char news[16];
            snprintf(news, sizeof news, "%c" WIRE_CHANNEL_SUFFIX "\n", *name);
            tell(fixture, news);
            accept_all(fixture);
        }
        assert_int_equal(fixture->recording.process_count, 3);
        assert_ptr_equal(image_of(fixture, 1003)->replaced, image_of(fixture, 1002));
        assert_ptr_equal(image_of(fixture, 1002)->replaced, image_of(fixture, 1001));
        assert_null(image_of(fixture, 1001)->replaced);
        assert_true(image_of(fixture, 1001)->is_replaced && image_of(fixture, 1001)->source.is_dead);
        assert_true(image_of(fixture, 1002)->is_replaced && image_of(fixture, 1002)->source.is_dead);
        assert_false(image_of(fixture, 1003)->is_replaced);
        watch_end(&fixture->recording);
    }
    unlinkat(fixture->fake.directory_fd, "a" WIRE_CHANNEL_SUFFIX, 0);
    unlinkat(fixture->fake.directory_fd, "b" WIRE_CHANNEL_SUFFIX, 0);
    unlinkat(fixture->fake.directory_fd, "c" WIRE_CHANNEL_SUFFIX, 0);
}

static void image_whose_successor_has_begun_ends_on_its_own(void **state)
{
    struct fixture *fixture = *state;
    add_image(fixture, "a" WIRE_CHANNEL_SUFFIX, 1001);
    add_image(fixture, "b" WIRE_CHANNEL_SUFFIX, 1002);
    tell(fixture, "b" WIRE_CHANNEL_SUFFIX "\n");
    accept_all(fixture);
    image_of(fixture, 1002)->row = 1;
    tell(fixture, "a" WIRE_CHANNEL_SUFFIX "\n");
    accept_all(fixture);
    assert_true(image_of(fixture, 1001)->source.is_dead && !image_of(fixture, 1001)->is_replaced);
    assert_null(image_of(fixture, 1002)->replaced);
    unlinkat(fixture->fake.directory_fd, "a" WIRE_CHANNEL_SUFFIX, 0);
    unlinkat(fixture->fake.directory_fd, "b" WIRE_CHANNEL_SUFFIX, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(channel_is_taken_in_once_when_it_is_told),
        CASE(nonsense_is_passed_over),
        CASE(channel_that_nobody_told_of_is_found_by_a_scan),
        CASE(channel_that_nobody_told_of_is_found_in_time),
        CASE(news_without_room_for_all_make_it_scan),
        CASE(images_follow_their_times_in_whatever_order_they_are_found),
        CASE(image_whose_successor_has_begun_ends_on_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
