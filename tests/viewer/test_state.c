// SPDX-License-Identifier: MIT
// States as text: what is printed is read back the same, and what anybody may write is refused whole.
#include "watched.h"

#include <stdio.h>
#include <string.h>

#include "state_vector.h"
#include "tests/reel/stream.h"
#include "tests/text/vectors.h"

#define ROUNDS 300

static void parse(struct watched *watched, struct state *state, const char *text)
{
    assert_ok(state_parse(state, model_reader(watched->model), text, &watched->error), watched->error);
}

static void every_page_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < PAGE_COUNT; i++)
    {
        enum page_number page = PAGE_COUNT;
        assert_true(page_parse(page_name((enum page_number)i), &page));
        assert_int_equal(page, i);
        assert_true(strlen(page_title((enum page_number)i)) <= 9);
    }
    enum page_number page = PAGE_MAP;
    assert_false(page_parse("nowhere", &page));
    assert_int_equal(page, PAGE_MAP);
    assert_string_equal(page_name(PAGE_COUNT), "unknown");
}

static void a_state_reads_like_its_documentation(void **state)
{
    struct watched watched;
    char text[STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    cJSON *examples = vectors_open("state");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "printed"))
    {
        struct state made = state_of_vector(vectors_part(row, "state"));
        state_print(&made, text);
        assert_string_equal(text, vector_text(row, "text"));
        struct state read;
        state_init(&read);
        parse(&watched, &read, text);
        assert_states_equal(&read, &made);
    }
    cJSON_Delete(examples);
    watched_close(&watched);
}

static void assert_becomes(struct watched *watched, const char *link, const char *printed)
{
    char text[STATE_TEXT_BYTES];
    struct state read;
    state_init(&read);
    parse(watched, &read, link);
    state_print(&read, text);
    assert_string_equal(text, printed);
}

// A link of the browser is pasted: what only it has is skipped.
static void what_only_the_browser_has_is_skipped(void **state)
{
    struct watched watched;
    char link[8 * STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    cJSON *examples = vectors_open("state");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "browser"))
        assert_becomes(&watched, vector_text(row, "text"), vector_text(row, "terminal"));
    cJSON_ArrayForEach(row, vectors_rows(examples, "browser_pages"))
    {
        snprintf(link, sizeof link, "p=map&p=%s&s=x", cJSON_GetStringValue(row));
        assert_becomes(&watched, link, "v=1&t=begin&p=overview&s=x");
    }
    cJSON_ArrayForEach(row, vectors_rows(examples, "browser_fields"))
    {
        snprintf(link, sizeof link, "#%s=%05000d&p=map&%s", cJSON_GetStringValue(row), 0, cJSON_GetStringValue(row));
        assert_becomes(&watched, link, "v=1&t=begin&p=map");
    }
    cJSON_Delete(examples);
    watched_close(&watched);
}

static void fill_text(struct stream *dice, char *text, size_t size)
{
    static const char letters[] = "aZ09 &%=#+,:\"\xc3\xbc/\\;?";
    size_t length = stream_random(dice, size);
    for (size_t i = 0; i < length; i++)
        text[i] = letters[stream_random(dice, sizeof letters - 1)];
    text[length] = '\0';
}

// A filter that a user can have typed: no quotes in a function with blanks.
static void fill_function(struct stream *dice, char function[STATE_SEARCH_BYTES])
{
    fill_text(dice, function, STATE_SEARCH_BYTES);
    for (char *byte = function; *byte != '\0'; byte++)
        *byte = *byte == '"' ? '\'' : *byte;
}

static struct state random_state(struct stream *dice)
{
    struct state made;
    state_init(&made);
    made.moment = stream_random(dice, WATCHED_EVENTS + 1);
    made.mark_a = stream_random(dice, 2) ? stream_random(dice, WATCHED_EVENTS + 1) : STATE_NO_EVENT;
    made.mark_b = stream_random(dice, 2) ? stream_random(dice, WATCHED_EVENTS + 1) : STATE_NO_EVENT;
    if (stream_random(dice, 2))
        made.zoom_begin_ns = stream_random(dice, UINT64_MAX / 2);
    if (stream_random(dice, 2))
        made.zoom_end_ns = made.zoom_begin_ns + 1 + stream_random(dice, UINT64_MAX / 4);
    made.process = stream_random(dice, 2) ? (uint32_t)stream_random(dice, UINT32_MAX) : 0;
    made.page = (enum page_number)stream_random(dice, PAGE_COUNT);
    made.measure = (enum reel_measure)(1 + stream_random(dice, REEL_MEASURE_COUNT - 1));
    made.mode = (enum state_mode)stream_random(dice, MODE_UNFREED + 1);
    made.is_inverted = stream_random(dice, 2);
    made.shows_all_frames = stream_random(dice, 2);
    made.shape = (enum state_shape)stream_random(dice, SHAPE_COUNT);
    made.focus = (uint32_t)stream_random(dice, UINT32_MAX);
    made.is_following = stream_random(dice, 2);
    made.selection.has_class = stream_random(dice, 2);
    made.selection.class_number = made.selection.has_class ? (uint32_t)stream_random(dice, REEL_CLASS_NUMBERS) : 0;
    made.selection.has_stack = stream_random(dice, 2);
    made.selection.stack = made.selection.has_stack ? (uint32_t)stream_random(dice, UINT32_MAX) : 0;
    made.selection.has_address = stream_random(dice, 2);
    made.selection.process = made.selection.has_address ? (uint32_t)stream_random(dice, 3) : 0;
    made.selection.address = made.selection.has_address ? stream_random(dice, UINT64_MAX / 2) : 0;
    made.selection.bytes = made.selection.has_address ? 1 + stream_random(dice, UINT64_MAX / 2) : 0;
    made.filter.has_class = stream_random(dice, 2);
    made.filter.class_number = made.filter.has_class ? (uint32_t)stream_random(dice, REEL_CLASS_NUMBERS) : 0;
    made.filter.least_bytes = stream_random(dice, 3) * stream_random(dice, 1 << 20);
    made.filter.most_bytes = stream_random(dice, 2) ? made.filter.least_bytes + 1 + stream_random(dice, 9999) : 0;
    fill_function(dice, made.filter.function);
    fill_text(dice, made.search, STATE_SEARCH_BYTES);
    return made;
}

static void what_is_printed_is_read_back_the_same(void **state)
{
    struct watched watched;
    struct stream dice;
    char text[STATE_TEXT_BYTES];
    char again[STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    stream_init(&dice, 11, 1);
    for (int i = 0; i < ROUNDS; i++)
    {
        struct state made = random_state(&dice);
        struct state read;
        state_init(&read);
        state_print(&made, text);
        parse(&watched, &read, text);
        state_print(&read, again);
        assert_string_equal(again, text);
        assert_int_equal(read.moment, made.moment);
        assert_int_equal(read.mark_a, made.mark_a);
        assert_int_equal(read.zoom_end_ns, made.zoom_end_ns);
        assert_int_equal(read.selection.address, made.selection.address);
        assert_int_equal(read.selection.stack, made.selection.stack);
        assert_int_equal(read.filter.class_number, made.filter.class_number);
        assert_int_equal(read.filter.most_bytes, made.filter.most_bytes);
        assert_string_equal(read.filter.function, made.filter.function);
        assert_string_equal(read.search, made.search);
    }
    watched_close(&watched);
}

static void the_longest_state_fits(void **state)
{
    (void)state;
    struct state made = {
        .moment = UINT64_MAX - 1,
        .mark_a = UINT64_MAX - 1,
        .mark_b = UINT64_MAX - 1,
        .zoom_begin_ns = UINT64_MAX - 2,
        .zoom_end_ns = UINT64_MAX - 1,
        .process = UINT32_MAX,
        .page = PAGE_LIFETIMES,
        .measure = REEL_MEASURE_TEMPORARY,
        .mode = MODE_DIFFERENCE,
        .is_inverted = true,
        .shows_all_frames = true,
        .shape = SHAPE_ICICLE,
        .focus = UINT32_MAX,
        .is_following = true,
        .selection = {true, 255, true, UINT32_MAX, true, UINT32_MAX, UINT64_MAX, UINT64_MAX},
        .filter = {.has_class = true, .class_number = 255, .least_bytes = UINT64_MAX - 1, .most_bytes = UINT64_MAX}};
    char text[STATE_TEXT_BYTES];
    memset(made.filter.function, '\xff', STATE_SEARCH_BYTES - 1);
    made.filter.function[3] = ' ';
    memset(made.search, '&', STATE_SEARCH_BYTES - 2);
    made.search[STATE_SEARCH_BYTES - 2] = '!';
    state_print(&made, text);
    assert_true(strlen(text) > 600);
    assert_non_null(strstr(text, "%21"));
}

static void moments_are_taken_in_all_their_forms(void **state)
{
    struct watched watched;
    struct state made;
    watched_open(&watched, *state);
    cJSON *examples = vectors_open("state");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "moments"))
    {
        state_init(&made);
        parse(&watched, &made, vector_text(row, "text"));
        assert_int_equal(made.moment, vector_number(row, "events"));
    }
    cJSON_Delete(examples);
    watched_close(&watched);
}

static void fields_that_are_not_named_stay(void **state)
{
    struct watched watched;
    char text[STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    cJSON *examples = vectors_open("state");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "kept"))
    {
        struct state made;
        const cJSON *link;
        state_init(&made);
        cJSON_ArrayForEach(link, vectors_rows(row, "texts")) parse(&watched, &made, cJSON_GetStringValue(link));
        state_print(&made, text);
        assert_string_equal(text, vector_text(row, "printed"));
    }
    cJSON_Delete(examples);
    watched_close(&watched);
}

static void assert_refused(struct watched *watched, struct state *made, const char *text, const char *line)
{
    char before[STATE_TEXT_BYTES];
    char after[STATE_TEXT_BYTES];
    state_print(made, before);
    watched->error = (struct reel_error){0};
    if (state_parse(made, model_reader(watched->model), text, &watched->error) != REEL_E_ARGUMENT)
        fail_msg("%s was taken", text);
    assert_string_equal(watched->error.text, line);
    assert_null(strpbrk(watched->error.text, "\x1b\n"));
    state_print(made, after);
    assert_string_equal(after, before);
}

static void hostile_text_is_refused_and_changes_nothing(void **state)
{
    struct watched watched;
    struct state made;
    char text[STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    state_init(&made);
    parse(&watched, &made, "t=#2&p=sites&s=abc");
    cJSON *examples = vectors_open("state");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "refused"))
    {
        snprintf(text, sizeof text, "p=map&%s", vector_text(row, "text"));
        assert_refused(&watched, &made, text, vector_text(row, "line"));
    }
    cJSON_Delete(examples);
    watched_close(&watched);
}

static void a_state_that_is_too_long_is_refused(void **state)
{
    struct watched watched;
    struct state made;
    char text[STATE_TEXT_BYTES + 1];
    watched_open(&watched, *state);
    state_init(&made);
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_refused(&watched, &made, text, "state: longer than 1023 bytes: copy it again");
    memcpy(text, "p=map&", 6);
    assert_refused(&watched, &made, text, "state: longer than 1023 bytes: copy it again");
    watched_close(&watched);
}

static void random_bytes_are_taken_or_refused_but_never_more(void **state)
{
    struct watched watched;
    struct stream dice;
    char text[STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    stream_init(&dice, 3, 1);
    for (int i = 0; i < ROUNDS; i++)
    {
        struct state made = random_state(&dice);
        state_print(&made, text);
        size_t length = strlen(text);
        for (uint64_t changes = stream_random(&dice, 6); changes > 0; changes--)
            text[stream_random(&dice, length)] = (char)(1 + stream_random(&dice, 255));
        struct state read;
        state_init(&read);
        int status = state_parse(&read, model_reader(watched.model), text, &watched.error);
        assert_true(status == REEL_OK || status == REEL_E_ARGUMENT);
        assert_in_range(read.page, 0, PAGE_COUNT - 1);
        assert_true(read.selection.class_number < REEL_CLASS_NUMBERS);
    }
    watched_close(&watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_has_a_name),
        IN_DIRECTORY(a_state_reads_like_its_documentation),
        IN_DIRECTORY(what_only_the_browser_has_is_skipped),
        IN_DIRECTORY(what_is_printed_is_read_back_the_same),
        cmocka_unit_test(the_longest_state_fits),
        IN_DIRECTORY(moments_are_taken_in_all_their_forms),
        IN_DIRECTORY(fields_that_are_not_named_stay),
        IN_DIRECTORY(hostile_text_is_refused_and_changes_nothing),
        IN_DIRECTORY(a_state_that_is_too_long_is_refused),
        IN_DIRECTORY(random_bytes_are_taken_or_refused_but_never_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
