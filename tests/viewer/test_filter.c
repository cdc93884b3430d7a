// SPDX-License-Identifier: MIT
// Filters as a user types them.
#include "state_vector.h"
#include "tests/text/class_vector.h"
#include "watched.h"

// What is typed becomes the filter of the example, and what is printed of it becomes the same again.
static void assert_taken(struct watched *watched, const struct reel_replay *replay, const cJSON *row)
{
    char text[STATE_TEXT_BYTES];
    struct filter expected = filter_of_vector(vectors_part(row, "filter"));
    struct filter filter = {0};
    assert_ok(filter_parse(&filter, replay, vector_text(row, "typed"), &watched->error), watched->error);
    assert_filters_equal(&filter, &expected);
    filter_print(&filter, replay, text);
    assert_string_equal(text, vector_text(row, "printed"));
    filter = (struct filter){0};
    assert_ok(filter_parse(&filter, replay, text, &watched->error), watched->error);
    assert_filters_equal(&filter, &expected);
}

static void assert_refused(struct watched *watched, const struct reel_replay *replay, const cJSON *row)
{
    struct filter filter = {.least_bytes = 7};
    watched->error = (struct reel_error){0};
    if (filter_parse(&filter, replay, vector_text(row, "typed"), &watched->error) != REEL_E_ARGUMENT)
        fail_msg("%s was taken", vector_text(row, "typed"));
    assert_string_equal(watched->error.text, vector_text(row, "line"));
    assert_int_equal(filter.least_bytes, 7);
    assert_true(filter_is_same(&filter, &(struct filter){.least_bytes = 7}));
}

// The browser is given these classes; here the reel has to have them.
static void assert_class(const struct reel_replay *replay, const cJSON *row)
{
    struct reel_class_state expected = class_of_vector(row);
    struct reel_class_state class = reel_replay_class(replay, expected.number);
    assert_int_equal(class.number, expected.number);
    assert_int_equal(class.class_id, expected.class_id);
    assert_int_equal(class.is_aligned, expected.is_aligned);
    assert_int_equal(class.slot_bytes, expected.slot_bytes);
    if (class.number == 0)
        return;
    assert_int_equal(class.least_bytes, expected.least_bytes);
    assert_int_equal(class.greatest_bytes, expected.greatest_bytes);
}

static void check_examples(struct watched *watched, const struct reel_replay *replay, const char *name)
{
    cJSON *examples = vectors_open("filter");
    const cJSON *part = vectors_part(examples, name);
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_part(part, "classes")) assert_class(replay, row);
    cJSON_ArrayForEach(row, vectors_rows(part, "words")) assert_taken(watched, replay, row);
    cJSON_ArrayForEach(row, vectors_rows(part, "refused")) assert_refused(watched, replay, row);
    cJSON_Delete(examples);
}

static void what_is_typed_is_printed_and_read_back(void **state)
{
    struct watched watched;
    watched_open(&watched, *state);
    check_examples(&watched, model_replay(watched.model), "ranges");
    watched_close(&watched);
}

// Classes of an allocator that has told them, two with the same size.
static void aligned_classes_have_names_of_their_own(void **state)
{
    static const struct reel_class_info told[] = {
        {.class_id = 0, .slot_bytes = 48, .usable_bytes = 48},
        {.class_id = 1, .slot_bytes = 64, .usable_bytes = 64},
        {.class_id = 2, .slot_bytes = 64, .usable_bytes = 64, .is_aligned = true},
    };
    struct watched watched = {0};
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        assert_ok(reel_writer_add_class(writer, &told[i], &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
    watched_open_made(&watched, recording);
    check_examples(&watched, model_replay(watched.model), "told");
    watched_close(&watched);
}

static void without_a_replay_a_class_has_its_number(void **state)
{
    struct watched watched;
    watched_open(&watched, *state);
    check_examples(&watched, NULL, "none");
    watched_close(&watched);
}

static void an_empty_filter_is_empty(void **state)
{
    (void)state;
    assert_true(filter_is_empty(&(struct filter){0}));
    assert_false(filter_is_empty(&(struct filter){.has_class = true}));
    assert_false(filter_is_empty(&(struct filter){.least_bytes = 1}));
    assert_false(filter_is_empty(&(struct filter){.most_bytes = 1}));
    assert_false(filter_is_empty(&(struct filter){.function = "f"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_is_typed_is_printed_and_read_back),
        IN_DIRECTORY(aligned_classes_have_names_of_their_own),
        IN_DIRECTORY(without_a_replay_a_class_has_its_number),
        cmocka_unit_test(an_empty_filter_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
