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
#define PLACES_FEW 2000
#define PLACES_MANY 200000 // half of them are blocks, which take longer to load than a step back

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

static void add_process(struct reel_writer *writer, struct recording *recording)
{
    const struct reel_process_info info = {.pid = 2, .command = "second"};
    uint32_t process;
    assert_ok(reel_writer_add_process(writer, &info, &process, &recording->error), recording->error);
}

// A program that frees and allocates at places of its own, chosen at random. Another process begins before event
// `second_begin`, and leaves it at that.
static struct reel_reader *make_reel_of_two(struct recording *recording, uint64_t places, uint64_t second_begin)
{
    static struct reel_event events[BATCH];
    static bool is_live[PLACES_MANY];
    memset(is_live, 0, sizeof is_live);
    struct stream dice;
    stream_init(&dice, 11, 1);
    struct reel_writer *writer = recording_begin(recording, 1);
    for (uint64_t done = 0; done < EVENTS; done += BATCH)
    {
        if (done == second_begin)
            add_process(writer, recording);
        for (uint64_t i = 0; i < BATCH; i++)
        {
            uint64_t place = stream_random(&dice, places);
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

static struct reel_reader *make_reel(struct recording *recording)
{
    return make_reel_of_two(recording, PLACES_MANY, UINT64_MAX);
}

// All moments on the way there, then the same ones by steps back from the end. Gives how many parts were taken at most.
static uint32_t go_there_and_back(struct recording *recording, struct reel_reader *reader)
{
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
    reel_replay_close(replay);
    reel_reader_close(reader);
    return part_count;
}

static void steps_back_meet_the_moments_of_the_way_there(void **state)
{
    struct recording *recording = *state;
    assert_true(go_there_and_back(recording, make_reel(recording)) > 0);
}

// No way back leads over the beginning of a process; what lies before it is prepared for itself or found anew.
static void steps_back_over_a_turn_meet_them_too(void **state)
{
    struct recording *recording = *state;
    go_there_and_back(recording, make_reel_of_two(recording, PLACES_MANY, EVENTS / 2));
}

// From a keyframe each moment is sooner reached than a part could be prepared.
static void among_few_blocks_nothing_is_prepared(void **state)
{
    struct recording *recording = *state;
    assert_int_equal(go_there_and_back(recording, make_reel_of_two(recording, PLACES_FEW, UINT64_MAX)), 0);
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

// Whether what lies right behind the journal is being prepared.
static bool is_prepared(const struct reel_replay *replay)
{
    return replay_rear_reaches(replay, replay->state.journal.from - 1);
}

static void assert_same_as_anew(struct reel_replay *replay, struct recording *recording, struct reel_reader *reader)
{
    struct reel_replay *anew = open_replay(recording, reader);
    seek(anew, recording, reel_replay_events(replay));
    const struct seen a = look(replay, recording);
    const struct seen b = look(anew, recording);
    assert_memory_equal(&a, &b, sizeof a);
    reel_replay_close(anew);
}

static void who_has_gone_back_finds_it_prepared_after_a_jump(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_reel(recording);
    struct reel_replay *replay = open_replay(recording, reader);
    seek(replay, recording, EVENTS);
    assert_false(is_prepared(replay));
    seek(replay, recording, EVENTS - STEP);
    seek(replay, recording, 10);
    seek(replay, recording, EVENTS);
    assert_false(is_prepared(replay)); // one step is no drag
    seek(replay, recording, EVENTS - STEP);
    seek(replay, recording, EVENTS - 2 * STEP);
    seek(replay, recording, 10);
    seek(replay, recording, EVENTS - 2 * STEP);
    assert_true(is_prepared(replay));
    uint64_t from = replay->state.journal.from;
    seek(replay, recording, from + 1);
    assert_same_as_anew(replay, recording, reader);
    seek(replay, recording, from - STEP);
    assert_int_equal(replay->rear_count, 1);
    assert_same_as_anew(replay, recording, reader);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

// Each jump gives up what was prepared for the one before; after some without a step back nothing is prepared any more.
static void jumps_upon_jumps_give_up_what_was_prepared(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = make_reel(recording);
    struct reel_replay *replay = open_replay(recording, reader);
    int prepared_count = 0;
    seek(replay, recording, EVENTS);
    seek(replay, recording, EVENTS - STEP);
    seek(replay, recording, EVENTS - 2 * STEP);
    for (uint64_t i = 0; i < 10; i++)
    {
        seek(replay, recording, 10);
        seek(replay, recording, EVENTS - i);
        prepared_count += is_prepared(replay);
    }
    assert_in_range(prepared_count, 3, 9);
    assert_false(is_prepared(replay));
    assert_same_as_anew(replay, recording, reader);
    seek(replay, recording, EVENTS - 10 - STEP);
    assert_true(is_prepared(replay));
    assert_same_as_anew(replay, recording, reader);
    seek(replay, recording, EVENTS); // and is closed while it is prepared
    reel_replay_close(replay);
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(steps_back_meet_the_moments_of_the_way_there),
        IN_DIRECTORY(steps_back_over_a_turn_meet_them_too),
        IN_DIRECTORY(among_few_blocks_nothing_is_prepared),
        IN_DIRECTORY(a_long_way_can_be_gone_back_at_once),
        IN_DIRECTORY(a_long_way_can_be_cancelled_anywhere),
        IN_DIRECTORY(what_is_being_prepared_can_be_given_up),
        IN_DIRECTORY(who_has_gone_back_finds_it_prepared_after_a_jump),
        IN_DIRECTORY(jumps_upon_jumps_give_up_what_was_prepared),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
