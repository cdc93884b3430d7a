// SPDX-License-Identifier: MIT
// The lock-free stack: every order of the steps of two programs is explained by whole operations, and a stopped pop
// does no harm.
#include "cases.h"

#include "index_orders.h"
#include "stalled_pop.h"

static struct index_stack stack;
static uint32_t links[64];

static uint32_t *link_at(uint32_t index)
{
    return &links[index];
}

static const struct index_links stack_links = {.at = link_at};

static void empty(void)
{
    stack.word = 0;
}

static void put(uint32_t index)
{
    index_stack_push(&stack, &stack_links, index);
}

static uint32_t take(void)
{
    return index_stack_pop(&stack, &stack_links, NULL);
}

static const struct index_container container = {empty, put, take, true};

static void the_last_pushed_is_popped_first(void **state)
{
    (void)state;
    empty();
    assert_int_equal(take(), 0);
    for (uint32_t index = 1; index < 64; index++)
        put(index);
    for (uint32_t index = 63; index > 0; index--)
        assert_int_equal(take(), index);
    assert_int_equal(take(), 0);
}

static void every_order_of_stack_operations_is_explained(void **state)
{
    (void)state;
    static const char *const programs[] = {"t", "n", "tb", "tt", "nt", "ttb", "tnb", "nn"};
    const size_t count = sizeof programs / sizeof *programs;
    size_t orders = 0;
    for (uint32_t start = 0; start < 4; start++)
        for (size_t i = 0; i < count; i++)
            for (size_t j = i; j < count; j++)
                orders += index_try_every_order(&container, start, programs[i], programs[j]);
    assert_true(orders > 4 * count * count); // more than one for each pair
}

static bool is_below_64(const uint32_t *at, uint32_t link)
{
    (void)at;
    return link < 64;
}

static void an_unsound_link_costs_what_lies_below_and_no_more(void **state)
{
    (void)state;
    static const struct index_links judged = {.at = link_at, .is_sound = is_below_64};
    bool is_broken = false;
    empty();
    put(1);
    put(2);
    put(3);
    links[2] = 0xffffffff; // as a stale write would
    assert_int_equal(index_stack_pop(&stack, &judged, &is_broken), 3);
    assert_false(is_broken);
    assert_int_equal(index_stack_pop(&stack, &judged, &is_broken), 2);
    assert_true(is_broken);
    is_broken = false;
    assert_int_equal(index_stack_pop(&stack, &judged, &is_broken), 0);
    put(2);
    assert_int_equal(index_stack_pop(&stack, &judged, &is_broken), 2);
    assert_false(is_broken);
}

static void a_stalled_pop_notices_65536_pops_with_32_bit_tags(void **state)
{
    (void)state;
    for (uint64_t pops = 65535; pops <= 65537; pops++)
        assert_false(stalled_pop_gives_two_owners(pops));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_pushed_is_popped_first),
        cmocka_unit_test(every_order_of_stack_operations_is_explained),
        cmocka_unit_test(an_unsound_link_costs_what_lies_below_and_no_more),
        cmocka_unit_test(a_stalled_pop_notices_65536_pops_with_32_bit_tags),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
