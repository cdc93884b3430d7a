// SPDX-License-Identifier: MIT
// Resident pages to bytes and back. Counts are of pages; a mapping is told by the gap before it, a run by the gap
// before it in its mapping. Few mappings are inaccessible: these are listed at the end. Does not know what mappings are
// for.
#include "reel/resident.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "reel/error.h"
#include "reel/leb128.h"
#include "reel/reader_internal.h"

#define PAGE_SHIFT 12
#define PAGE_MASK ((UINT64_C(1) << PAGE_SHIFT) - 1)
#define PAGES_END (UINT64_C(1) << (64 - PAGE_SHIFT)) // numbers of pages are below it
#define RESIDENT_MAGIC 0x50525248u                   // "HRRP"
#define RESIDENT_VERSION 1
#define RESIDENT_FORMAT 4     // of the tables: the first that has them
#define MAPPING_NUMBERS 3     // at least
#define MAPPING_NUMBERS_MAX 4 // with its place in the list
#define RUN_NUMBERS 2

struct resident_head
{
    uint64_t checksum; // XXH64 with seed 0 of all bytes after it
    uint32_t magic;
    uint32_t version;
};
static_assert(sizeof(struct resident_head) == 16, "a format");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the head is copied as it is");

static bool is_range(uint64_t begin, uint64_t end, uint64_t from, uint64_t to)
{
    return ((begin | end) & PAGE_MASK) == 0 && from <= begin && begin < end && end <= to;
}

// How many of the runs lie in the mapping, those first in the array; false: one is no run of it.
static bool count_runs(const struct reel_resident_mapping *mapping, const struct reel_resident_run *runs,
                       size_t run_count, size_t *count)
{
    uint64_t from = mapping->begin;
    *count = 0;
    for (; *count < run_count && runs[*count].begin < mapping->end; (*count)++)
    {
        const struct reel_resident_run *run = &runs[*count];
        if (!is_range(run->begin, run->end, from, mapping->end))
            return false;
        from = run->end + 1; // the next does not touch it
    }
    return true;
}

static uint8_t *put_inaccessible(uint8_t *at, const struct reel_resident_mapping *mappings, size_t mapping_count)
{
    size_t from = 0;
    for (size_t i = 0; i < mapping_count; i++)
        if (mappings[i].is_inaccessible)
        {
            at = leb128_put(at, i - from);
            from = i + 1;
        }
    return at;
}

// NULL: what was given is refused.
static uint8_t *put_all(uint8_t *at, const struct reel_resident_mapping *mappings, size_t mapping_count,
                        const struct reel_resident_run *runs, size_t run_count)
{
    uint64_t from = 0;
    size_t run = 0;
    at = leb128_put(at, mapping_count);
    at = leb128_put(at, run_count);
    for (size_t i = 0; i < mapping_count; i++)
    {
        const struct reel_resident_mapping *mapping = &mappings[i];
        size_t count;
        if (!is_range(mapping->begin, mapping->end, from, UINT64_MAX) ||
            !count_runs(mapping, runs + run, run_count - run, &count))
            return NULL;
        at = leb128_put(at, (mapping->begin - from) >> PAGE_SHIFT);
        at = leb128_put(at, (mapping->end - mapping->begin) >> PAGE_SHIFT << 1 | mapping->is_break);
        at = leb128_put(at, count);
        from = mapping->begin;
        for (; count > 0; count--, run++)
        {
            at = leb128_put(at, (runs[run].begin - from) >> PAGE_SHIFT);
            at = leb128_put(at, (runs[run].end - runs[run].begin) >> PAGE_SHIFT);
            from = runs[run].end;
        }
        from = mapping->end;
    }
    return run == run_count ? put_inaccessible(at, mappings, mapping_count) : NULL;
}

int reel_resident_encode(const struct reel_resident_mapping *mappings, size_t mapping_count,
                         const struct reel_resident_run *runs, size_t run_count, void **data, size_t *bytes)
{
    struct resident_head head = {.magic = RESIDENT_MAGIC, .version = RESIDENT_VERSION};
    size_t numbers = 2 + mapping_count * MAPPING_NUMBERS_MAX + run_count * RUN_NUMBERS;
    uint8_t *encoded = malloc(sizeof head + numbers * LEB128_BYTES_MAX);
    if (encoded == NULL)
        return REEL_E_NO_MEMORY;
    const uint8_t *end = put_all(encoded + sizeof head, mappings, mapping_count, runs, run_count);
    if (end == NULL)
    {
        free(encoded);
        return REEL_E_ARGUMENT;
    }
    *bytes = (size_t)(end - encoded);
    memcpy(encoded, &head, sizeof head);
    head.checksum = XXH64(encoded + sizeof head.checksum, *bytes - sizeof head.checksum, 0);
    memcpy(encoded, &head, sizeof head);
    *data = encoded;
    return REEL_OK;
}

// Two numbers: a gap after page number from, and pages of which the last is before to.
static bool is_place(uint64_t from, uint64_t gap, uint64_t pages, uint64_t to)
{
    return gap < to - from && pages > 0 && pages <= to - from - gap;
}

static bool get_runs(struct leb128_source *source, struct reel_resident *resident, size_t run_max, uint64_t from,
                     uint64_t to, uint64_t count)
{
    for (bool is_first = true; count > 0; count--, is_first = false)
    {
        uint64_t gap, pages;
        if (resident->run_count >= run_max || !leb128_get(source, &gap) || !leb128_get(source, &pages) ||
            !is_place(from, gap, pages, to) || (gap == 0 && !is_first))
            return false;
        resident->runs[resident->run_count++] =
            (struct reel_resident_run){.begin = (from + gap) << PAGE_SHIFT, .end = (from + gap + pages) << PAGE_SHIFT};
        from += gap + pages;
    }
    return true;
}

static bool get_all(struct leb128_source *source, struct reel_resident *resident, size_t mapping_max, size_t run_max)
{
    uint64_t from = 0;
    for (; resident->mapping_count < mapping_max; resident->mapping_count++)
    {
        uint64_t gap, pages, count;
        if (!leb128_get(source, &gap) || !leb128_get(source, &pages) || !leb128_get(source, &count) ||
            !is_place(from, gap, pages >> 1, PAGES_END - 1))
            return false;
        from += gap;
        resident->mappings[resident->mapping_count] = (struct reel_resident_mapping){
            .begin = from << PAGE_SHIFT, .end = (from + (pages >> 1)) << PAGE_SHIFT, .is_break = (pages & 1) != 0};
        if (!get_runs(source, resident, run_max, from, from + (pages >> 1), count))
            return false;
        from += pages >> 1;
    }
    return resident->run_count == run_max;
}

// To the end of the bytes.
static bool get_inaccessible(struct leb128_source *source, struct reel_resident *resident)
{
    size_t from = 0;
    while (source->at < source->end)
    {
        uint64_t gap;
        if (!leb128_get(source, &gap) || gap >= resident->mapping_count - from)
            return false;
        resident->mappings[from + gap].is_inaccessible = true;
        from += (size_t)gap + 1;
    }
    return true;
}

static int decode_body(struct leb128_source *source, struct reel_resident *resident)
{
    uint64_t mappings, runs;
    size_t left = (size_t)(source->end - source->at);
    if (!leb128_get(source, &mappings) || !leb128_get(source, &runs) || mappings > left / MAPPING_NUMBERS ||
        runs > left / RUN_NUMBERS)
        return REEL_E_DAMAGED;
    resident->mappings = calloc(mappings + 1, sizeof *resident->mappings);
    resident->runs = calloc(runs + 1, sizeof *resident->runs);
    if (resident->mappings == NULL || resident->runs == NULL)
        return REEL_E_NO_MEMORY;
    bool is_sound = get_all(source, resident, mappings, runs) && get_inaccessible(source, resident);
    return is_sound ? REEL_OK : REEL_E_DAMAGED;
}

int reel_resident_decode(const void *data, size_t bytes, struct reel_resident **out)
{
    struct resident_head head;
    const uint8_t *encoded = data;
    if (bytes < sizeof head)
        return REEL_E_DAMAGED;
    memcpy(&head, encoded, sizeof head);
    if (head.magic != RESIDENT_MAGIC ||
        head.checksum != XXH64(encoded + sizeof head.checksum, bytes - sizeof head.checksum, 0))
        return REEL_E_DAMAGED;
    if (head.version != RESIDENT_VERSION)
        return head.version > RESIDENT_VERSION ? REEL_E_NEWER : REEL_E_DAMAGED;
    struct reel_resident *resident = calloc(1, sizeof *resident);
    if (resident == NULL)
        return REEL_E_NO_MEMORY;
    struct leb128_source source = {.at = encoded + sizeof head, .end = encoded + bytes};
    int status = decode_body(&source, resident);
    if (status == REEL_OK)
        *out = resident;
    else
        reel_resident_free(resident);
    return status;
}

void reel_resident_free(struct reel_resident *resident)
{
    if (resident == NULL)
        return;
    free(resident->mappings);
    free(resident->runs);
    free(resident);
}

// Of the last sample: its number and time; 0: there is none.
static const char sample_sql[] = "SELECT residency, t_ns FROM main.residency WHERE process = ?1 AND t_ns <= ?2 "
                                 "ORDER BY t_ns DESC, residency DESC LIMIT 1";
// Of that sample, or of the last one before it that has pages of its own.
static const char pages_sql[] = "SELECT data FROM main.resident_pages WHERE process = ?1 AND residency <= ?2 "
                                "ORDER BY residency DESC LIMIT 1";

static int fail_to_read(struct reel_reader *reader, struct reel_error *error)
{
    return reel_error_from_sqlite(error, reader->database, reader->name);
}

static int find_sample(struct reel_reader *reader, uint32_t process, uint64_t t_ns, int64_t *sample,
                       uint64_t *sample_ns, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(reader->database, sample_sql, -1, &row, NULL) != SQLITE_OK)
        return fail_to_read(reader, error);
    sqlite3_bind_int64(row, 1, process);
    sqlite3_bind_int64(row, 2, t_ns > INT64_MAX ? INT64_MAX : (int64_t)t_ns);
    int result = sqlite3_step(row);
    *sample = result == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    *sample_ns = result == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(row, 1) : 0;
    int status = result == SQLITE_ROW || result == SQLITE_DONE ? REEL_OK : fail_to_read(reader, error);
    sqlite3_finalize(row);
    return status;
}

static int read_pages(struct reel_reader *reader, struct sqlite3_stmt *row, uint32_t process, uint64_t t_ns,
                      struct reel_resident **out, struct reel_error *error)
{
    int result = sqlite3_step(row);
    if (result == SQLITE_DONE)
        return REEL_OK;
    if (result != SQLITE_ROW)
        return fail_to_read(reader, error);
    const void *data = sqlite3_column_blob(row, 0);
    int status = reel_resident_decode(data, (size_t)sqlite3_column_bytes(row, 0), out);
    if (status == REEL_OK)
        (*out)->t_ns = t_ns;
    else if (status == REEL_E_NO_MEMORY)
        reel_error_set(error, status, "%s: out of memory", reader->name);
    else
        reel_error_set(error, (enum reel_status)status, "%s: resident pages of process %u at %llu ns: %s", reader->name,
                       process, (unsigned long long)t_ns, reel_status_text((enum reel_status)status));
    return status;
}

int reel_resident_read(struct reel_reader *reader, uint32_t process, uint64_t t_ns, struct reel_resident **out,
                       struct reel_error *error)
{
    int64_t sample = 0;
    uint64_t sample_ns = 0;
    struct sqlite3_stmt *row = NULL;
    *out = NULL;
    if (reader->version < RESIDENT_FORMAT)
        return REEL_OK;
    int status = find_sample(reader, process, t_ns, &sample, &sample_ns, error);
    if (status != REEL_OK || sample == 0)
        return status;
    if (sqlite3_prepare_v2(reader->database, pages_sql, -1, &row, NULL) != SQLITE_OK)
        return fail_to_read(reader, error);
    sqlite3_bind_int64(row, 1, process);
    sqlite3_bind_int64(row, 2, sample);
    status = read_pages(reader, row, process, sample_ns, out, error);
    sqlite3_finalize(row);
    return status;
}
