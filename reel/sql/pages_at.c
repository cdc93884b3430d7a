// SPDX-License-Identifier: MIT
// pages_at: the pages of a stretch of address space at a moment, as a blob that can be drawn; oldest_pages_at: the
// oldest block of each of them.
#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/births.h"
#include "reel/sql/functions.h"

#define PAGES_MAX (1 << 22) // a blob of 32 MiB, 16 GiB of addresses

struct pages_row
{
    struct sql_blob data; // the pages that follow
    struct reel_page pages[];
};

static const struct sql_column pages_columns[] = {
    SQL_COLUMN(struct pages_row, data, "data"),
};

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the blob has the bytes of struct reel_page as they are");

enum pages_parameter
{
    PAGES_T,
    PAGES_PROCESS,
    PAGES_BEGIN_ADDRESS,
    PAGES_COUNT
};

static int take_stretch(const struct sql_call *call, uint64_t *address, int64_t *count, struct reel_error *error)
{
    const struct sql_limits limits = {.what = "page_count", .greatest = PAGES_MAX};
    int status = sql_address(call, PAGES_BEGIN_ADDRESS, address, error);
    if (status == REEL_OK)
        status = sql_integer(call, PAGES_COUNT, &limits, count, error);
    if (status != REEL_OK)
        return status;
    if (*address % REEL_REPLAY_PAGE_BYTES != 0)
        return reel_error_set(error, REEL_E_ARGUMENT, "0x%llx is not where a page begins; write a multiple of 4096",
                              (unsigned long long)*address);
    if ((uint64_t)*count > (UINT64_MAX - *address) / REEL_REPLAY_PAGE_BYTES)
        return reel_error_set(error, REEL_E_ARGUMENT, "there are no %lld pages from 0x%llx on; write fewer",
                              (long long)*count, (unsigned long long)*address);
    return REEL_OK;
}

// The parameters, and the replay at the moment.
static int begin(struct sql_call *call, uint32_t *process, uint64_t *address, int64_t *count, struct reel_error *error)
{
    int status = take_stretch(call, address, count, error);
    if (status == REEL_OK)
        status = sql_process(call, PAGES_PROCESS, process, error);
    if (status == REEL_OK && *process == 0)
        status = reel_error_set(error, REEL_E_ARGUMENT, "process is 0; pages belong to one process, from 1");
    return status == REEL_OK ? sql_seek(call, error) : status;
}

static int answer_pages(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    uint64_t address = 0;
    int64_t count = 0;
    uint32_t process = 0;
    int status = begin(call, &process, &address, &count, error);
    if (status != REEL_OK)
        return status;
    const size_t bytes = (size_t)count * sizeof(struct reel_page);
    struct pages_row *row = calloc(1, sizeof *row + bytes);
    if (row == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    row->data = (struct sql_blob){row->pages, bytes};
    sql_rows_take(rows, row, 1);
    return count == 0 ? REEL_OK
                      : reel_replay_pages(call->reel->replay, process, address, (size_t)count, row->pages, error);
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
    uint64_t address = 0;
    int64_t count = 0;
    uint32_t process = 0;
    int status = begin(call, &process, &address, &count, error);
    if (status != REEL_OK)
        return status;
    uint64_t *births = calloc((size_t)count + 1, sizeof *births);
    if (births == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    status = reel_oldest_of_pages(call->reel->replay, process, address, (size_t)count, births, &call->progress, error);
    if (status == REEL_OK)
        status = add_oldest(rows, address, births, (size_t)count, error);
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
    .parameters = {"t", "process", "begin_address", "page_count"},
    .parameter_count = 4,
    .required_count = 4,
    .row_bytes = sizeof(struct oldest_row),
    .row_estimate = 1000,
    .answer = answer_oldest,
};

const struct sql_function sql_pages_at = {
    .name = "pages_at",
    .usage = "pages_at(t, process, begin_address, page_count)",
    .columns = pages_columns,
    .column_count = SQL_COLUMN_COUNT(pages_columns),
    .parameters = {"t", "process", "begin_address", "page_count"},
    .parameter_count = 4,
    .required_count = 4,
    .row_bytes = sizeof(struct pages_row),
    .row_estimate = 1,
    .answer = answer_pages,
};
