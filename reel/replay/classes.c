// SPDX-License-Identifier: MIT
// Classes from the rows of size_class and zone, and ranges of sizes for allocators that tell none.
#include "reel/replay/classes.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/size_ranges.h"
#include "reel/sqlite.h"

#define ZONES_MAX (1u << 20)
#define CLASSES_VERSION 2 // of the tables: the first that has classes

static void make_ranges(struct replay_classes *classes)
{
    for (uint32_t number = 1; number < REEL_CLASS_NUMBERS; number++)
        classes->states[number] =
            (struct reel_class_state){.number = number,
                                      .class_id = UINT32_MAX,
                                      .least_bytes = number == 1 ? 0 : reel_range_greatest(number - 1) + 1,
                                      .greatest_bytes = reel_range_greatest(number)};
}

// The first zone that ends after the address.
static size_t find_zone(const struct replay_zones *zones, uint64_t address)
{
    size_t low = 0;
    size_t high = zones->count;
    while (low < high)
    {
        size_t middle = (low + high) / 2;
        if (zones->all[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_in_zone(const struct replay_classes *classes, uint32_t process, uint64_t address)
{
    if (process >= classes->zones_count)
        return false;
    const struct replay_zones *zones = &classes->zones[process];
    size_t at = find_zone(zones, address);
    return at < zones->count && zones->all[at].begin <= address;
}

uint8_t replay_class_of(const struct replay_classes *classes, uint32_t process, uint64_t address, uint64_t usable_bytes,
                        bool is_aligned)
{
    if (classes->told.count == 0)
        return reel_range_of_size(usable_bytes);
    if ((address | usable_bytes) % REEL_PAGE_BYTES == 0 && !is_in_zone(classes, process, address))
        return 0;
    return reel_classes_of_block(&classes->told, usable_bytes, is_aligned);
}

// Rows come with ascending sizes: that is the order of the numbers.
static void add_class(struct replay_classes *classes, struct sqlite3_stmt *row)
{
    struct reel_size_class added = {.class_id = (uint32_t)sqlite3_column_int64(row, 0),
                                    .slot_bytes = (uint64_t)sqlite3_column_int64(row, 1),
                                    .usable_bytes = (uint64_t)sqlite3_column_int64(row, 2),
                                    .is_aligned = sqlite3_column_int64(row, 3) != 0};
    if (reel_classes_add(&classes->told, &added) != REEL_CLASSES_ADDED)
        return;
    uint8_t number = (uint8_t)(classes->told.count - 1);
    classes->slot_bytes[number] = added.slot_bytes;
    classes->states[number] = (struct reel_class_state){.number = number,
                                                        .class_id = added.class_id,
                                                        .is_aligned = added.is_aligned,
                                                        .slot_bytes = added.slot_bytes,
                                                        .least_bytes = added.usable_bytes,
                                                        .greatest_bytes = added.usable_bytes};
}

static int read_classes(struct replay_classes *classes, struct sqlite3 *database, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    int result = sqlite3_prepare_v2(database,
                                    "SELECT class_id, slot_bytes, usable_bytes, is_aligned FROM main.size_class "
                                    "ORDER BY slot_bytes, usable_bytes, class_id",
                                    -1, &row, NULL);
    while (result == SQLITE_OK || result == SQLITE_ROW)
        if ((result = sqlite3_step(row)) == SQLITE_ROW)
        {
            add_class(classes, row);
            classes->row_count++;
        }
    int status = result == SQLITE_DONE ? REEL_OK : reel_error_from_sqlite(error, database, "reading the size classes");
    sqlite3_finalize(row);
    return status;
}

static bool reserve_zone(struct replay_zones *zones)
{
    if ((zones->count & (zones->count - 1)) != 0) // its room is a power of two
        return true;
    size_t room = zones->count == 0 ? 1 : 2 * zones->count;
    struct replay_zone *all = room <= ZONES_MAX ? realloc(zones->all, room * sizeof *all) : NULL;
    zones->all = all != NULL ? all : zones->all;
    return all != NULL;
}

// By address; one that lies over another before it is not believed. *is_over: it was so with this one.
static int add_zone(struct replay_classes *classes, struct sqlite3_stmt *row, bool *is_over, struct reel_error *error)
{
    uint64_t process = (uint64_t)sqlite3_column_int64(row, 0);
    uint64_t begin = (uint64_t)sqlite3_column_int64(row, 1);
    uint64_t end = begin + (uint64_t)sqlite3_column_int64(row, 2);
    if (process == 0 || process >= classes->zones_count || end <= begin)
        return REEL_OK;
    struct replay_zones *zones = &classes->zones[process];
    size_t at = find_zone(zones, begin);
    *is_over = at < zones->count && zones->all[at].begin < end;
    if (*is_over)
        return REEL_OK;
    if (!reserve_zone(zones))
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the zones of process %u", (unsigned)process);
    memmove(zones->all + at + 1, zones->all + at, (zones->count - at) * sizeof *zones->all);
    zones->all[at] = (struct replay_zone){begin, end};
    zones->count++;
    return REEL_OK;
}

static void forget_zones(struct replay_classes *classes)
{
    for (size_t i = 0; classes->zones != NULL && i < classes->zones_count; i++)
    {
        free(classes->zones[i].all);
        classes->zones[i] = (struct replay_zones){0};
    }
    classes->last_zone = 0;
}

// Those that are not known yet. *is_over: one lies over another, and more may be known than if all were read at once.
static int read_zones(struct replay_classes *classes, struct sqlite3 *database, bool *is_over, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    int status = REEL_OK;
    int64_t last = classes->last_zone;
    *is_over = false;
    int result = sqlite3_prepare_v2(database,
                                    "SELECT process, begin_address, zone_bytes, zone FROM main.zone "
                                    "WHERE role <> 'metadata' AND zone > ? ORDER BY process, begin_address",
                                    -1, &row, NULL);
    sqlite3_bind_int64(row, 1, last);
    while (status == REEL_OK && (result == SQLITE_OK || result == SQLITE_ROW))
        if ((result = sqlite3_step(row)) == SQLITE_ROW)
        {
            bool is_one_over = false;
            status = add_zone(classes, row, &is_one_over, error);
            *is_over |= is_one_over;
            int64_t zone = sqlite3_column_int64(row, 3);
            last = zone > last ? zone : last;
        }
    if (status == REEL_OK && result != SQLITE_DONE)
        status = reel_error_from_sqlite(error, database, "reading the zones");
    sqlite3_finalize(row);
    classes->last_zone = last;
    return status;
}

static int read_all_zones(struct replay_classes *classes, struct sqlite3 *database, struct reel_error *error)
{
    bool is_over;
    forget_zones(classes);
    return read_zones(classes, database, &is_over, error);
}

int replay_classes_read(struct replay_classes *classes, struct reel_reader *reader, size_t process_count,
                        struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    *classes = (struct replay_classes){.zones_count = process_count};
    classes->states[0] = (struct reel_class_state){.class_id = UINT32_MAX, .greatest_bytes = UINT64_MAX};
    classes->zones = calloc(process_count, sizeof *classes->zones);
    if (classes->zones == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for %zu processes", process_count);
    int status = REEL_OK;
    if (reel_reader_version(reader) >= CLASSES_VERSION)
        status = read_classes(classes, database, error);
    if (status == REEL_OK && classes->told.count != 0)
        status = read_all_zones(classes, database, error);
    if (status == REEL_OK && classes->told.count == 0)
        make_ranges(classes);
    return status;
}

static int read_row_count(struct sqlite3 *database, int64_t *count, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    int status = REEL_OK;
    if (sqlite3_prepare_v2(database, "SELECT count(*) FROM main.size_class", -1, &row, NULL) != SQLITE_OK ||
        sqlite3_step(row) != SQLITE_ROW)
        status = reel_error_from_sqlite(error, database, "reading the size classes");
    *count = status == REEL_OK ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_finalize(row);
    return status;
}

static bool reserve_processes(struct replay_classes *classes, size_t process_count)
{
    if (process_count <= classes->zones_count)
        return true;
    struct replay_zones *zones = reallocarray(classes->zones, process_count, sizeof *zones);
    if (zones == NULL)
        return false;
    memset(zones + classes->zones_count, 0, (process_count - classes->zones_count) * sizeof *zones);
    classes->zones = zones;
    classes->zones_count = process_count;
    return true;
}

int replay_classes_follow(struct replay_classes *classes, struct reel_reader *reader, size_t process_count,
                          bool *is_other, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    int64_t row_count = 0;
    bool is_over = false;
    *is_other = false;
    if (!reserve_processes(classes, process_count))
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for %zu processes", process_count);
    if (reel_reader_version(reader) < CLASSES_VERSION)
        return REEL_OK;
    int status = read_row_count(database, &row_count, error);
    *is_other = status == REEL_OK && row_count != classes->row_count;
    if (status == REEL_OK && !*is_other && classes->told.count != 0)
        status = read_zones(classes, database, &is_over, error);
    return status == REEL_OK && is_over ? read_all_zones(classes, database, error) : status;
}

void replay_classes_fini(struct replay_classes *classes)
{
    forget_zones(classes);
    free(classes->zones);
    *classes = (struct replay_classes){0};
}
