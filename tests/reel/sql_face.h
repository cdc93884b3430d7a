// SPDX-License-Identifier: MIT
// A connection with the SQL face, and its answers.
#ifndef HEAPREEL_TESTS_REEL_SQL_FACE_H
#define HEAPREEL_TESTS_REEL_SQL_FACE_H

#include "recording.h"
#include "reel/sqlite.h"

// On the reel, read and write.
struct sqlite3 *sql_face_open(const struct recording *recording);
// Nothing that the face has made may keep the connection open.
void sql_face_close(struct sqlite3 *database);

// One integer. The query may have formats.
int64_t sql_face_number(struct sqlite3 *database, const char *query, ...) __attribute__((format(printf, 2, 3)));
// All rows, columns separated by `|` and rows by newlines, NULL as nothing. The caller frees it.
char *sql_face_rows(struct sqlite3 *database, const char *query);
void sql_face_assert_rows(struct sqlite3 *database, const char *query, const char *expected);
// The query fails with one line that holds the word.
void sql_face_assert_error(struct sqlite3 *database, const char *query, const char *word);
// Reads all rows of the query and gives the last result code.
int sql_face_run(struct sqlite3 *database, const char *query);

#endif
