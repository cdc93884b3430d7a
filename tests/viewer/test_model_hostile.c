// SPDX-License-Identifier: MIT
// Reels that lie or are damaged: each question is answered or refused with a line, and the next one as well.
#include "watched.h"

#include <string.h>
#include <unistd.h>

// ---- everything that can be asked

static void assert_answered(struct watched *watched, int status)
{
    assert_true(status == REEL_OK || status == (int)watched->error.status);
    if (status != REEL_OK)
        assert_true(strlen(watched->error.text) > 0);
    watched->error = (struct reel_error){0};
}

static void ask_of_moment(struct watched *watched)
{
    struct model *model = watched->model;
    const struct state *state = &watched->state;
    struct reel_error *error = &watched->error;
    const struct reel_heap_state *heap;
    const struct reel_identity *identity;
    const struct reel_class_state *classes;
    const struct reel_region *regions;
    const struct reel_blame *blame;
    const struct reel_advice *advice;
    uint32_t process;
    size_t count;
    struct model_of of;
    assert_answered(watched, model_heap(model, state, &heap, error));
    assert_answered(watched, model_identity(model, state, &identity, &of, error));
    assert_answered(watched, model_classes(model, state, &classes, &count, error));
    assert_answered(watched, model_regions(model, state, &process, &regions, &count, &of, error));
    assert_answered(watched, model_blame(model, state, &blame, &of, error));
    assert_answered(watched, model_advice(model, state, &advice, &count, &of, error));
}

static void ask_of_stacks(struct watched *watched)
{
    struct reel_error *error = &watched->error;
    const struct reel_measured *rows;
    const struct reel_flame *flame;
    struct reel_measured total;
    size_t count;
    struct model_of of;
    for (int mode = MODE_MOMENT; mode <= MODE_UNFREED; mode++)
        for (int measure = 1; measure < REEL_MEASURE_COUNT; measure++)
        {
            watched->state.mode = (enum state_mode)mode;
            watched->state.measure = (enum reel_measure)measure;
            assert_answered(watched,
                            model_measured(watched->model, &watched->state, &rows, &count, &total, &of, error));
            for (size_t i = 0; i < count && rows != NULL; i++)
                assert_true(strlen(model_stack_name(watched->model, rows[i].stack)) > 0);
            assert_answered(watched, model_flame(watched->model, &watched->state, &flame, &of, error));
        }
}

static void ask_of_events(struct watched *watched)
{
    struct model *model = watched->model;
    const struct state *state = &watched->state;
    struct reel_error *error = &watched->error;
    const struct reel_lifetimes *lifetimes;
    const struct reel_growth *growth;
    const struct reel_tenant *tenants;
    const struct reel_timeline_point *points;
    size_t count;
    uint64_t number;
    struct model_of of;
    watched->state.selection = (struct selection){.has_address = true, .address = 0x1000, .bytes = 1};
    assert_answered(watched, model_lifetimes(model, state, &lifetimes, &of, error));
    assert_answered(watched, model_growth(model, state, &growth, &count, &of, error));
    assert_answered(watched, model_history(model, state, &tenants, &count, &of, error));
    assert_answered(watched, model_timeline(model, state, 20, &points, error));
    assert_answered(watched, model_time_of(model, state->moment, &number, error));
    assert_answered(watched, model_events_at(model, 3 * WATCHED_NS, &number, error));
    for (uint32_t stack = 0; stack < 9; stack++)
        model_stack_has(model, stack, "part");
}

static void ask_everything(struct watched *watched)
{
    static const uint64_t moments[] = {WATCHED_EVENTS, 0, 3, UINT64_MAX, 1};
    bool is_more;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
    {
        watched->state.moment = moments[i];
        watched->state.process = (uint32_t)i % 2;
        assert_answered(watched, model_seek(watched->model, &watched->state, &watched->error));
        ask_of_moment(watched);
        ask_of_stacks(watched);
        ask_of_events(watched);
    }
    assert_answered(watched, model_refresh(watched->model, &is_more, &watched->error));
}

static const char *const lies[] = {
    "UPDATE chunk_data SET data = zeroblob(64)",
    "UPDATE chunk_data SET data = substr(data, 1, 20)",
    "DELETE FROM chunk_data",
    "DELETE FROM chunk",
    "UPDATE chunk SET events = 1 << 40",
    "UPDATE chunk SET events = -1",
    "UPDATE chunk SET first_event = 1 << 62",
    "UPDATE chunk SET begin_ns = 1 << 62",
    "UPDATE chunk SET end_ns = -1, live_bytes = -1, live_bytes_max = -5",
    "DELETE FROM stack",
    "UPDATE stack SET parent = stack",
    "UPDATE stack SET frame = 1 << 40",
    "DELETE FROM frame",
    "UPDATE symbol SET function = NULL, file = NULL, line = -1",
    "UPDATE symbol SET function = char(27) || '[31m'",
    "DELETE FROM process",
    "DELETE FROM thread",
    "DELETE FROM run",
    "UPDATE run SET peak_event = -7, duration_ns = -1",
    "UPDATE run SET peak_event = 1 << 62, duration_ns = (1 << 62)",
    "DROP TABLE symbol",
    "DROP TABLE stack",
    "DROP TABLE chunk",
    "DROP TABLE residency",
};

static void a_reel_that_lies_is_answered_or_refused(void **state)
{
    struct recording *recording = *state;
    size_t opened = 0;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
    {
        struct watched watched;
        unlink(recording->path);
        watched_open(&watched, recording);
        watched_close(&watched);
        recording_change(recording->path, lies[i]);
        watched.error = (struct reel_error){0};
        watched.model = NULL;
        int status = model_open(&watched.model, recording->path, &watched.error);
        assert_answered(&watched, status);
        if (status != REEL_OK)
            continue;
        opened++;
        ask_everything(&watched);
        watched_close(&watched);
    }
    assert_true(opened > sizeof lies / sizeof *lies / 2);
}

static void what_is_no_reel_is_refused(void **state)
{
    struct recording *recording = *state;
    struct model *model = NULL;
    assert_int_equal(model_open(&model, "/nowhere/x.reel", &recording->error), REEL_E_OPEN);
    assert_int_equal(model_open(&model, recording->directory, &recording->error), REEL_E_NOT_A_REEL);
    assert_null(model);
}

static void what_a_state_names_and_the_reel_has_not_is_refused(void **state)
{
    struct watched watched;
    const struct reel_heap_state *heap;
    const struct reel_measured *rows;
    struct reel_measured total;
    size_t count;
    struct model_of of;
    watched_open(&watched, *state);
    watched.state.process = UINT32_MAX;
    assert_int_equal(model_heap(watched.model, &watched.state, &heap, &watched.error), REEL_E_ARGUMENT);
    ask_of_moment(&watched);
    ask_of_stacks(&watched);
    watched.state.process = 0;
    watched.state.measure = REEL_MEASURE_COUNT;
    assert_int_equal(model_measured(watched.model, &watched.state, &rows, &count, &total, &of, &watched.error),
                     REEL_E_ARGUMENT);
    watched.state.mark_a = watched.state.mark_b = UINT64_MAX - 1;
    watched.state.zoom_begin_ns = UINT64_MAX - 1;
    ask_of_stacks(&watched);
    ask_of_events(&watched);
    watched_close(&watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_reel_that_lies_is_answered_or_refused),
        IN_DIRECTORY(what_is_no_reel_is_refused),
        IN_DIRECTORY(what_a_state_names_and_the_reel_has_not_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
