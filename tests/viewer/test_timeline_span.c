// SPDX-License-Identifier: MIT
// Columns of the timeline and times undo each other, whatever the stretch.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/time/timeline.h"

static const struct timeline_span spans[] = {
    {0, 1, 1},
    {0, 7, 20}, // more columns than nanoseconds
    {0, 1000, 10},
    {12345, 999999937, 71},
    {UINT64_C(5000000000), UINT64_C(5000001000), 111},
    {0, UINT64_MAX, 200}, // as a damaged reel may have it
    {UINT64_MAX - 10, UINT64_MAX, 3},
};
#define SPAN_COUNT (sizeof spans / sizeof *spans)

static void a_column_ends_where_the_next_begins(void **state)
{
    for (size_t i = 0; i < SPAN_COUNT; i++)
    {
        assert_int_equal(timeline_column_end(&spans[i], -1), spans[i].begin_ns);
        assert_int_equal(timeline_column_end(&spans[i], spans[i].columns - 1), spans[i].end_ns);
        for (int64_t column = 0; column < spans[i].columns; column++)
            assert_true(timeline_column_end(&spans[i], column) >= timeline_column_end(&spans[i], column - 1));
    }
    (void)state;
}

static void the_end_of_a_column_lies_in_it(void **state)
{
    for (size_t i = 0; i < SPAN_COUNT; i++)
        for (int64_t column = 0; column < spans[i].columns; column++)
        {
            uint64_t end_ns = timeline_column_end(&spans[i], column);
            bool is_empty = end_ns == timeline_column_end(&spans[i], column - 1);
            if (!is_empty)
                assert_int_equal(timeline_column_at(&spans[i], end_ns), column);
            if (!is_empty && end_ns < UINT64_MAX && column + 1 < spans[i].columns)
                assert_true(timeline_column_at(&spans[i], end_ns + 1) > column);
        }
    (void)state;
}

static void later_times_are_in_no_column_before(void **state)
{
    const struct timeline_span *span = &spans[3];
    int64_t before = 0;
    for (uint64_t t_ns = span->begin_ns; t_ns <= span->end_ns; t_ns += 100003)
    {
        int64_t column = timeline_column_at(span, t_ns);
        assert_true(column >= before && column < span->columns);
        assert_true(t_ns <= timeline_column_end(span, column));
        before = column;
    }
    (void)state;
}

static void times_outside_have_columns_outside(void **state)
{
    const struct timeline_span span = {1000, 2000, 10};
    assert_int_equal(timeline_column_at(&span, 999), -1);
    assert_int_equal(timeline_column_at(&span, 900), -2);
    assert_int_equal(timeline_column_at(&span, 1000), 0);
    assert_int_equal(timeline_column_at(&span, 2001), 10);
    assert_int_equal(timeline_column_end(&span, -3), 800);
    assert_int_equal(timeline_column_end(&span, -100), 0);
    assert_int_equal(timeline_column_end(&span, 12), 2300);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_ends_where_the_next_begins),
        cmocka_unit_test(the_end_of_a_column_lies_in_it),
        cmocka_unit_test(later_times_are_in_no_column_before),
        cmocka_unit_test(times_outside_have_columns_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
