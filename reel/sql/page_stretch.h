// SPDX-License-Identifier: MIT
// What functions about pages are called with: a moment, a process and a stretch of its pages. Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_PAGE_STRETCH_H
#define HEAPREEL_REEL_SQL_PAGE_STRETCH_H

#include "reel/sql/function.h"

// The parameters t, process, begin_address, page_count come first.
#define SQL_PAGE_STRETCH_PARAMETERS "t", "process", "begin_address", "page_count"
#define SQL_PAGE_STRETCH_PARAMETER_COUNT 4

struct sql_page_stretch
{
    uint32_t process; // not 0
    uint64_t address; // where a page begins
    size_t page_count;
};

// The parameters, checked, and the replay at the moment.
int sql_page_stretch_take(struct sql_call *call, struct sql_page_stretch *stretch, struct reel_error *error);

// A row that is one blob, with a number of bytes for each page: a column at the beginning, and the data.
struct sql_page_blob
{
    struct sql_blob data; // what follows
    uint64_t bytes[];
};
extern const struct sql_column sql_page_blob_columns[1];
// What a function that answers with one says of its rows.
#define SQL_PAGE_BLOB_ROW                                                                                              \
    .columns = sql_page_blob_columns, .column_count = 1, .row_bytes = sizeof(struct sql_page_blob), .row_estimate = 1
// The one row, zeroed; it belongs to the rows. NULL, with an error: out of memory.
void *sql_page_blob_add(struct sql_rows *rows, size_t page_count, size_t page_bytes, struct reel_error *error);

#endif
