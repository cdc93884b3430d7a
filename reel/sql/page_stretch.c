// SPDX-License-Identifier: MIT
// The stretch of pages that a question is about, and the blob that answers it.
#include "reel/sql/page_stretch.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"

#define PAGES_MAX (1 << 22) // a blob of 32 MiB, 16 GiB of addresses

enum parameter
{
    PARAMETER_T,
    PARAMETER_PROCESS,
    PARAMETER_BEGIN_ADDRESS,
    PARAMETER_COUNT
};

static int take_pages(const struct sql_call *call, struct sql_page_stretch *stretch, struct reel_error *error)
{
    const struct sql_limits limits = {.what = "page_count", .greatest = PAGES_MAX};
    int64_t count = 0;
    int status = sql_address(call, PARAMETER_BEGIN_ADDRESS, &stretch->address, error);
    if (status == REEL_OK)
        status = sql_integer(call, PARAMETER_COUNT, &limits, &count, error);
    if (status != REEL_OK)
        return status;
    if (stretch->address % REEL_REPLAY_PAGE_BYTES != 0)
        return reel_error_set(error, REEL_E_ARGUMENT, "0x%llx is not where a page begins; write a multiple of 4096",
                              (unsigned long long)stretch->address);
    if ((uint64_t)count > (UINT64_MAX - stretch->address) / REEL_REPLAY_PAGE_BYTES)
        return reel_error_set(error, REEL_E_ARGUMENT, "there are no %lld pages from 0x%llx on; write fewer",
                              (long long)count, (unsigned long long)stretch->address);
    stretch->page_count = (size_t)count;
    return REEL_OK;
}

int sql_page_stretch_take(struct sql_call *call, struct sql_page_stretch *stretch, struct reel_error *error)
{
    int status = take_pages(call, stretch, error);
    if (status == REEL_OK)
        status = sql_process(call, PARAMETER_PROCESS, &stretch->process, error);
    if (status == REEL_OK && stretch->process == 0)
        status = reel_error_set(error, REEL_E_ARGUMENT, "process is 0; pages belong to one process, from 1");
    return status == REEL_OK ? sql_seek(call, error) : status;
}

const struct sql_column sql_page_blob_columns[1] = {
    SQL_COLUMN(struct sql_page_blob, data, "data"),
};

void *sql_page_blob_add(struct sql_rows *rows, size_t page_count, size_t page_bytes, struct reel_error *error)
{
    const size_t bytes = page_count * page_bytes;
    struct sql_page_blob *row = calloc(1, sizeof *row + bytes);
    if (row == NULL)
    {
        reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
        return NULL;
    }
    row->data = (struct sql_blob){row->bytes, bytes};
    sql_rows_take(rows, row, 1);
    return row->bytes;
}
