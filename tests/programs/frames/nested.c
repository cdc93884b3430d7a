// SPDX-License-Identifier: MIT
// GNU C's functions inside functions: called through a trampoline that lies on the stack.
#include "frames.h"

#include <stdlib.h>

static NOT_INLINED void nested_functions(unsigned depth)
{
    int numbers[3] = {3, 1, 2};
    unsigned calls = 0;
    int compare(const void *left, const void *right)
    {
        descend(calls++ == 1 ? depth : 0);
        return *(const int *)left - *(const int *)right;
    }
    qsort(numbers, 3, sizeof *numbers, compare);
    KEEPS_ITS_FRAME();
}

const struct frames_shape shapes_of_nested[] = {
    {"nested_functions", nested_functions},
    {NULL, NULL},
};
