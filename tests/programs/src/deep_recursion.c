// SPDX-License-Identifier: MIT
// deep_recursion DEPTH: allocates at every level of a deep recursion on the way down and frees on the way up.
#include "counted.h"

__attribute__((noinline)) static int go_down(int depth)
{
    void *block = counted_malloc((size_t)(depth % 100 + 1));
    int below = depth == 0 ? 0 : go_down(depth - 1);
    counted_free(block);
    return below + 1;
}

int main(int argc, char **argv)
{
    int depth = argc > 1 ? atoi(argv[1]) : 1000;
    int levels = 0;
    for (int i = 0; i < 5; i++)
        levels += go_down(depth);
    counted_report();
    return levels == 5 * (depth + 1) ? 0 : 1;
}
