// SPDX-License-Identifier: MIT
// The SQL function stack_text(stack): a stack as one line of text. Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_STACK_TEXT_H
#define HEAPREEL_REEL_SQL_STACK_TEXT_H

#include "reel/sqlite.h"

// Returns a result code of SQLite.
int sql_stack_text_register(struct sqlite3 *database);

#endif
