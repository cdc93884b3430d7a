// SPDX-License-Identifier: MIT
// Filters as a user types them.
#include "watched.h"

#include <string.h>

static struct filter parse(struct watched *watched, const char *text)
{
    struct filter filter = {0};
    assert_ok(filter_parse(&filter, model_replay(watched->model), text, &watched->error), watched->error);
    return filter;
}

static void assert_prints(struct watched *watched, const char *typed, const char *printed)
{
    char text[STATE_TEXT_BYTES];
    char again[STATE_TEXT_BYTES];
    struct filter filter = parse(watched, typed);
    filter_print(&filter, model_replay(watched->model), text);
    assert_string_equal(text, printed);
    filter = parse(watched, text);
    filter_print(&filter, model_replay(watched->model), again);
    assert_string_equal(again, printed);
}

static void what_is_typed_is_printed_and_read_back(void **state)
{
    struct watched watched;
    watched_open(&watched, *state);
    assert_prints(&watched, "", "");
    assert_prints(&watched, "  ", "");
    assert_prints(&watched, "size:64", "size:64");
    assert_prints(&watched, "size:64-1k", "size:64-1k");
    assert_prints(&watched, "size:64-64", "size:64");
    assert_prints(&watched, "size:>=4K", "size:>=4k");
    assert_prints(&watched, "size:>4k", "size:>=4097");
    assert_prints(&watched, "size:<64", "size:<=63");
    assert_prints(&watched, "size:<=2m", "size:<=2m");
    assert_prints(&watched, "size:0-5", "size:<=5");
    assert_prints(&watched, "fn:parse", "fn:parse");
    assert_prints(&watched, "  fn:\"operator new\"  size:1g ", "size:1g fn:\"operator new\"");
    assert_prints(&watched, "fn:a\"b", "fn:a\"b");
    assert_prints(&watched, "size:1 size:2", "size:2");
    watched_close(&watched);
}

static void a_class_is_named_or_found_by_a_size_in_it(void **state)
{
    struct watched watched;
    watched_open(&watched, *state);
    assert_prints(&watched, "class:33-48", "class:33-48");
    assert_prints(&watched, "class:48", "class:33-48");
    assert_prints(&watched, "class:40", "class:33-48");
    assert_prints(&watched, "class:1k", "class:1009-1024");
    assert_prints(&watched, "class:large", "class:large");
    assert_prints(&watched, "class:#3", "class:33-48");
    assert_int_equal(parse(&watched, "class:33").class_number, 3);
    assert_int_equal(parse(&watched, "class:large").class_number, 0);
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
    assert_prints(&watched, "class:48", "class:48");
    assert_prints(&watched, "class:64", "class:64");
    assert_prints(&watched, "class:64a", "class:64a");
    assert_prints(&watched, "class:\"64 a\"", "class:64a");
    assert_int_equal(parse(&watched, "class:064").class_number, parse(&watched, "class:64").class_number);
    assert_false(parse(&watched, "class:64").class_number == parse(&watched, "class:64a").class_number);
    struct filter filter = {0};
    assert_int_equal(filter_parse(&filter, model_replay(watched.model), "class:50", &watched.error), REEL_E_ARGUMENT);
    watched_close(&watched);
}

static void without_a_replay_a_class_has_its_number(void **state)
{
    struct watched watched;
    struct filter filter = {0};
    char text[STATE_TEXT_BYTES];
    watched_open(&watched, *state);
    assert_ok(filter_parse(&filter, NULL, "class:#12", &watched.error), watched.error);
    filter_print(&filter, NULL, text);
    assert_string_equal(text, "class:#12");
    assert_int_equal(filter_parse(&filter, NULL, "class:48", &watched.error), REEL_E_ARGUMENT);
    watched_close(&watched);
}

static void bad_words_are_refused_with_what_is_known(void **state)
{
    static const char *const bad[] = {
        "parse",
        "class:",
        "class:none",
        "class:#",
        "class:#256",
        "class:#-1",
        "size:",
        "size:x",
        "size:0",
        "size:<1",
        "size:9-3",
        "size:1-",
        "size:1-2-3",
        "size:1kb",
        "size:99999999999999999999",
        "size:99999999999999999g",
        "size:>18446744073709551615",
        "size:=5",
        "fn:",
        "fn:\"\"",
        "function:x",
        ":",
        "fn:ok \x1b:x",
        "fn:0123456789012345678901234567890123456789012345678901234567890123",
    };
    struct watched watched;
    watched_open(&watched, *state);
    struct filter filter = {.least_bytes = 7};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
        watched.error = (struct reel_error){0};
        if (filter_parse(&filter, model_replay(watched.model), bad[i], &watched.error) != REEL_E_ARGUMENT)
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(watched.error.text, ": "));
        assert_null(strchr(watched.error.text, '\x1b'));
        assert_int_equal(filter.least_bytes, 7);
    }
    assert_int_equal(filter_parse(&filter, NULL, "colour:red", &watched.error), REEL_E_ARGUMENT);
    assert_non_null(strstr(watched.error.text, "class:48 size:64-1k fn:parse process:2"));
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
        IN_DIRECTORY(what_is_typed_is_printed_and_read_back),   IN_DIRECTORY(a_class_is_named_or_found_by_a_size_in_it),
        IN_DIRECTORY(aligned_classes_have_names_of_their_own),  IN_DIRECTORY(without_a_replay_a_class_has_its_number),
        IN_DIRECTORY(bad_words_are_refused_with_what_is_known), cmocka_unit_test(an_empty_filter_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
