// SPDX-License-Identifier: MIT
// moments: the positions in the reel that have names.
#include "reel/moment.h"

#include "reel/error.h"
#include "reel/sql/functions.h"

struct moment_row
{
    const char *name;
    uint64_t events;
    uint64_t t_ns; // UINT64_MAX: not known
};

static const struct sql_column moment_columns[] = {
    SQL_COLUMN(struct moment_row, name, "name"),
    SQL_COLUMN(struct moment_row, events, "events"),
    SQL_NULLABLE(struct moment_row, t_ns, "t_ns", SQL_AT_GREATEST),
};

// The last event before the moment may lie in a damaged chunk.
static int date_moment(const struct sql_call *call, struct moment_row *moment, struct reel_error *error)
{
    int status = reel_moment_time(call->reel->reader, moment->events, &moment->t_ns, error);
    if (status != REEL_E_DAMAGED)
        return status;
    moment->t_ns = UINT64_MAX;
    return REEL_OK;
}

static int answer_moments(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    static const char *const names[] = {"peak", "worst", "end"};
    struct moment_row *added = sql_rows_add(rows, sizeof *added, 1 + sizeof names / sizeof *names);
    int status = REEL_OK;
    if (added == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    *added++ = (struct moment_row){.name = "begin"};
    for (size_t i = 0; i < sizeof names / sizeof *names && status == REEL_OK; i++)
    {
        added[i].name = names[i];
        status = reel_moment_parse(call->reel->reader, names[i], &added[i].events, error);
        if (status == REEL_OK)
            status = date_moment(call, &added[i], error);
    }
    return status;
}

const struct sql_function sql_moments = {
    .name = "moments",
    .usage = "moments()",
    .columns = moment_columns,
    .column_count = SQL_COLUMN_COUNT(moment_columns),
    .row_bytes = sizeof(struct moment_row),
    .row_estimate = 4,
    .answer = answer_moments,
};
