// SPDX-License-Identifier: MIT
// A codec, the events of a made-up stream, and what comes back of them.
#ifndef HEAPREEL_TESTS_REEL_CODEC_BENCH_H
#define HEAPREEL_TESTS_REEL_CODEC_BENCH_H

#include "recording.h"

#include "reel/codec.h"

struct codec_bench
{
    struct reel_codec *codec;
    struct stream stream;
    struct reel_event events[REEL_CHUNK_EVENTS_MAX];
    struct reel_event decoded[REEL_CHUNK_EVENTS_MAX];
    uint32_t births[REEL_CHUNK_EVENTS_MAX];
    uint32_t decoded_births[REEL_CHUNK_EVENTS_MAX];
};

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, codec_bench_set_up, codec_bench_tear_down)
int codec_bench_set_up(void **state);
int codec_bench_tear_down(void **state);

// Threads of the stream belong to the processes of the stream.
extern const struct reel_thread_map codec_bench_threads;

// Of each event the last alloc at the address in the same process, if it lives, as a writer would know it.
void codec_bench_find_births(struct codec_bench *bench, size_t count);
// A chunk of the stream's next events, in memory of exactly its size, so that a sanitizer sees overruns. To be freed
// with free().
uint8_t *codec_bench_encode(struct codec_bench *bench, size_t count, size_t *bytes);

#define GOLDEN_BYTES_MAX 4096
// The golden chunk of a version; how many bytes it has.
size_t codec_bench_read_golden(unsigned version, uint8_t data[static GOLDEN_BYTES_MAX]);

#endif
