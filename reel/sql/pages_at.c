// SPDX-License-Identifier: MIT
// The pages of a stretch of address space at a moment. As blobs that can be drawn: pages_at, what lies on each;
// page_ages_at, the oldest block of each. oldest_pages_at has the oldest blocks as rows.
#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/births.h"
#include "reel/sql/functions.h"
#include "reel/sql/page_stretch.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blobs have the bytes of numbers and pages as they are");

static int answer_pages(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_page_stretch stretch;
    int status = sql_page_stretch_take(call, &stretch, error);
    if (status != REEL_OK)
        return status;
    struct reel_page *pages = sql_page_blob_add(rows, stretch.page_count, sizeof *pages, error);
    if (pages == NULL)
        return error->status;
    return stretch.page_count == 0 ? REEL_OK
                                   : reel_replay_pages(call->reel->replay, stretch.process, stretch.address,
                                                       stretch.page_count, pages, error);
}

static int answer_ages(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_page_stretch stretch;
    int status = sql_page_stretch_take(call, &stretch, error);
    if (status != REEL_OK)
        return status;
    uint64_t *births = sql_page_blob_add(rows, stretch.page_count, sizeof *births, error);
    return births != NULL ? reel_oldest_of_pages(call->reel->replay, stretch.process, stretch.address,
                                                 stretch.page_count, births, &call->progress, error)
                          : error->status;
}

struct oldest_row
{
    uint64_t address;
    struct sql_birth oldest;
};

static const struct sql_column oldest_columns[] = {
    SQL_COLUMN(struct oldest_row, address, "address"),
    SQL_COLUMN(struct oldest_row, oldest.event, "birth_event"),
    SQL_COSTLY(struct oldest_row, oldest.t_ns, "birth_ns", SQL_AT_GREATEST, SQL_COST_EVENTS),
};

static int add_oldest(struct sql_rows *rows, uint64_t address, const uint64_t *births, size_t count,
                      struct reel_error *error)
{
    size_t occupied = 0;
    for (size_t i = 0; i < count; i++)
        occupied += births[i] != REEL_OLDEST_NONE;
    struct oldest_row *added = sql_rows_add(rows, sizeof *added, occupied);
    if (added == NULL && occupied != 0)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        if (births[i] != REEL_OLDEST_NONE)
            *added++ = (struct oldest_row){address + i * REEL_REPLAY_PAGE_BYTES, {.event = births[i]}};
    return REEL_OK;
}

static int answer_oldest(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_page_stretch stretch;
    int status = sql_page_stretch_take(call, &stretch, error);
    if (status != REEL_OK)
        return status;
    uint64_t *births = calloc(stretch.page_count + 1, sizeof *births);
    if (births == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    status = reel_oldest_of_pages(call->reel->replay, stretch.process, stretch.address, stretch.page_count, births,
                                  &call->progress, error);
    if (status == REEL_OK)
        status = add_oldest(rows, stretch.address, births, stretch.page_count, error);
    free(births);
    return status == REEL_OK
               ? sql_date_births(call, rows, sizeof(struct oldest_row), offsetof(struct oldest_row, oldest), error)
               : status;
}

const struct sql_function sql_oldest_pages_at = {
    .name = "oldest_pages_at",
    .usage = "oldest_pages_at(t, process, begin_address, page_count)",
    .columns = oldest_columns,
    .column_count = SQL_COLUMN_COUNT(oldest_columns),
    .parameters = {SQL_PAGE_STRETCH_PARAMETERS},
    .required_count = SQL_PAGE_STRETCH_PARAMETER_COUNT,
    .row_bytes = sizeof(struct oldest_row),
    .row_estimate = 1000,
    .answer = answer_oldest,
};

const struct sql_function sql_pages_at = {
    .name = "pages_at",
    .usage = "pages_at(t, process, begin_address, page_count)",
    .parameters = {SQL_PAGE_STRETCH_PARAMETERS},
    .required_count = SQL_PAGE_STRETCH_PARAMETER_COUNT,
    SQL_PAGE_BLOB_ROW,
    .answer = answer_pages,
};

const struct sql_function sql_page_ages_at = {
    .name = "page_ages_at",
    .usage = "page_ages_at(t, process, begin_address, page_count)",
    .parameters = {SQL_PAGE_STRETCH_PARAMETERS},
    .required_count = SQL_PAGE_STRETCH_PARAMETER_COUNT,
    SQL_PAGE_BLOB_ROW,
    .answer = answer_ages,
};
