// SPDX-License-Identifier: MIT
// Frees what malloc has never given.
#include "sin.h"

int main(void)
{
    _Alignas(16) static unsigned char mine[4096];
    free_wrongly(mine + 1024);
    return went_on();
}
