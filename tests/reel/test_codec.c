// SPDX-License-Identifier: MIT
// The laws of the chunk codec: what was encoded is decoded; bytes that changed are refused; no bytes do harm.
#include "codec_bench.h"

#include <stdlib.h>
#include <string.h>

#include "chunk_damage.h"
#include "golden_events.h"

#define VERSION_AT 12
#define COLUMNS_AT 48
#define DIRECTORY_AT 56

static void assert_same_event(const struct reel_event *event, const struct reel_event *expected)
{
    assert_int_equal(event->t_ns, expected->t_ns);
    assert_int_equal(event->address, expected->address);
    assert_int_equal(event->requested_bytes, expected->requested_bytes);
    assert_int_equal(event->usable_bytes, expected->usable_bytes);
    assert_int_equal(event->stack, expected->stack);
    assert_int_equal(event->thread, expected->thread);
    assert_int_equal(event->process, expected->process);
    assert_int_equal(event->kind, expected->kind);
    assert_int_equal(event->flags, expected->flags);
}

static void assert_round_trip(struct codec_bench *bench, const uint32_t *births, size_t count,
                              const struct reel_thread_map *map)
{
    const void *data;
    size_t bytes, decoded_count;
    uint64_t first_event;
    assert_int_equal(reel_codec_encode(bench->codec, 123, bench->events, births, count, &data, &bytes), REEL_OK);
    assert_int_equal(reel_codec_decode(bench->codec, data, bytes, map, bench->decoded, &decoded_count, &first_event),
                     REEL_OK);
    assert_int_equal(decoded_count, count);
    assert_int_equal(first_event, 123);
    for (size_t i = 0; i < count; i++)
        assert_same_event(&bench->decoded[i], &bench->events[i]);
}

static void decoded_events_are_the_encoded_ones(void **state)
{
    struct codec_bench *bench = *state;
    static const size_t counts[] = {1, 2, 3, 100, 5000, REEL_CHUNK_EVENTS_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    {
        stream_next(&bench->stream, bench->events, counts[i]);
        codec_bench_find_births(bench, counts[i]);
        assert_round_trip(bench, bench->births, counts[i], &codec_bench_threads);
        assert_round_trip(bench, NULL, counts[i], &codec_bench_threads);
    }
}

static void any_field_survives(void **state)
{
    struct codec_bench *bench = *state;
    const struct reel_thread_map nobody = {NULL, 0};
    for (int round = 0; round < 20; round++)
    {
        bench->stream.t_ns = 0;
        stream_noise(&bench->stream, bench->events, 4000);
        assert_round_trip(bench, NULL, 4000, &nobody);
    }
}

static void runs_of_threads_of_any_length_survive(void **state)
{
    struct codec_bench *bench = *state;
    const struct reel_thread_map nobody = {NULL, 0};
    static const uint32_t lengths[] = {1, 2, 1, 239, 240, 241, 1, 1, 2287, 2288, 3, 4000};
    static const uint32_t numbers[] = {1, 240, 241, 2, 70000};
    const size_t count = 20000;
    stream_next(&bench->stream, bench->events, count);
    codec_bench_find_births(bench, count);
    size_t i = 0;
    for (size_t run = 0; i < count; run++)
        for (uint32_t k = 0; k < lengths[run % (sizeof lengths / sizeof *lengths)] && i < count; k++, i++)
        {
            bench->events[i].thread = numbers[run % (sizeof numbers / sizeof *numbers)];
            bench->events[i].process = 0;
        }
    assert_round_trip(bench, bench->births, count, &nobody);
    assert_round_trip(bench, NULL, count, &nobody);
}

static void wrong_births_do_no_harm(void **state)
{
    struct codec_bench *bench = *state;
    stream_next(&bench->stream, bench->events, 20000);
    for (size_t i = 0; i < 20000; i++)
        bench->births[i] = (uint32_t)stream_random(&bench->stream, 40000);
    assert_round_trip(bench, bench->births, 20000, &codec_bench_threads);
}

static void a_chunk_of_no_or_too_many_events_is_refused(void **state)
{
    struct codec_bench *bench = *state;
    const void *data;
    size_t bytes;
    assert_int_equal(reel_codec_encode(bench->codec, 0, bench->events, NULL, 0, &data, &bytes), REEL_E_ARGUMENT);
    assert_int_equal(reel_codec_encode(bench->codec, 0, bench->events, NULL, REEL_CHUNK_EVENTS_MAX + 1, &data, &bytes),
                     REEL_E_ARGUMENT);
}

static int decode(struct codec_bench *bench, const uint8_t *data, size_t bytes)
{
    size_t count = 0;
    uint64_t first_event;
    int status =
        reel_codec_decode(bench->codec, data, bytes, &codec_bench_threads, bench->decoded, &count, &first_event);
    assert_true(count <= REEL_CHUNK_EVENTS_MAX);
    return status;
}

static void every_flipped_bit_is_noticed(void **state)
{
    struct codec_bench *bench = *state;
    size_t bytes;
    uint8_t *data = codec_bench_encode(bench, 200, &bytes);
    for (size_t bit = 0; bit < bytes * 8; bit++)
    {
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(decode(bench, data, bytes), REEL_E_DAMAGED);
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(decode(bench, data, bytes), REEL_OK);
    free(data);
}

static void every_cut_is_noticed(void **state)
{
    struct codec_bench *bench = *state;
    size_t bytes;
    uint8_t *data = codec_bench_encode(bench, 300, &bytes);
    for (size_t cut = 0; cut < bytes; cut++)
    {
        uint8_t *shorter = malloc(cut + 1);
        memcpy(shorter, data, cut);
        assert_int_equal(decode(bench, shorter, cut), REEL_E_DAMAGED);
        free(shorter);
    }
    free(data);
}

// An attacker can compute checksums too. What decodes must at least be events of known kinds.
static void changed_bytes_with_a_right_checksum_do_no_harm(void **state)
{
    struct codec_bench *bench = *state;
    size_t refused = 0;
    static const size_t counts[] = {3, 40, 400, 3000};
    for (int round = 0; round < 6000; round++)
    {
        size_t bytes;
        uint8_t *data = codec_bench_encode(bench, counts[round % 4], &bytes);
        chunk_flip_bits(&bench->stream, data, bytes);
        size_t cut = stream_random(&bench->stream, 4) == 0 ? (size_t)stream_random(&bench->stream, bytes / 2) : 0;
        cut = bytes - cut > CHECKSUM_BYTES ? cut : 0;
        chunk_seal(data, bytes - cut);
        refused += decode(bench, data, bytes - cut) != REEL_OK;
        free(data);
    }
    assert_true(refused > 1000);
}

static void a_newer_chunk_is_told_from_a_damaged_one(void **state)
{
    struct codec_bench *bench = *state;
    size_t bytes;
    uint8_t *data = codec_bench_encode(bench, 10, &bytes);
    data[12] = REEL_CHUNK_VERSION + 1;
    chunk_seal(data, bytes);
    assert_int_equal(decode(bench, data, bytes), REEL_E_NEWER);
    free(data);
}

static void a_thread_that_is_not_in_the_map_has_process_0(void **state)
{
    struct codec_bench *bench = *state;
    static const uint32_t process_of_thread[] = {0, 1};
    const struct reel_thread_map one = {process_of_thread, 2};
    const void *data;
    size_t bytes, count;
    uint64_t first_event;
    stream_next(&bench->stream, bench->events, 1000);
    assert_int_equal(reel_codec_encode(bench->codec, 0, bench->events, NULL, 1000, &data, &bytes), REEL_OK);
    assert_int_equal(reel_codec_decode(bench->codec, data, bytes, &one, bench->decoded, &count, &first_event), REEL_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(bench->decoded[i].process, bench->decoded[i].thread == 1 ? 1 : 0);
}

// Bytes that were written once are read for ever.
static void assert_golden_is_read(struct codec_bench *bench, unsigned version)
{
    uint8_t data[GOLDEN_BYTES_MAX];
    size_t count;
    uint64_t first_event;
    size_t bytes = codec_bench_read_golden(version, data);
    assert_int_equal(
        reel_codec_decode(bench->codec, data, bytes, &golden_threads, bench->decoded, &count, &first_event), REEL_OK);
    golden_make(version, bench->events, bench->births);
    assert_int_equal(data[VERSION_AT], version);
    assert_int_equal(first_event, GOLDEN_FIRST_EVENT);
    assert_int_equal(count, GOLDEN_EVENT_COUNT);
    for (size_t i = 0; i < count; i++)
        assert_same_event(&bench->decoded[i], &bench->events[i]);
}

static void the_golden_chunk_of_version_1_is_read(void **state)
{
    assert_golden_is_read(*state, 1);
}

static void the_golden_chunk_of_version_2_is_read(void **state)
{
    assert_golden_is_read(*state, 2);
}

static void changed_bytes_of_older_chunks_do_no_harm(void **state)
{
    struct codec_bench *bench = *state;
    size_t refused = 0;
    for (unsigned round = 0; round < 20000; round++)
    {
        uint8_t golden[GOLDEN_BYTES_MAX];
        size_t bytes = codec_bench_read_golden(1 + round % 2, golden);
        uint8_t *data = malloc(bytes);
        assert_non_null(data);
        memcpy(data, golden, bytes);
        chunk_flip_bits(&bench->stream, data, bytes);
        chunk_seal(data, bytes);
        refused += decode(bench, data, bytes) != REEL_OK;
        free(data);
    }
    assert_true(refused > 1000);
}

// Another zstd may compress in another way; on the columns before compression both must agree, which the sizes in the
// directory show.
static void the_golden_chunk_is_written_with_the_same_columns(void **state)
{
    struct codec_bench *bench = *state;
    uint8_t golden[GOLDEN_BYTES_MAX];
    const void *data;
    size_t bytes;
    assert_true(codec_bench_read_golden(REEL_CHUNK_VERSION, golden) > DIRECTORY_AT);
    golden_make(REEL_CHUNK_VERSION, bench->events, bench->births);
    assert_int_equal(reel_codec_encode(bench->codec, GOLDEN_FIRST_EVENT, bench->events, bench->births,
                                       GOLDEN_EVENT_COUNT, &data, &bytes),
                     REEL_OK);
    assert_memory_equal((const uint8_t *)data + CHECKSUM_BYTES, golden + CHECKSUM_BYTES, DIRECTORY_AT - CHECKSUM_BYTES);
    uint64_t columns;
    memcpy(&columns, golden + COLUMNS_AT, sizeof columns);
    for (size_t column = 0; column < (size_t)__builtin_popcountll(columns); column++)
        assert_memory_equal((const uint8_t *)data + DIRECTORY_AT + 8 * column, golden + DIRECTORY_AT + 8 * column, 4);
}

// A chunk is stored at each commit while it grows.
static void a_chunk_that_grows_can_be_taken_at_any_time(void **state)
{
    struct codec_bench *bench = *state;
    struct reel_codec *reading;
    size_t put = 0;
    assert_int_equal(reel_codec_create(&reading), REEL_OK);
    stream_next(&bench->stream, bench->events, 30000);
    codec_bench_find_births(bench, 30000);
    reel_codec_begin(bench->codec, 123);
    while (put < 30000)
    {
        const void *data;
        size_t bytes, count;
        uint64_t first_event;
        size_t more = 1 + (size_t)stream_random(&bench->stream, 3000);
        more = more < 30000 - put ? more : 30000 - put;
        reel_codec_put(bench->codec, bench->events + put, bench->births + put, more);
        put += more;
        assert_int_equal(reel_codec_finish(bench->codec, &data, &bytes), REEL_OK);
        assert_int_equal(
            reel_codec_decode(reading, data, bytes, &codec_bench_threads, bench->decoded, &count, &first_event),
            REEL_OK);
        assert_int_equal(count, put);
        assert_int_equal(first_event, 123);
        for (size_t i = 0; i < count; i++)
            assert_same_event(&bench->decoded[i], &bench->events[i]);
    }
    reel_codec_destroy(reading);
}

static void a_chunk_without_events_cannot_be_taken(void **state)
{
    struct codec_bench *bench = *state;
    const void *data;
    size_t bytes;
    reel_codec_begin(bench->codec, 7);
    assert_int_equal(reel_codec_finish(bench->codec, &data, &bytes), REEL_E_ARGUMENT);
}

static size_t bytes_of_quiet_stream(struct codec_bench *bench, double step_ns)
{
    const void *data;
    size_t bytes;
    double now_ns = 1000.0;
    for (uint32_t i = 0; i < REEL_CHUNK_EVENTS_MAX; i++)
    {
        now_ns += step_ns * (double)(5 + stream_random(&bench->stream, 16));
        bench->events[i] = (struct reel_event){.t_ns = (uint64_t)now_ns,
                                               .address = 0x1000,
                                               .thread = 1,
                                               .process = 1,
                                               .stack = 5,
                                               .kind = REEL_EVENT_FREE};
    }
    assert_round_trip(bench, NULL, REEL_CHUNK_EVENTS_MAX, &codec_bench_threads);
    reel_codec_encode(bench->codec, 123, bench->events, NULL, REEL_CHUNK_EVENTS_MAX, &data, &bytes);
    return bytes;
}

// Sixteen different times are four bits. Those of a clock with large steps are cut to whole ns, which makes up to twice
// as many of them.
static void times_with_few_values_take_few_bytes(void **state)
{
    struct codec_bench *bench = *state;
    assert_true(bytes_of_quiet_stream(bench, 1.0) < REEL_CHUNK_EVENTS_MAX * 53 / 100);
    assert_true(bytes_of_quiet_stream(bench, 10.0148837) < REEL_CHUNK_EVENTS_MAX * 66 / 100);
}

static void a_quiet_stream_takes_few_bytes(void **state)
{
    struct codec_bench *bench = *state;
    const void *data;
    size_t bytes;
    for (uint32_t i = 0; i < REEL_CHUNK_EVENTS_MAX; i++)
    {
        bool is_free = i % 2 == 1;
        bench->events[i] = (struct reel_event){.t_ns = i * 100,
                                               .address = 0x1000,
                                               .thread = 1,
                                               .process = 1,
                                               .stack = is_free ? 6 : 5,
                                               .requested_bytes = is_free ? 0 : 24,
                                               .usable_bytes = is_free ? 0 : 24,
                                               .kind = is_free ? REEL_EVENT_FREE : REEL_EVENT_ALLOC};
        bench->births[i] = i - 1;
    }
    assert_round_trip(bench, bench->births, REEL_CHUNK_EVENTS_MAX, &codec_bench_threads);
    reel_codec_encode(bench->codec, 0, bench->events, bench->births, REEL_CHUNK_EVENTS_MAX, &data, &bytes);
    assert_true(bytes < REEL_CHUNK_EVENTS_MAX / 100);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        ON_BENCH(decoded_events_are_the_encoded_ones),
        ON_BENCH(any_field_survives),
        ON_BENCH(runs_of_threads_of_any_length_survive),
        ON_BENCH(wrong_births_do_no_harm),
        ON_BENCH(a_chunk_of_no_or_too_many_events_is_refused),
        ON_BENCH(every_flipped_bit_is_noticed),
        ON_BENCH(every_cut_is_noticed),
        ON_BENCH(changed_bytes_with_a_right_checksum_do_no_harm),
        ON_BENCH(a_newer_chunk_is_told_from_a_damaged_one),
        ON_BENCH(a_thread_that_is_not_in_the_map_has_process_0),
        ON_BENCH(the_golden_chunk_of_version_1_is_read),
        ON_BENCH(the_golden_chunk_of_version_2_is_read),
        ON_BENCH(changed_bytes_of_older_chunks_do_no_harm),
        ON_BENCH(the_golden_chunk_is_written_with_the_same_columns),
        ON_BENCH(a_chunk_that_grows_can_be_taken_at_any_time),
        ON_BENCH(a_chunk_without_events_cannot_be_taken),
        ON_BENCH(times_with_few_values_take_few_bytes),
        ON_BENCH(a_quiet_stream_takes_few_bytes),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
