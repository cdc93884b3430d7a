// SPDX-License-Identifier: MIT
// What a filter leaves of pages and classes: by the names of functions, by stack, class and size, and all of them
// together.
#include "sql_face.h"

#include <string.h>

#define PAGE UINT64_C(0x10000)

// Stack 1 is main, 2 is main > ParseLine, inlined in it parse_word, 3 is main > ParseLine > (no name), 4 is main >
// draw.
static void append_stacks(struct recording *recording, struct reel_writer *writer)
{
    static const struct reel_symbol names[][2] = {
        {{.function = "main"}},
        {{.function = "parse_word", .is_inlined = true}, {.function = "ParseLine"}},
        {{.function = NULL}},
        {{.function = "draw"}},
    };
    static const uint32_t parents[] = {0, 1, 2, 1};
    for (uint32_t i = 0; i < 4; i++)
    {
        uint32_t frame = 0;
        uint32_t stack = 0;
        struct reel_error *error = &recording->error;
        assert_ok(reel_writer_intern_frame(writer, 0, 100 + i, &frame, error), *error);
        assert_ok(reel_writer_intern_stack(writer, parents[i], frame, &stack, error), *error);
        assert_int_equal(stack, i + 1);
        assert_ok(reel_writer_set_symbols(writer, frame, names[i], i == 1 ? 2 : 1, error), *error);
    }
}

static struct sqlite3 *begin(void **state)
{
    static const struct reel_event events[] = {
        {100, PAGE, 20, 24, 1, 1, 1, REEL_EVENT_ALLOC, 0},
        {200, PAGE + 32, 50, 56, 2, 1, 1, REEL_EVENT_ALLOC, 0},
        {300, PAGE + 128, 20, 24, 3, 1, 1, REEL_EVENT_ALLOC, 0},
        {400, PAGE + 4096, 18, 24, 4, 1, 1, REEL_EVENT_ALLOC, 0},
        {500, PAGE + 8192, 5000, 5112, 3, 1, 1, REEL_EVENT_ALLOC, 0},
        {600, PAGE + 16384, 60, 64, 0, 1, 1, REEL_EVENT_ALLOC, 0},
        {700, PAGE + 128, 0, 0, 0, 1, 1, REEL_EVENT_FREE, 0},
    };
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    append_stacks(recording, writer);
    assert_ok(reel_writer_append(writer, events, sizeof events / sizeof *events, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 800, &recording->error), recording->error);
    return sql_face_open(recording);
}

#define PAGES "SELECT hex(data) FROM stack_pages_at("
#define CLASSES "SELECT live_blocks, live_bytes, usable_bytes FROM stack_classes_at("

// Bytes 0018, 0038, 13f8 and so on, little endian, of pages 0 to 4.
static void pages_are_filtered_by_the_names_of_functions(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5)", "680018000010F8034000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, '')", "680018000010F8034000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, 'MAIN')", "680018000010F8030000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, 'parse')", "500000000010F8030000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, 'e_word')", "500000000010F8030000\n");
    sql_face_assert_rows(database, PAGES "'end', 1, 65536, 5, NULL, 'parse')", "380000000010F8030000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, 3, 'parse')", "180000000010F8030000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, 4, 'parse')", "00000000000000000000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, 0)", "00000000000000004000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, 'nothing of that name')", "00000000000000000000\n");
    sql_face_close(database);
}

static void pages_are_filtered_by_size_and_class(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, NULL, NULL, 20, 50)", "68000000000000000000\n");
    sql_face_assert_rows(database, PAGES "6, 1, 65536, 5, NULL, 'parse', NULL, 51)", "000000000010F8030000\n");
    sql_face_assert_rows(database,
                         PAGES "6, 1, 65536, 5, NULL, NULL, "
                               "(SELECT class_number FROM classes_at(6) WHERE least_bytes = 17 AND process = 0))",
                         "30001800000000000000\n");
    sql_face_close(database);
}

static void classes_have_what_a_filter_leaves_of_them(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, CLASSES "6)", "3|58|72\n2|110|120\n1|5000|5112\n");
    sql_face_assert_rows(database, CLASSES "6, 1, NULL, 'parse')", "1|20|24\n1|50|56\n1|5000|5112\n");
    sql_face_assert_rows(database, CLASSES "'end', 0, NULL, 'parse')", "1|50|56\n1|5000|5112\n");
    sql_face_assert_rows(database, CLASSES "6, 0, 3, NULL, NULL, 0, 4999)", "1|20|24\n");
    sql_face_assert_rows(database, CLASSES "6, 0, 77)", "");
    // For each stack the same as the blocks themselves tell.
    sql_face_assert_rows(database,
                         "SELECT count(*) FROM stack, stack_classes_at(6, 0, stack.stack) AS c WHERE live_bytes IS NOT "
                         "(SELECT sum(requested_bytes) FROM blocks_at(6) AS b WHERE b.stack = stack.stack AND "
                         "b.class_number = c.class_number)",
                         "0\n");
    sql_face_close(database);
}

static void filters_that_make_no_sense_are_refused(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_error(database, CLASSES "6, 2)", "process is 2");
    sql_face_assert_error(database, CLASSES "6, 0, 4294967296)", "stack is 4294967296");
    sql_face_assert_error(database, CLASSES "6, 0, NULL, NULL, 256)", "class is 256");
    sql_face_assert_error(database, CLASSES "6, 0, NULL, NULL, NULL, -1)", "least_bytes is -1");
    sql_face_assert_error(database, CLASSES "6, 0, NULL, NULL, NULL, 0, -1)", "most_bytes is -1");
    sql_face_assert_error(database, PAGES "6, 1, 65536, 5, 'x')", "stack is x");
    sql_face_close(database);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(pages_are_filtered_by_the_names_of_functions),
        IN_DIRECTORY(pages_are_filtered_by_size_and_class),
        IN_DIRECTORY(classes_have_what_a_filter_leaves_of_them),
        IN_DIRECTORY(filters_that_make_no_sense_are_refused),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
