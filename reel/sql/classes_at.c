// SPDX-License-Identifier: MIT
// classes_at: the size classes of each process at a moment.
#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/births.h"
#include "reel/sql/functions.h"

struct class_row
{
    uint32_t process;
    struct reel_class_state state;
    uint64_t rounding_bytes;
    struct sql_birth oldest;
};

#define CLASS(member, name) SQL_COLUMN(struct class_row, member, name)
#define CLASS_TOLD(member, name) SQL_NULLABLE(struct class_row, member, name, SQL_AT_ZERO)
static const struct sql_column class_columns[] = {
    SQL_BOUND(struct class_row, process, "process", SQL_NEVER),
    CLASS(state.number, "class_number"),
    SQL_NULLABLE(struct class_row, state.class_id, "class_id", SQL_AT_GREATEST),
    CLASS(state.is_aligned, "is_aligned"),
    CLASS_TOLD(state.slot_bytes, "slot_bytes"),
    CLASS(state.least_bytes, "least_bytes"),
    SQL_NULLABLE(struct class_row, state.greatest_bytes, "greatest_bytes", SQL_AT_GREATEST),
    CLASS(state.live_blocks, "live_blocks"),
    CLASS(state.requested_bytes, "live_bytes"),
    CLASS(state.usable_bytes, "usable_bytes"),
    CLASS(rounding_bytes, "rounding_bytes"),
    CLASS_TOLD(state.carved_slots, "carved_slots"),
    CLASS_TOLD(state.peak_live_slots, "peak_live_slots"),
    SQL_COSTLY(struct class_row, oldest.event, "oldest_birth_event", SQL_AT_GREATEST, SQL_COST_STATE),
    SQL_COSTLY(struct class_row, oldest.t_ns, "oldest_birth_ns", SQL_AT_GREATEST, SQL_COST_STATE | SQL_COST_EVENTS),
};

static int find_oldest(struct sql_call *call, uint32_t process, struct class_row *rows, size_t count,
                       struct reel_error *error)
{
    struct reel_oldest oldest;
    int status = reel_oldest_find(&oldest, call->reel->replay, process, &call->progress, error);
    for (size_t i = 0; status == REEL_OK && i < count; i++)
        rows[i].oldest.event = oldest.classes[rows[i].state.number];
    reel_oldest_fini(&oldest);
    return status;
}

static int add_classes(struct sql_call *call, uint32_t process, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_class_state *classes = NULL;
    size_t count = 0;
    int status = reel_replay_classes(call->reel->replay, process, &classes, &count, error);
    if (status != REEL_OK)
        return status;
    struct class_row *added = sql_rows_add(rows, sizeof *added, count);
    if (added == NULL && count != 0)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; added != NULL && i < count; i++)
        added[i] = (struct class_row){.process = process,
                                      .state = classes[i],
                                      .rounding_bytes = classes[i].usable_bytes - classes[i].requested_bytes};
    free(classes);
    if (status == REEL_OK && added != NULL && (call->costs & SQL_COST_STATE) != 0)
        status = find_oldest(call, process, added, count, error);
    return status;
}

static int answer_classes(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    int status = sql_seek(call, error);
    if (status == REEL_OK)
        status = sql_each_process(call, add_classes, rows, error);
    return status == REEL_OK
               ? sql_date_births(call, rows, sizeof(struct class_row), offsetof(struct class_row, oldest), error)
               : status;
}

const struct sql_function sql_classes_at = {
    .name = "classes_at",
    .usage = "classes_at(t), t a moment such as 'peak'",
    .columns = class_columns,
    .column_count = SQL_COLUMN_COUNT(class_columns),
    .parameters = {"t"},
    .required_count = 1,
    .row_bytes = sizeof(struct class_row),
    .row_estimate = 100,
    .answer = answer_classes,
};
