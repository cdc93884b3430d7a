// SPDX-License-Identifier: MIT
// How ends of processes read, by the examples that the browser is held to as well.
#include "vectors.h"

#include "reel/words.h"
#include "text/process_end.h"

static void ends_read_as_shells_say_them(void **state)
{
    char text[PROCESS_END_BYTES];
    cJSON *examples = vectors_open("process_end");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "ends"))
    {
        const struct reel_process_summary process = {.end = reel_words_to_end(vector_text_or_null(row, "end_kind")),
                                                     .exit_status = (int)vector_signed(row, "exit_status"),
                                                     .signal = (int)vector_signed(row, "signal")};
        assert_string_equal(process_end(text, &process), vector_text(row, "text"));
    }
    cJSON_Delete(examples);
    (void)state;
}

static void what_is_no_end_is_still_told(void **state)
{
    const struct reel_process_summary process = {.end = (enum reel_process_end)77, .exit_status = -1};
    char text[PROCESS_END_BYTES];
    assert_string_equal(process_end(text, &process), "unknown");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_read_as_shells_say_them),
        cmocka_unit_test(what_is_no_end_is_still_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
