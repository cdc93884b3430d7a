// SPDX-License-Identifier: MIT
// losses: all that is missing from a reel or wrong in it, as far as the recording knows.
#include <stdio.h>

#include "reel/error.h"
#include "reel/sql/functions.h"
#include "reel/sqlite.h"

#define KIND_BYTES 128

struct loss_row
{
    uint32_t process;
    char kind[KIND_BYTES]; // a longer one, which no recording writes, is cut
    uint64_t count;
};

static const struct sql_column loss_columns[] = {
    SQL_COLUMN(struct loss_row, process, "process"),
    {"kind", SQL_CHARS, SQL_NEVER, offsetof(struct loss_row, kind), false, 0},
    SQL_COLUMN(struct loss_row, count, "loss_count"),
};

// What the run says of itself comes first.
static const char losses_sql[] =
    "SELECT process, kind, loss_count FROM ("
    "SELECT 0 AS process, 1 AS number, 'recording not finished' AS kind, 1 AS loss_count FROM main.run "
    "WHERE is_complete = 0 "
    "UNION ALL SELECT 0, 2, 'lost events', lost_events FROM main.run "
    "UNION ALL SELECT 0, 3, 'wrong stacks', verify_differences FROM main.run "
    "UNION ALL SELECT process, 4, kind, loss_count FROM main.loss) "
    "WHERE loss_count > 0 ORDER BY number, process, kind";

static int add_loss(struct sqlite3_stmt *row, struct sql_rows *rows, struct reel_error *error)
{
    struct loss_row *added = sql_rows_add(rows, sizeof *added, 1);
    const char *kind = (const char *)sqlite3_column_text(row, 1);
    if (added == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    added->process = (uint32_t)sqlite3_column_int64(row, 0);
    added->count = (uint64_t)sqlite3_column_int64(row, 2);
    snprintf(added->kind, sizeof added->kind, "%s", kind != NULL ? kind : "");
    return REEL_OK;
}

static int answer_losses(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(call->reel->reader);
    struct sqlite3_stmt *row = NULL;
    int status = REEL_OK;
    int result = sqlite3_prepare_v2(database, losses_sql, -1, &row, NULL);
    while (status == REEL_OK && (result == SQLITE_OK || result == SQLITE_ROW))
        if ((result = sqlite3_step(row)) == SQLITE_ROW)
            status = add_loss(row, rows, error);
    if (status == REEL_OK && result != SQLITE_DONE)
        status = reel_error_from_sqlite(error, database, "reading what is missing");
    sqlite3_finalize(row);
    return status;
}

const struct sql_function sql_losses = {
    .name = "losses",
    .usage = "losses()",
    .columns = loss_columns,
    .column_count = SQL_COLUMN_COUNT(loss_columns),
    .row_bytes = sizeof(struct loss_row),
    .row_estimate = 1,
    .answer = answer_losses,
};
