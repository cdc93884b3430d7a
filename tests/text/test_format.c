// SPDX-License-Identifier: MIT
// The looks of numbers, by example. The web pages are held to the same examples.
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include "text/format.h"

static void check_all(const char *name, char *(*format)(char *, uint64_t))
{
    char buffer[FORMAT_BYTES];
    cJSON *examples = vectors_open("format");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, name))
        assert_string_equal(format(buffer, vector_number(row, "value")), vector_text(row, "text"));
    cJSON_Delete(examples);
}

static void counts_are_grouped_by_thousands(void **state)
{
    (void)state;
    check_all("count", format_count);
}

static void bytes_have_three_digits_and_never_1024_of_a_unit(void **state)
{
    (void)state;
    check_all("bytes", format_bytes);
}

static void durations_fit_their_size(void **state)
{
    (void)state;
    check_all("duration", format_duration);
}

static void times_have_milliseconds(void **state)
{
    (void)state;
    check_all("time", format_time);
}

static void shares_say_0_and_100_only_when_exact(void **state)
{
    (void)state;
    char buffer[FORMAT_BYTES];
    cJSON *examples = vectors_open("format");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "share")) assert_string_equal(
        format_share(buffer, vector_number(row, "part"), vector_number(row, "whole")), vector_text(row, "text"));
    cJSON_Delete(examples);
}

// Foreign bytes stand in the examples as pairs of hexadecimal digits: not all are text.
static void bytes_of_hex(char *bytes, size_t size, const char *hex)
{
    size_t count = strlen(hex) / 2;
    assert_true(count < size);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)strtoul((const char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
    bytes[count] = '\0';
}

static void text_of_others_cannot_steer_the_terminal(void **state)
{
    (void)state;
    char foreign[64];
    char buffer[64];
    cJSON *examples = vectors_open("format");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "text"))
    {
        bytes_of_hex(foreign, sizeof foreign, vector_text(row, "bytes"));
        assert_true(vector_number(row, "size") <= sizeof buffer);
        assert_string_equal(format_text(buffer, vector_number(row, "size"), foreign), vector_text(row, "text"));
    }
    cJSON_Delete(examples);
    assert_string_equal(format_text(buffer, sizeof buffer, NULL), "");
    assert_string_equal(format_utf8(buffer, sizeof buffer, "a\nb\xff"), "a\nb?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_grouped_by_thousands),
        cmocka_unit_test(bytes_have_three_digits_and_never_1024_of_a_unit),
        cmocka_unit_test(durations_fit_their_size),
        cmocka_unit_test(times_have_milliseconds),
        cmocka_unit_test(shares_say_0_and_100_only_when_exact),
        cmocka_unit_test(text_of_others_cannot_steer_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
