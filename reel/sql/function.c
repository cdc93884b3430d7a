// SPDX-License-Identifier: MIT
// Table-valued functions as SQLite sees them: one virtual table module for all of them. Knows no question.
#include "reel/sql/function.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

#define BOUND_LETTER '!' // of column 0 in the plan; the next ones follow

// Client data of a module.
struct registration
{
    const struct sql_function *function;
    struct sql_state *state;
};

struct function_table
{
    struct sqlite3_vtab base; // first: SQLite sees only this
    const struct sql_function *function;
    struct sql_state *state;
};

struct function_cursor
{
    struct sqlite3_vtab_cursor base; // first
    struct sql_call call;            // with copies of its parameters
    struct sql_rows rows;
    size_t index;
    uint64_t passed; // rows of earlier runs
};

static const struct
{
    unsigned char operation;
    char letter;
} operations[] = {
    {SQLITE_INDEX_CONSTRAINT_EQ, 'e'}, {SQLITE_INDEX_CONSTRAINT_GT, 'g'}, {SQLITE_INDEX_CONSTRAINT_GE, 'h'},
    {SQLITE_INDEX_CONSTRAINT_LT, 'l'}, {SQLITE_INDEX_CONSTRAINT_LE, 'm'},
};
#define OPERATION_COUNT (sizeof operations / sizeof operations[0])

void *sql_rows_add(struct sql_rows *rows, size_t row_bytes, size_t count)
{
    size_t wanted;
    if (count == 0)
        return rows->rows;
    if (__builtin_add_overflow(rows->count, count, &wanted))
        return NULL;
    if (wanted > rows->capacity)
    {
        size_t capacity = wanted > rows->capacity * 2 ? wanted : rows->capacity * 2;
        void *moved = reallocarray(rows->rows, capacity, row_bytes);
        if (moved == NULL)
            return NULL;
        rows->rows = moved;
        rows->capacity = capacity;
    }
    char *added = (char *)rows->rows + rows->count * row_bytes;
    memset(added, 0, count * row_bytes);
    rows->count = wanted;
    return added;
}

void sql_rows_take(struct sql_rows *rows, void *array, size_t count)
{
    free(rows->rows);
    *rows = (struct sql_rows){.rows = array, .count = count, .capacity = count};
}

static const char *declared_type(enum sql_type type)
{
    return type == SQL_BLOB ? "BLOB" : type == SQL_CHARS || type == SQL_STRING ? "TEXT" : "INTEGER";
}

static bool has_parameter(const struct sql_function *function, int parameter)
{
    return parameter < SQL_PARAMETERS_MAX && function->parameters[parameter] != NULL;
}

// Parameters have no type, so that SQLite changes nothing in what they are given.
static int declare(struct sqlite3 *database, const struct sql_function *function)
{
    struct sqlite3_str *text = sqlite3_str_new(database);
    sqlite3_str_appendf(text, "CREATE TABLE \"%w\" (", function->name);
    for (size_t i = 0; i < function->column_count; i++)
        sqlite3_str_appendf(text, "%s\"%w\" %s", i == 0 ? "" : ", ", function->columns[i].name,
                            declared_type(function->columns[i].type));
    for (int i = 0; has_parameter(function, i); i++)
        sqlite3_str_appendf(text, ", \"%w\" HIDDEN", function->parameters[i]);
    sqlite3_str_appendchar(text, 1, ')');
    char *declaration = sqlite3_str_finish(text);
    int result = declaration != NULL ? sqlite3_declare_vtab(database, declaration) : SQLITE_NOMEM;
    sqlite3_free(declaration);
    return result;
}

static int function_connect(struct sqlite3 *database, void *data, int argument_count, const char *const *arguments,
                            struct sqlite3_vtab **out, char **error)
{
    (void)argument_count, (void)arguments, (void)error;
    const struct registration *registration = data;
    int result = declare(database, registration->function);
    if (result != SQLITE_OK)
        return result;
    struct function_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    table->function = registration->function;
    table->state = registration->state;
    sql_state_connect(table->state);
    *out = &table->base;
    return sqlite3_vtab_config(database, SQLITE_VTAB_INNOCUOUS);
}

static int function_disconnect(struct sqlite3_vtab *base)
{
    struct function_table *table = (struct function_table *)base;
    sql_state_disconnect(table->state);
    free(table);
    return SQLITE_OK;
}

static char operation_letter(unsigned char operation)
{
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        if (operations[i].operation == operation)
            return operations[i].letter;
    return '\0';
}

// Gives each parameter the first equation for it. One that waits for another table makes the plan impossible; one that
// is nowhere is an error, for which SQLite would have no words.
static int plan_parameters(struct function_table *table, struct sqlite3_index_info *info, struct sqlite3_str *plan,
                           int *value_count)
{
    const struct sql_function *function = table->function;
    for (int parameter = 0; has_parameter(function, parameter); parameter++)
    {
        bool is_waiting = false;
        bool is_given = false;
        int column = (int)function->column_count + parameter;
        for (int i = 0; i < info->nConstraint && !is_given; i++)
        {
            const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
            if (constraint->iColumn != column || constraint->op != SQLITE_INDEX_CONSTRAINT_EQ)
                continue;
            is_waiting = is_waiting || !constraint->usable;
            if (!constraint->usable)
                continue;
            is_given = true;
            info->aConstraintUsage[i].argvIndex = ++*value_count;
            info->aConstraintUsage[i].omit = 1;
            sqlite3_str_appendf(plan, "%ce", BOUND_LETTER + column);
        }
        if (is_waiting && !is_given)
            return SQLITE_CONSTRAINT;
        if (!is_given && parameter < function->required_count)
        {
            sqlite3_free(table->base.zErrMsg);
            table->base.zErrMsg = sqlite3_mprintf("%s: %s is missing; it is called as %s", function->name,
                                                  function->parameters[parameter], function->usage);
            return SQLITE_ERROR;
        }
    }
    return SQLITE_OK;
}

// Each bound is taken to halve the work, an equation to leave a tenth.
static void plan_bounds(const struct sql_function *function, struct sqlite3_index_info *info, struct sqlite3_str *plan,
                        int value_count)
{
    double rows = (double)function->row_estimate;
    int first = value_count;
    for (int i = 0; i < info->nConstraint && value_count - first < SQL_BOUNDS_MAX; i++)
    {
        const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
        char letter = operation_letter(constraint->op);
        bool is_column = constraint->iColumn >= 0 && constraint->iColumn < (int)function->column_count;
        if (!constraint->usable || letter == '\0' || !is_column || !function->columns[constraint->iColumn].is_bound)
            continue;
        info->aConstraintUsage[i].argvIndex = ++value_count;
        sqlite3_str_appendf(plan, "%c%c", BOUND_LETTER + constraint->iColumn, letter);
        rows /= letter == 'e' ? 10 : 2;
    }
    info->estimatedRows = rows > 1 ? (sqlite3_int64)rows : 1;
    info->estimatedCost = 1e4 + rows; // events have to be read before there is any row
}

// SQLite has one bit for all columns from 63 on.
static unsigned costs_of(const struct sql_function *function, uint64_t columns_used)
{
    unsigned costs = 0;
    for (size_t i = 0; i < function->column_count; i++)
        if ((columns_used >> (i < 63 ? i : 63) & 1) != 0)
            costs |= function->columns[i].cost;
    return costs;
}

static int function_best_index(struct sqlite3_vtab *base, struct sqlite3_index_info *info)
{
    struct function_table *table = (struct function_table *)base;
    struct sqlite3_str *plan = sqlite3_str_new(NULL);
    int value_count = 0;
    int result = plan_parameters(table, info, plan, &value_count);
    if (result == SQLITE_OK)
        plan_bounds(table->function, info, plan, value_count);
    sqlite3_str_appendchar(plan, 1, ';'); // never empty, so that NULL is want of memory
    char *text = sqlite3_str_finish(plan);
    if (result == SQLITE_OK && text == NULL)
        result = SQLITE_NOMEM;
    if (result != SQLITE_OK)
    {
        sqlite3_free(text);
        return result;
    }
    info->idxNum = (int)costs_of(table->function, info->colUsed);
    info->idxStr = text;
    info->needToFreeIdxStr = 1;
    return SQLITE_OK;
}

static int function_open(struct sqlite3_vtab *base, struct sqlite3_vtab_cursor **out)
{
    (void)base;
    struct function_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    *out = &cursor->base;
    return SQLITE_OK;
}

static void forget_call(struct function_cursor *cursor)
{
    for (int i = 0; i < SQL_PARAMETERS_MAX; i++)
        sqlite3_value_free(cursor->call.parameters[i]);
    sql_reel_release(cursor->call.reel);
    cursor->call = (struct sql_call){0};
    sql_rows_take(&cursor->rows, NULL, 0);
    cursor->index = 0;
    cursor->passed = 0;
}

static int function_close(struct sqlite3_vtab_cursor *base)
{
    struct function_cursor *cursor = (struct function_cursor *)base;
    forget_call(cursor);
    free(cursor);
    return SQLITE_OK;
}

// What the engine asks of SQLite fails, too, when the statement is to end.
static int fail(struct function_cursor *cursor, const struct reel_error *error)
{
    struct function_table *table = (struct function_table *)cursor->base.pVtab;
    cursor->rows.count = 0;
    cursor->rows.has_more = false;
    cursor->index = 0;
    if (error->status != REEL_E_ARGUMENT)
        sql_state_forget(table->state);
    if (error->status == REEL_E_NO_MEMORY)
        return SQLITE_NOMEM;
    if (error->status == REEL_E_CANCELLED || sql_state_is_interrupted(table->state))
        return SQLITE_INTERRUPT;
    sqlite3_free(table->base.zErrMsg);
    table->base.zErrMsg = error->status == REEL_E_ARGUMENT
                              ? sqlite3_mprintf("%s: %s", table->function->name, error->text)
                              : sqlite3_mprintf("%s", error->text);
    return SQLITE_ERROR;
}

// The values of the plan, whose letters are those of columns and operations by turns.
static int take_values(struct function_cursor *cursor, const struct sql_function *function, const char *plan,
                       int value_count, struct sqlite3_value **values)
{
    struct sql_call *call = &cursor->call;
    for (int i = 0; i < value_count; i++)
    {
        int column = plan[2 * i] - BOUND_LETTER;
        int parameter = column - (int)function->column_count;
        if (parameter >= 0)
        {
            call->parameters[parameter] = sqlite3_value_dup(values[i]);
            if (call->parameters[parameter] == NULL)
                return SQLITE_NOMEM;
        }
        else if (sqlite3_value_type(values[i]) == SQLITE_INTEGER)
            for (size_t k = 0; k < OPERATION_COUNT; k++)
                if (operations[k].letter == plan[2 * i + 1])
                    call->bounds[call->bound_count++] = (struct sql_bound){
                        function->columns[column].name, operations[k].operation, sqlite3_value_int64(values[i])};
    }
    return SQLITE_OK;
}

static bool has_null(const struct sql_call *call, const struct sql_function *function)
{
    for (int i = 0; i < function->required_count; i++)
        if (sqlite3_value_type(call->parameters[i]) == SQLITE_NULL)
            return true;
    return false;
}

// The next run of rows that is not empty, or the end.
static int run_on(struct function_cursor *cursor)
{
    const struct sql_function *function = ((struct function_table *)cursor->base.pVtab)->function;
    struct reel_error error = {0};
    while (cursor->index >= cursor->rows.count && cursor->rows.has_more)
    {
        cursor->passed += cursor->rows.count;
        if (function->more(&cursor->call, &cursor->rows, &error) != REEL_OK)
            return fail(cursor, &error);
        cursor->index = 0;
    }
    return SQLITE_OK;
}

static int function_filter(struct sqlite3_vtab_cursor *base, int costs, const char *plan, int value_count,
                           struct sqlite3_value **values)
{
    struct function_cursor *cursor = (struct function_cursor *)base;
    struct function_table *table = (struct function_table *)base->pVtab;
    struct reel_error error = {0};
    forget_call(cursor);
    if (take_values(cursor, table->function, plan, value_count, values) != SQLITE_OK)
        return SQLITE_NOMEM;
    if (has_null(&cursor->call, table->function))
        return SQLITE_OK;
    cursor->call.costs = (unsigned)costs;
    cursor->call.progress = sql_state_progress(table->state);
    if (sql_state_reel(table->state, &cursor->call.reel, &error) != REEL_OK ||
        table->function->answer(&cursor->call, &cursor->rows, &error) != REEL_OK)
        return fail(cursor, &error);
    return run_on(cursor);
}

static int function_next(struct sqlite3_vtab_cursor *base)
{
    struct function_cursor *cursor = (struct function_cursor *)base;
    cursor->index++;
    return run_on(cursor);
}

static int function_eof(struct sqlite3_vtab_cursor *base)
{
    const struct function_cursor *cursor = (const struct function_cursor *)base;
    return cursor->index >= cursor->rows.count;
}

static void give_integer(struct sqlite3_context *context, enum sql_null null, uint64_t value, uint64_t greatest)
{
    if ((null == SQL_AT_ZERO && value == 0) || (null == SQL_AT_GREATEST && value == greatest))
        sqlite3_result_null(context);
    else
        sqlite3_result_int64(context, (sqlite3_int64)value);
}

static void give(struct sqlite3_context *context, const struct sql_column *column, const char *row)
{
    const void *member = row + column->offset;
    const struct sql_blob *blob = member;
    switch (column->type)
    {
    case SQL_UINT64:
        give_integer(context, column->null, *(const uint64_t *)member, UINT64_MAX);
        break;
    case SQL_INT64:
        give_integer(context, column->null, (uint64_t) * (const int64_t *)member, INT64_MAX);
        break;
    case SQL_UINT32:
        give_integer(context, column->null, *(const uint32_t *)member, UINT32_MAX);
        break;
    case SQL_INT:
        give_integer(context, column->null, (uint64_t)(int64_t) * (const int *)member, INT32_MAX);
        break;
    case SQL_BOOL:
        sqlite3_result_int(context, *(const bool *)member);
        break;
    case SQL_CHARS:
        sqlite3_result_text(context, member, -1, SQLITE_TRANSIENT);
        break;
    case SQL_STRING:
        sqlite3_result_text(context, *(const char *const *)member, -1, SQLITE_TRANSIENT);
        break;
    case SQL_BLOB:
        sqlite3_result_blob64(context, blob->data, blob->bytes, SQLITE_TRANSIENT);
        break;
    }
}

static int function_column(struct sqlite3_vtab_cursor *base, struct sqlite3_context *context, int number)
{
    const struct function_cursor *cursor = (const struct function_cursor *)base;
    const struct sql_function *function = ((const struct function_table *)base->pVtab)->function;
    if (number < (int)function->column_count)
        give(context, &function->columns[number],
             (const char *)cursor->rows.rows + cursor->index * function->row_bytes);
    else if (cursor->call.parameters[number - (int)function->column_count] != NULL)
        sqlite3_result_value(context, cursor->call.parameters[number - (int)function->column_count]);
    return SQLITE_OK;
}

static int function_rowid(struct sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    const struct function_cursor *cursor = (const struct function_cursor *)base;
    *rowid = (sqlite3_int64)(cursor->passed + cursor->index);
    return SQLITE_OK;
}

// Without xCreate it exists on its own and cannot be created under other names.
static const struct sqlite3_module function_module = {
    .iVersion = 0,
    .xConnect = function_connect,
    .xBestIndex = function_best_index,
    .xDisconnect = function_disconnect,
    .xOpen = function_open,
    .xClose = function_close,
    .xFilter = function_filter,
    .xNext = function_next,
    .xEof = function_eof,
    .xColumn = function_column,
    .xRowid = function_rowid,
};

static void unregister(void *data)
{
    struct registration *registration = data;
    sql_state_release(registration->state);
    free(registration);
}

int sql_function_register(struct sqlite3 *database, const struct sql_function *function, struct sql_state *state)
{
    struct registration *registration = calloc(1, sizeof *registration);
    if (registration == NULL)
        return SQLITE_NOMEM;
    registration->function = function;
    registration->state = state;
    sql_state_hold(state);
    return sqlite3_create_module_v2(database, function->name, &function_module, registration, unregister);
}
