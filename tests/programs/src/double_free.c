// SPDX-License-Identifier: MIT
// double_free BYTES: frees a block twice.
#include "sin.h"

int main(int argc, char **argv)
{
    unsigned char *volatile block = make_block(argc > 1 ? strtoul(argv[1], NULL, 10) : 100);
    free_first(block);
    free_wrongly(block);
    return went_on();
}
