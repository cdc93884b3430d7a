// SPDX-License-Identifier: MIT
// Allocates in functions of several files, which may come from several compilers.
#include "inlined.h"

void *volatile kept;
void *volatile nothing;

int main(void)
{
    in_first(101);
    in_second(201);
    in_third(301);
    return 0;
}
