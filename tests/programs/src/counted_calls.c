// SPDX-License-Identifier: MIT
// counted_calls ROUNDS: one thread, every kind of request, an exact count at the end, some blocks left.
#include "counted.h"

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    for (unsigned long i = 0; i < rounds; i++)
    {
        void *block = counted_malloc(i % 97);
        block = counted_realloc(block, 1 + i % 1013);
        block = counted_realloc(block, 1 + i % 70001);
        void *big = counted_malloc(200000 + i % 100000);
        big = counted_realloc(big, 400000);
        if (block == NULL || big == NULL)
            return 98;
        counted_free(big);
        counted_free(NULL);
        if (i % 10 != 0)
            counted_free(block);
    }
    counted_report();
    return 0;
}
