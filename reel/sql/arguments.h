// SPDX-License-Identifier: MIT
// What a table-valued function was called with, checked. Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_ARGUMENTS_H
#define HEAPREEL_REEL_SQL_ARGUMENTS_H

#include "reel/sql/function.h"

// The moment that a parameter says: an integer is a number of events, a text is as reel/moment.h has it. Not given or
// NULL: the one that `otherwise` says.
int sql_moment(const struct sql_call *call, int parameter, const char *otherwise, uint64_t *events,
               struct reel_error *error);
// Moves the replay to the moment of the first parameter, and keeps it in the call.
int sql_seek(struct sql_call *call, struct reel_error *error);
// Two moments in order, from two parameters: the beginning and the end of the reel where they are not given.
int sql_range(const struct sql_call *call, int parameter, uint64_t *begin, uint64_t *end, struct reel_error *error);

struct sql_limits
{
    const char *what; // the parameter's name, for the error line
    int64_t least;
    int64_t greatest;
    int64_t otherwise; // not given or NULL
};
int sql_integer(const struct sql_call *call, int parameter, const struct sql_limits *limits, int64_t *value,
                struct reel_error *error);
// A stretch of time and how many points of it are wanted, from the first parameters: all the time and the usual number
// where they are not given.
#define SQL_POINTS_PARAMETERS "t0_ns", "t1_ns", "points"
#define SQL_POINTS_PARAMETER_COUNT 3
#define SQL_POINTS_USUAL 100
struct sql_points
{
    uint64_t begin_ns;
    uint64_t end_ns; // UINT64_MAX: the end of the reel
    size_t count;
};
int sql_points(const struct sql_call *call, int64_t count_max, struct sql_points *points, struct reel_error *error);
// An address as SQLite has it, a number with sign; no default.
int sql_address(const struct sql_call *call, int parameter, uint64_t *address, struct reel_error *error);
// A process that the reel knows, or 0 when it is not given.
int sql_process(const struct sql_call *call, int parameter, uint32_t *process, struct reel_error *error);
// NULL: not given. Lives as long as the call.
const char *sql_text(const struct sql_call *call, int parameter);

// Whether rows are wanted for one value of the column only.
bool sql_wants_one(const struct sql_call *call, const char *column, int64_t *value);
// Calls each for the process that is wanted, or else for all that run where the replay stands. Process 0 only if that
// is the one that is wanted.
int sql_each_process(struct sql_call *call,
                     int (*each)(struct sql_call *call, uint32_t process, struct sql_rows *rows,
                                 struct reel_error *error),
                     struct sql_rows *rows, struct reel_error *error);

#endif
