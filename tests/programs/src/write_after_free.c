// SPDX-License-Identifier: MIT
// Writes into a freed block, and allocates until it must have come back, which is when the misuse is noticed.
#include "sin.h"

APART void allocate_wrongly(void)
{
    for (int i = 0; i < 300000; i++)
        free(make_block(100));
}

int main(void)
{
    unsigned char *volatile block = make_block(100);
    free_first(block);
    block[40] = 0x5a;
    allocate_wrongly();
    return went_on();
}
