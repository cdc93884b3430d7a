// SPDX-License-Identifier: MIT
// Arguments of the table-valued functions, turned into what the engine takes or into a line that says what is wrong.
#include "reel/sql/arguments.h"

#include <string.h>

#include "reel/error.h"
#include "reel/moment.h"

static bool is_given(const struct sql_call *call, int parameter)
{
    return call->parameters[parameter] != NULL && sqlite3_value_type(call->parameters[parameter]) != SQLITE_NULL;
}

const char *sql_text(const struct sql_call *call, int parameter)
{
    return is_given(call, parameter) ? (const char *)sqlite3_value_text(call->parameters[parameter]) : NULL;
}

static int moment_of_number(const struct sql_call *call, int64_t number, uint64_t *events, struct reel_error *error)
{
    uint64_t event_count = reel_reader_event_count(call->reel->reader);
    if (number < 0 || (uint64_t)number > event_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%lld: the reel has moments from 0 to %llu, its number of events",
                              (long long)number, (unsigned long long)event_count);
    *events = (uint64_t)number;
    return REEL_OK;
}

int sql_moment(const struct sql_call *call, int parameter, const char *otherwise, uint64_t *events,
               struct reel_error *error)
{
    if (!is_given(call, parameter))
        return reel_moment_parse(call->reel->reader, otherwise, events, error);
    struct sqlite3_value *value = call->parameters[parameter];
    int type = sqlite3_value_type(value);
    const char *text = sql_text(call, parameter);
    if (type == SQLITE_INTEGER)
        return moment_of_number(call, sqlite3_value_int64(value), events, error);
    if (text == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    if (type != SQLITE_TEXT)
        return reel_error_set(error, REEL_E_ARGUMENT,
                              "%s: not a moment; write a number of events, or a text such as '12.5s'", text);
    return reel_moment_parse(call->reel->reader, text, events, error);
}

int sql_seek(struct sql_call *call, struct reel_error *error)
{
    int status = sql_moment(call, 0, "end", &call->events, error);
    return status == REEL_OK ? reel_replay_seek(call->reel->replay, call->events, &call->progress, error) : status;
}

int sql_range(const struct sql_call *call, int parameter, uint64_t *begin, uint64_t *end, struct reel_error *error)
{
    int status = REEL_OK;
    *begin = 0;
    if (is_given(call, parameter))
        status = sql_moment(call, parameter, "end", begin, error);
    if (status == REEL_OK)
        status = sql_moment(call, parameter + 1, "end", end, error);
    if (status == REEL_OK && *begin > *end)
        return reel_error_set(error, REEL_E_ARGUMENT, "the range begins after %llu events, and ends before, after %llu",
                              (unsigned long long)*begin, (unsigned long long)*end);
    return status;
}

int sql_integer(const struct sql_call *call, int parameter, const struct sql_limits *limits, int64_t *value,
                struct reel_error *error)
{
    *value = limits->otherwise;
    if (!is_given(call, parameter))
        return REEL_OK;
    int type = sqlite3_value_numeric_type(call->parameters[parameter]);
    *value = sqlite3_value_int64(call->parameters[parameter]);
    if (type == SQLITE_INTEGER && *value >= limits->least && *value <= limits->greatest)
        return REEL_OK;
    const char *text = sql_text(call, parameter);
    return reel_error_set(error, REEL_E_ARGUMENT, "%s is %.100s; it must be an integer from %lld to %lld", limits->what,
                          text != NULL ? text : "unreadable", (long long)limits->least, (long long)limits->greatest);
}

int sql_points(const struct sql_call *call, int64_t count_max, struct sql_points *points, struct reel_error *error)
{
    const struct sql_limits begin = {.what = "t0_ns", .greatest = INT64_MAX};
    const struct sql_limits end = {.what = "t1_ns", .greatest = INT64_MAX, .otherwise = -1};
    const struct sql_limits many = {.what = "points", .least = 1, .greatest = count_max, .otherwise = SQL_POINTS_USUAL};
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
    int64_t count = 0;
    int status = sql_integer(call, 0, &begin, &begin_ns, error);
    if (status == REEL_OK)
        status = sql_integer(call, 1, &end, &end_ns, error);
    if (status == REEL_OK)
        status = sql_integer(call, 2, &many, &count, error);
    *points = (struct sql_points){(uint64_t)begin_ns, end_ns < 0 ? UINT64_MAX : (uint64_t)end_ns, (size_t)count};
    return status;
}

int sql_address(const struct sql_call *call, int parameter, uint64_t *address, struct reel_error *error)
{
    const struct sql_limits limits = {.what = "the address", .least = INT64_MIN, .greatest = INT64_MAX};
    int64_t value = 0;
    int status = sql_integer(call, parameter, &limits, &value, error);
    *address = (uint64_t)value;
    return status;
}

int sql_process(const struct sql_call *call, int parameter, uint32_t *process, struct reel_error *error)
{
    size_t count = 0;
    (void)reel_replay_processes(call->reel->replay, &count);
    const struct sql_limits limits = {.what = "process", .greatest = (int64_t)count};
    int64_t value = 0;
    int status = sql_integer(call, parameter, &limits, &value, error);
    *process = (uint32_t)value;
    return status;
}

bool sql_wants_one(const struct sql_call *call, const char *column, int64_t *value)
{
    for (size_t i = 0; i < call->bound_count; i++)
        if (call->bounds[i].operation == SQLITE_INDEX_CONSTRAINT_EQ && strcmp(call->bounds[i].column, column) == 0)
        {
            *value = call->bounds[i].value;
            return true;
        }
    return false;
}

int sql_each_process(struct sql_call *call,
                     int (*each)(struct sql_call *call, uint32_t process, struct sql_rows *rows,
                                 struct reel_error *error),
                     struct sql_rows *rows, struct reel_error *error)
{
    size_t count = 0;
    const struct reel_replay_process *processes = reel_replay_processes(call->reel->replay, &count);
    int64_t wanted = 0;
    bool is_one = sql_wants_one(call, "process", &wanted);
    if (is_one && wanted == 0)
        return each(call, 0, rows, error);
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
        if (processes[i].is_running && (!is_one || (int64_t)processes[i].process == wanted))
            status = each(call, processes[i].process, rows, error);
    return status;
}
