// SPDX-License-Identifier: MIT
// Opens and closes what the tests of the drain share.
#include "drain_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t read_latest(const void *context)
{
    return *(const uint64_t *)context;
}

int bench_set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    fake_channel_create(&bench->fake, 8, RING_RECORDS);
    queue_pool_init(&bench->pool, POOL_BLOCKS);
    assert_int_equal(drain_open(&bench->source, &bench->fake.channel, &bench->pool), REEL_OK);
    bench->latest = UINT64_MAX - 1;
    bench->look =
        (struct drain_look){.stuck_ticks = STUCK_TICKS, .clock = read_latest, .clock_context = &bench->latest};
    *state = bench;
    return 0;
}

int bench_tear_down(void **state)
{
    struct bench *bench = *state;
    drain_close(&bench->source);
    assert_int_equal(bench->pool.block_count, 0);
    queue_pool_fini(&bench->pool);
    fake_channel_destroy(&bench->fake);
    free(bench);
    return 0;
}

uint64_t look_at(struct bench *bench, uint64_t now)
{
    bench->look.previous = bench->look.now;
    bench->look.now = now;
    return drain_look(&bench->source, &bench->look);
}

size_t take(struct bench *bench, uint32_t ring, uint64_t bound)
{
    return drain_take(&bench->source, &bench->source.rings[ring], bound, bench->slice, RING_RECORDS, &bench->events);
}

size_t take_all(struct bench *bench, uint32_t ring)
{
    return take(bench, ring, DRAIN_NO_BOUND);
}

void fill(struct bench *bench, uint32_t ring, uint64_t time, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        fake_event(&bench->fake, fake_ring(&bench->fake, ring), time, WIRE_EVENT_ALLOC, i);
}
