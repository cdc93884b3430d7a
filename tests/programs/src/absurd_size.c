// SPDX-License-Identifier: MIT
// Asks for more than any address space holds, as a negative length does.
#include "sin.h"

APART void allocate_wrongly(size_t bytes)
{
    void *volatile block = malloc(bytes);
    free(block);
}

int main(void)
{
    volatile size_t length = (size_t)-100;
    allocate_wrongly(length);
    return went_on();
}
