// SPDX-License-Identifier: MIT
// Prints rows as they come. Integers are exact, a blob is hexadecimal digits, NULL is nothing (in JSON: null).
#include "cli/rows.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "text/format.h"

static void print_hex(struct sqlite3_stmt *row, int column)
{
    const unsigned char *bytes = sqlite3_column_blob(row, column);
    int count = sqlite3_column_bytes(row, column);
    for (int i = 0; i < count; i++)
        printf("%02x", bytes[i]);
}

static void print_json_text(const char *text)
{
    putchar('"');
    for (const char *at = text; *at != '\0'; at++)
    {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_csv_text(const char *text)
{
    bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (is_quoted)
        putchar('"');
    for (const char *at = text; *at != '\0'; at++)
    {
        if (*at == '"')
            putchar('"');
        putchar(*at);
    }
    if (is_quoted)
        putchar('"');
}

// For a terminal: without control characters, which also keeps a row on its line.
static void print_text(const char *text, enum rows_format format)
{
    size_t size = strlen(text) + 1;
    char *clean = malloc(size);
    if (clean == NULL)
        return;
    if (format == ROWS_TEXT)
        fputs(format_text(clean, size, text), stdout);
    else if (format == ROWS_CSV)
        print_csv_text(text);
    else
        print_json_text(format_utf8(clean, size, text));
    free(clean);
}

static void print_value(struct sqlite3_stmt *row, int column, enum rows_format format)
{
    const char *text = NULL;
    switch (sqlite3_column_type(row, column))
    {
    case SQLITE_NULL:
        fputs(format == ROWS_JSON ? "null" : "", stdout);
        break;
    case SQLITE_BLOB:
        fputs(format == ROWS_JSON ? "\"" : "", stdout);
        print_hex(row, column);
        fputs(format == ROWS_JSON ? "\"" : "", stdout);
        break;
    case SQLITE_FLOAT:
        if (format == ROWS_JSON && !isfinite(sqlite3_column_double(row, column)))
        {
            fputs("null", stdout);
            break;
        }
        // fall through
    case SQLITE_INTEGER:
        fputs((const char *)sqlite3_column_text(row, column), stdout);
        break;
    default:
        text = (const char *)sqlite3_column_text(row, column);
        print_text(text != NULL ? text : "", format);
    }
}

static void print_json_row(struct sqlite3_stmt *row, bool is_first)
{
    fputs(is_first ? "\n  {" : ",\n  {", stdout);
    for (int i = 0; i < sqlite3_column_count(row); i++)
    {
        fputs(i != 0 ? ", " : "", stdout);
        print_text(sqlite3_column_name(row, i), ROWS_JSON);
        fputs(": ", stdout);
        print_value(row, i, ROWS_JSON);
    }
    putchar('}');
}

static void print_names(struct sqlite3_stmt *row, enum rows_format format)
{
    for (int i = 0; i < sqlite3_column_count(row); i++)
    {
        if (i != 0)
            putchar(format == ROWS_CSV ? ',' : '\t');
        print_text(sqlite3_column_name(row, i), format);
    }
    putchar('\n');
}

static void print_row(struct sqlite3_stmt *row, enum rows_format format)
{
    for (int i = 0; i < sqlite3_column_count(row); i++)
    {
        if (i != 0)
            putchar(format == ROWS_CSV ? ',' : '\t');
        print_value(row, i, format);
    }
    putchar('\n');
}

// SQLite's last result on the statement.
static int print_statement(struct sqlite3_stmt *statement, enum rows_format format)
{
    int columns = sqlite3_column_count(statement);
    bool is_first = true;
    int result = SQLITE_ROW;
    if (format == ROWS_JSON && columns != 0)
        putchar('[');
    else if (format == ROWS_CSV ? columns > 0 : columns > 1)
        print_names(statement, format);
    while ((result = sqlite3_step(statement)) == SQLITE_ROW && !ferror(stdout))
    {
        if (format == ROWS_JSON)
            print_json_row(statement, is_first);
        else
            print_row(statement, format);
        is_first = false;
    }
    if (format == ROWS_JSON && columns != 0)
        fputs(is_first ? "]\n" : "\n]\n", stdout);
    return result;
}

int rows_print(struct sqlite3 *database, const char *text, enum rows_format format)
{
    const char *rest = text;
    while (*rest != '\0')
    {
        struct sqlite3_stmt *statement = NULL;
        int result = sqlite3_prepare_v2(database, rest, -1, &statement, &rest);
        if (result != SQLITE_OK)
            return cli_complain(result == SQLITE_ERROR ? CLI_USAGE : CLI_CANNOT, "sql: %s", sqlite3_errmsg(database));
        result = statement != NULL ? print_statement(statement, format) : SQLITE_DONE;
        sqlite3_finalize(statement);
        if (result != SQLITE_DONE && result != SQLITE_ROW)
            return cli_complain(CLI_CANNOT, "sql: %s", sqlite3_errmsg(database));
    }
    return cli_flush_answer(CLI_OK);
}
