// SPDX-License-Identifier: MIT
// Registers the SQL face on a connection: the one list of its tables and functions. Answers nothing itself.
#include "reel/sql.h"

#include "reel/error.h"
#include "reel/sql/events_table.h"
#include "reel/sql/functions.h"
#include "reel/sql/stack_text.h"
#include "reel/sql/versions.h"

static const struct sql_function *const functions[] = {
    &sql_heap_at,
    &sql_classes_at,
    &sql_zones_at,
    &sql_pages_at,
    &sql_blocks_at,
    &sql_timeline,
    &sql_stacks_at,
    &sql_stacks_between,
    &sql_diff,
    &sql_flame,
    &sql_flame_between,
    &sql_flame_diff,
    &sql_lifetimes,
    &sql_lifetimes_by_stack,
    &sql_address_history,
    &sql_crossings,
    &sql_growth,
    &sql_blame_at,
    &sql_blame_classes_at,
    &sql_sparse_at,
    &sql_advice_at,
    &sql_holes_at,
    &sql_oldest_at,
    &sql_oldest_pages_at,
    &sql_classes_over,
    &sql_page_ages_at,
    &sql_stack_pages_at,
    &sql_stack_classes_at,
    &sql_sites_at,
    &sql_sizes_at,
    &sql_losses,
    &sql_moments,
};

int reel_sql_register(struct sqlite3 *database, struct reel_error *error)
{
    struct sql_state *state = sql_state_create(database);
    if (state == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int result = sqlite3_create_module_v2(database, "events", &reel_events_module, NULL, NULL);
    if (result == SQLITE_OK)
        result = sql_stack_text_register(database);
    if (result == SQLITE_OK)
        result = sql_versions_register(database);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0] && result == SQLITE_OK; i++)
        result = sql_function_register(database, functions[i], state);
    sql_state_release(state); // the functions hold it
    return result == SQLITE_OK ? REEL_OK
                               : reel_error_from_sqlite(error, database, "registering the tables of the reel");
}
