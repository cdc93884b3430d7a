// SPDX-License-Identifier: MIT
// A reel that grows: the model sees what has come, keeps what more events cannot change, and knows whether somebody
// still writes it.
#include "watched.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/reel/opened.h"

struct growing
{
    struct watched watched;
    struct reel_writer *writer;
    uint64_t t_ns;
    uint64_t address;
};

static void allocate(struct growing *growing, uint64_t bytes, uint32_t stack)
{
    struct reel_event event = recording_alloc(growing->t_ns += WATCHED_NS, growing->address += 0x1000, bytes);
    event.stack = stack;
    assert_ok(reel_writer_append(growing->writer, &event, 1, &growing->watched.error), growing->watched.error);
    assert_ok(reel_writer_commit(growing->writer, &growing->watched.error), growing->watched.error);
}

static struct growing grow(struct recording *recording)
{
    struct growing growing = {.writer = recording_begin(recording, 1)};
    allocate(&growing, 100, 0);
    allocate(&growing, 10, 0);
    watched_open_made(&growing.watched, recording);
    return growing;
}

static bool refresh(struct growing *growing)
{
    bool is_more = false;
    assert_ok(model_refresh(growing->watched.model, &is_more, &growing->watched.error), growing->watched.error);
    return is_more;
}

static int64_t ask(struct watched *watched, enum reel_measure measure, struct model_of *of)
{
    const struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
    assert_ok(model_measured_by(watched->model, &watched->state, measure, &rows, &count, &total, of, &watched->error),
              watched->error);
    return total.bytes;
}

static void what_has_come_is_seen(void **state)
{
    struct growing growing = grow(*state);
    struct watched *watched = &growing.watched;
    struct model_of of;
    assert_false(refresh(&growing));
    assert_int_equal(model_event_count(watched->model), 2);
    allocate(&growing, 1000, 0);
    assert_true(refresh(&growing));
    assert_int_equal(model_event_count(watched->model), 3);
    assert_int_equal(model_peak(watched->model), 3);
    assert_int_equal(model_end_ns(watched->model), 3 * WATCHED_NS);
    assert_int_equal(model_summary(watched->model)->figures.allocations, 3);
    assert_int_equal(ask(watched, REEL_MEASURE_LIVE, &of), 110); // the moment has not moved
    watched_go(watched, 3);
    assert_int_equal(ask(watched, REEL_MEASURE_LIVE, &of), 1110);
    assert_int_equal(ask(watched, REEL_MEASURE_ALLOCATED, &of), 1110);
    reel_writer_close(growing.writer);
    watched_close(watched);
}

static void what_lies_behind_is_not_asked_again(void **state)
{
    struct growing growing = grow(*state);
    struct watched *watched = &growing.watched;
    struct model_of of;
    watched_go(watched, 1);
    assert_int_equal(ask(watched, REEL_MEASURE_ALLOCATED, &of), 100);
    for (int i = 0; i < 3; i++)
    {
        allocate(&growing, 1000, 0);
        assert_true(refresh(&growing));
        watched_count(watched, false);
        assert_int_equal(ask(watched, REEL_MEASURE_ALLOCATED, &of), 100);
        assert_int_equal(watched->ticks, 0);
        assert_false(of.is_stale);
    }
    reel_writer_close(growing.writer);
    watched_close(watched);
}

static void the_end_of_the_recording_is_seen(void **state)
{
    struct growing growing = grow(*state);
    struct watched *watched = &growing.watched;
    struct model_of of;
    assert_false(model_summary(watched->model)->is_complete);
    assert_int_equal(ask(watched, REEL_MEASURE_LEAKED, &of), 0);
    assert_ok(reel_writer_finish(growing.writer, WATCHED_END_NS, &watched->error), watched->error);
    assert_true(refresh(&growing));
    assert_true(model_summary(watched->model)->is_complete);
    assert_false(model_is_live(watched->model));
    assert_int_equal(model_end_ns(watched->model), WATCHED_END_NS);
    assert_int_equal(ask(watched, REEL_MEASURE_LEAKED, &of), 110);
    assert_false(refresh(&growing));
    watched_close(watched);
}

static void names_that_come_late_are_taken(void **state)
{
    struct growing growing = grow(*state);
    struct watched *watched = &growing.watched;
    uint32_t frame;
    uint32_t stack;
    const struct reel_symbol symbol = {.function = "late", .file = "late.c", .line = 7};
    assert_ok(reel_writer_intern_frame(growing.writer, 0, 0x1234, &frame, &watched->error), watched->error);
    assert_ok(reel_writer_intern_stack(growing.writer, 0, frame, &stack, &watched->error), watched->error);
    allocate(&growing, 5, stack);
    assert_true(refresh(&growing));
    assert_string_equal(model_stack_name(watched->model, stack), "0x1234");
    assert_false(model_stack_has(watched->model, stack, "late"));
    assert_ok(reel_writer_set_symbols(growing.writer, frame, &symbol, 1, &watched->error), watched->error);
    allocate(&growing, 5, stack);
    assert_true(refresh(&growing));
    assert_string_equal(model_stack_name(watched->model, stack), "late (late.c:7)");
    assert_true(model_stack_has(watched->model, stack, "late"));
    reel_writer_close(growing.writer);
    watched_close(watched);
}

static uint64_t allocations_of(struct watched *watched)
{
    const struct reel_timeline_point *points;
    uint64_t allocations = 0;
    assert_ok(model_timeline(watched->model, &watched->state, 4, &points, &watched->error), watched->error);
    for (int i = 0; i < 4; i++)
        allocations += points[i].allocations;
    return allocations;
}

static void the_timeline_grows_when_that_is_seen_and_at_the_end(void **state)
{
    struct growing growing = grow(*state);
    struct watched *watched = &growing.watched;
    for (int i = 2; i < 100; i++)
        allocate(&growing, 10, 0);
    refresh(&growing);
    assert_int_equal(allocations_of(watched), 100);
    allocate(&growing, 10, 0);
    refresh(&growing);
    assert_int_equal(allocations_of(watched), 100); // a hundredth of the whole: less than a quarter of a point
    for (int i = 0; i < 9; i++)
        allocate(&growing, 10, 0);
    refresh(&growing);
    assert_int_equal(allocations_of(watched), 110);
    allocate(&growing, 10, 0);
    assert_ok(reel_writer_finish(growing.writer, growing.t_ns, &watched->error), watched->error);
    refresh(&growing);
    assert_int_equal(allocations_of(watched), 111);
    watched_close(watched);
}

// To look an address up costs a pass over all events: not with each commit.
static void the_history_of_an_address_waits_for_the_moment(void **state)
{
    struct growing growing = grow(*state);
    struct watched *watched = &growing.watched;
    const struct reel_tenant *tenants;
    const struct reel_tenant *again;
    size_t count;
    struct model_of of;
    watched->state.selection = (struct selection){.has_address = true, .address = 0x1000, .bytes = 1};
    assert_ok(model_history(watched->model, &watched->state, &tenants, &count, &of, &watched->error), watched->error);
    assert_int_equal(count, 1);
    allocate(&growing, 5, 0);
    refresh(&growing);
    assert_ok(model_history(watched->model, &watched->state, &again, &count, &of, &watched->error), watched->error);
    assert_ptr_equal(again, tenants);
    assert_int_equal(of.moment, 2);
    watched_go(watched, 3);
    assert_ok(model_history(watched->model, &watched->state, &again, &count, &of, &watched->error), watched->error);
    assert_int_equal(of.moment, 3);
    assert_false(of.is_stale);
    reel_writer_close(growing.writer);
    watched_close(watched);
}

// ---- random reels: refreshed at each commit, the model is one that was opened then

struct law
{
    struct recording *recording;
    struct watched watched;
    struct stream dice;
};

static void compare_at(struct law *law, uint64_t events)
{
    struct watched *watched = &law->watched;
    struct watched fresh = {0};
    struct model_of of;
    const struct reel_heap_state *heap;
    const struct reel_heap_state *right;
    watched_open_made(&fresh, law->recording);
    watched_go(watched, events);
    watched_go(&fresh, events);
    assert_ok(model_heap(watched->model, &watched->state, &heap, &watched->error), watched->error);
    assert_ok(model_heap(fresh.model, &fresh.state, &right, &fresh.error), fresh.error);
    assert_memory_equal(heap, right, sizeof *heap);
    for (int measure = 1; measure < REEL_MEASURE_COUNT; measure++)
        assert_int_equal(ask(watched, (enum reel_measure)measure, &of), ask(&fresh, (enum reel_measure)measure, &of));
    assert_int_equal(model_peak(watched->model), model_peak(fresh.model));
    if (model_summary(watched->model)->is_complete)
        assert_int_equal(model_worst(watched->model), model_worst(fresh.model));
    watched_close(&fresh);
}

static void follow(void *context)
{
    struct law *law = context;
    struct watched *watched = &law->watched;
    bool is_more;
    if (watched->model == NULL)
        watched_open_made(watched, law->recording);
    else
        assert_ok(model_refresh(watched->model, &is_more, &watched->error), watched->error);
    compare_at(law, model_event_count(watched->model));
    compare_at(law, stream_random(&law->dice, model_event_count(watched->model) + 1));
}

static void a_model_that_follows_answers_as_a_new_one(void **state)
{
    for (uint64_t seed = 0; seed < 3; seed++)
    {
        struct law law = {.recording = *state};
        struct random_reel reel = {0};
        const struct random_shape shape = {.seed = seed,
                                           .event_count = 2000,
                                           .live_blocks = 60,
                                           .process_max = 6,
                                           .has_classes = seed % 2 == 1,
                                           .commit_every = 331,
                                           .at_commit = follow,
                                           .context = &law};
        stream_init(&law.dice, seed, 1);
        random_reel_make(&reel, law.recording, &shape);
        watched_close(&law.watched);
        random_reel_free(&reel);
    }
}

// ---- who writes it

// A process that writes a reel: says that it has begun, and ends it when it is told so.
static pid_t start_writer(struct recording *recording, int *said, int *told)
{
    int from_writer[2];
    int to_writer[2];
    char byte = 0;
    assert_int_equal(pipe(from_writer), 0);
    assert_int_equal(pipe(to_writer), 0);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0)
    {
        struct growing growing = {.writer = recording_begin(recording, 1)};
        const struct reel_residency idle = {.process = 1, .t_ns = WATCHED_END_NS / 2};
        reel_writer_add_residency(growing.writer, &idle, NULL);
        allocate(&growing, 100, 0);
        bool is_said = write(from_writer[1], "x", 1) == 1;
        bool is_told = is_said && read(to_writer[0], &byte, 1) == 1;
        _exit(is_told && reel_writer_finish(growing.writer, WATCHED_END_NS, NULL) == REEL_OK ? 0 : 1);
    }
    assert_int_equal(read(from_writer[0], &byte, 1), 1);
    *said = from_writer[0];
    *told = to_writer[1];
    close(from_writer[1]);
    close(to_writer[0]);
    return writer;
}

static void a_reel_is_live_while_somebody_writes_it(void **state)
{
    struct growing growing = {0};
    int said;
    int told;
    int status;
    pid_t writer = start_writer(*state, &said, &told);
    watched_open_made(&growing.watched, *state);
    assert_true(model_is_live(growing.watched.model));
    assert_false(refresh(&growing));
    assert_true(model_is_live(growing.watched.model));
    assert_int_equal(write(told, "x", 1), 1);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    assert_true(refresh(&growing));
    assert_false(model_is_live(growing.watched.model));
    assert_true(model_summary(growing.watched.model)->is_complete);
    close(said);
    close(told);
    watched_close(&growing.watched);
}

static void a_reel_whose_writer_was_killed_is_cut_off(void **state)
{
    struct growing growing = {0};
    int said;
    int told;
    pid_t writer = start_writer(*state, &said, &told);
    watched_open_made(&growing.watched, *state);
    assert_true(model_is_live(growing.watched.model));
    assert_int_equal(kill(writer, SIGKILL), 0);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_true(refresh(&growing));
    assert_false(model_is_live(growing.watched.model));
    assert_false(model_summary(growing.watched.model)->is_complete);
    assert_int_equal(model_event_count(growing.watched.model), 1);
    close(said);
    close(told);
    watched_close(&growing.watched);
}

static uint64_t time_shown(struct watched *watched, bool is_following)
{
    uint64_t t_ns = 0;
    watched->state.is_following = is_following;
    assert_ok(model_time_shown(watched->model, &watched->state, &t_ns, &watched->error), watched->error);
    return t_ns;
}

static void who_follows_a_program_that_idles_is_at_the_end_of_what_is_recorded(void **state)
{
    struct growing growing = {0};
    int said;
    int told;
    pid_t writer = start_writer(*state, &said, &told);
    watched_open_made(&growing.watched, *state);
    assert_int_equal(time_shown(&growing.watched, true), WATCHED_END_NS / 2);
    assert_int_equal(time_shown(&growing.watched, false), WATCHED_NS);
    watched_go(&growing.watched, 0);
    assert_int_equal(time_shown(&growing.watched, true), 0);
    watched_go(&growing.watched, 1);
    assert_int_equal(write(told, "x", 1), 1);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_true(model_has_grown(growing.watched.model));
    assert_true(refresh(&growing));
    assert_int_equal(time_shown(&growing.watched, true), WATCHED_NS);
    close(said);
    close(told);
    watched_close(&growing.watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_has_come_is_seen),
        IN_DIRECTORY(what_lies_behind_is_not_asked_again),
        IN_DIRECTORY(the_end_of_the_recording_is_seen),
        IN_DIRECTORY(names_that_come_late_are_taken),
        IN_DIRECTORY(the_timeline_grows_when_that_is_seen_and_at_the_end),
        IN_DIRECTORY(the_history_of_an_address_waits_for_the_moment),
        IN_DIRECTORY(a_model_that_follows_answers_as_a_new_one),
        IN_DIRECTORY(a_reel_is_live_while_somebody_writes_it),
        IN_DIRECTORY(a_reel_whose_writer_was_killed_is_cut_off),
        IN_DIRECTORY(who_follows_a_program_that_idles_is_at_the_end_of_what_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
