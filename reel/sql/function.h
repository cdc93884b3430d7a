// SPDX-License-Identifier: MIT
// Table-valued functions: what each says about itself, as a table of its columns, and what it is called with. Private
// to the SQL face.
//
// A function is an eponymous virtual table; its parameters are hidden columns after the visible ones. Called, it makes
// all its rows at once (or in some runs), each a struct from which the columns are read.
#ifndef HEAPREEL_REEL_SQL_FUNCTION_H
#define HEAPREEL_REEL_SQL_FUNCTION_H

#include "reel/sql/state.h"

#define SQL_PARAMETERS_MAX 9
#define SQL_BOUNDS_MAX 8

enum sql_type
{
    SQL_UINT64, // above INT64_MAX: negative, as addresses are in the table `events`
    SQL_INT64,
    SQL_UINT32,
    SQL_INT,
    SQL_BOOL,
    SQL_CHARS,  // an array in the row
    SQL_STRING, // a pointer to a text that the reel or the program keeps; NULL is NULL
    SQL_BLOB,
};

// What is shown as NULL.
enum sql_null
{
    SQL_NEVER,
    SQL_AT_ZERO,
    SQL_AT_GREATEST, // of the type
};

// What it takes to fill some columns: is done only for queries that use one of them.
enum sql_cost
{
    SQL_COST_STATE = 1,  // a look at all blocks or pages
    SQL_COST_EVENTS = 2, // reading events
    SQL_COST_OWN = 4,    // the first of those that have a meaning in one function alone; the last is 128
};

struct sql_blob
{
    const void *data; // in the row's own memory
    size_t bytes;
};

struct sql_column
{
    const char *name;
    enum sql_type type;
    enum sql_null null;
    size_t offset;      // in the row
    bool is_bound;      // comparisons with integers are given to the function; SQLite checks them again
    unsigned char cost; // enum sql_cost, or-ed; 0: none
};

#define SQL_TYPE(row, member)                                                                                          \
    _Generic(((row *)NULL)->member,                                                                                    \
        uint64_t: SQL_UINT64,                                                                                          \
        int64_t: SQL_INT64,                                                                                            \
        uint32_t: SQL_UINT32,                                                                                          \
        int: SQL_INT,                                                                                                  \
        bool: SQL_BOOL,                                                                                                \
        char *: SQL_CHARS,                                                                                             \
        const char *: SQL_STRING,                                                                                      \
        struct sql_blob: SQL_BLOB)
#define SQL_COLUMN(row, member, name)                                                                                  \
    {                                                                                                                  \
        name, SQL_TYPE(row, member), SQL_NEVER, offsetof(row, member), false, 0                                        \
    }
#define SQL_NULLABLE(row, member, name, null)                                                                          \
    {                                                                                                                  \
        name, SQL_TYPE(row, member), null, offsetof(row, member), false, 0                                             \
    }
#define SQL_BOUND(row, member, name, null)                                                                             \
    {                                                                                                                  \
        name, SQL_TYPE(row, member), null, offsetof(row, member), true, 0                                              \
    }
#define SQL_COSTLY(row, member, name, null, cost)                                                                      \
    {                                                                                                                  \
        name, SQL_TYPE(row, member), null, offsetof(row, member), false, cost                                          \
    }

// A comparison with an integer that all wanted rows pass.
struct sql_bound
{
    const char *column;
    unsigned char operation; // SQLITE_INDEX_CONSTRAINT_EQ, _GT, _GE, _LT or _LE
    int64_t value;
};

struct sql_call
{
    struct sql_reel *reel;
    struct reel_progress progress;
    struct sqlite3_value *parameters[SQL_PARAMETERS_MAX]; // NULL: not given
    struct sql_bound bounds[SQL_BOUNDS_MAX];
    size_t bound_count;
    unsigned costs;  // enum sql_cost, or-ed: of the columns that are wanted
    uint64_t events; // the moment of the call, for functions that make their rows in runs
};

struct sql_rows
{
    void *rows; // freed with free()
    size_t count;
    size_t capacity;
    bool has_more; // rows after these: `more` is to be called
};

struct sql_function
{
    const char *name;
    const char *usage; // how it is called, for the error line
    const struct sql_column *columns;
    size_t column_count;
    const char *parameters[SQL_PARAMETERS_MAX]; // NULL: there are no more
    int required_count;                         // the first ones
    size_t row_bytes;
    int64_t row_estimate;
    // Fills rows, which come empty. One required parameter that is NULL: it is not called, and there are no rows.
    int (*answer)(struct sql_call *call, struct sql_rows *rows, struct reel_error *error);
    // The next run of rows in place of these, whose last one is still there when it is called. NULL: there is one run.
    int (*more)(struct sql_call *call, struct sql_rows *rows, struct reel_error *error);
};

#define SQL_COLUMN_COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

// Room for that many rows more, zeroed; NULL: out of memory. Moves those that are there.
void *sql_rows_add(struct sql_rows *rows, size_t row_bytes, size_t count);
// The array, which it owns from now on, becomes the rows.
void sql_rows_take(struct sql_rows *rows, void *array, size_t count);

// Registers the function on the connection. Holds the state. Returns a result code of SQLite.
int sql_function_register(struct sqlite3 *database, const struct sql_function *function, struct sql_state *state);

#endif
