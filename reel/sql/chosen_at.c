// SPDX-License-Identifier: MIT
// What the blocks that a filter lets pass take at a moment: stack_pages_at, of each page, as a blob that can be drawn;
// stack_classes_at, of each size class.
#include <stdlib.h>

#include "reel/chosen_blocks.h"
#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"
#include "reel/sql/page_stretch.h"

// The parameters of a filter follow those of the place.
#define FILTER_PARAMETERS "stack", "function", "class", "least_bytes", "most_bytes"
enum filter_parameter
{
    FILTER_STACK,
    FILTER_FUNCTION,
    FILTER_CLASS,
    FILTER_LEAST,
    FILTER_MOST,
    FILTER_PARAMETER_COUNT
};

#define ANY (-1) // stack, class

struct filter
{
    int64_t stack; // ANY, or 0: blocks without one
    const char *function;
    struct reel_block_choice choice;
    bool *stacks; // what the choice has, to be freed
};

static int take_integers(const struct sql_call *call, int first, struct filter *filter, struct reel_error *error)
{
    int64_t values[FILTER_PARAMETER_COUNT];
    static const struct sql_limits limits[FILTER_PARAMETER_COUNT] = {
        [FILTER_STACK] = {.what = "stack", .greatest = UINT32_MAX, .otherwise = ANY},
        [FILTER_CLASS] = {.what = "class", .greatest = REEL_CLASS_NUMBERS - 1, .otherwise = ANY},
        [FILTER_LEAST] = {.what = "least_bytes", .greatest = INT64_MAX},
        [FILTER_MOST] = {.what = "most_bytes", .greatest = INT64_MAX},
    };
    int status = REEL_OK;
    for (int i = 0; i < FILTER_PARAMETER_COUNT && status == REEL_OK; i++)
        if (i != FILTER_FUNCTION)
            status = sql_integer(call, first + i, &limits[i], &values[i], error);
    if (status != REEL_OK)
        return status;
    filter->stack = values[FILTER_STACK];
    filter->choice = (struct reel_block_choice){.class_number = (int32_t)values[FILTER_CLASS],
                                                .least_bytes = (uint64_t)values[FILTER_LEAST],
                                                .most_bytes = (uint64_t)values[FILTER_MOST]};
    return REEL_OK;
}

static int take_filter(const struct sql_call *call, int first, struct filter *filter, struct reel_error *error)
{
    const char *function = sql_text(call, first + FILTER_FUNCTION);
    *filter = (struct filter){.function = function != NULL && function[0] != '\0' ? function : NULL};
    return take_integers(call, first, filter, error);
}

static void keep_one(bool *stacks, size_t count, int64_t stack)
{
    for (size_t i = 0; i < count; i++)
        stacks[i] = stacks[i] && (int64_t)i == stack;
}

// The stacks of the choice. Where the replay stands, as a growing reel has more of them later.
static int choose_stacks(const struct sql_call *call, struct filter *filter, struct reel_error *error)
{
    size_t count = 0;
    int status = REEL_OK;
    (void)reel_replay_stacks(call->reel->replay, &count);
    if (filter->stack == ANY && filter->function == NULL)
        return REEL_OK;
    filter->choice.stacks = filter->stacks = calloc(count + 1, sizeof *filter->stacks);
    if (filter->stacks == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    if (filter->function != NULL)
        status = reel_reader_stacks_with(call->reel->reader, filter->function, filter->stacks, count, error);
    else if (filter->stack < (int64_t)count)
        filter->stacks[filter->stack] = true;
    if (filter->stack != ANY)
        keep_one(filter->stacks, count, filter->stack);
    return status;
}

static int answer_pages(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_page_stretch stretch;
    struct filter filter;
    uint16_t *bytes = NULL;
    int status = take_filter(call, SQL_PAGE_STRETCH_PARAMETER_COUNT, &filter, error);
    if (status == REEL_OK)
        status = sql_page_stretch_take(call, &stretch, error);
    if (status == REEL_OK)
        status = choose_stacks(call, &filter, error);
    if (status == REEL_OK)
    {
        bytes = sql_page_blob_add(rows, stretch.page_count, sizeof *bytes, error);
        status = bytes != NULL ? reel_chosen_pages(call->reel->replay, stretch.process, &filter.choice, stretch.address,
                                                   stretch.page_count, bytes, &call->progress, error)
                               : error->status;
    }
    free(filter.stacks);
    return status;
}

const struct sql_function sql_stack_pages_at = {
    .name = "stack_pages_at",
    .usage = "stack_pages_at(t, process, begin_address, page_count[, stack[, function[, class[, least_bytes[, "
             "most_bytes]]]]])",
    .parameters = {SQL_PAGE_STRETCH_PARAMETERS, FILTER_PARAMETERS},
    .required_count = SQL_PAGE_STRETCH_PARAMETER_COUNT,
    SQL_PAGE_BLOB_ROW,
    .answer = answer_pages,
};

struct class_row
{
    uint32_t class_number;
    struct reel_chosen_class chosen;
};

static const struct sql_column class_columns[] = {
    SQL_COLUMN(struct class_row, class_number, "class_number"),
    SQL_COLUMN(struct class_row, chosen.live_blocks, "live_blocks"),
    SQL_COLUMN(struct class_row, chosen.live_bytes, "live_bytes"),
    SQL_COLUMN(struct class_row, chosen.usable_bytes, "usable_bytes"),
};

static int add_classes(const struct reel_chosen_class *classes, struct sql_rows *rows, struct reel_error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        count += classes[i].live_blocks != 0;
    struct class_row *row = sql_rows_add(rows, sizeof *row, count);
    if (row == NULL && count != 0)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (uint32_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        if (classes[i].live_blocks != 0)
            *row++ = (struct class_row){i, classes[i]};
    return REEL_OK;
}

static int answer_classes(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_chosen_class classes[REEL_CLASS_NUMBERS];
    struct filter filter;
    uint32_t process = 0;
    int status = take_filter(call, 2, &filter, error);
    if (status == REEL_OK)
        status = sql_process(call, 1, &process, error);
    if (status == REEL_OK)
        status = sql_seek(call, error);
    if (status == REEL_OK)
        status = choose_stacks(call, &filter, error);
    if (status == REEL_OK)
        status = reel_chosen_classes(call->reel->replay, process, &filter.choice, classes, &call->progress, error);
    if (status == REEL_OK)
        status = add_classes(classes, rows, error);
    free(filter.stacks);
    return status;
}

const struct sql_function sql_stack_classes_at = {
    .name = "stack_classes_at",
    .usage = "stack_classes_at(t[, process[, stack[, function[, class[, least_bytes[, most_bytes]]]]]]), as in "
             "stack_classes_at('peak', 0, NULL, 'parse')",
    .columns = class_columns,
    .column_count = SQL_COLUMN_COUNT(class_columns),
    .parameters = {"t", "process", FILTER_PARAMETERS},
    .required_count = 1,
    .row_bytes = sizeof(struct class_row),
    .row_estimate = 50,
    .answer = answer_classes,
};
