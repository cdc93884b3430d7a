// SPDX-License-Identifier: MIT
// The whole protocol as a law: many threads played step by step, looks at random moments, and the merged stream is the
// sorted stream of all events, complete and never late.
#include "fake_channel.h"
#include "tracer/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define THREADS 6
#define STEPS 60000

// A thread between its steps: idle, busy without a time yet, busy with a time, event written.
struct player
{
    struct wire_ring *ring;
    int step;
    uint64_t time;
};

struct play
{
    struct fake_channel fake;
    struct queue_pool pool;
    struct drain_source source;
    struct merge merge;
    struct merge_feed feed;
    struct player players[THREADS];
    uint64_t clock;
    uint64_t written;
    uint64_t seen;
    uint64_t last_time;
    uint64_t spilled; // blocks in queues, summed over the looks
    struct drain_look look;
};

static uint64_t read_clock(const void *context)
{
    return ((const struct play *)context)->clock;
}

static int on_begin(void *context, void *owner, struct reel_error *error)
{
    (void)context, (void)owner, (void)error;
    return REEL_OK;
}

static int on_take(void *context, const struct merge_run *runs, size_t count, struct reel_error *error)
{
    struct play *play = context;
    (void)error;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < runs[i].count; k++)
        {
            assert_true(runs[i].events[k].time > play->last_time);
            play->last_time = runs[i].events[k].time;
            play->seen++;
        }
    return REEL_OK;
}

// One step of one thread: what the recorder does between two instructions that others can see.
static void advance(struct play *play, int number)
{
    struct player *player = &play->players[number];
    play->clock++;
    switch (player->step++)
    {
    case 0:
        if (player->ring == NULL)
            player->ring = fake_claim(&play->fake, (uint32_t)number, number + 1);
        break;
    case 1:
        fake_busy(player->ring);
        break;
    case 2:
        player->time = play->clock;
        break;
    case 3:
        fake_put(&play->fake, player->ring, 0,
                 (struct wire_event){.time = player->time, .where = wire_where(1, WIRE_EVENT_ALLOC, 0)});
        break;
    default:
        fake_commit(player->ring, 1);
        play->written++;
        player->step = 1;
        break;
    }
}

static void look(struct play *play)
{
    const struct merge_sink sink = {.begin = on_begin, .take = on_take, .context = play};
    struct merge_feed *feed = &play->feed;
    play->look.previous = play->look.now;
    play->look.now = ++play->clock;
    play->clock++;
    uint64_t bound = drain_look(&play->source, &play->look);
    assert_int_equal(merge_until(&play->merge, &feed, 1, bound, &sink, NULL, NULL), REEL_OK);
    drain_spill(&play->source);
    play->spilled += play->pool.block_count;
}

static void merged_stream_is_sorted_and_complete_at_every_interleaving(void **state)
{
    (void)state;
    static struct play play;
    fake_channel_create(&play.fake, THREADS, 64);
    queue_pool_init(&play.pool, 64);
    assert_int_equal(drain_open(&play.source, &play.fake.channel, &play.pool), REEL_OK);
    play.feed = (struct merge_feed){.source = &play.source};
    play.look = (struct drain_look){.stuck_ticks = UINT64_MAX, .clock = read_clock, .clock_context = &play};
    srandom(5);
    int favourite = 0;
    for (int i = 0; i < STEPS; i++)
    {
        if (random() % 40 == 0)
            favourite = (int)(random() % THREADS); // bursts, and threads that rest in the middle of a call
        advance(&play, random() % 3 != 0 ? favourite : (int)(random() % THREADS));
        if (random() % 50 == 0)
            look(&play);
    }
    for (int i = 0; i < THREADS; i++)
        while (play.players[i].step != 1)
            advance(&play, i);
    for (int i = 0; i < 10; i++)
        look(&play);
    assert_true(play.written > STEPS / 8);
    assert_int_equal(play.seen, play.written);
    assert_true(play.spilled > 0);
    assert_int_equal(play.pool.block_count, 0);
    drain_close(&play.source);
    queue_pool_fini(&play.pool);
    merge_clean_up(&play.merge);
    fake_channel_destroy(&play.fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(merged_stream_is_sorted_and_complete_at_every_interleaving)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
