// SPDX-License-Identifier: MIT
#include "inlined.h"

// Of a section of its own, so that the unit has several ranges.
APART __attribute__((cold)) static void seldom(size_t bytes)
{
    keep_block(bytes + 2);
    kept = NULL;
}

APART void in_first(size_t bytes)
{
    keep_two_blocks(bytes);
    seldom(bytes);
    kept = NULL;
}
