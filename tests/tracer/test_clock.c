// SPDX-License-Identifier: MIT
// The scale from ticks to nanoseconds: linear, monotone, and in step with CLOCK_MONOTONIC.
#include "tracer/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void monotonic_ticks_are_nanoseconds(void **state)
{
    struct clock_scale clock;
    (void)state;
    clock_begin(&clock, WIRE_CLOCK_MONOTONIC);
    clock_settle(&clock);
    assert_int_equal(clock_to_ns(&clock, clock.origin + 12345), 12345);
    assert_int_equal(clock.ticks_per_second, 1000000000);
}

static void ticks_before_the_origin_are_zero(void **state)
{
    struct clock_scale clock;
    (void)state;
    clock_begin(&clock, WIRE_CLOCK_MONOTONIC);
    assert_int_equal(clock_to_ns(&clock, 0), 0);
    assert_int_equal(clock_to_ns(&clock, clock.origin), 0);
    assert_int_equal(clock_span_to_ns(&clock, 50), 50);
}

// The law holds for any scale, so it needs no counter of this machine.
static void scale_is_monotone_and_does_not_overflow(void **state)
{
    (void)state;
    srandom(4);
    for (int i = 0; i < 1000; i++)
    {
        struct clock_scale clock = {.ns_per_tick_q32 = 1 + ((uint64_t)random() << 2)};
        uint64_t previous = 0;
        uint64_t ticks = 0;
        for (int k = 0; k < 100; k++)
        {
            ticks += (uint64_t)random() << (random() % 26);
            uint64_t ns = clock_to_ns(&clock, ticks);
            assert_true(ns >= previous);
            previous = ns;
        }
    }
}

static void counter_is_in_step_with_the_kernel(void **state)
{
    struct clock_scale clock;
    (void)state;
    if (!clock_tsc_is_trusted())
        skip();
    clock_begin(&clock, WIRE_CLOCK_TSC);
    clock_settle(&clock);
    uint64_t before = clock_monotonic_ns();
    uint64_t ticks = clock_now(&clock);
    uint64_t after = clock_monotonic_ns();
    uint64_t ns =
        clock.first.ns + (uint64_t)((double)(ticks - clock.first.ticks) * (double)clock.ns_per_tick_q32 / 4294967296.0);
    assert_true(ns + 1000000 > before && ns < after + 1000000); // only gross errors
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_ticks_are_nanoseconds),
        cmocka_unit_test(ticks_before_the_origin_are_zero),
        cmocka_unit_test(scale_is_monotone_and_does_not_overflow),
        cmocka_unit_test(counter_is_in_step_with_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
