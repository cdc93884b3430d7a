// SPDX-License-Identifier: MIT
// Pages one by one, as a map shows them.
#include "reel/replay/replay_internal.h"

#include "reel/error.h"
#include "reel/sqlite.h"

#define ZONES_VERSION 2 // of the tables: the first that has zones

// Where the last page was found among the ranges.
struct places
{
    size_t backed, asked;
};

// What the kernel said of a page is still so, unless it has changed since: then it is concluded, not known.
static uint8_t flags_of(const struct replay_backed *backed, struct places *places, uint64_t address)
{
    uint64_t end = address + REEL_REPLAY_PAGE_BYTES;
    bool is_backed = reel_ranges_cover_near(&backed->backed, &places->backed, address, end);
    bool is_known =
        backed->resident != NULL && is_backed == reel_ranges_cover_near(&backed->asked, &places->asked, address, end);
    return (uint8_t)((is_backed ? REEL_PAGE_RESIDENT : 0) | (is_known ? REEL_PAGE_KNOWN : 0));
}

static void mark_zone(uint64_t zone_begin, uint64_t zone_bytes, uint64_t address, size_t page_count,
                      struct reel_page *pages)
{
    for (size_t i = 0; i < page_count; i++)
        if (address + i * REEL_REPLAY_PAGE_BYTES - zone_begin < zone_bytes)
            pages[i].flags |= REEL_PAGE_METADATA;
}

static int mark_metadata(struct reel_replay *replay, uint32_t process, uint64_t address, size_t page_count,
                         struct reel_page *pages, struct reel_error *error)
{
    static const char sql[] = "SELECT begin_address, zone_bytes FROM main.zone WHERE process = ? AND event <= ? AND "
                              "role = 'metadata'";
    struct sqlite3 *database = reel_reader_database(replay->reader);
    struct sqlite3_stmt *row = NULL;
    int result;
    if (reel_reader_version(replay->reader) < ZONES_VERSION)
        return REEL_OK;
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the zones");
    sqlite3_bind_int64(row, 1, process);
    sqlite3_bind_int64(row, 2, (int64_t)replay->events);
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
        mark_zone((uint64_t)sqlite3_column_int64(row, 0), (uint64_t)sqlite3_column_int64(row, 1), address, page_count,
                  pages);
    int status = result == SQLITE_DONE ? REEL_OK : reel_error_from_sqlite(error, database, "reading the zones");
    sqlite3_finalize(row);
    return status;
}

int reel_replay_pages(struct reel_replay *replay, uint32_t process, uint64_t address, size_t page_count,
                      struct reel_page *pages, struct reel_error *error)
{
    const struct replay_heap *heap = replay_heap_of(replay, process);
    const struct replay_backed *backed;
    if (process == 0 || process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    int status = replay_backed_at(replay, process, &backed, error);
    if (status != REEL_OK)
        return status;
    address = address / REEL_REPLAY_PAGE_BYTES * REEL_REPLAY_PAGE_BYTES;
    const struct replay_leaf *leaf = NULL;
    struct places places = {0};
    for (size_t i = 0; i < page_count; i++)
    {
        uint64_t number = address / REEL_REPLAY_PAGE_BYTES + i;
        if (heap != NULL && (i == 0 || number % REPLAY_LEAF_PAGES == 0))
            leaf = replay_pages_leaf(&heap->pages, number / REPLAY_LEAF_PAGES);
        uint32_t page = leaf != NULL ? leaf->pages[number % REPLAY_LEAF_PAGES] : 0;
        pages[i] = (struct reel_page){.live_bytes = (uint16_t)replay_page_bytes(page),
                                      .blocks = (uint16_t)replay_page_blocks(page),
                                      .class_number = replay_page_class(page),
                                      .flags = flags_of(backed, &places, number * REEL_REPLAY_PAGE_BYTES)};
    }
    return mark_metadata(replay, process, address, page_count, pages, error);
}
