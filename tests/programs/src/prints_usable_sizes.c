// SPDX-License-Identifier: MIT
// Prints how large blocks really are, which tells one allocator from another.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static const size_t sizes[] = {1, 24, 25, 100, 1000, 1025, 5000, 40000, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    {
        void *block = malloc(sizes[i]);
        printf("%zu: %zu\n", sizes[i], malloc_usable_size(block));
        free(block);
    }
    return 0;
}
