// SPDX-License-Identifier: MIT
// Which stretches of address space serve blocks: the zones of an allocator of ours, or of the kernel's mappings those
// that are the heap's, and what blocks occupy beyond them. Counts nothing.
//
// glibc gives a large block a mapping that ends where the block does; no other block ends with a page, since a size
// lies before the next. The kernel makes one mapping of neighbours: a block's own mapping may be one with a thread's
// stack. So of a mapping in which all blocks end with a page only their pages count, of others the whole.
//
// Our allocators keep some freed large blocks for the next ones, and allow no access to them meanwhile.
#include "reel/replay/regions.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/replay/block_walk.h"
#include "reel/sqlite.h"

#define ZONES_VERSION 2                        // of the tables: the first that has zones
#define ZONES_MAX 65536                        // of a process
#define ARENA_BYTES (UINT64_C(64) << 20)       // glibc's arenas begin at multiples of it, and are no longer
#define BREAK_GROWTH_BYTES (UINT64_C(4) << 30) // pages so far above the break belong to it, when it has grown
#define STRETCH_GAP_BYTES (UINT64_C(2) << 20)  // within a stretch of blocks, where the kernel was never asked

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the regions of the heap");
}

// REEL_OK or REEL_E_NO_MEMORY.
static int add(struct replay_regions *regions, uint64_t begin, uint64_t end, enum reel_region_kind kind,
               uint32_t class_number)
{
    if (regions->count == regions->max)
    {
        size_t max = regions->max == 0 ? 64 : regions->max * 2;
        struct replay_region *moved = reallocarray(regions->all, max, sizeof *moved);
        if (moved == NULL)
            return REEL_E_NO_MEMORY;
        regions->all = moved;
        regions->max = max;
    }
    regions->all[regions->count++] = (struct replay_region){
        .seen = {.begin_address = begin, .region_bytes = end - begin, .kind = kind, .class_number = class_number}};
    return REEL_OK;
}

static uint64_t end_of(const struct replay_region *region)
{
    return region->seen.begin_address + region->seen.region_bytes;
}

struct replay_region *replay_regions_before(const struct replay_regions *regions, uint64_t address)
{
    size_t low = 0;
    size_t high = regions->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (regions->all[middle].seen.begin_address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &regions->all[low - 1] : NULL;
}

// --- zones ---

// Rows come by address; where one lies over another, the first one has the bytes.
static int add_zone(struct replay_regions *regions, const struct reel_replay *replay, struct sqlite3_stmt *row)
{
    uint64_t begin = (uint64_t)sqlite3_column_int64(row, 0);
    uint64_t bytes = (uint64_t)sqlite3_column_int64(row, 1);
    uint64_t from = regions->count > 0 ? end_of(&regions->all[regions->count - 1]) : 0;
    const char *role = (const char *)sqlite3_column_text(row, 2);
    bool is_metadata = role != NULL && strcmp(role, "metadata") == 0;
    bool has_class = !is_metadata && sqlite3_column_type(row, 3) != SQLITE_NULL;
    if (begin > INT64_MAX || bytes > INT64_MAX || begin + bytes <= from || regions->count >= ZONES_MAX)
        return REEL_OK;
    return add(
        regions, begin > from ? begin : from, begin + bytes, is_metadata ? REEL_REGION_METADATA : REEL_REGION_ZONE,
        has_class ? reel_classes_with_id(&replay->state.classes.told, (uint32_t)sqlite3_column_int64(row, 3)) : 0);
}

static int add_zones(struct replay_regions *regions, struct reel_replay *replay, uint32_t process,
                     struct reel_error *error)
{
    static const char sql[] = "SELECT begin_address, zone_bytes, role, class_id FROM main.zone "
                              "WHERE process = ? AND event <= ? ORDER BY begin_address, zone";
    struct sqlite3 *database = reel_reader_database(replay->reader);
    struct sqlite3_stmt *row = NULL;
    int status = REEL_OK;
    int result = SQLITE_ROW;
    if (reel_reader_version(replay->reader) < ZONES_VERSION)
        return REEL_OK;
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the zones");
    sqlite3_bind_int64(row, 1, process);
    sqlite3_bind_int64(row, 2, (int64_t)replay->events);
    while (status == REEL_OK && (result = sqlite3_step(row)) == SQLITE_ROW)
        if (add_zone(regions, replay, row) != REEL_OK)
            status = fail_memory(error);
    if (status == REEL_OK && result != SQLITE_DONE)
        status = reel_error_from_sqlite(error, database, "reading the zones");
    sqlite3_finalize(row);
    return status;
}

// --- mappings ---

static bool is_arena(const struct reel_resident_mapping *mapping, const struct reel_ranges *asked)
{
    return mapping->begin % ARENA_BYTES == 0 && mapping->end - mapping->begin <= ARENA_BYTES &&
           reel_ranges_cover(asked, mapping->begin, mapping->begin + REEL_REPLAY_PAGE_BYTES);
}

// The mapping with the address; count: none.
static size_t mapping_at(const struct reel_resident *resident, uint64_t address)
{
    size_t low = 0;
    size_t high = resident->mapping_count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (resident->mappings[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < resident->mapping_count && resident->mappings[low].begin <= address ? low : resident->mapping_count;
}

// The mappings with a block that does not end where a page does.
struct marks
{
    const struct reel_resident *resident;
    size_t last; // mapping of the block before: blocks that were made one after the other often lie together
    bool *is_shared;
};

static void mark_block(void *context, const struct reel_block *block)
{
    struct marks *marks = context;
    const struct reel_resident *resident = marks->resident;
    uint64_t address = block->address;
    if ((address + replay_usable_bytes(block)) % REEL_REPLAY_PAGE_BYTES == 0)
        return;
    if (address < resident->mappings[marks->last].begin || address >= resident->mappings[marks->last].end)
    {
        size_t found = mapping_at(resident, address);
        if (found == resident->mapping_count)
            return;
        marks->last = found;
    }
    marks->is_shared[marks->last] = true;
}

static int add_mappings(struct replay_regions *regions, const struct reel_replay *replay, uint32_t process,
                        const struct replay_backed *backed)
{
    const struct reel_resident *resident = backed->resident;
    if (resident->mapping_count == 0)
        return REEL_OK;
    bool *is_shared = calloc(resident->mapping_count, sizeof *is_shared);
    if (is_shared == NULL)
        return REEL_E_NO_MEMORY;
    struct marks marks = {.resident = resident, .is_shared = is_shared};
    int status = replay_walk_blocks(replay, process, mark_block, &marks, NULL, NULL);
    for (size_t i = 0; status == REEL_OK && i < resident->mapping_count; i++)
    {
        const struct reel_resident_mapping *mapping = &resident->mappings[i];
        bool is_of_arena = is_arena(mapping, &backed->asked);
        if (mapping->is_break || is_of_arena || is_shared[i])
            status = add(regions, mapping->begin, mapping->end,
                         mapping->is_break ? REEL_REGION_HEAP
                         : is_of_arena     ? REEL_REGION_ARENA
                                           : REEL_REGION_MAPPING,
                         0);
    }
    free(is_shared);
    return status;
}

// --- what lies beyond ---

// Up to where blocks beyond the end of the region are taken to be in what it has grown by.
static uint64_t growth_end(const struct replay_region *region)
{
    if (region->seen.kind == REEL_REGION_HEAP)
        return end_of(region) + BREAK_GROWTH_BYTES;
    if (region->seen.kind == REEL_REGION_ARENA)
        return region->seen.begin_address / ARENA_BYTES * ARENA_BYTES + ARENA_BYTES;
    return 0;
}

// Occupied pages in no region, the last one before which is given (NULL: none): it grows, or they become one, which
// goes to others.
static int place(struct replay_region *before, struct replay_regions *others, uint64_t begin, uint64_t end,
                 uint64_t gap_bytes)
{
    struct replay_region *last = others->count > 0 ? &others->all[others->count - 1] : NULL;
    if (before != NULL && begin < growth_end(before))
    {
        before->seen.region_bytes = end - before->seen.begin_address;
        return REEL_OK;
    }
    if (last != NULL && begin - end_of(last) <= gap_bytes && (before == NULL || end_of(before) <= end_of(last)))
    {
        last->seen.region_bytes = end - last->seen.begin_address;
        return REEL_OK;
    }
    return add(others, begin, end, REEL_REGION_MAPPING, 0);
}

static int place_all(struct replay_regions *regions, struct replay_regions *others, const struct reel_ranges *occupied,
                     uint64_t gap_bytes)
{
    size_t next = 0; // the first region that begins behind
    int status = REEL_OK;
    for (size_t i = 0; i < occupied->count; i++)
    {
        uint64_t begin = occupied->all[i].begin;
        const uint64_t end = occupied->all[i].end;
        while (status == REEL_OK && begin < end)
        {
            while (next < regions->count && regions->all[next].seen.begin_address <= begin)
                next++;
            struct replay_region *before = next > 0 ? &regions->all[next - 1] : NULL;
            bool is_last = next == regions->count || regions->all[next].seen.begin_address >= end;
            uint64_t part_end = is_last ? end : regions->all[next].seen.begin_address;
            begin = before != NULL && end_of(before) > begin ? end_of(before) : begin;
            if (begin < part_end)
                status = place(before, others, begin, part_end, gap_bytes);
            begin = part_end > begin ? part_end : begin;
        }
    }
    return status;
}

// Occupied pages, and what an allocator of ours keeps of freed blocks. REEL_OK or REEL_E_NO_MEMORY.
static int unite_kept(struct reel_ranges *united, const struct reel_ranges *occupied,
                      const struct reel_resident *resident)
{
    size_t run = 0;
    int status = REEL_OK;
    for (size_t i = 0; status == REEL_OK && i < occupied->count; i++)
        status = replay_ranges_append(united, occupied->all[i].begin, occupied->all[i].end);
    for (size_t i = 0; i < resident->mapping_count; i++)
        for (; run < resident->run_count && resident->runs[run].begin < resident->mappings[i].end; run++)
            if (status == REEL_OK && resident->mappings[i].is_inaccessible)
                status = reel_ranges_add(united, resident->runs[run].begin, resident->runs[run].end);
    return status;
}

static int compare_regions(const void *left, const void *right)
{
    const struct replay_region *a = left;
    const struct replay_region *b = right;
    return (a->seen.begin_address > b->seen.begin_address) - (a->seen.begin_address < b->seen.begin_address);
}

static int add_rest(struct replay_regions *regions, const struct reel_ranges *occupied, uint64_t gap_bytes)
{
    struct replay_regions others = {0};
    int status = place_all(regions, &others, occupied, gap_bytes);
    for (size_t i = 0; status == REEL_OK && i < others.count; i++)
        status = add(regions, others.all[i].seen.begin_address, end_of(&others.all[i]), REEL_REGION_MAPPING, 0);
    if (others.count != 0)
        qsort(regions->all, regions->count, sizeof *regions->all, compare_regions);
    replay_regions_fini(&others);
    return status;
}

static int add_rest_of_ours(struct replay_regions *regions, const struct replay_backed *backed,
                            const struct reel_ranges *occupied)
{
    struct reel_ranges united = {0};
    int status = backed->resident != NULL ? unite_kept(&united, occupied, backed->resident) : REEL_OK;
    if (status == REEL_OK)
        status = add_rest(regions, backed->resident != NULL ? &united : occupied, 0);
    reel_ranges_fini(&united);
    return status;
}

int replay_regions_find(struct replay_regions *regions, struct reel_replay *replay, uint32_t process,
                        const struct replay_backed *backed, const struct reel_ranges *occupied,
                        struct reel_error *error)
{
    int status = add_zones(regions, replay, process, error);
    bool has_zones = regions->count != 0;
    if (status != REEL_OK)
        return status;
    if (has_zones)
        status = add_rest_of_ours(regions, backed, occupied);
    else if (backed->resident != NULL)
        status = add_mappings(regions, replay, process, backed);
    if (status == REEL_OK && !has_zones)
        status = add_rest(regions, occupied, backed->resident != NULL ? 0 : STRETCH_GAP_BYTES);
    return status == REEL_OK ? REEL_OK : fail_memory(error);
}
