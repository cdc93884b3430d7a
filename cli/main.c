// SPDX-License-Identifier: MIT
// The program heapreel: everything is in the library, where tests reach it.
#include "cli/command.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
