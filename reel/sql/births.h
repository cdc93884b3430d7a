// SPDX-License-Identifier: MIT
// Births of oldest blocks as columns: a row holds the event, and its time for the queries that want it. Private to the
// SQL face.
#ifndef HEAPREEL_REEL_SQL_BIRTHS_H
#define HEAPREEL_REEL_SQL_BIRTHS_H

#include "reel/oldest.h"
#include "reel/sql/function.h"

struct sql_birth
{
    uint64_t event; // REEL_OLDEST_NONE, as the time: NULL
    uint64_t t_ns;
};

// Fills the times of the births, which stand at that offset in each row, if a column of SQL_COST_EVENTS is wanted. For
// all rows together, so that each chunk is read once.
int sql_date_births(const struct sql_call *call, const struct sql_rows *rows, size_t row_bytes, size_t offset,
                    struct reel_error *error);

#endif
