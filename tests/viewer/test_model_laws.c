// SPDX-License-Identifier: MIT
// What the model gives is what the engine gives, whatever was asked before: random programs, of which one
// thing changes after the other: moment, process, marks, direction.
#include "watched.h"

#include <stdlib.h>
#include <string.h>

#include "tests/reel/opened.h"

#define SEEDS 6
#define MOMENTS 16

struct law
{
    struct opened opened; // its replay stands where it was asked last
    struct watched watched;
};

static void begin(struct law *law, struct recording *recording, uint64_t seed)
{
    *law = (struct law){0};
    opened_make_small(&law->opened, recording, seed);
    watched_open_made(&law->watched, recording);
}

static void end(struct law *law)
{
    watched_close(&law->watched);
    opened_close(&law->opened);
}

static uint64_t choose_mark(struct law *law)
{
    struct stream *dice = &law->opened.dice;
    return stream_random(dice, 2) ? stream_random(dice, law->opened.reel.event_count + 1) : STATE_NO_EVENT;
}

// One thing becomes another: a moment, a mark, the process or all, the direction.
static void choose(struct law *law)
{
    struct stream *dice = &law->opened.dice;
    struct state *state = &law->watched.state;
    switch (stream_random(dice, 5))
    {
    case 0:
        state->mark_a = choose_mark(law);
        break;
    case 1:
        state->mark_b = choose_mark(law);
        break;
    case 2:
        state->process = (uint32_t)stream_random(dice, law->opened.reel.process_count + 1);
        break;
    case 3:
        state->is_inverted = !state->is_inverted;
        break;
    default:
        state->moment = stream_random(dice, law->opened.reel.event_count + 1);
    }
    watched_go(&law->watched, state->moment);
    assert_ok(reel_replay_seek(law->opened.replay, state->moment, NULL, &law->watched.error), law->watched.error);
}

// At chosen moments of each of the random reels.
static void at_random_moments(void *state, void (*compare)(struct law *law))
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct law law;
        begin(&law, state, seed);
        for (int i = 0; i < MOMENTS; i++)
        {
            choose(&law);
            compare(&law);
        }
        end(&law);
    }
}

static void assert_rows(const struct reel_measured *rows, size_t count, struct reel_measured total,
                        const struct reel_measured *right, size_t right_count, struct reel_measured right_total)
{
    assert_int_equal(count, right_count);
    assert_int_equal(total.bytes, right_total.bytes);
    assert_int_equal(total.blocks, right_total.blocks);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(rows[i].stack, right[i].stack);
        assert_int_equal(rows[i].bytes, right[i].bytes);
        assert_int_equal(rows[i].blocks, right[i].blocks);
    }
}

// Which block gets the byte of a page that cannot be shared depends on the way to the moment: a byte for each stack and
// moment may be another's.
static void assert_totals(struct reel_measured total, struct reel_measured right_total, size_t count)
{
    int64_t slack = 2 * (int64_t)count;
    assert_true(total.bytes - right_total.bytes <= slack && right_total.bytes - total.bytes <= slack);
}

static void compare_heap(struct law *law)
{
    struct watched *watched = &law->watched;
    struct reel_heap_state right;
    struct reel_identity right_identity;
    const struct reel_heap_state *heap;
    const struct reel_identity *identity;
    struct model_of of;
    assert_ok(reel_replay_heap(law->opened.replay, watched->state.process, &right, &watched->error), watched->error);
    assert_ok(model_heap(watched->model, &watched->state, &heap, &watched->error), watched->error);
    assert_memory_equal(heap, &right, sizeof right);
    assert_ok(reel_replay_identity(law->opened.replay, watched->state.process, &right_identity, &watched->error),
              watched->error);
    assert_ok(model_identity(watched->model, &watched->state, &identity, &of, &watched->error), watched->error);
    assert_int_equal(identity->resident_bytes, right_identity.resident_bytes);
    assert_int_equal(identity->pinned_bytes, right_identity.pinned_bytes);
}

static void compare_classes(struct law *law)
{
    struct watched *watched = &law->watched;
    struct reel_class_state *right;
    const struct reel_class_state *classes;
    size_t right_count;
    size_t count;
    assert_ok(reel_replay_classes(law->opened.replay, watched->state.process, &right, &right_count, &watched->error),
              watched->error);
    assert_ok(model_classes(watched->model, &watched->state, &classes, &count, &watched->error), watched->error);
    assert_int_equal(count, right_count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(classes[i].requested_bytes, right[i].requested_bytes);
    free(right);
}

static void compare_regions(struct law *law)
{
    struct watched *watched = &law->watched;
    struct reel_region *right;
    const struct reel_region *regions;
    size_t right_count;
    size_t count;
    uint32_t process;
    struct model_of of;
    assert_ok(model_regions(watched->model, &watched->state, &process, &regions, &count, &of, &watched->error),
              watched->error);
    assert_true(process != 0 && (watched->state.process == 0 || watched->state.process == process));
    assert_ok(reel_replay_regions(law->opened.replay, process, &right, &right_count, &watched->error), watched->error);
    assert_int_equal(count, right_count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(regions[i].live_bytes, right[i].live_bytes);
    free(right);
}

static void compare_sums(struct law *law)
{
    compare_heap(law);
    compare_classes(law);
    compare_regions(law);
}

static void heap_classes_and_regions_are_the_engines(void **state)
{
    at_random_moments(*state, compare_sums);
}

static void compare_measure(struct law *law, enum reel_measure measure)
{
    struct watched *watched = &law->watched;
    struct reel_measured *right;
    const struct reel_measured *rows;
    struct reel_measured total;
    struct reel_measured right_total;
    size_t right_count;
    size_t count;
    struct model_of of;
    assert_ok(reel_measure_at(law->opened.replay, watched->state.process, measure, watched->state.moment, NULL, &right,
                              &right_count, &right_total, &watched->error),
              watched->error);
    assert_ok(model_measured_by(watched->model, &watched->state, measure, &rows, &count, &total, &of, &watched->error),
              watched->error);
    if (measure == REEL_MEASURE_PINNED)
        assert_totals(total, right_total, right_count);
    else
        assert_rows(rows, count, total, right, right_count, right_total);
    assert_false(of.is_stale);
    free(right);
}

static void compare_measures(struct law *law)
{
    for (int measure = 1; measure < REEL_MEASURE_COUNT; measure++)
        compare_measure(law, (enum reel_measure)measure);
}

static void each_measure_is_the_engines(void **state)
{
    at_random_moments(*state, compare_measures);
}

static int ask_engine(struct law *law, struct reel_measured **rows, size_t *count, struct reel_measured *total)
{
    const struct state *state = &law->watched.state;
    struct reel_error *error = &law->watched.error;
    struct reel_replay *replay = law->opened.replay;
    uint64_t a = state->mark_a;
    uint64_t b = state->mark_b != STATE_NO_EVENT ? state->mark_b : state->moment;
    if (state->mode == MODE_DIFFERENCE)
        return reel_measure_difference(replay, state->process, state->measure, a != STATE_NO_EVENT ? a : state->moment,
                                       b, NULL, rows, count, total, error);
    a = a != STATE_NO_EVENT ? a : 0;
    return reel_measure_range(replay, state->process, (enum reel_range_verb)(state->mode - 1), a < b ? a : b,
                              a < b ? b : a, NULL, rows, count, total, error);
}

// The tree of the right rows.
static void compare_flame(struct law *law, const struct reel_measured *right, size_t right_count)
{
    struct watched *watched = &law->watched;
    struct reel_flame *right_flame;
    const struct reel_flame *flame;
    struct model_of of;
    assert_ok(reel_flame_make(&right_flame, law->opened.reader, right, right_count,
                              watched->state.is_inverted ? REEL_FLAME_CALLEES_FIRST : REEL_FLAME_CALLERS_FIRST, 0,
                              &watched->error),
              watched->error);
    assert_ok(model_flame(watched->model, &watched->state, &flame, &of, &watched->error), watched->error);
    assert_int_equal(flame->count, right_flame->count);
    for (size_t i = 0; i < flame->count; i++)
    {
        assert_int_equal(flame->nodes[i].total_bytes, right_flame->nodes[i].total_bytes);
        assert_int_equal(flame->nodes[i].frame, right_flame->nodes[i].frame);
    }
    reel_flame_destroy(right_flame);
}

static void compare_mode(struct law *law)
{
    struct watched *watched = &law->watched;
    struct reel_measured *right;
    const struct reel_measured *rows;
    struct reel_measured total;
    struct reel_measured right_total;
    size_t right_count;
    size_t count;
    struct model_of of;
    assert_ok(ask_engine(law, &right, &right_count, &right_total), watched->error);
    assert_ok(model_measured(watched->model, &watched->state, &rows, &count, &total, &of, &watched->error),
              watched->error);
    if (watched->state.measure == REEL_MEASURE_PINNED)
        assert_totals(total, right_total, right_count);
    else
        assert_rows(rows, count, total, right, right_count, right_total);
    compare_flame(law, rows, count);
    free(right);
}

static void compare_modes(struct law *law)
{
    struct state *state = &law->watched.state;
    state->measure = (enum reel_measure)(1 + stream_random(&law->opened.dice, 7));
    for (int mode = MODE_DIFFERENCE; mode <= MODE_UNFREED; mode++)
    {
        state->mode = (enum state_mode)mode;
        compare_mode(law);
    }
}

static void differences_and_ranges_are_the_engines(void **state)
{
    at_random_moments(*state, compare_modes);
}

static void a_time_leads_back_to_the_last_moment_of_that_time(void **state)
{
    struct law law;
    begin(&law, *state, 3);
    struct watched *watched = &law.watched;
    uint64_t before = 0;
    for (uint64_t moment = 1; moment <= law.opened.reel.event_count; moment += 37)
    {
        uint64_t t_ns;
        uint64_t again_ns;
        uint64_t events;
        assert_ok(model_time_of(watched->model, moment, &t_ns, &watched->error), watched->error);
        assert_true(t_ns >= before);
        assert_ok(model_events_at(watched->model, t_ns, &events, &watched->error), watched->error);
        assert_true(events >= moment);
        assert_ok(model_time_of(watched->model, events, &again_ns, &watched->error), watched->error);
        assert_true(again_ns == t_ns || events == law.opened.reel.event_count);
        before = t_ns;
    }
    end(&law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(heap_classes_and_regions_are_the_engines),
        IN_DIRECTORY(each_measure_is_the_engines),
        IN_DIRECTORY(differences_and_ranges_are_the_engines),
        IN_DIRECTORY(a_time_leads_back_to_the_last_moment_of_that_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
