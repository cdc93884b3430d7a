// SPDX-License-Identifier: MIT
// Going back by steps through a reel of many chunks: what a thread prepares behind the journal is the way that the
// state came.
#include "recording.h"

#include <stdlib.h>
#include <string.h>

#include "reel/replay/replay_internal.h"

#define EVENTS 3000000u // with two keyframes
#define STEP 125000u
#define MOMENTS (EVENTS / STEP + 1)
#define BATCH 10000u
#define PLACES 2000

struct seen
{
    struct reel_heap_state heap;
    uint64_t stacks; // a sum over what each holds
    uint64_t t_ns;
};

static struct seen look(struct reel_replay *replay, struct recording *recording)
{
    struct seen seen = {.t_ns = reel_replay_t_ns(replay)};
    size_t count;
    const struct reel_stack_state *stacks = reel_replay_stacks(replay, &count);
    for (size_t i = 0; i < count; i++)
        seen.stacks += (i + 1) * (stacks[i].live_blocks + 31 * stacks[i].requested_bytes + stacks[i].rounding_bytes);
    assert_ok(reel_replay_heap(replay, 0, &seen.heap, &recording->error), recording->error);
    return seen;
}

static void seek(struct reel_replay *replay, struct recording *recording, uint64_t events)
{
    assert_ok(reel_replay_seek(replay, events, NULL, &recording->error), recording->error);
    assert_int_equal(reel_replay_events(replay), events);
}

static struct reel_replay *open_replay(struct recording *recording, struct reel_reader *reader)
{
    struct reel_replay *replay = NULL;
    assert_ok(reel_replay_open(&replay, reader, &recording->error), recording->error);
    return replay;
}

// A program that frees and allocates at places of its own, chosen at random.
static struct reel_reader *make_reel(struct recording *recording)
{
    static struct reel_event events[BATCH];
    bool is_live[PLACES] = {0};
    struct stream dice;
    stream_init(&dice, 11, 1);
    struct reel_writer *writer = recording_begin(recording, 1);
    for (uint64_t done = 0; done < EVENTS; done += BATCH)
    {
        for (uint64_t i = 0; i < BATCH; i++)
        {
            uint64_t place = stream_random(&dice, PLACES);
            uint64_t address = 0x10000 + place * 1024;
            uint64_t bytes = 1 + stream_random(&dice, 1000);
            events[i] = is_live[place] ? recording_free(done + i, address) : recording_alloc(done + i, address, bytes);
            is_live[place] = !is_live[place];
        }
        assert_ok(reel_writer_append(writer, events, BATCH, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, EVENTS, &recording->error), recording->error);
    return recording_open(recording);
}

static void steps_back_meet_the_moments_of_the_way_there(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_reel(recording);
    struct reel_replay *replay = open_replay(recording, reader);
    static struct seen seen[MOMENTS];
    uint32_t part_count = 0;
    for (size_t i = 0; i < MOMENTS; i++)
    {
        seek(replay, recording, i * STEP);
        seen[i] = look(replay, recording);
    }
    reel_replay_close(replay);
    replay = open_replay(recording, reader);
    seek(replay, recording, EVENTS);
    for (size_t i = MOMENTS; i-- > 1;)
    {
        seek(replay, recording, i * STEP);
        const struct seen now = look(replay, recording);
        assert_memory_equal(&now, &seen[i], sizeof now);
        part_count = replay->rear_count > part_count ? replay->rear_count : part_count;
    }
    assert_true(part_count > 0);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

// By what was kept on the way there: nothing is read but the events between.
static void a_long_way_can_be_gone_back_at_once(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_reel(recording);
    struct reel_replay *straight = open_replay(recording, reader);
    struct reel_replay *jumping = open_replay(recording, reader);
    seek(jumping, recording, EVENTS - 1);
    uint64_t from = jumping->state.journal.from;
    assert_int_equal(from, replay_keyframe_before(jumping, EVENTS - 1).events);
    assert_true(from < EVENTS - 1 - 2 * STEP);
    seek(jumping, recording, EVENTS - 1 - STEP);
    seek(jumping, recording, from + 1);
    assert_int_equal(jumping->state.journal.from, from);
    seek(straight, recording, 1);
    for (uint64_t i = 1; i <= from + 1; i += STEP)
        seek(straight, recording, i);
    seek(straight, recording, from + 1);
    const struct seen a = look(jumping, recording);
    const struct seen b = look(straight, recording);
    assert_memory_equal(&a, &b, sizeof a);
    reel_replay_close(straight);
    reel_replay_close(jumping);
    reel_reader_close(reader);
}

static int cancel_later(void *context, double fraction)
{
    int *left = context;
    (void)fraction;
    return (*left)-- == 0;
}

static void a_long_way_can_be_cancelled_anywhere(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_reel(recording);
    struct reel_replay *replay = open_replay(recording, reader);
    struct reel_replay *straight = open_replay(recording, reader);
    for (int chunks = 0; chunks < 8; chunks += 3)
    {
        int left = chunks;
        const struct reel_progress progress = {cancel_later, &left};
        seek(replay, recording, 10);
        assert_int_equal(reel_replay_seek(replay, EVENTS - 10, &progress, &recording->error), REEL_E_CANCELLED);
        uint64_t events = reel_replay_events(replay);
        seek(replay, recording, events - 5); // where it stands it is right
        seek(straight, recording, events - 5);
        const struct seen a = look(replay, recording);
        const struct seen b = look(straight, recording);
        assert_memory_equal(&a, &b, sizeof a);
    }
    reel_replay_close(straight);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

static void what_is_being_prepared_can_be_given_up(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_reel(recording);
    struct reel_replay *replay = open_replay(recording, reader);
    seek(replay, recording, EVENTS / 2);
    const struct seen before = look(replay, recording);
    seek(replay, recording, EVENTS);
    while (replay->rear == NULL)
        seek(replay, recording, reel_replay_events(replay) - STEP);
    seek(replay, recording, EVENTS / 2);
    const struct seen after = look(replay, recording);
    assert_memory_equal(&before, &after, sizeof before);
    seek(replay, recording, EVENTS);
    while (replay->rear == NULL)
        seek(replay, recording, reel_replay_events(replay) - STEP);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(steps_back_meet_the_moments_of_the_way_there),
        IN_DIRECTORY(a_long_way_can_be_gone_back_at_once),
        IN_DIRECTORY(a_long_way_can_be_cancelled_anywhere),
        IN_DIRECTORY(what_is_being_prepared_can_be_given_up),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
