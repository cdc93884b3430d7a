// SPDX-License-Identifier: MIT
// Rows of SQL statements on stdout, one at a time: no result is too large.
#ifndef HEAPREEL_CLI_ROWS_H
#define HEAPREEL_CLI_ROWS_H

struct sqlite3;

enum rows_format
{
    ROWS_TEXT, // values separated by tabs, after a line of names if there is more than one column
    ROWS_JSON,
    ROWS_CSV,
};

// Runs all statements of the text; the exit status. The rows of each that gives some are printed.
int rows_print(struct sqlite3 *database, const char *text, enum rows_format format);

#endif
