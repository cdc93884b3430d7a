// SPDX-License-Identifier: MIT
// Why tags have 32 bits: the same stack with 16 gives one index to two owners when a pop is stopped for exactly as long
// as a tag takes to come round.
#define INDEX_STACK_TAG_BITS 16
#include "cases.h"

#include "stalled_pop.h"

static void a_stalled_pop_with_16_bit_tags_gives_one_index_to_two(void **state)
{
    (void)state;
    assert_false(stalled_pop_gives_two_owners(65535));
    assert_true(stalled_pop_gives_two_owners(65536));
    assert_false(stalled_pop_gives_two_owners(65537));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stalled_pop_with_16_bit_tags_gives_one_index_to_two),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
