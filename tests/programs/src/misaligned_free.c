// SPDX-License-Identifier: MIT
// Frees an address inside a block, which stays a block.
#include "sin.h"

int main(void)
{
    unsigned char *block = make_block(1000);
    free_wrongly(block + 64);
    block[0] = block[999] = 1;
    free(block);
    return went_on();
}
