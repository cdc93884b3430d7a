// SPDX-License-Identifier: MIT
// Names of size classes, by the examples that the browser is held to as well.
#include "class_vector.h"

#include "text/class_size.h"

static void classes_are_called_by_their_sizes(void **state)
{
    char text[CLASS_SIZE_BYTES];
    cJSON *examples = vectors_open("class_size");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "sizes"))
    {
        struct reel_class_state class = class_of_vector(vectors_part(row, "size"));
        assert_string_equal(class_size(text, &class), vector_text(row, "text"));
    }
    cJSON_Delete(examples);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(classes_are_called_by_their_sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
