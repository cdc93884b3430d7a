// SPDX-License-Identifier: MIT
// Asks the kernel for the width; believes no variable of the environment.
#include "cli/terminal.h"

#include <stdbool.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN 40

size_t terminal_width(FILE *out)
{
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    return size.ws_col > WIDTH_MIN ? size.ws_col : WIDTH_MIN;
}

void terminal_cut(char *text, size_t columns)
{
    size_t seen = 0;
    for (char *at = text; columns != 0 && *at != '\0'; at++)
    {
        bool is_start = ((unsigned char)*at & 0xc0) != 0x80;
        if (is_start && seen++ == columns)
        {
            *at = '\0';
            return;
        }
    }
}
