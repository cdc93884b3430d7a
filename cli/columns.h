// SPDX-License-Identifier: MIT
// Tables that fit the terminal: what matters least is left out where it is narrow. Lines never wrap.
#ifndef HEAPREEL_CLI_COLUMNS_H
#define HEAPREEL_CLI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COLUMNS_INDENT 2 // blanks before the first column; one between two

struct column
{
    const char *title;
    int width;        // characters, where there is room
    int narrow_width; // where there is not, for all columns together
    int rank;         // if even that is too wide, the columns with the greatest rank are left out first; 0: never
    bool is_left;     // aligned to the left
    bool is_hidden;   // left out
};

// Narrows and hides columns until a line fits into that many characters; 0: a line may be as long as it is.
void columns_fit(struct column *columns, size_t count, size_t width);
// The line of titles, and one of cells, [column]. Cells wider than their column push the others to the right.
void columns_print_titles(FILE *out, const struct column *columns, size_t count);
void columns_print(FILE *out, const struct column *columns, size_t count, const char *const *cells);

#endif
