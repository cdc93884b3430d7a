// SPDX-License-Identifier: MIT
#include "inlined.h"

APART static void further_in(size_t bytes)
{
    free(nothing);
    keep_two_blocks(bytes);
    kept = NULL;
}

APART void in_second(size_t bytes)
{
    for (size_t more = 0; more < 3; more++)
        keep_block(bytes + 10 * more);
    further_in(bytes + 40);
    kept = NULL;
}
