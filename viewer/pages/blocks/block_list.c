// SPDX-License-Identifier: MIT
// Chooses and orders live blocks: a heap of the best of them while all pass by.
#include "viewer/pages/blocks/block_list.h"

#include "reel/error.h"
#include "reel/oldest.h"

#include <stdlib.h>
#include <string.h>

#define READ_ROWS 512
#define ROWS_MAX 4096

// One pass over the live blocks.
struct pass
{
    struct page_view *view;
    struct block_order order;
    const struct reel_live_block *bound; // NULL: none
    bool is_up;                          // those before the bound, the nearest to it; else those after it
    bool is_inclusive;
    const char *search;             // "": all
    struct reel_live_block *chosen; // a heap, of which the last to be taken is the first
    size_t count;
    size_t limit;
    uint64_t before_count; // that pass the filter and stand before the bound
    uint64_t all_count;
    uint64_t all_bytes;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static uint64_t rounding_of(const struct reel_live_block *block)
{
    return block->usable_bytes > block->requested_bytes ? block->usable_bytes - block->requested_bytes : 0;
}

static int compare_column(const struct reel_live_block *a, const struct reel_live_block *b, int column)
{
    switch (column)
    {
    case BLOCK_SIZE:
        return compare_numbers(b->requested_bytes, a->requested_bytes);
    case BLOCK_ROUNDING:
        return compare_numbers(rounding_of(b), rounding_of(a));
    case BLOCK_CLASS:
        return compare_numbers(a->class_number, b->class_number);
    case BLOCK_AGE:
        return compare_numbers(a->birth_event, b->birth_event);
    case BLOCK_STACK:
        return compare_numbers(a->stack, b->stack);
    case BLOCK_PROCESS:
        return compare_numbers(a->process, b->process);
    default:
        return 0;
    }
}

// Never 0 for two live blocks.
static int compare_blocks(const struct reel_live_block *a, const struct reel_live_block *b, struct block_order order)
{
    int result = compare_column(a, b, order.column);
    if (result == 0 && order.column != BLOCK_ADDRESS)
        result = compare_numbers(a->process, b->process);
    if (result == 0)
        result = compare_numbers(a->address, b->address);
    if (result == 0)
        result = compare_numbers(a->process, b->process);
    return order.is_reversed ? -result : result;
}

// Whether a is taken before b.
static bool is_nearer(const struct pass *pass, const struct reel_live_block *a, const struct reel_live_block *b)
{
    int result = compare_blocks(a, b, pass->order);
    return pass->is_up ? result > 0 : result < 0;
}

static void rise(struct pass *pass, size_t at)
{
    struct reel_live_block moved = pass->chosen[at];
    for (size_t parent; at != 0 && is_nearer(pass, &pass->chosen[parent = (at - 1) / 2], &moved); at = parent)
        pass->chosen[at] = pass->chosen[parent];
    pass->chosen[at] = moved;
}

static void sink(struct pass *pass, const struct reel_live_block *block)
{
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < pass->count; at = child)
    {
        child += child + 1 < pass->count && is_nearer(pass, &pass->chosen[child], &pass->chosen[child + 1]);
        if (!is_nearer(pass, block, &pass->chosen[child]))
            break;
        pass->chosen[at] = pass->chosen[child];
    }
    pass->chosen[at] = *block;
}

static void choose(struct pass *pass, const struct reel_live_block *block)
{
    if (pass->count < pass->limit)
    {
        pass->chosen[pass->count] = *block;
        rise(pass, pass->count++);
    }
    else if (is_nearer(pass, block, &pass->chosen[0]))
        sink(pass, block);
}

static int take_block(void *context, const struct reel_live_block *block)
{
    struct pass *pass = context;
    if (!model_block_passes(pass->view->model, &pass->view->state->filter, block))
        return REEL_OK;
    int place = pass->bound != NULL ? compare_blocks(block, pass->bound, pass->order) : 1;
    pass->all_count++;
    pass->all_bytes += block->requested_bytes;
    pass->before_count += place < 0;
    bool is_beyond = place == 0 ? !pass->is_inclusive : pass->is_up ? place > 0 : place < 0;
    if (pass->bound != NULL && is_beyond)
        return REEL_OK;
    if (pass->search[0] == '\0' || model_stack_has(pass->view->model, block->stack, pass->search))
        choose(pass, block);
    return REEL_OK;
}

static int compare_in_order(const void *left, const void *right, void *context)
{
    const struct block_order *order = context;
    return compare_blocks(left, right, *order);
}

// pass->chosen is the caller's to free.
static int run(struct pass *pass, struct reel_error *error)
{
    const struct reel_replay *replay = model_replay(pass->view->model);
    pass->chosen = malloc(pass->limit * sizeof *pass->chosen);
    if (pass->chosen == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for a list of blocks");
    int status = reel_replay_each_block(replay, pass->view->state->process, take_block, pass);
    if (status != REEL_OK)
        return reel_error_set(error, status, "process %u is not in the reel: choose one on the page Procs",
                              pass->view->state->process);
    qsort_r(pass->chosen, pass->count, sizeof *pass->chosen, compare_in_order, &pass->order);
    return REEL_OK;
}

void block_list_fini(struct block_list *list)
{
    free(list->rows);
    *list = (struct block_list){0};
}

bool block_list_is_current(const struct block_list *list, const struct page_view *view, struct block_order order)
{
    return list->is_read && list->moment == reel_replay_events(model_replay(view->model)) &&
           list->process == view->state->process && list->order.column == order.column &&
           list->order.is_reversed == order.is_reversed && filter_is_same(&list->filter, &view->state->filter);
}

// Puts what a pass has chosen into the rows, from one of them on. Blocks that were dated before stay so.
static int put_rows(struct block_list *list, const struct pass *pass, size_t at, struct reel_error *error)
{
    size_t kept_after = list->count - at;
    struct block_row *rows = calloc(list->count + pass->count + 1, sizeof *rows);
    if (rows == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for a list of blocks");
    if (list->count != 0)
    {
        memcpy(rows, list->rows, at * sizeof *rows);
        memcpy(rows + at + pass->count, list->rows + at, kept_after * sizeof *rows);
    }
    for (size_t i = 0; i < pass->count; i++)
        rows[at + i].block = pass->chosen[i];
    free(list->rows);
    list->rows = rows;
    list->count += pass->count;
    return REEL_OK;
}

static void note_reading(struct block_list *list, const struct page_view *view, struct block_order order)
{
    list->order = order;
    list->moment = reel_replay_events(model_replay(view->model));
    list->process = view->state->process;
    list->filter = view->state->filter;
    list->is_read = true;
}

int block_list_read(struct block_list *list, struct page_view *view, struct block_order order,
                    const struct reel_live_block *from, struct reel_error *error)
{
    struct pass pass = {
        .view = view, .order = order, .bound = from, .is_inclusive = true, .search = "", .limit = READ_ROWS};
    block_list_fini(list);
    int status = run(&pass, error);
    if (status == REEL_OK && pass.count == 0 && from != NULL)
    {
        free(pass.chosen);
        pass =
            (struct pass){.view = view, .order = order, .bound = from, .is_up = true, .search = "", .limit = READ_ROWS};
        status = run(&pass, error);
        pass.before_count -= pass.count;
    }
    if (status == REEL_OK)
        status = put_rows(list, &pass, 0, error);
    free(pass.chosen);
    if (status != REEL_OK)
        return status;
    list->before_count = pass.before_count;
    list->all_count = pass.all_count;
    list->all_bytes = pass.all_bytes;
    note_reading(list, view, order);
    return REEL_OK;
}

static void drop_rows(struct block_list *list, bool is_up, long *shift)
{
    size_t beyond = list->count > ROWS_MAX ? list->count - ROWS_MAX : 0;
    list->count -= beyond;
    if (is_up)
        return; // the last ones
    memmove(list->rows, list->rows + beyond, list->count * sizeof *list->rows);
    list->before_count += beyond;
    *shift -= (long)beyond;
}

int block_list_extend(struct block_list *list, struct page_view *view, bool is_up, long *shift,
                      struct reel_error *error)
{
    bool is_all = is_up ? list->before_count == 0 : list->before_count + list->count >= list->all_count;
    *shift = 0;
    if (list->count == 0 || is_all)
        return REEL_OK;
    struct pass pass = {.view = view,
                        .order = list->order,
                        .bound = &list->rows[is_up ? 0 : list->count - 1].block,
                        .is_up = is_up,
                        .search = "",
                        .limit = READ_ROWS};
    int status = run(&pass, error);
    if (status == REEL_OK)
        status = put_rows(list, &pass, is_up ? 0 : list->count, error);
    free(pass.chosen);
    if (status != REEL_OK)
        return status;
    if (is_up)
    {
        *shift = (long)pass.count;
        list->before_count -= pass.count;
    }
    drop_rows(list, is_up, shift);
    return REEL_OK;
}

bool block_list_search(const struct block_list *list, struct page_view *view, const struct reel_live_block *from,
                       bool is_up, struct reel_live_block *found)
{
    struct reel_error error = {0};
    struct pass pass = {
        .view = view, .order = list->order, .bound = from, .is_up = is_up, .search = view->state->search, .limit = 1};
    bool is_found = run(&pass, &error) == REEL_OK && pass.count == 1;
    if (is_found)
        *found = pass.chosen[0];
    free(pass.chosen);
    return is_found;
}

size_t block_list_row_of(const struct block_list *list, uint32_t process, uint64_t address)
{
    size_t row = 0;
    while (row < list->count && (list->rows[row].block.address != address || list->rows[row].block.process != process))
        row++;
    return row;
}

void block_list_date(struct block_list *list, struct page_view *view, size_t first, size_t count)
{
    struct reel_error error = {0};
    size_t end = first < list->count && count < list->count - first ? first + count : list->count;
    while (first < end && list->rows[first].is_dated)
        first++;
    if (first >= end)
        return;
    uint64_t *births = calloc(end - first, 2 * sizeof *births);
    if (births == NULL)
        return;
    uint64_t *times_ns = births + (end - first);
    for (size_t i = first; i < end; i++)
        births[i - first] = list->rows[i].is_dated ? REEL_OLDEST_NONE : list->rows[i].block.birth_event;
    if (reel_oldest_times(model_reader(view->model), births, end - first, times_ns, NULL, &error) == REEL_OK)
        for (size_t i = first; i < end; i++)
        {
            if (!list->rows[i].is_dated)
                list->rows[i].birth_ns = times_ns[i - first];
            list->rows[i].is_dated = true;
        }
    free(births);
}
