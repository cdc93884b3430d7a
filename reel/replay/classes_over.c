// SPDX-License-Identifier: MIT
// Classes over time: a replay of its own goes over the stretch, bare, and stops at the end of each point. A long
// stretch is told by what the recording kept, where it did.
#include "reel/classes_over.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_internal.h"
#include "reel/replay/classes_rows.h"
#include "reel/replay/replay_internal.h"

#define EVENTS_READ_MAX (1u << 20) // of a stretch; of a longer one the rows are asked first

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the classes over time");
}

// The first event of the chunk in which the time lies, or of the last one before it.
static int find_chunk(struct reel_reader *reader, uint64_t t_ns, uint64_t *first, struct reel_error *error)
{
    static const char sql[] = "SELECT first_event FROM main.chunk WHERE begin_ns <= ?1 AND first_event < ?2 "
                              "ORDER BY first_event DESC LIMIT 1";
    struct sqlite3_stmt *row = NULL;
    int result = sqlite3_prepare_v2(reader->database, sql, -1, &row, NULL);
    *first = 0;
    if (result == SQLITE_OK)
    {
        sqlite3_bind_int64(row, 1, t_ns < INT64_MAX ? (int64_t)t_ns : INT64_MAX);
        sqlite3_bind_int64(row, 2, (int64_t)reader->event_count);
        result = sqlite3_step(row);
    }
    if (result == SQLITE_ROW && sqlite3_column_int64(row, 0) > 0)
        *first = (uint64_t)sqlite3_column_int64(row, 0);
    int status = result == SQLITE_ROW || result == SQLITE_DONE ? REEL_OK : reader_fail_query(reader, error);
    sqlite3_finalize(row);
    return status;
}

static void add_heap(struct reel_classes_over *over, size_t point, const struct replay_heap *heap)
{
    for (size_t number = 0; number < REEL_CLASS_NUMBERS; number++)
    {
        const struct replay_class *class = &heap->classes[number];
        struct reel_class_point *sum = &over->points[number * over->point_count + point];
        if ((class->live.blocks | class->carved_slots) == 0) // memory of classes that are not there is not touched
            continue;
        sum->live_blocks += class->live.blocks;
        sum->requested_bytes += class->live.requested_bytes;
        sum->usable_bytes += class->live.usable_bytes;
        sum->carved_slots += class->carved_slots;
    }
}

static void take_point(struct reel_classes_over *over, size_t point, const struct reel_replay *replay, uint32_t process)
{
    for (uint32_t i = 1; i < replay->state.lives.count; i++)
        if (replay_heap_of(replay, i) != NULL && (process == 0 || process == i))
            add_heap(over, point, replay_heap_of(replay, i));
}

static int go_over(struct reel_classes_over *over, struct reel_replay *replay, uint32_t process,
                   const struct reel_timeline_point *points, const struct reel_progress *progress,
                   struct reel_error *error)
{
    uint64_t first = 0;
    int status = find_chunk(replay->reader, points[0].end_ns, &first, error);
    if (status == REEL_OK)
        status = replay_begin_bare(replay, first, error);
    for (size_t i = 0; i < over->point_count && status == REEL_OK; i++)
    {
        status = replay_go_bare(replay, points[i].end_ns, progress, error);
        take_point(over, i, replay, process);
    }
    return status;
}

static bool is_there(const struct reel_classes_over *over, size_t number)
{
    const struct reel_class_point *points = &over->points[number * over->point_count];
    for (size_t i = 0; i < over->point_count; i++)
        if ((points[i].live_blocks | points[i].carved_slots) != 0)
            return true;
    return false;
}

static int list_classes(struct reel_classes_over *over, const struct reel_replay *replay, struct reel_error *error)
{
    over->classes = calloc(REEL_CLASS_NUMBERS, sizeof *over->classes);
    if (over->classes == NULL)
        return fail_memory(error);
    for (uint32_t number = 0; number < REEL_CLASS_NUMBERS; number++)
        if (is_there(over, number))
            over->classes[over->class_count++] = reel_replay_class(replay, number);
    return REEL_OK;
}

// Memory that is not written takes no place.
static int make_room(struct reel_classes_over *over, struct reel_error *error)
{
    free(over->points);
    over->points = calloc(over->point_count, REEL_CLASS_NUMBERS * sizeof *over->points);
    return over->points != NULL ? REEL_OK : fail_memory(error);
}

static int read_events(struct reel_classes_over *over, const struct reel_replay *replay, uint32_t process,
                       const struct reel_timeline_point *points, const struct reel_progress *progress,
                       struct reel_error *error)
{
    struct reel_replay *own = NULL;
    int status = make_room(over, error);
    if (status == REEL_OK)
        status = reel_replay_open(&own, replay->reader, error);
    if (status == REEL_OK)
        status = go_over(over, own, process, points, progress, error);
    reel_replay_close(own);
    return status;
}

static int read_points(struct reel_classes_over *over, const struct reel_replay *replay, uint32_t process,
                       const struct reel_timeline_point *points, const struct reel_progress *progress,
                       struct reel_error *error)
{
    const struct reel_timeline_point *last = &points[over->point_count - 1];
    int status = REEL_OK;
    bool is_there = false;
    over->begin_ns = points[0].begin_ns;
    over->end_ns = last->end_ns;
    if (last->events - points[0].events > EVENTS_READ_MAX)
    {
        status = make_room(over, error);
        if (status == REEL_OK)
            status = replay_classes_from_rows(over, replay, process, points, &is_there, error);
    }
    if (status == REEL_OK && !is_there)
        status = read_events(over, replay, process, points, progress, error);
    return status == REEL_OK ? list_classes(over, replay, error) : status;
}

int reel_classes_over_read(struct reel_classes_over *over, const struct reel_replay *replay, uint32_t process,
                           uint64_t begin_ns, uint64_t end_ns, size_t point_count, const struct reel_progress *progress,
                           struct reel_error *error)
{
    struct reel_timeline_point *points = NULL;
    *over = (struct reel_classes_over){.point_count = point_count};
    if (process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    int status = reel_timeline_read(replay->reader, begin_ns, end_ns, point_count, &points, error);
    if (status == REEL_OK)
        status = read_points(over, replay, process, points, progress, error);
    free(points);
    return status;
}

void reel_classes_over_fini(struct reel_classes_over *over)
{
    free(over->classes);
    free(over->points);
    *over = (struct reel_classes_over){0};
}
