// SPDX-License-Identifier: MIT
// The run as points: one pass over the rows of chunks and one over the samples of memory, both beside the points. Reads
// no event: inside a chunk that several points share, time is taken as evenly filled.
#include "reel/timeline.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_internal.h"
#include "reel/sqlite.h"

static const char end_sql[] = "SELECT max(duration_ns, coalesce((SELECT end_ns FROM main.chunk WHERE first_event < ?1 "
                              "ORDER BY first_event DESC LIMIT 1), 0)) FROM main.run";
static const char chunk_sql[] =
    "SELECT begin_ns, end_ns, first_event, events, allocations, frees, resizes, requested_bytes, live_blocks, "
    "live_bytes, live_bytes_min, live_bytes_max FROM main.chunk WHERE first_event < ?1 ORDER BY first_event";
// What a process that has ended held is gone; at one time its last sample comes first.
static const char memory_sql[] =
    "SELECT t_ns, process, resident_bytes, 0 FROM main.residency UNION ALL "
    "SELECT end_ns, process, 0, 1 FROM main.process WHERE end_ns IS NOT NULL ORDER BY 1, 4";
static const char process_sql[] = "SELECT coalesce(max(process), 0), count(*) FROM main.process";

// A row of `chunk`.
struct stretch
{
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t first_event;
    uint64_t events;
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t live_bytes_min;
    uint64_t live_bytes_max;
};

// What had happened by a time.
struct reached
{
    uint64_t events;
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;
};

struct sweep
{
    struct reel_reader *reader;
    struct sqlite3_stmt *chunks;
    struct stretch chunk; // the first one that is not over; valid while has_chunk
    bool has_chunk;
    struct reached over; // by the end of the chunk before
};

struct process_memory
{
    uint64_t resident_bytes;
    bool is_ended;
};

struct memory
{
    struct sqlite3_stmt *rows;
    struct process_memory *processes; // [process - 1]
    size_t process_count;
    uint64_t sum_bytes;
    uint64_t sampled_bytes; // the sum when there was a sample last
};

static int prepare(struct reel_reader *reader, const char *sql, struct sqlite3_stmt **rows, struct reel_error *error)
{
    if (sqlite3_prepare_v2(reader->database, sql, -1, rows, NULL) != SQLITE_OK)
        return reader_fail_query(reader, error);
    if (sqlite3_bind_parameter_count(*rows) > 0)
        sqlite3_bind_int64(*rows, 1, (int64_t)reader->event_count);
    return REEL_OK;
}

static uint64_t column(struct sqlite3_stmt *row, int index)
{
    return (uint64_t)sqlite3_column_int64(row, index);
}

static int find_end(struct reel_reader *reader, uint64_t *end_ns, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    int status = prepare(reader, end_sql, &row, error);
    if (status == REEL_OK && sqlite3_step(row) != SQLITE_ROW)
        status = reader_fail_query(reader, error);
    if (status == REEL_OK)
        *end_ns = column(row, 0);
    sqlite3_finalize(row);
    return status;
}

static int next_chunk(struct sweep *sweep, struct reel_error *error)
{
    struct sqlite3_stmt *row = sweep->chunks;
    int result = sqlite3_step(row);
    sweep->has_chunk = result == SQLITE_ROW;
    if (result == SQLITE_DONE)
        return REEL_OK;
    if (result != SQLITE_ROW)
        return reader_fail_query(sweep->reader, error);
    sweep->chunk = (struct stretch){.begin_ns = column(row, 0),
                                    .end_ns = column(row, 1),
                                    .first_event = column(row, 2),
                                    .events = column(row, 3),
                                    .allocations = column(row, 4),
                                    .frees = column(row, 5),
                                    .resizes = column(row, 6),
                                    .requested_bytes = column(row, 7),
                                    .live_blocks = column(row, 8),
                                    .live_bytes = column(row, 9),
                                    .live_bytes_min = column(row, 10),
                                    .live_bytes_max = column(row, 11)};
    return REEL_OK;
}

// The chunk's totals, as far as the part of it says that lies before; exact for a whole one.
static uint64_t share(uint64_t amount, double part)
{
    return part < 1 ? (uint64_t)((double)amount * part) : amount;
}

static uint64_t between(uint64_t from, uint64_t to, double part)
{
    return to >= from ? from + share(to - from, part) : from - share(from - to, part);
}

static struct reached reach(const struct sweep *sweep, double part)
{
    const struct stretch *chunk = &sweep->chunk;
    const struct reached *over = &sweep->over;
    uint64_t live_bytes = between(over->live_bytes, chunk->live_bytes, part);
    if (live_bytes < chunk->live_bytes_min)
        live_bytes = chunk->live_bytes_min;
    if (live_bytes > chunk->live_bytes_max)
        live_bytes = chunk->live_bytes_max;
    return (struct reached){.events = chunk->first_event + share(chunk->events, part),
                            .allocations = over->allocations + share(chunk->allocations, part),
                            .frees = over->frees + share(chunk->frees, part),
                            .resizes = over->resizes + share(chunk->resizes, part),
                            .requested_bytes = over->requested_bytes + share(chunk->requested_bytes, part),
                            .live_blocks = between(over->live_blocks, chunk->live_blocks, part),
                            .live_bytes = live_bytes};
}

static void widen(struct reel_timeline_point *point, uint64_t least_bytes, uint64_t greatest_bytes)
{
    if (least_bytes < point->live_bytes_min)
        point->live_bytes_min = least_bytes;
    if (greatest_bytes > point->live_bytes_max)
        point->live_bytes_max = greatest_bytes;
}

// Takes the chunks in that begin up to t_ns, and widens the point by each; *reached is what had happened by then.
static int sweep_to(struct sweep *sweep, uint64_t t_ns, struct reel_timeline_point *point, struct reached *reached,
                    struct reel_error *error)
{
    int status = REEL_OK;
    while (status == REEL_OK && sweep->has_chunk && sweep->chunk.begin_ns <= t_ns && sweep->chunk.end_ns <= t_ns)
    {
        widen(point, sweep->chunk.live_bytes_min, sweep->chunk.live_bytes_max);
        sweep->over = reach(sweep, 1);
        status = next_chunk(sweep, error);
    }
    *reached = sweep->over;
    if (!sweep->has_chunk || sweep->chunk.begin_ns > t_ns)
        return status;
    const struct stretch *chunk = &sweep->chunk;
    widen(point, chunk->live_bytes_min, chunk->live_bytes_max);
    *reached = reach(sweep, (double)(t_ns - chunk->begin_ns) / (double)(chunk->end_ns - chunk->begin_ns));
    return status;
}

static void fill(struct reel_timeline_point *point, const struct reached *before, const struct reached *after)
{
    point->events = after->events;
    point->allocations = after->allocations - before->allocations;
    point->frees = after->frees - before->frees;
    point->resizes = after->resizes - before->resizes;
    point->requested_bytes = after->requested_bytes - before->requested_bytes;
    point->live_blocks = after->live_blocks;
    point->live_bytes = after->live_bytes;
}

// The first point has what happened at its beginning too; the others what happened after theirs, up to their end.
static int fill_from_chunks(struct sweep *sweep, struct reel_timeline_point *points, size_t count,
                            struct reel_error *error)
{
    struct reached before = {0};
    struct reel_timeline_point none = {0};
    int status = prepare(sweep->reader, chunk_sql, &sweep->chunks, error);
    if (status == REEL_OK)
        status = next_chunk(sweep, error);
    if (status == REEL_OK && points[0].begin_ns > 0)
        status = sweep_to(sweep, points[0].begin_ns - 1, &none, &before, error);
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        struct reached after;
        bool is_inside = sweep->has_chunk && sweep->chunk.begin_ns <= points[i].begin_ns;
        points[i].live_bytes_min = is_inside ? UINT64_MAX : sweep->over.live_bytes;
        points[i].live_bytes_max = is_inside ? 0 : sweep->over.live_bytes;
        status = sweep_to(sweep, points[i].end_ns, &points[i], &after, error);
        fill(&points[i], &before, &after);
        before = after;
    }
    sqlite3_finalize(sweep->chunks);
    return status;
}

static int take_sample(struct memory *memory, struct reel_reader *reader, struct reel_error *error)
{
    uint64_t process = column(memory->rows, 1);
    bool is_end = column(memory->rows, 3) != 0;
    if (process == 0 || process > memory->process_count)
        return reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: a sample of a process that is missing",
                              reader->name);
    struct process_memory *own = &memory->processes[process - 1];
    uint64_t resident_bytes = own->is_ended ? 0 : column(memory->rows, 2);
    memory->sum_bytes += resident_bytes - own->resident_bytes;
    own->resident_bytes = resident_bytes;
    own->is_ended = own->is_ended || is_end;
    // The sum without a process that ended shows with the next sample: at the end of a run there is none.
    if (!is_end)
        memory->sampled_bytes = memory->sum_bytes;
    return REEL_OK;
}

static int make_room(struct memory *memory, struct reel_reader *reader, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    int status = prepare(reader, process_sql, &row, error);
    if (status == REEL_OK && sqlite3_step(row) != SQLITE_ROW)
        status = reader_fail_query(reader, error);
    if (status == REEL_OK && sqlite3_column_int64(row, 0) != sqlite3_column_int64(row, 1))
        status = reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: a process is missing", reader->name);
    if (status == REEL_OK)
    {
        memory->process_count = (size_t)column(row, 0);
        memory->processes = calloc(memory->process_count + 1, sizeof *memory->processes);
        if (memory->processes == NULL)
            status = reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
    }
    sqlite3_finalize(row);
    return status;
}

static int fill_from_samples(struct reel_reader *reader, struct reel_timeline_point *points, size_t count,
                             struct reel_error *error)
{
    struct memory memory = {0};
    int status = make_room(&memory, reader, error);
    if (status == REEL_OK)
        status = prepare(reader, memory_sql, &memory.rows, error);
    int result = status == REEL_OK ? sqlite3_step(memory.rows) : SQLITE_DONE;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        while (status == REEL_OK && result == SQLITE_ROW && column(memory.rows, 0) <= points[i].end_ns)
        {
            status = take_sample(&memory, reader, error);
            result = sqlite3_step(memory.rows);
        }
        points[i].resident_bytes = memory.sampled_bytes;
    }
    if (status == REEL_OK && result != SQLITE_ROW && result != SQLITE_DONE)
        status = reader_fail_query(reader, error);
    sqlite3_finalize(memory.rows);
    free(memory.processes);
    return status;
}

// The parts differ by a nanosecond at most; no product here is greater than the square of a number of 32 bits.
static void divide(struct reel_timeline_point *points, size_t count, uint64_t begin_ns, uint64_t end_ns)
{
    uint64_t whole_ns = (end_ns - begin_ns) / count;
    uint64_t rest_ns = (end_ns - begin_ns) % count;
    for (size_t i = 0; i < count; i++)
    {
        points[i].begin_ns = begin_ns + whole_ns * i + rest_ns * i / count;
        points[i].end_ns = begin_ns + whole_ns * (i + 1) + rest_ns * (i + 1) / count;
    }
}

int reel_timeline_read(struct reel_reader *reader, uint64_t begin_ns, uint64_t end_ns, size_t point_count,
                       struct reel_timeline_point **points, struct reel_error *error)
{
    struct sweep sweep = {.reader = reader};
    int status = end_ns == UINT64_MAX ? find_end(reader, &end_ns, error) : REEL_OK;
    if (status != REEL_OK)
        return status;
    if (point_count == 0 || point_count > UINT32_MAX || end_ns < begin_ns)
        return reel_error_set(error, REEL_E_ARGUMENT,
                              "%s: a timeline of %zu points from %llu ns to %llu ns is none; give at least one point "
                              "and an end that is not before the beginning",
                              reader->name, point_count, (unsigned long long)begin_ns, (unsigned long long)end_ns);
    struct reel_timeline_point *made = calloc(point_count, sizeof *made);
    if (made == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
    divide(made, point_count, begin_ns, end_ns);
    status = fill_from_chunks(&sweep, made, point_count, error);
    if (status == REEL_OK)
        status = fill_from_samples(reader, made, point_count, error);
    if (status == REEL_OK)
        *points = made;
    else
        free(made);
    return status;
}
