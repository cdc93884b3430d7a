// SPDX-License-Identifier: MIT
// The smallest program worth recording; built dynamically and statically.
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *block = malloc(10);
    puts(block != NULL ? "hello" : "no memory");
    free(block);
    return 4;
}
