// SPDX-License-Identifier: MIT
// From the last sample to the moment: what was returned is taken out of its pages, what blocks came to is put in.
#include "reel/replay/backed.h"

#include <stdlib.h>

#include "reel/blocks_scan.h"
#include "reel/error.h"
#include "reel/replay/replay_internal.h"
#include "reel/sqlite.h"

#define HEAP_TABLES_VERSION 2 // of the tables: the first that has page_change
#define PAGE_MASK ((uint64_t)REEL_REPLAY_PAGE_BYTES - 1)
#define LIST_SEEN 8192

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the resident pages");
}

void replay_backed_clear(struct replay_backed *backed)
{
    reel_resident_free(backed->resident);
    reel_ranges_fini(&backed->asked);
    reel_ranges_fini(&backed->backed);
    *backed = (struct replay_backed){0};
}

struct reel_range replay_block_pages(uint64_t address, uint64_t usable_bytes, bool has_headers)
{
    uint64_t end = replay_block_end(address, usable_bytes);
    bool has_header = has_headers && replay_has_header(usable_bytes) && address >= REPLAY_HEADER_BYTES;
    uint64_t begin = (address - (has_header ? REPLAY_HEADER_BYTES : 0)) & ~PAGE_MASK;
    if (end <= address || end > UINT64_MAX - PAGE_MASK)
        return (struct reel_range){0, 0};
    return (struct reel_range){begin, (end + PAGE_MASK) & ~PAGE_MASK};
}

int replay_ranges_append(struct reel_ranges *ranges, uint64_t begin, uint64_t end)
{
    struct reel_range *last = ranges->count > 0 ? &ranges->all[ranges->count - 1] : NULL;
    if (last != NULL && begin <= last->end)
    {
        ranges->bytes += end > last->end ? end - last->end : 0;
        last->end = end > last->end ? end : last->end;
        return REEL_OK;
    }
    if (ranges->all == NULL || ranges->count == ranges->max)
    {
        size_t max = ranges->max == 0 ? 64 : ranges->max * 2;
        struct reel_range *moved = reallocarray(ranges->all, max, sizeof *moved);
        if (moved == NULL)
            return REEL_E_NO_MEMORY;
        ranges->all = moved;
        ranges->max = max;
    }
    ranges->all[ranges->count++] = (struct reel_range){begin, end};
    ranges->bytes += end - begin;
    return REEL_OK;
}

static int compare_ranges(const void *left, const void *right)
{
    const struct reel_range *a = left;
    const struct reel_range *b = right;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

// Both in order.
static int unite(struct reel_ranges *united, const struct reel_ranges *one, const struct reel_range *other,
                 size_t other_count)
{
    size_t i = 0;
    size_t k = 0;
    int status = REEL_OK;
    while (status == REEL_OK && (i < one->count || k < other_count))
    {
        bool is_one = k == other_count || (i < one->count && one->all[i].begin <= other[k].begin);
        const struct reel_range *next = is_one ? &one->all[i++] : &other[k++];
        status = replay_ranges_append(united, next->begin, next->end);
    }
    return status;
}

// A growing array of ranges in no order. Hundreds of blocks lie on a page: one that was seen lately is not looked at
// again.
struct range_list
{
    struct reel_range *all;
    size_t count, max;
    uint64_t seen[LIST_SEEN]; // addresses of pages, 0 = none
};

static bool is_seen(struct range_list *list, struct reel_range range)
{
    uint64_t *slot = &list->seen[range.begin / REEL_REPLAY_PAGE_BYTES % LIST_SEEN];
    if (range.end - range.begin != REEL_REPLAY_PAGE_BYTES || range.begin == 0)
        return false;
    bool is_known = *slot == range.begin;
    *slot = range.begin;
    return is_known;
}

static bool add_range(struct range_list *list, struct reel_range range)
{
    if (list->count == list->max)
    {
        size_t max = list->max == 0 ? 64 : list->max * 2;
        struct reel_range *moved = reallocarray(list->all, max, sizeof *moved);
        if (moved == NULL)
            return false;
        list->all = moved;
        list->max = max;
    }
    list->all[list->count++] = range;
    return true;
}

// The pages of blocks that were born at or after the event, as far as they are not backed yet.
static int list_born(struct range_list *born, const struct replay_backed *backed, const struct replay_heap *heap,
                     uint64_t event, bool has_headers)
{
    struct reel_blocks_scan scan;
    const struct reel_block *block;
    int status = reel_blocks_scan_begin(&scan, &heap->blocks);
    if (status != REEL_OK)
        return status;
    while (status == REEL_OK && (block = reel_blocks_scan_next(&scan)) != NULL)
    {
        if (block->birth_event < event)
            continue;
        struct reel_range pages = replay_block_pages(block->address, replay_usable_bytes(block), has_headers);
        if (pages.end == 0 || is_seen(born, pages))
            continue;
        if (!reel_ranges_cover(&backed->backed, pages.begin, pages.end) && !add_range(born, pages))
            status = REEL_E_NO_MEMORY;
    }
    reel_blocks_scan_end(&scan);
    return status;
}

static int add_born(struct replay_backed *backed, const struct replay_heap *heap, uint64_t event, bool has_headers)
{
    struct range_list born = {0};
    struct reel_ranges united = {0};
    int status = list_born(&born, backed, heap, event, has_headers);
    if (status == REEL_OK && born.count != 0)
    {
        qsort(born.all, born.count, sizeof *born.all, compare_ranges);
        status = unite(&united, &backed->backed, born.all, born.count);
        reel_ranges_fini(&backed->backed);
        backed->backed = united;
    }
    free(born.all);
    return status;
}

// Where the kernel was never asked: all pages with blocks.
static int add_occupied(struct replay_backed *backed, const struct replay_heap *heap)
{
    size_t leaf_count;
    const struct replay_leaf **leaves = replay_pages_sorted(&heap->pages, &leaf_count);
    int status = leaf_count != 0 && leaves == NULL ? REEL_E_NO_MEMORY : REEL_OK;
    for (size_t i = 0; status == REEL_OK && i < leaf_count; i++)
        for (uint64_t k = 0; status == REEL_OK && k < REPLAY_LEAF_PAGES; k++)
        {
            uint64_t address = (leaves[i]->number * REPLAY_LEAF_PAGES + k) * REEL_REPLAY_PAGE_BYTES;
            if (replay_page_blocks(leaves[i]->pages[k]) != 0)
                status = replay_ranges_append(&backed->backed, address, address + REEL_REPLAY_PAGE_BYTES);
        }
    free(leaves);
    return status;
}

// Puts in what live blocks came to since the sample.
static int add_live(struct reel_replay *replay, struct replay_backed *backed)
{
    const struct replay_heap *heap = replay_heap_of(replay, backed->process);
    if (heap == NULL)
        return REEL_OK;
    return backed->resident == NULL ? add_occupied(backed, heap)
                                    : add_born(backed, heap, backed->sample_events, replay_has_headers(replay));
}

// Rows of page_change stand in the order of their events: the id of the first one at or after the event.
static int find_change(struct sqlite3 *database, uint64_t event, int64_t *found, struct reel_error *error)
{
    static const char sql[] = "SELECT event FROM main.page_change WHERE page_change >= ? ORDER BY page_change LIMIT 1";
    struct sqlite3_stmt *row = NULL;
    int64_t low = 1;
    int64_t high = INT64_C(1) << 48;
    int result = sqlite3_prepare_v2(database, sql, -1, &row, NULL);
    while (result == SQLITE_OK && low < high)
    {
        int64_t middle = low + (high - low) / 2;
        sqlite3_bind_int64(row, 1, middle);
        int step = sqlite3_step(row);
        if (step == SQLITE_DONE || (step == SQLITE_ROW && sqlite3_column_int64(row, 0) >= (int64_t)event))
            high = middle;
        else
            low = middle + 1;
        result = sqlite3_reset(row);
    }
    *found = low;
    int status =
        result == SQLITE_OK ? REEL_OK : reel_error_from_sqlite(error, database, "reading the changes of pages");
    sqlite3_finalize(row);
    return status;
}

static int remove_rows(struct replay_backed *backed, struct sqlite3 *database, struct sqlite3_stmt *row,
                       struct reel_error *error)
{
    int result;
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
    {
        uint64_t begin = (uint64_t)sqlite3_column_int64(row, 0);
        uint64_t bytes = (uint64_t)sqlite3_column_int64(row, 1);
        if (((begin | bytes) & PAGE_MASK) != 0 || bytes == 0 || bytes > UINT64_MAX - begin)
            continue;
        if (reel_ranges_remove(&backed->backed, begin, begin + bytes) != REEL_OK)
            return fail_memory(error);
    }
    return result == SQLITE_DONE ? REEL_OK : reel_error_from_sqlite(error, database, "reading the changes of pages");
}

// Takes the pages out that were returned between the sample and the moment.
static int remove_returned(struct reel_replay *replay, struct replay_backed *backed, struct reel_error *error)
{
    static const char sql[] = "SELECT begin_address, range_bytes FROM main.page_change WHERE page_change >= ?1 AND "
                              "page_change < ?2 AND process = ?3 AND t_ns > ?4 AND kind = 'returned'";
    struct sqlite3 *database = reel_reader_database(replay->reader);
    struct sqlite3_stmt *row = NULL;
    int64_t first, end;
    if (reel_reader_version(replay->reader) < HEAP_TABLES_VERSION)
        return REEL_OK;
    int status = find_change(database, backed->sample_events, &first, error);
    if (status == REEL_OK)
        status = find_change(database, backed->events + 1, &end, error);
    if (status != REEL_OK || first >= end)
        return status;
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the changes of pages");
    sqlite3_bind_int64(row, 1, first);
    sqlite3_bind_int64(row, 2, end);
    sqlite3_bind_int64(row, 3, backed->process);
    sqlite3_bind_int64(row, 4, (int64_t)backed->resident->t_ns);
    status = remove_rows(backed, database, row, error);
    sqlite3_finalize(row);
    return status;
}

// Of the chunk that begins at the moment the row tells the time of the first event: a state that has just begun at a
// keyframe stands there, and nothing of the chunk has been read.
static int find_chunk_time(struct reel_replay *replay, uint64_t *t_ns, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(replay->reader);
    struct sqlite3_stmt *row = NULL;
    *t_ns = UINT64_MAX;
    if (sqlite3_prepare_v2(database, "SELECT begin_ns FROM main.chunk WHERE first_event = ?", -1, &row, NULL) !=
        SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the list of chunks");
    sqlite3_bind_int64(row, 1, (int64_t)replay->events);
    if (sqlite3_step(row) == SQLITE_ROW)
        *t_ns = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return REEL_OK;
}

// Samples before this time belong to the moment: no event lies between them and it.
static int find_time_bound(struct reel_replay *replay, uint64_t *t_ns, struct reel_error *error)
{
    struct replay_window *window = &replay->window;
    int status = find_chunk_time(replay, t_ns, error);
    if (status != REEL_OK || *t_ns != UINT64_MAX)
        return status;
    status = replay_window_move(window, replay->events, error);
    if (status == REEL_OK && window->count != 0)
        *t_ns = window->events[window->first < replay->events ? replay->events - window->first : 0].t_ns;
    return status;
}

// The events that are not later; where they cannot be read, those before them.
static int count_events(struct reel_replay *replay, uint64_t t_ns, uint64_t *events, struct reel_error *error)
{
    static const char sql[] =
        "SELECT first_event FROM main.chunk WHERE begin_ns <= ? ORDER BY first_event DESC LIMIT 1";
    struct sqlite3 *database = reel_reader_database(replay->reader);
    struct sqlite3_stmt *row = NULL;
    *events = 0;
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the list of chunks");
    sqlite3_bind_int64(row, 1, (int64_t)t_ns);
    int64_t first = sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : -1;
    sqlite3_finalize(row);
    int status = first >= 0 ? replay_window_move(&replay->window, (uint64_t)first, error) : REEL_OK;
    if (status == REEL_OK && first >= 0)
        *events = replay->window.count != 0 ? replay_window_not_later(&replay->window, 0, t_ns) : (uint64_t)first;
    return status;
}

// The moment of a sample that is not later than the replay's.
static int find_sample_events(struct reel_replay *replay, uint64_t t_ns, uint64_t *events, struct reel_error *error)
{
    int status = REEL_OK;
    if (t_ns >= replay->t_ns)
        *events = replay->events;
    else if (t_ns == replay->timed_ns)
        *events = replay->timed_events;
    else
        status = count_events(replay, t_ns, events, error);
    if (status != REEL_OK)
        return status;
    *events = *events < replay->events ? *events : replay->events;
    replay->timed_ns = t_ns;
    replay->timed_events = *events;
    return REEL_OK;
}

static int copy_runs(struct replay_backed *backed)
{
    const struct reel_resident *resident = backed->resident;
    int status = REEL_OK;
    for (size_t i = 0; status == REEL_OK && i < resident->run_count; i++)
    {
        status = replay_ranges_append(&backed->asked, resident->runs[i].begin, resident->runs[i].end);
        if (status == REEL_OK)
            status = replay_ranges_append(&backed->backed, resident->runs[i].begin, resident->runs[i].end);
    }
    return status;
}

static int fill(struct reel_replay *replay, struct replay_backed *backed, struct reel_error *error)
{
    uint64_t bound_ns = 0;
    int status = find_time_bound(replay, &bound_ns, error);
    if (status == REEL_OK && bound_ns != 0)
        status = reel_resident_read(replay->reader, backed->process, bound_ns - 1, &backed->resident, error);
    if (status == REEL_OK && backed->resident != NULL)
    {
        status = find_sample_events(replay, backed->resident->t_ns, &backed->sample_events, error);
        if (status == REEL_OK && copy_runs(backed) != REEL_OK)
            status = fail_memory(error);
        if (status == REEL_OK)
            status = remove_returned(replay, backed, error);
    }
    if (status == REEL_OK && add_live(replay, backed) != REEL_OK)
        status = fail_memory(error);
    return status;
}

int replay_backed_at(struct reel_replay *replay, uint32_t process, const struct replay_backed **backed,
                     struct reel_error *error)
{
    struct replay_backed *kept = &replay->backed;
    *backed = kept;
    if (kept->process == process && process != 0 && kept->events == replay->events)
        return REEL_OK;
    replay_backed_clear(kept);
    kept->process = process;
    kept->events = replay->events;
    int status = fill(replay, kept, error);
    if (status != REEL_OK)
        replay_backed_clear(kept);
    return status;
}
