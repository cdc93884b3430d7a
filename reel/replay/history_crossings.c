// SPDX-License-Identifier: MIT
// Blocks that change hands: which thread frees what another has allocated.
#include "reel/history.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/intern.h"
#include "reel/replay/history_sweep.h"

struct crossings
{
    struct reel_intern pairs; // (allocating thread, freeing thread)
    struct reel_crossing *rows;
    size_t row_count, row_max;
};

static bool reserve(struct crossings *crossings)
{
    if (crossings->row_count < crossings->row_max)
        return true;
    size_t bigger = crossings->row_max == 0 ? 16 : crossings->row_max * 2;
    struct reel_crossing *moved = reallocarray(crossings->rows, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    crossings->rows = moved;
    crossings->row_max = bigger;
    return true;
}

static int count_free(void *context, const struct history_life *life, const struct reel_event *event)
{
    struct crossings *crossings = context;
    bool is_new = false;
    if (life->birthmark == event->thread)
        return REEL_OK;
    if (!reserve(crossings))
        return REEL_E_NO_MEMORY;
    uint32_t id = reel_intern_id(&crossings->pairs, life->birthmark, event->thread, &is_new);
    if (id == 0)
        return REEL_E_NO_MEMORY;
    if (is_new)
        crossings->rows[crossings->row_count++] =
            (struct reel_crossing){.alloc_thread = (uint32_t)life->birthmark, .free_thread = event->thread};
    struct reel_crossing *row = &crossings->rows[id - 1];
    row->blocks++;
    row->bytes += life->requested_bytes;
    return REEL_OK;
}

static int compare_rows(const void *left, const void *right)
{
    const struct reel_crossing *a = left;
    const struct reel_crossing *b = right;
    if (a->blocks != b->blocks)
        return a->blocks > b->blocks ? -1 : 1;
    if (a->alloc_thread != b->alloc_thread)
        return a->alloc_thread < b->alloc_thread ? -1 : 1;
    return a->free_thread < b->free_thread ? -1 : a->free_thread > b->free_thread;
}

int reel_history_crossings(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_crossing **rows, size_t *count,
                           struct reel_error *error)
{
    struct crossings crossings = {0};
    const struct history_question question = {HISTORY_BIRTH_THREAD, count_free, NULL, &crossings};
    if (reel_intern_init(&crossings.pairs) != REEL_OK)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = history_sweep(replay, begin, end, &question, progress, error);
    reel_intern_fini(&crossings.pairs);
    if (status != REEL_OK)
    {
        free(crossings.rows);
        return status;
    }
    if (crossings.row_count != 0)
        qsort(crossings.rows, crossings.row_count, sizeof *crossings.rows, compare_rows);
    *rows = crossings.rows;
    *count = crossings.row_count;
    return REEL_OK;
}
