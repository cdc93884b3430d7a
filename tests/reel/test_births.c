// SPDX-License-Identifier: MIT
// What chunks tell of the lives within them: it is true, no bytes make it senseless, and to pass over such lives
// changes nothing.
#include "codec_bench.h"

#include <stdlib.h>
#include <string.h>

#include "chunk_damage.h"
#include "golden_events.h"

// What must hold of anything that was decoded. Gives the number of links.
static size_t assert_sound(const struct reel_event *events, const uint32_t *births, size_t count)
{
    size_t links = 0;
    for (size_t i = 0; i < count; i++)
    {
        uint32_t other = births[i];
        if (other == REEL_BIRTH_ELSEWHERE)
            continue;
        links++;
        assert_true(other < count);
        assert_int_equal(events[other].address, events[i].address);
        assert_int_equal(events[other].process, events[i].process);
        if (events[i].kind == REEL_EVENT_RESIZE)
        {
            assert_true(other < i && (births[other] == REEL_BIRTH_ELSEWHERE || births[other] > i));
            assert_int_equal(events[other].kind, REEL_EVENT_ALLOC);
            continue;
        }
        assert_int_equal(births[other], i);
        assert_int_equal(events[i].kind, other < i ? REEL_EVENT_FREE : REEL_EVENT_ALLOC);
        assert_int_equal(events[other].kind, other < i ? REEL_EVENT_ALLOC : REEL_EVENT_FREE);
    }
    return links;
}

static int decode(struct codec_bench *bench, const uint8_t *data, size_t bytes, const struct reel_thread_map *map,
                  size_t *count)
{
    uint64_t first_event;
    memset(bench->decoded_births, 0x5a, sizeof bench->decoded_births);
    return reel_codec_decode_with_births(bench->codec, data, bytes, map, bench->decoded, bench->decoded_births, count,
                                         &first_event);
}

static void births_that_were_put_in_come_out(void **state)
{
    struct codec_bench *bench = *state;
    static const size_t counts[] = {1, 2, 100, 5000, REEL_CHUNK_EVENTS_MAX};
    for (size_t round = 0; round < sizeof counts / sizeof *counts; round++)
    {
        size_t bytes;
        size_t count = 0;
        uint8_t *data = codec_bench_encode(bench, counts[round], &bytes);
        assert_int_equal(decode(bench, data, bytes, &codec_bench_threads, &count), REEL_OK);
        assert_int_equal(count, counts[round]);
        assert_sound(bench->decoded, bench->decoded_births, count);
        for (size_t i = 0; i < count; i++)
            if (bench->events[i].kind != REEL_EVENT_ALLOC)
                assert_int_equal(bench->decoded_births[i], bench->births[i]);
        free(data);
    }
}

static void events_are_the_same_with_births_and_without(void **state)
{
    struct codec_bench *bench = *state;
    size_t bytes;
    size_t count = 0;
    uint64_t first_event;
    uint8_t *data = codec_bench_encode(bench, 30000, &bytes);
    assert_int_equal(decode(bench, data, bytes, &codec_bench_threads, &count), REEL_OK);
    assert_int_equal(
        reel_codec_decode(bench->codec, data, bytes, &codec_bench_threads, bench->events, &count, &first_event),
        REEL_OK);
    assert_int_equal(count, 30000);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(bench->decoded[i].t_ns, bench->events[i].t_ns);
        assert_int_equal(bench->decoded[i].address, bench->events[i].address);
        assert_int_equal(bench->decoded[i].usable_bytes, bench->events[i].usable_bytes);
        assert_int_equal(bench->decoded[i].stack, bench->events[i].stack);
        assert_int_equal(bench->decoded[i].kind, bench->events[i].kind);
    }
    free(data);
}

static void wrong_births_make_no_senseless_links(void **state)
{
    struct codec_bench *bench = *state;
    const void *data;
    size_t bytes;
    size_t count = 0;
    for (int round = 0; round < 10; round++)
    {
        stream_next(&bench->stream, bench->events, 8000);
        for (size_t i = 0; i < 8000; i++)
            bench->births[i] = (uint32_t)stream_random(&bench->stream, 16000);
        assert_int_equal(reel_codec_encode(bench->codec, 5, bench->events, bench->births, 8000, &data, &bytes),
                         REEL_OK);
        assert_int_equal(decode(bench, data, bytes, &codec_bench_threads, &count), REEL_OK);
        assert_sound(bench->decoded, bench->decoded_births, count);
    }
}

static void changed_bytes_make_no_senseless_links(void **state)
{
    struct codec_bench *bench = *state;
    size_t accepted = 0;
    static const size_t counts[] = {3, 40, 400, 3000};
    for (int round = 0; round < 3000; round++)
    {
        size_t bytes;
        size_t count = 0;
        uint8_t *data = codec_bench_encode(bench, counts[round % 4], &bytes);
        chunk_flip_bits(&bench->stream, data, bytes);
        chunk_seal(data, bytes);
        if (decode(bench, data, bytes, &codec_bench_threads, &count) == REEL_OK)
        {
            accepted++;
            assert_sound(bench->decoded, bench->decoded_births, count);
        }
        free(data);
    }
    assert_true(accepted > 100);
}

static void chunks_of_all_versions_tell_the_lives_within_them(void **state)
{
    struct codec_bench *bench = *state;
    for (unsigned version = 1; version <= REEL_CHUNK_VERSION; version++)
    {
        uint8_t data[GOLDEN_BYTES_MAX];
        size_t count = 0;
        size_t bytes = codec_bench_read_golden(version, data);
        assert_int_equal(decode(bench, data, bytes, &golden_threads, &count), REEL_OK);
        assert_int_equal(count, GOLDEN_EVENT_COUNT);
        assert_true(assert_sound(bench->decoded, bench->decoded_births, count) >= GOLDEN_EVENT_COUNT - 12);
    }
}

static void changed_bytes_of_any_version_make_no_senseless_links(void **state)
{
    struct codec_bench *bench = *state;
    size_t accepted = 0;
    for (unsigned round = 0; round < 20000; round++)
    {
        uint8_t golden[GOLDEN_BYTES_MAX];
        size_t count = 0;
        size_t bytes = codec_bench_read_golden(1 + round % REEL_CHUNK_VERSION, golden);
        uint8_t *data = malloc(bytes);
        assert_non_null(data);
        memcpy(data, golden, bytes);
        chunk_flip_bits(&bench->stream, data, bytes);
        chunk_seal(data, bytes);
        if (decode(bench, data, bytes, &golden_threads, &count) == REEL_OK)
        {
            accepted++;
            assert_sound(bench->decoded, bench->decoded_births, count);
        }
        free(data);
    }
    assert_true(accepted > 100);
}

// Live blocks of each process by the number of their alloc event, plus 1.
struct heap
{
    uint64_t born[STREAM_PROCESSES_MAX + 1][STREAM_PLACES];
};

static void apply(struct heap *heap, const struct reel_event *event, uint64_t number)
{
    if (event->kind != REEL_EVENT_RESIZE)
        heap->born[event->process][stream_place_of(event)] = event->kind == REEL_EVENT_ALLOC ? number + 1 : 0;
}

static bool is_within(const uint32_t *births, size_t i)
{
    return births[i] != REEL_BIRTH_ELSEWHERE && births[births[i]] != REEL_BIRTH_ELSEWHERE;
}

static void to_pass_over_lives_within_a_run_changes_nothing(void **state)
{
    struct recording *recording = *state;
    static struct heap all;
    static struct heap fewer;
    static struct stream stream;
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    size_t passed = 0;
    stream_init(&stream, 4, 3);
    recording_make(recording, &stream, 200000);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_cursor_open(&cursor, reader, 0, 150000, &recording->error), recording->error);
    for (;;)
    {
        const struct reel_event *events;
        const uint32_t *births;
        size_t count;
        uint64_t first;
        assert_ok(reel_cursor_next_with_births(cursor, &events, &births, &count, &first, &recording->error),
                  recording->error);
        if (count == 0)
            break;
        assert_sound(events, births, count);
        for (size_t i = 0; i < count; i++)
        {
            apply(&all, &events[i], first + i);
            passed += is_within(births, i);
            if (!is_within(births, i))
                apply(&fewer, &events[i], first + i);
        }
        assert_memory_equal(&all, &fewer, sizeof all);
    }
    assert_true(passed > 100000);
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}

static void a_block_over_a_live_one_is_not_linked(void **state)
{
    struct recording *recording = *state;
    const struct reel_event events[] = {recording_alloc(1, 0x1000, 24), recording_alloc(2, 0x1000, 24),
                                        recording_free(3, 0x1000), recording_alloc(4, 0x1000, 24),
                                        recording_free(5, 0x1000)};
    static const uint32_t expected[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, 4, 3};
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    const struct reel_event *run;
    const uint32_t *births;
    size_t count;
    uint64_t first;
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_append(writer, events, 5, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 6, &recording->error), recording->error);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_cursor_open(&cursor, reader, 0, 5, &recording->error), recording->error);
    assert_ok(reel_cursor_next_with_births(cursor, &run, &births, &count, &first, &recording->error), recording->error);
    assert_int_equal(count, 5);
    assert_memory_equal(births, expected, sizeof expected);
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}

static void births_are_numbers_in_the_run(void **state)
{
    struct recording *recording = *state;
    struct reel_event events[100];
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    for (uint64_t i = 0; i < 100; i++) // 0 to 49 are freed by 99 to 50
        events[i] = i < 50 ? recording_alloc(i, 0x1000 + i * 32, 24) : recording_free(i, 0x1000 + (99 - i) * 32);
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_append(writer, events, 100, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_cursor_open(&cursor, reader, 0, 0, &recording->error), recording->error);
    for (uint64_t begin = 0; begin < 100; begin += 9)
        for (uint64_t end = begin + 1; end <= 100; end += 7)
        {
            const struct reel_event *run;
            const uint32_t *births;
            size_t count;
            uint64_t first;
            reel_cursor_move(cursor, begin, end);
            assert_ok(reel_cursor_next_with_births(cursor, &run, &births, &count, &first, &recording->error),
                      recording->error);
            assert_int_equal(first, begin);
            assert_int_equal(count, end - begin);
            for (uint64_t i = begin; i < end; i++)
            {
                uint64_t other = 99 - i;
                bool is_in_run = other >= begin && other < end;
                assert_int_equal(births[i - begin], is_in_run ? other - begin : REEL_BIRTH_ELSEWHERE);
            }
        }
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        ON_BENCH(births_that_were_put_in_come_out),
        ON_BENCH(events_are_the_same_with_births_and_without),
        ON_BENCH(wrong_births_make_no_senseless_links),
        ON_BENCH(changed_bytes_make_no_senseless_links),
        ON_BENCH(chunks_of_all_versions_tell_the_lives_within_them),
        ON_BENCH(changed_bytes_of_any_version_make_no_senseless_links),
        IN_DIRECTORY(to_pass_over_lives_within_a_run_changes_nothing),
        IN_DIRECTORY(a_block_over_a_live_one_is_not_linked),
        IN_DIRECTORY(births_are_numbers_in_the_run),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
