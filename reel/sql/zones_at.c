// SPDX-License-Identifier: MIT
// zones_at: the stretches of address space that serve the blocks of each process at a moment.
#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/births.h"
#include "reel/sql/functions.h"
#include "reel/words.h"

struct zone_row
{
    uint32_t process;
    const char *kind;
    struct reel_region region;
    struct sql_birth oldest;
};

#define ZONE(member, name) SQL_COLUMN(struct zone_row, member, name)
#define BLOCKS(member, name, null) SQL_COSTLY(struct zone_row, member, name, null, SQL_COST_STATE)
static const struct sql_column zone_columns[] = {
    SQL_BOUND(struct zone_row, process, "process", SQL_NEVER),
    ZONE(region.begin_address, "begin_address"),
    ZONE(region.region_bytes, "zone_bytes"),
    ZONE(kind, "kind"),
    SQL_NULLABLE(struct zone_row, region.class_number, "class_number", SQL_AT_ZERO),
    BLOCKS(region.live_blocks, "live_blocks", SQL_NEVER),
    ZONE(region.live_bytes, "live_usable_bytes"),
    ZONE(region.occupied_pages, "occupied_pages"),
    ZONE(region.resident_pages, "resident_pages"),
    BLOCKS(region.pinned_bytes, "pinned_bytes", SQL_NEVER),
    ZONE(region.retained_bytes, "retained_bytes"),
    ZONE(region.used_begin_address, "used_begin_address"),
    ZONE(region.used_end_address, "used_end_address"),
    BLOCKS(oldest.event, "oldest_birth_event", SQL_AT_GREATEST),
    SQL_COSTLY(struct zone_row, oldest.t_ns, "oldest_birth_ns", SQL_AT_GREATEST, SQL_COST_STATE | SQL_COST_EVENTS),
};

// Address spaces have no sum: nothing is there for all processes together.
static int add_zones(struct sql_call *call, uint32_t process, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_region *regions = NULL;
    size_t count = 0;
    if (process == 0)
        return REEL_OK;
    bool has_blocks = (call->costs & SQL_COST_STATE) != 0;
    int status = has_blocks ? reel_replay_regions(call->reel->replay, process, &regions, &count, error)
                            : reel_replay_regions_of_pages(call->reel->replay, process, &regions, &count, error);
    if (status != REEL_OK)
        return status;
    struct zone_row *added = sql_rows_add(rows, sizeof *added, count);
    if (added == NULL && count != 0)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; added != NULL && i < count; i++)
        added[i] = (struct zone_row){.process = process,
                                     .kind = reel_words_of_region(regions[i].kind),
                                     .region = regions[i],
                                     .oldest = {.event = regions[i].oldest_birth_event}};
    free(regions);
    return status;
}

static int answer_zones(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    int status = sql_seek(call, error);
    if (status == REEL_OK)
        status = sql_each_process(call, add_zones, rows, error);
    return status == REEL_OK
               ? sql_date_births(call, rows, sizeof(struct zone_row), offsetof(struct zone_row, oldest), error)
               : status;
}

const struct sql_function sql_zones_at = {
    .name = "zones_at",
    .usage = "zones_at(t), t a moment such as 'peak'",
    .columns = zone_columns,
    .column_count = SQL_COLUMN_COUNT(zone_columns),
    .parameters = {"t"},
    .required_count = 1,
    .row_bytes = sizeof(struct zone_row),
    .row_estimate = 1000,
    .answer = answer_zones,
};
