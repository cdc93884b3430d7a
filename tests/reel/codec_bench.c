// SPDX-License-Identifier: MIT
// The encoding half of a bench; the tests decode, each in its own way.
#include "codec_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int codec_bench_set_up(void **state)
{
    struct codec_bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    assert_int_equal(reel_codec_create(&bench->codec), REEL_OK);
    stream_init(&bench->stream, 7, 3);
    *state = bench;
    return 0;
}

int codec_bench_tear_down(void **state)
{
    struct codec_bench *bench = *state;
    reel_codec_destroy(bench->codec);
    free(bench);
    return 0;
}

static const uint32_t process_of_thread[] = {0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
const struct reel_thread_map codec_bench_threads = {process_of_thread, 10};

void codec_bench_find_births(struct codec_bench *bench, size_t count)
{
    static uint32_t birth_at[STREAM_PROCESSES_MAX + 1][STREAM_PLACES];
    memset(birth_at, 0xff, sizeof birth_at);
    for (size_t i = 0; i < count; i++)
    {
        const struct reel_event *event = &bench->events[i];
        uint32_t *birth = &birth_at[event->process][stream_place_of(event)];
        bench->births[i] = event->kind == REEL_EVENT_ALLOC ? REEL_BIRTH_ELSEWHERE : *birth;
        if (event->kind != REEL_EVENT_RESIZE)
            *birth = event->kind == REEL_EVENT_ALLOC ? (uint32_t)i : REEL_BIRTH_ELSEWHERE;
    }
}

uint8_t *codec_bench_encode(struct codec_bench *bench, size_t count, size_t *bytes)
{
    const void *data;
    stream_next(&bench->stream, bench->events, count);
    codec_bench_find_births(bench, count);
    assert_int_equal(reel_codec_encode(bench->codec, 5, bench->events, bench->births, count, &data, bytes), REEL_OK);
    uint8_t *copy = malloc(*bytes);
    assert_non_null(copy);
    memcpy(copy, data, *bytes);
    return copy;
}

size_t codec_bench_read_golden(unsigned version, uint8_t data[static GOLDEN_BYTES_MAX])
{
    char path[4096];
    snprintf(path, sizeof path, "%s/chunk-v%u.bin", REEL_GOLDEN_DIR, version);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t bytes = fread(data, 1, GOLDEN_BYTES_MAX, file);
    fclose(file);
    return bytes;
}
