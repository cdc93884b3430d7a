// SPDX-License-Identifier: MIT
// What the verdict says of heaps of each kind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/pages/overview/verdict.h"

#define MIB (UINT64_C(1) << 20)
#define MS UINT64_C(1000000)

static struct verdict_facts heap_of(uint64_t requested, uint64_t rounding, uint64_t pinned, uint64_t retained)
{
    return (struct verdict_facts){.identity = {.resident_bytes = requested + rounding + pinned + retained,
                                               .requested_bytes = requested,
                                               .rounding_bytes = rounding,
                                               .pinned_bytes = pinned,
                                               .retained_bytes = retained},
                                  .live_blocks = 1000,
                                  .peak_bytes = 20 * MIB,
                                  .peak_ns = 1500 * MS,
                                  .t_ns = 4000 * MS};
}

static void assert_says(const struct verdict_facts *facts, const char *expected)
{
    char text[VERDICT_BYTES];
    assert_string_equal(verdict_print(text, facts), expected);
}

static void a_full_heap_has_little_waste(void **state)
{
    struct verdict_facts facts = heap_of(95 * MIB, 2 * MIB, 2 * MIB, MIB);
    assert_int_equal(verdict_kind(&facts), VERDICT_LITTLE);
    assert_says(&facts, "Little is wasted: 5.0 MiB of 100 MiB resident (5.0 %).");
    (void)state;
}

static void little_waste_in_a_small_heap_is_little(void **state)
{
    struct verdict_facts facts = heap_of(1000, 1000, VERDICT_LITTLE_BYTES - 1001, 0);
    assert_int_equal(verdict_kind(&facts), VERDICT_LITTLE);
    facts.identity.pinned_bytes++;
    assert_int_equal(verdict_kind(&facts), VERDICT_PINNED);
    (void)state;
}

static void pinned_bytes_have_a_culprit_since_a_time(void **state)
{
    struct verdict_facts facts = heap_of(3 * MIB, 0, 6 * MIB, MIB);
    facts.pinned =
        (struct verdict_culprit){.name = "keep (a.c:7)", .bytes = 5 * MIB, .has_since = true, .since_ns = 97 * MS};
    assert_says(&facts,
                "7.0 MiB of 10.0 MiB resident (70.0 %) is waste, most of it pinned: 5.0 MiB by keep (a.c:7) since "
                "0.097 s.");
    (void)state;
}

static void a_culprit_that_is_not_known_is_not_named(void **state)
{
    struct verdict_facts facts = heap_of(3 * MIB, 0, 6 * MIB, MIB);
    assert_says(&facts, "7.0 MiB of 10.0 MiB resident (70.0 %) is waste, most of it pinned.");
    (void)state;
}

static void waste_of_many_stacks_has_no_culprit(void **state)
{
    struct verdict_facts facts = heap_of(3 * MIB, 0, 20 * MIB, 0);
    facts.pinned = (struct verdict_culprit){.name = "f (a.c:7)", .bytes = MIB, .has_since = true, .since_ns = 97 * MS};
    assert_says(&facts, "20.0 MiB of 23.0 MiB resident (87.0 %) is waste, most of it pinned by many stacks, of which "
                        "none has more than 1.0 MiB, f (a.c:7).");
    (void)state;
}

static void retained_pages_came_after_the_peak(void **state)
{
    struct verdict_facts facts = heap_of(MIB, 0, MIB, 8 * MIB);
    assert_says(&facts,
                "9.0 MiB of 10.0 MiB resident (90.0 %) is waste, most of it retained: 8.0 MiB of pages without a "
                "live block, since live bytes fell from 20.0 MiB at 1.500 s.");
    facts.t_ns = facts.peak_ns;
    assert_says(&facts,
                "9.0 MiB of 10.0 MiB resident (90.0 %) is waste, most of it retained: 8.0 MiB of pages without a "
                "live block.");
    (void)state;
}

static void rounding_names_who_asked(void **state)
{
    struct verdict_facts facts = heap_of(6 * MIB, 4 * MIB, 0, 0);
    facts.rounding = (struct verdict_culprit){.name = "ask (b.c:9)", .bytes = 3 * MIB};
    assert_says(&facts, "4.0 MiB of 10.0 MiB resident (40.0 %) is waste, most of it rounding: 3.0 MiB by ask (b.c:9).");
    (void)state;
}

static void an_empty_heap_tells_of_the_peak(void **state)
{
    struct verdict_facts facts = heap_of(0, 0, 0, 0);
    facts.live_blocks = 0;
    assert_says(&facts, "Nothing is allocated at this moment; at the peak, 1.500 s, it was 20.0 MiB.");
    facts.peak_bytes = 0;
    assert_says(&facts, "Nothing was allocated.");
    (void)state;
}

static void losses_are_said(void **state)
{
    struct verdict_facts facts = heap_of(95 * MIB, 2 * MIB, 2 * MIB, MIB);
    facts.is_lossy = true;
    assert_says(&facts, "Little is wasted: 5.0 MiB of 100 MiB resident (5.0 %), as far as it was recorded.");
    (void)state;
}

static void a_name_that_is_too_long_is_cut(void **state)
{
    char name[2 * VERDICT_BYTES];
    char text[VERDICT_BYTES];
    struct verdict_facts facts = heap_of(3 * MIB, 0, 6 * MIB, MIB);
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    facts.pinned = (struct verdict_culprit){.name = name, .bytes = MIB};
    assert_int_equal(strlen(verdict_print(text, &facts)), VERDICT_BYTES - 1);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_heap_has_little_waste),
        cmocka_unit_test(little_waste_in_a_small_heap_is_little),
        cmocka_unit_test(pinned_bytes_have_a_culprit_since_a_time),
        cmocka_unit_test(a_culprit_that_is_not_known_is_not_named),
        cmocka_unit_test(waste_of_many_stacks_has_no_culprit),
        cmocka_unit_test(retained_pages_came_after_the_peak),
        cmocka_unit_test(rounding_names_who_asked),
        cmocka_unit_test(an_empty_heap_tells_of_the_peak),
        cmocka_unit_test(losses_are_said),
        cmocka_unit_test(a_name_that_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
