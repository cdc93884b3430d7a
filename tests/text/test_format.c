// SPDX-License-Identifier: MIT
// The looks of numbers, by example. The web pages have to print the same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <string.h>

#include "text/format.h"

struct example
{
    uint64_t value;
    const char *text;
};

static void check_all(const struct example *examples, size_t count, char *(*format)(char *, uint64_t))
{
    char buffer[FORMAT_BYTES];
    for (size_t i = 0; i < count; i++)
        assert_string_equal(format(buffer, examples[i].value), examples[i].text);
}
#define CHECK_ALL(examples, format) check_all(examples, sizeof(examples) / sizeof(examples)[0], format)

static void counts_are_grouped_by_thousands(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {0, "0"},
        {7, "7"},
        {999, "999"},
        {1000, "1 000"},
        {12345, "12 345"},
        {18812345, "18 812 345"},
        {100000, "100 000"},
        {UINT64_MAX, "18 446 744 073 709 551 615"},
    };
    CHECK_ALL(examples, format_count);
}

static void bytes_have_three_digits_and_never_1024_of_a_unit(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {0, "0 B"},
        {1, "1 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {10239, "10.0 KiB"},
        {102348, "99.9 KiB"},
        {102399, "100 KiB"},
        {13107200, "12.5 MiB"},
        {1048575, "1.0 MiB"},
        {1048064, "1.0 MiB"},
        {1047552, "1023 KiB"},
        {UINT64_C(340) << 20, "340 MiB"},
        {UINT64_C(5) << 30, "5.0 GiB"},
        {UINT64_C(3) << 40, "3.0 TiB"},
        {UINT64_MAX, "16384 PiB"},
    };
    CHECK_ALL(examples, format_bytes);
}

static void durations_fit_their_size(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {0, "0 s"},
        {812, "812 ns"},
        {1000, "1.00 us"},
        {4560, "4.56 us"},
        {999999, "1.00 ms"},
        {4564000, "4.56 ms"},
        {65000000, "65.0 ms"},
        {999000000, "999 ms"},
        {999999999, "1.00 s"},
        {UINT64_C(2470000000), "2.47 s"},
        {UINT64_C(12345000000), "12.3 s"},
        {UINT64_C(59499000000), "59.5 s"},
        {UINT64_C(60000000000), "1 min 00 s"},
        {UINT64_C(185000000000), "3 min 05 s"},
        {UINT64_C(7620000000000), "2 h 07 min"},
    };
    CHECK_ALL(examples, format_duration);
}

static void times_have_milliseconds(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {0, "0.000 s"}, {12345678901, "12.346 s"}, {999999999, "1.000 s"}, {1499999, "0.001 s"}};
    CHECK_ALL(examples, format_time);
}

static void shares_say_0_and_100_only_when_exact(void **state)
{
    (void)state;
    static const struct
    {
        uint64_t part, whole;
        const char *text;
    } examples[] = {
        {0, 0, "-"},      {0, 5, "0 %"},         {5, 5, "100 %"},
        {1, 3, "33.3 %"}, {1, 1000000, "0.1 %"}, {999999, 1000000, "99.9 %"},
        {1, 2, "50.0 %"},
    };
    char buffer[FORMAT_BYTES];
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_string_equal(format_share(buffer, examples[i].part, examples[i].whole), examples[i].text);
}

static void text_of_others_cannot_steer_the_terminal(void **state)
{
    (void)state;
    char buffer[64];
    assert_string_equal(format_text(buffer, sizeof buffer, "a\x1b[31mb\nc\x7f"), "a?[31mb?c?");
    assert_string_equal(format_text(buffer, sizeof buffer, "C1: \xc2\x9b"), "C1: ??");
    assert_string_equal(format_text(buffer, sizeof buffer, "\xff\xc3_\xed\xa0\x80"), "??_???");
    assert_string_equal(format_text(buffer, sizeof buffer, "Gr\xc3\xbc\xc3\x9f"), "Gr\xc3\xbc\xc3\x9f");
    assert_string_equal(format_text(buffer, sizeof buffer, NULL), "");
    assert_string_equal(format_utf8(buffer, sizeof buffer, "a\nb\xff"), "a\nb?");
}

static void text_is_cut_between_characters(void **state)
{
    (void)state;
    char buffer[5];
    assert_string_equal(format_text(buffer, sizeof buffer, "abcdef"), "abcd");
    assert_string_equal(format_text(buffer, sizeof buffer, "abc\xc3\xbc"), "abc");
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
        cmocka_unit_test(text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
