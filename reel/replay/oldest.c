// SPDX-License-Identifier: MIT
// Oldest survivors: a pass over the tables of blocks, which keeps the least birth of each stack and class, or of each
// page.
#include "reel/oldest.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/replay/block_walk.h"

static int refuse_process(uint32_t process, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
}

static void keep_lesser(uint64_t *birth, uint64_t other)
{
    *birth = other < *birth ? other : *birth;
}

// ---- stacks and classes

static void take_for_groups(void *context, const struct reel_block *block)
{
    struct reel_oldest *oldest = context;
    keep_lesser(&oldest->classes[block->size_class], block->birth_event);
    if (!block->is_inherited)
        keep_lesser(&oldest->stacks[block->stack < oldest->stack_count ? block->stack : 0], block->birth_event);
}

int reel_oldest_find(struct reel_oldest *oldest, const struct reel_replay *replay, uint32_t process,
                     const struct reel_progress *progress, struct reel_error *error)
{
    *oldest = (struct reel_oldest){0};
    if (process >= replay->state.lives.count)
        return refuse_process(process, error);
    oldest->stacks = calloc(replay->state.stack_count, sizeof *oldest->stacks);
    if (oldest->stacks == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the oldest blocks of the stacks");
    oldest->stack_count = replay->state.stack_count;
    for (size_t i = 0; i < oldest->stack_count; i++)
        oldest->stacks[i] = REEL_OLDEST_NONE;
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        oldest->classes[i] = REEL_OLDEST_NONE;
    return replay_walk_blocks(replay, process, take_for_groups, oldest, progress, error);
}

void reel_oldest_fini(struct reel_oldest *oldest)
{
    free(oldest->stacks);
    *oldest = (struct reel_oldest){0};
}

// ---- pages

struct pages_asked
{
    uint64_t *births;
    uint64_t first; // number of a page
    size_t count;
};

static void take_for_pages(void *context, const struct reel_block *block)
{
    const struct pages_asked *asked = context;
    uint64_t first, last, end;
    if (!replay_block_span(block->address, replay_usable_bytes(block), &first, &last, &end) || last < asked->first)
        return;
    for (uint64_t at = first > asked->first ? first - asked->first : 0; at < asked->count && at <= last - asked->first;
         at++)
        keep_lesser(&asked->births[at], block->birth_event);
}

int reel_oldest_of_pages(const struct reel_replay *replay, uint32_t process, uint64_t address, size_t page_count,
                         uint64_t *births, const struct reel_progress *progress, struct reel_error *error)
{
    struct pages_asked asked = {births, address / REEL_REPLAY_PAGE_BYTES, page_count};
    if (process == 0 || process >= replay->state.lives.count)
        return refuse_process(process, error);
    for (size_t i = 0; i < page_count; i++)
        births[i] = REEL_OLDEST_NONE;
    return replay_walk_blocks(replay, process, take_for_pages, &asked, progress, error);
}

// ---- times

struct dated
{
    uint64_t birth;
    size_t index;
};

static int compare_dated(const void *left, const void *right)
{
    const struct dated *a = left;
    const struct dated *b = right;
    return a->birth < b->birth ? -1 : a->birth > b->birth;
}

struct dating
{
    struct dated *all; // by birth
    size_t count;
    size_t next;
    uint64_t *times_ns;
};

// A run of events, at the end of a chunk: what was born before it and has no time yet lies where nothing can be read.
static void date_run(struct dating *dating, const struct reel_event *events, size_t count, uint64_t first)
{
    for (; dating->next < dating->count; dating->next++)
    {
        const struct dated *dated = &dating->all[dating->next];
        if (dated->birth < first)
            continue;
        if (dated->birth - first >= count)
            return;
        dating->times_ns[dated->index] = events[dated->birth - first].t_ns;
    }
}

static int report(const struct dating *dating, const struct reel_progress *progress, struct reel_error *error)
{
    bool is_cancelled = progress != NULL && progress->tick != NULL &&
                        progress->tick(progress->context, (double)dating->next / (double)dating->count) != 0;
    return is_cancelled ? reel_error_set(error, REEL_E_CANCELLED, "cancelled") : REEL_OK;
}

// Goes to the chunk of the next birth; from a damaged one to the chunk after it, which tells where the damage ends.
static int date_all(struct dating *dating, struct reel_reader *reader, const struct reel_progress *progress,
                    struct reel_error *error)
{
    struct reel_cursor *cursor = NULL;
    uint64_t event_count = reel_reader_event_count(reader);
    bool is_damaged = false;
    int status = reel_cursor_open(&cursor, reader, 0, event_count, error);
    while (status == REEL_OK && dating->next < dating->count)
    {
        const struct reel_event *events = NULL;
        size_t count = 0;
        uint64_t first = 0;
        if (!is_damaged)
            reel_cursor_move(cursor, dating->all[dating->next].birth, event_count);
        status = reel_cursor_next(cursor, &events, &count, &first, error);
        is_damaged = status == REEL_E_DAMAGED;
        if (is_damaged)
            status = REEL_OK;
        else if (status == REEL_OK && count == 0)
            break;
        else if (status == REEL_OK)
            date_run(dating, events, count, first);
        if (status == REEL_OK)
            status = report(dating, progress, error);
    }
    reel_cursor_close(cursor);
    return status;
}

int reel_oldest_times(struct reel_reader *reader, const uint64_t *births, size_t count, uint64_t *times_ns,
                      const struct reel_progress *progress, struct reel_error *error)
{
    struct dating dating = {.all = calloc(count + 1, sizeof *dating.all), .times_ns = times_ns};
    if (dating.all == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the births of %zu blocks", count);
    for (size_t i = 0; i < count; i++)
    {
        times_ns[i] = REEL_OLDEST_NONE;
        if (births[i] != REEL_OLDEST_NONE)
            dating.all[dating.count++] = (struct dated){births[i], i};
    }
    qsort(dating.all, dating.count, sizeof *dating.all, compare_dated);
    int status = dating.count != 0 ? date_all(&dating, reader, progress, error) : REEL_OK;
    free(dating.all);
    return status;
}
