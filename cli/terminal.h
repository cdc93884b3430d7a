// SPDX-License-Identifier: MIT
// The width of a terminal, and text that has to fit into it. Anything else than a terminal gets whole lines.
#ifndef HEAPREEL_CLI_TERMINAL_H
#define HEAPREEL_CLI_TERMINAL_H

#include <stddef.h>
#include <stdio.h>

// Columns; 0: out is no terminal, nothing is to be cut.
size_t terminal_width(FILE *out);

// Cuts UTF-8 text to that many characters, counting each as one column; 0: leaves it whole.
void terminal_cut(char *text, size_t columns);

#endif
