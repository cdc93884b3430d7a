// SPDX-License-Identifier: MIT
// Asks a connection with the SQL face. Failures of the asking itself end the test.
#include "sql_face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/sql.h"

struct sqlite3 *sql_face_open(const struct recording *recording)
{
    struct sqlite3 *database = NULL;
    struct reel_error error = {0};
    assert_int_equal(sqlite3_open(recording->path, &database), SQLITE_OK);
    assert_ok(reel_sql_register(database, &error), error);
    return database;
}

void sql_face_close(struct sqlite3 *database)
{
    if (sqlite3_close(database) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(database));
}

static struct sqlite3_stmt *prepare(struct sqlite3 *database, const char *query)
{
    struct sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(database));
    return statement;
}

int64_t sql_face_number(struct sqlite3 *database, const char *query, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, query);
    vsnprintf(text, sizeof text, query, arguments);
    va_end(arguments);
    struct sqlite3_stmt *statement = prepare(database, text);
    if (sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s: %s", text, sqlite3_errmsg(database));
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

char *sql_face_rows(struct sqlite3 *database, const char *query)
{
    struct sqlite3_str *text = sqlite3_str_new(NULL);
    struct sqlite3_stmt *statement = prepare(database, query);
    int result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++)
        {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            bool is_last = i + 1 == sqlite3_column_count(statement);
            sqlite3_str_appendf(text, "%s%c", value != NULL ? value : "", is_last ? '\n' : '|');
        }
    if (result != SQLITE_DONE)
        fail_msg("%s: %s", query, sqlite3_errmsg(database));
    sqlite3_finalize(statement);
    char *found = sqlite3_str_finish(text);
    char *copy = strdup(found != NULL ? found : "");
    sqlite3_free(found);
    assert_non_null(copy);
    return copy;
}

void sql_face_assert_rows(struct sqlite3 *database, const char *query, const char *expected)
{
    char *rows = sql_face_rows(database, query);
    if (strcmp(rows, expected) != 0)
        fail_msg("%s gives:\n%sand not:\n%s", query, rows, expected);
    free(rows);
}

int sql_face_run(struct sqlite3 *database, const char *query)
{
    struct sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, query, -1, &statement, NULL);
    while (statement != NULL && (result = sqlite3_step(statement)) == SQLITE_ROW)
        ;
    sqlite3_finalize(statement);
    return result;
}

void sql_face_assert_error(struct sqlite3 *database, const char *query, const char *word)
{
    int result = sql_face_run(database, query);
    const char *text = sqlite3_errmsg(database);
    if (result != SQLITE_ERROR || strstr(text, word) == NULL || strchr(text, '\n') != NULL)
        fail_msg("%s: %d, %s", query, result, text);
}
