// SPDX-License-Identifier: MIT
// Amounts of stacks as the functions ask for them: at a moment, in a range, between two moments. Private to the SQL
// face.
#ifndef HEAPREEL_REEL_SQL_MEASURED_H
#define HEAPREEL_REEL_SQL_MEASURED_H

#include "reel/measure.h"
#include "reel/sql/function.h"

struct sql_measured
{
    struct reel_measured *rows; // the caller's, to be freed with free()
    size_t count;
};

// Parameters t, measure. In all three the process is the parameter of that number.
int sql_measure_at(struct sql_call *call, int process, struct sql_measured *measured, struct reel_error *error);
// Parameters t0, t1, verb.
int sql_measure_between(struct sql_call *call, int process, struct sql_measured *measured, struct reel_error *error);
// Parameters t1, t2, measure. The moments may come in any order.
int sql_measure_difference(struct sql_call *call, int process, struct sql_measured *measured, struct reel_error *error);

#endif
