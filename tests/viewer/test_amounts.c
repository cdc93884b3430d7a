// SPDX-License-Identifier: MIT
// Differences have signs, by the examples that the browser is held to as well.
#include "tests/text/vectors.h"

#include "viewer/pages/stacks/amounts.h"

static void differences_have_signs(void **state)
{
    const struct state difference = {.mode = MODE_DIFFERENCE};
    char text[AMOUNTS_SIGNED_BYTES];
    cJSON *examples = vectors_open("format");
    const cJSON *delta = vectors_part(examples, "delta");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(delta, "bytes"))
        assert_string_equal(amounts_bytes(text, &difference, vector_signed(row, "value")), vector_text(row, "text"));
    cJSON_ArrayForEach(row, vectors_rows(delta, "count"))
        assert_string_equal(amounts_blocks(text, &difference, vector_signed(row, "value")), vector_text(row, "text"));
    cJSON_Delete(examples);
    (void)state;
}

static void amounts_at_a_moment_have_none(void **state)
{
    const struct state moment = {.mode = MODE_MOMENT};
    char text[AMOUNTS_SIGNED_BYTES];
    assert_string_equal(amounts_bytes(text, &moment, 1536), "1.5 KiB");
    assert_string_equal(amounts_blocks(text, &moment, 1024), "1 024");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_have_signs),
        cmocka_unit_test(amounts_at_a_moment_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
