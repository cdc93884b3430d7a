// SPDX-License-Identifier: MIT
// Points from the totals of chunks: one pass over the rows of chunks beside the points; of each point the totals of the
// chunk before it, and of the one that it lies in.
#include "reel/replay/classes_rows.h"

#include <stdlib.h>

#include "reel/class_totals.h"
#include "reel/reader_internal.h"
#include "reel/replay/replay_internal.h"

static const char chunk_sql[] = "SELECT first_event, begin_ns, end_ns FROM main.chunk WHERE first_event < ? "
                                "ORDER BY first_event";
static const char totals_sql[] = "SELECT data FROM main.class_totals WHERE first_event = ?";

struct chunk
{
    int64_t first_event;
    uint64_t begin_ns;
    uint64_t end_ns;
};

// The totals of a chunk's end, by the numbers of the replay's classes.
struct totals
{
    int64_t first_event; // -1: before the first chunk, all zero
    struct reel_class_point classes[REEL_CLASS_NUMBERS];
};

struct sweep
{
    const struct reel_replay *replay;
    uint32_t process;
    struct sqlite3_stmt *chunks;
    struct sqlite3_stmt *rows; // of totals
    struct chunk chunk;        // the first one that is not over; valid while has_chunk
    bool has_chunk;
    int64_t over;           // first event of the chunk before it, -1: none
    struct totals *read[2]; // that were read last, the later one second
    bool is_there;
};

static uint32_t number_of(const struct sweep *sweep, const struct reel_class_totals *totals, uint32_t key)
{
    const struct reel_classes *told = &sweep->replay->state.classes.told;
    if (!totals->are_told)
        return key < REEL_CLASS_NUMBERS ? key : 0;
    return key != 0 ? reel_classes_with_id(told, key - 1) : 0;
}

static void sum_up(const struct sweep *sweep, const struct reel_class_totals *from, struct totals *to)
{
    for (size_t i = 0; i < from->count; i++)
    {
        const struct reel_class_total *total = &from->totals[i];
        struct reel_class_point *sum = &to->classes[number_of(sweep, from, total->key)];
        if (sweep->process != 0 && sweep->process != total->process)
            continue;
        sum->live_blocks += total->live_blocks;
        sum->requested_bytes += total->requested_bytes;
        sum->usable_bytes += total->usable_bytes;
        sum->carved_slots += total->carved_slots;
    }
}

// REEL_OK with is_there false: there is no row, or it cannot be used.
static int read_totals(struct sweep *sweep, int64_t first_event, struct totals *totals, struct reel_error *error)
{
    struct reel_class_totals decoded = {0};
    *totals = (struct totals){.first_event = first_event};
    if (first_event < 0)
        return REEL_OK;
    sqlite3_bind_int64(sweep->rows, 1, first_event);
    int result = sqlite3_step(sweep->rows);
    int status = REEL_E_DAMAGED;
    if (result == SQLITE_ROW)
        status = reel_class_totals_decode(sqlite3_column_blob(sweep->rows, 0),
                                          (size_t)sqlite3_column_bytes(sweep->rows, 0), &decoded);
    else if (result != SQLITE_DONE)
        status = reader_fail_query(sweep->replay->reader, error);
    sqlite3_reset(sweep->rows);
    bool is_other = decoded.are_told != (sweep->replay->state.classes.told.count != 0);
    if (status == REEL_OK && !is_other)
        sum_up(sweep, &decoded, totals);
    free(decoded.totals);
    sweep->is_there = status == REEL_OK && !is_other;
    return status == REEL_E_NO_MEMORY || (result != SQLITE_ROW && result != SQLITE_DONE) ? status : REEL_OK;
}

static int find_totals(struct sweep *sweep, int64_t first_event, const struct totals **found, struct reel_error *error)
{
    for (size_t i = 0; i < 2; i++)
        if (sweep->read[i]->first_event == first_event)
        {
            *found = sweep->read[i];
            return REEL_OK;
        }
    struct totals *oldest = sweep->read[0];
    sweep->read[0] = sweep->read[1];
    sweep->read[1] = oldest;
    *found = oldest;
    return read_totals(sweep, first_event, oldest, error);
}

static int next_chunk(struct sweep *sweep, struct reel_error *error)
{
    int result = sqlite3_step(sweep->chunks);
    sweep->has_chunk = result == SQLITE_ROW;
    if (sweep->has_chunk)
        sweep->chunk =
            (struct chunk){sqlite3_column_int64(sweep->chunks, 0), (uint64_t)sqlite3_column_int64(sweep->chunks, 1),
                           (uint64_t)sqlite3_column_int64(sweep->chunks, 2)};
    return result == SQLITE_ROW || result == SQLITE_DONE ? REEL_OK : reader_fail_query(sweep->replay->reader, error);
}

static uint64_t between(uint64_t from, uint64_t to, double part)
{
    double difference = to >= from ? (double)(to - from) : (double)(from - to);
    uint64_t way = (uint64_t)(difference * part);
    return to >= from ? from + way : from - way;
}

static void put_point(struct reel_classes_over *over, size_t point, const struct totals *before,
                      const struct totals *after, double part)
{
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
    {
        const struct reel_class_point *from = &before->classes[i];
        const struct reel_class_point *to = &after->classes[i];
        if ((from->live_blocks | from->carved_slots | to->live_blocks | to->carved_slots) == 0)
            continue;
        over->points[i * over->point_count + point] = (struct reel_class_point){
            between(from->live_blocks, to->live_blocks, part),
            between(from->requested_bytes, to->requested_bytes, part),
            between(from->usable_bytes, to->usable_bytes, part), between(from->carved_slots, to->carved_slots, part)};
    }
}

static int take_point(struct sweep *sweep, struct reel_classes_over *over, size_t point, uint64_t t_ns,
                      struct reel_error *error)
{
    const struct totals *before = NULL;
    const struct totals *after = NULL;
    int status = REEL_OK;
    while (status == REEL_OK && sweep->has_chunk && sweep->chunk.end_ns <= t_ns)
    {
        sweep->over = sweep->chunk.first_event;
        status = next_chunk(sweep, error);
    }
    const struct chunk *chunk = &sweep->chunk;
    bool is_inside = sweep->has_chunk && chunk->begin_ns <= t_ns;
    if (status == REEL_OK)
        status = find_totals(sweep, sweep->over, &before, error);
    after = before;
    if (status == REEL_OK && sweep->is_there && is_inside)
        status = find_totals(sweep, chunk->first_event, &after, error);
    if (status == REEL_OK && sweep->is_there)
        put_point(over, point, before, after,
                  is_inside ? (double)(t_ns - chunk->begin_ns) / (double)(chunk->end_ns - chunk->begin_ns) : 0);
    return status;
}

static int prepare(struct sweep *sweep, struct reel_error *error)
{
    struct sqlite3 *database = sweep->replay->reader->database;
    if (sqlite3_prepare_v2(database, chunk_sql, -1, &sweep->chunks, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, totals_sql, -1, &sweep->rows, NULL) != SQLITE_OK)
        return reader_fail_query(sweep->replay->reader, error);
    sqlite3_bind_int64(sweep->chunks, 1, (int64_t)sweep->replay->reader->event_count);
    return next_chunk(sweep, error);
}

int replay_classes_from_rows(struct reel_classes_over *over, const struct reel_replay *replay, uint32_t process,
                             const struct reel_timeline_point *points, bool *is_there, struct reel_error *error)
{
    struct totals read[2] = {{.first_event = -1}, {.first_event = -1}};
    struct sweep sweep = {
        .replay = replay, .process = process, .over = -1, .read = {&read[0], &read[1]}, .is_there = true};
    *is_there = false;
    if (replay->reader->version < REEL_CLASS_TOTALS_FORMAT_MIN)
        return REEL_OK;
    int status = prepare(&sweep, error);
    for (size_t i = 0; i < over->point_count && status == REEL_OK && sweep.is_there; i++)
        status = take_point(&sweep, over, i, points[i].end_ns, error);
    sqlite3_finalize(sweep.chunks);
    sqlite3_finalize(sweep.rows);
    *is_there = status == REEL_OK && sweep.is_there;
    return status;
}
