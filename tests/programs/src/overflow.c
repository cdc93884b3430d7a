// SPDX-License-Identifier: MIT
// Writes one byte past the end of a block, which is noticed when it is freed.
#include "sin.h"

int main(void)
{
    unsigned char *volatile block = make_block(24);
    block[24] = 0x5a;
    free_wrongly(block);
    return went_on();
}
