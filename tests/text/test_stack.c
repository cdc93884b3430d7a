// SPDX-License-Identifier: MIT
// Names of frames, by the examples that the browser is held to as well.
#include "vectors.h"

#include "text/stack.h"

static cJSON *examples;

static int set_up(void **state)
{
    (void)state;
    examples = vectors_open("stack");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(examples);
    return 0;
}

static void paths_have_base_names(void **state)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "base_name"))
        assert_string_equal(text_base_name(vector_text(row, "path")), vector_text(row, "text"));
    assert_null(text_base_name(NULL));
    (void)state;
}

static void the_library_that_records_is_known(void **state)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "own_module"))
        assert_int_equal(reel_is_own_module(vector_text_or_null(row, "path")), vector_is_set(row, "is_own"));
    (void)state;
}

static void frames_have_a_function_and_a_place(void **state)
{
    char text[STACK_TEXT_BYTES];
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "frame"))
    {
        const cJSON *facts = vectors_part(row, "frame");
        const struct reel_frame frame = {.function = vector_text_or_null(facts, "function"),
                                         .file = vector_text_or_null(facts, "file"),
                                         .module = vector_text_or_null(facts, "module"),
                                         .line = (int)vector_signed(facts, "line"),
                                         .is_inlined = vector_is_set(facts, "is_inlined"),
                                         .offset = vector_number(facts, "offset")};
        text_function(text, &frame);
        assert_string_equal(text, vector_text(row, "function"));
        text_place(text, &frame);
        assert_string_equal(text, vector_text(row, "place"));
    }
    (void)state;
}

static void stacks_without_frames_say_why(void **state)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "nameless"))
        assert_string_equal(text_nameless((uint32_t)vector_number(row, "stack")), vector_text(row, "text"));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_base_names),
        cmocka_unit_test(the_library_that_records_is_known),
        cmocka_unit_test(frames_have_a_function_and_a_place),
        cmocka_unit_test(stacks_without_frames_say_why),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
