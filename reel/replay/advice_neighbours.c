// SPDX-License-Identifier: MIT
// Reads the last events before a moment and follows the blocks on marked pages from birth to free. What was born before
// those events, or lives at their end, is no short-lived neighbour and is left out.
//
// Such a block is an entry of the table of live blocks that holds its time of birth in `requested_bytes` and the ids of
// the marked pages that it begins and ends on in `slack` and `birth_event`.
#include "reel/replay/advice_neighbours.h"

#include <stdlib.h>

#include "reel/blocks.h"
#include "reel/error.h"
#include "reel/replay/history_read.h"
#include "reel/replay/pages.h"

#define LIFETIMES_MOST 256    // kept of a neighbour, evenly spaced
#define NEIGHBOURS_MOST 16384 // a reel that has more beside so few stacks is made up

// Blocks of one stack that were freed on pages of one row.
struct neighbour
{
    uint64_t blocks;
    uint64_t *lifetimes_ns;
    uint32_t kept, kept_max;
    uint32_t stride; // of so many blocks one lifetime is kept
};

struct neighbours
{
    const struct advice_marks *marks;
    struct reel_blocks *blocks; // [process]
    bool *has_blocks;           // [process]
    size_t process_count;       // with 0, which is none
    struct reel_intern pairs;   // (row, stack)
    struct neighbour *list;     // [id of the pair - 1]
    size_t list_max;
};

static int init(struct neighbours *neighbours, const struct advice_marks *marks, const struct reel_replay *replay)
{
    *neighbours = (struct neighbours){.marks = marks};
    reel_replay_processes(replay, &neighbours->process_count);
    neighbours->process_count++;
    neighbours->blocks = calloc(neighbours->process_count, sizeof *neighbours->blocks);
    neighbours->has_blocks = calloc(neighbours->process_count, sizeof *neighbours->has_blocks);
    bool has_memory = neighbours->blocks != NULL && neighbours->has_blocks != NULL;
    return has_memory ? reel_intern_init(&neighbours->pairs) : REEL_E_NO_MEMORY;
}

static void fini(struct neighbours *neighbours)
{
    for (size_t i = 0; neighbours->has_blocks != NULL && i < neighbours->process_count; i++)
        if (neighbours->has_blocks[i])
            reel_blocks_fini(&neighbours->blocks[i]);
    for (size_t i = 0; i < neighbours->list_max; i++)
        free(neighbours->list[i].lifetimes_ns);
    free(neighbours->list);
    free(neighbours->blocks);
    free(neighbours->has_blocks);
    reel_intern_fini(&neighbours->pairs);
}

// ---- lifetimes

static bool has_room(struct neighbour *neighbour)
{
    if (neighbour->kept < neighbour->kept_max)
        return true;
    if (neighbour->kept_max == LIFETIMES_MOST)
    {
        for (uint32_t i = 0; i < LIFETIMES_MOST / 2; i++)
            neighbour->lifetimes_ns[i] = neighbour->lifetimes_ns[2 * i];
        neighbour->kept = LIFETIMES_MOST / 2;
        neighbour->stride *= 2;
        return true;
    }
    uint32_t bigger = neighbour->kept_max == 0 ? 16 : neighbour->kept_max * 2;
    uint64_t *moved = reallocarray(neighbour->lifetimes_ns, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    neighbour->lifetimes_ns = moved;
    neighbour->kept_max = bigger;
    return true;
}

static int keep(struct neighbour *neighbour, uint64_t lifetime_ns)
{
    if (neighbour->blocks++ % neighbour->stride != 0)
        return REEL_OK;
    if (!has_room(neighbour))
        return REEL_E_NO_MEMORY;
    neighbour->lifetimes_ns[neighbour->kept++] = lifetime_ns;
    return REEL_OK;
}

static int compare_times(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static uint64_t median_of(struct neighbour *neighbour)
{
    qsort(neighbour->lifetimes_ns, neighbour->kept, sizeof *neighbour->lifetimes_ns, compare_times);
    return neighbour->lifetimes_ns[neighbour->kept / 2];
}

// ---- blocks

// *neighbour = NULL: there are too many already.
static int get(struct neighbours *neighbours, size_t row, uint32_t stack, struct neighbour **neighbour)
{
    bool is_new = false;
    uint32_t id = reel_intern_find(&neighbours->pairs, row, stack);
    *neighbour = NULL;
    if (id == 0 && neighbours->pairs.pair_count == NEIGHBOURS_MOST)
        return REEL_OK;
    if (id == 0)
        id = reel_intern_id(&neighbours->pairs, row, stack, &is_new);
    if (id == 0)
        return REEL_E_NO_MEMORY;
    if (id > neighbours->list_max)
    {
        size_t bigger = neighbours->list_max == 0 ? 64 : neighbours->list_max * 2;
        struct neighbour *moved = reallocarray(neighbours->list, bigger, sizeof *moved);
        if (moved == NULL)
            return REEL_E_NO_MEMORY;
        neighbours->list = moved;
        for (; neighbours->list_max < bigger; neighbours->list_max++)
            neighbours->list[neighbours->list_max] = (struct neighbour){.stride = 1};
    }
    *neighbour = &neighbours->list[id - 1];
    return REEL_OK;
}

static int note_birth(struct neighbours *neighbours, const struct reel_event *event)
{
    uint64_t first, last, end;
    bool is_new;
    if (!replay_block_span(event->address, event->usable_bytes, &first, &last, &end))
        return REEL_OK;
    uint32_t begins_on = advice_marks_find(neighbours->marks, event->process, first);
    uint32_t ends_on = last == first ? begins_on : advice_marks_find(neighbours->marks, event->process, last);
    if ((begins_on | ends_on) == 0)
        return REEL_OK;
    if (!neighbours->has_blocks[event->process] && reel_blocks_init(&neighbours->blocks[event->process]) != REEL_OK)
        return REEL_E_NO_MEMORY;
    neighbours->has_blocks[event->process] = true;
    struct reel_block *block = reel_blocks_insert(&neighbours->blocks[event->process], event->address, &is_new);
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    block->requested_bytes = event->t_ns;
    block->stack = event->stack;
    block->slack = begins_on;
    block->birth_event = ends_on;
    return REEL_OK;
}

static uint64_t mask_of(const struct neighbours *neighbours, uint64_t page_id)
{
    return page_id != 0 ? neighbours->marks->masks[page_id] : 0;
}

static int note_free(struct neighbours *neighbours, const struct reel_event *event)
{
    struct reel_block block;
    if (!neighbours->has_blocks[event->process] ||
        !reel_blocks_remove(&neighbours->blocks[event->process], event->address, &block))
        return REEL_OK;
    uint64_t lifetime_ns = event->t_ns > block.requested_bytes ? event->t_ns - block.requested_bytes : 0;
    uint64_t mask = mask_of(neighbours, block.slack) | mask_of(neighbours, block.birth_event);
    for (; mask != 0; mask &= mask - 1)
    {
        struct neighbour *neighbour;
        int status = get(neighbours, (size_t)__builtin_ctzll(mask), block.stack, &neighbour);
        if (status == REEL_OK && neighbour != NULL)
            status = keep(neighbour, lifetime_ns);
        if (status != REEL_OK)
            return status;
    }
    return REEL_OK;
}

static int take_events(void *context, const struct reel_event *events, size_t count, uint64_t first)
{
    struct neighbours *neighbours = context;
    int status = REEL_OK;
    (void)first;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        if (events[i].process >= neighbours->process_count)
            continue;
        if (events[i].kind == REEL_EVENT_ALLOC)
            status = note_birth(neighbours, &events[i]);
        if (events[i].kind == REEL_EVENT_FREE)
            status = note_free(neighbours, &events[i]);
    }
    return status;
}

static void fill_in(const struct neighbours *neighbours, struct reel_advice *rows, size_t row_count)
{
    for (uint32_t id = 1; id <= neighbours->pairs.pair_count && id <= neighbours->list_max; id++)
    {
        struct neighbour *neighbour = &neighbours->list[id - 1];
        struct reel_advice *row = &rows[neighbours->pairs.pairs[id].first];
        uint32_t stack = (uint32_t)neighbours->pairs.pairs[id].second;
        if (neighbours->pairs.pairs[id].first >= row_count || stack == 0 || neighbour->blocks <= row->neighbour_blocks)
            continue;
        row->neighbour_stack = stack;
        row->neighbour_blocks = neighbour->blocks;
        row->neighbour_lifetime_ns = median_of(neighbour);
    }
}

int advice_neighbours_find(const struct advice_marks *marks, struct reel_replay *replay, uint64_t events,
                           const struct reel_progress *progress, struct reel_advice *rows, size_t row_count,
                           struct reel_error *error)
{
    struct neighbours neighbours;
    uint64_t from = events > REEL_ADVICE_EVENTS ? events - REEL_ADVICE_EVENTS : 0;
    int status = REEL_OK;
    if (init(&neighbours, marks, replay) == REEL_OK)
        status = history_read(reel_replay_reader(replay), from, events, progress, take_events, &neighbours, error);
    else
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for neighbours");
    if (status == REEL_OK)
        fill_in(&neighbours, rows, row_count);
    fini(&neighbours);
    return status;
}
