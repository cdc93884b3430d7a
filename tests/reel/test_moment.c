// SPDX-License-Identifier: MIT
// Written moments to event numbers.
#include "recording.h"

#include <string.h>

#include "reel/moment.h"

// 100,000 events, event n at n * 10 microseconds: two chunks in one second. The peak is after event 70,000.
static struct reel_reader *make_ramp(struct recording *recording)
{
    struct reel_reader *reader;
    struct reel_writer *writer = recording_begin(recording, 1);
    for (uint64_t i = 0; i < 100000; i++)
    {
        bool is_rising = i <= 70000;
        uint64_t address = 16 + 16 * (is_rising ? i : 100000 - i);
        struct reel_event event =
            is_rising ? recording_alloc(i * 10000, address, 10) : recording_free(i * 10000, address);
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, 1000000000, &recording->error), recording->error);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    return reader;
}

struct written_moment
{
    const char *text;
    uint64_t events;
};

static void every_form_names_its_event(void **state)
{
    static const struct written_moment moments[] = {
        {"0s", 1},
        {"0.5s", 50001},
        {"0.50000999s", 50001},
        {"0.65536s", 65537},
        {"0.655359s", 65536},
        {"1s", 100000},
        {"1.000s", 100000},
        {"#0", 1},
        {"#65535", 65536},
        {"#99999", 100000},
        {"40%", 40001},
        {"0%", 1},
        {"100%", 100000},
        {"peak", 70001},
        {"worst", 100000},
        {"end", 100000},
    };
    struct recording *recording = *state;
    struct reel_reader *reader = make_ramp(recording);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
    {
        uint64_t events = 0;
        assert_ok(reel_moment_parse(reader, moments[i].text, &events, &recording->error), recording->error);
        if (events != moments[i].events)
            fail_msg("%s: %llu", moments[i].text, (unsigned long long)events);
    }
    reel_reader_close(reader);
}

// Three chunks and a part of one. Live blocks rise to 65,537, fall to two, rise to 40,002, and fall again.
static void the_worst_moment_is_the_end_of_the_emptiest_chunk_since_the_peak(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint64_t events = 0;
    uint64_t live = 0;
    for (uint64_t i = 0; i < UINT64_C(65536) * 3 + 100; i++)
    {
        bool is_rising = i < 65537 || (i >= 65536 * 2 && i < 65536 * 2 + 40000);
        uint64_t address = 16 * (is_rising ? ++live : live--);
        struct reel_event event = is_rising ? recording_alloc(i, address, 10) : recording_free(i, address);
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, 1000000000, &recording->error), recording->error);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_moment_parse(reader, "worst", &events, &recording->error), recording->error);
    assert_int_equal(events, 65536 * 2);
    assert_int_equal(recording_query(recording->path, "SELECT live_blocks FROM chunk WHERE first_event = 65536"), 2);
    reel_reader_close(reader);
}

static void anything_else_is_refused_with_the_forms(void **state)
{
    static const char *const texts[] = {"",     "s",      "12",    "1e3s", "-1s", "0x10s",
                                        "nans", "#",      "#x",    "#1x",  "#-1", "101%",
                                        "%",    "1.2.3s", "peaks", "1s ",  " 1s", "#99999999999999999999"};
    struct recording *recording = *state;
    struct reel_reader *reader = make_ramp(recording);
    uint64_t events;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
        if (reel_moment_parse(reader, texts[i], &events, &recording->error) != REEL_E_ARGUMENT)
            fail_msg("'%s' is taken for a moment", texts[i]);
        assert_non_null(strstr(recording->error.text, "12.5s"));
    }
    reel_reader_close(reader);
}

static void a_moment_after_the_end_is_refused_with_the_end(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_ramp(recording);
    uint64_t events;
    assert_int_equal(reel_moment_parse(reader, "#100000", &events, &recording->error), REEL_E_ARGUMENT);
    assert_non_null(strstr(recording->error.text, "#99999"));
    assert_int_equal(reel_moment_parse(reader, "2s", &events, &recording->error), REEL_E_ARGUMENT);
    assert_non_null(strstr(recording->error.text, "1.000s"));
    reel_reader_close(reader);
}

static void a_reel_without_events_has_moments_too(void **state)
{
    static const char *const texts[] = {"0s", "50%", "peak", "worst", "end"};
    struct recording *recording = *state;
    struct reel_reader *reader;
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_finish(writer, 0, &recording->error), recording->error);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
        uint64_t events = 1;
        assert_ok(reel_moment_parse(reader, texts[i], &events, &recording->error), recording->error);
        assert_int_equal(events, 0);
    }
    reel_reader_close(reader);
}

static void a_moment_has_the_time_of_the_event_before_it(void **state)
{
    static const uint64_t moments[] = {1, 2, 65535, 65536, 65537, 99999, 100000};
    struct recording *recording = *state;
    struct reel_reader *reader = make_ramp(recording);
    uint64_t t_ns = 1;
    assert_ok(reel_moment_time(reader, 0, &t_ns, &recording->error), recording->error);
    assert_int_equal(t_ns, 0);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
    {
        assert_ok(reel_moment_time(reader, moments[i], &t_ns, &recording->error), recording->error);
        assert_int_equal(t_ns, (moments[i] - 1) * 10000);
    }
    reel_reader_close(reader);
}

static void a_time_has_more_events_when_the_reel_has_grown(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_reader *reader = NULL;
    for (uint64_t written = 0; written < 3; written++)
    {
        struct reel_event event = recording_alloc(written, 16 + 16 * written, 10);
        uint64_t events = 0;
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
        assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
        if (reader == NULL)
            reader = recording_open(recording);
        assert_ok(reel_reader_refresh(reader, &recording->error), recording->error);
        for (int times = 0; times < 2; times++)
        {
            assert_ok(reel_moment_parse(reader, "0.01s", &events, &recording->error), recording->error);
            assert_int_equal(events, written + 1);
        }
    }
    reel_reader_close(reader);
    reel_writer_close(writer);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(every_form_names_its_event),
        IN_DIRECTORY(the_worst_moment_is_the_end_of_the_emptiest_chunk_since_the_peak),
        IN_DIRECTORY(anything_else_is_refused_with_the_forms),
        IN_DIRECTORY(a_moment_after_the_end_is_refused_with_the_end),
        IN_DIRECTORY(a_reel_without_events_has_moments_too),
        IN_DIRECTORY(a_moment_has_the_time_of_the_event_before_it),
        IN_DIRECTORY(a_time_has_more_events_when_the_reel_has_grown),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
