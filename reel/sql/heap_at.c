// SPDX-License-Identifier: MIT
// heap_at: what is true of each process's heap at a moment, and where every resident byte of it goes.
#include <stdio.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

struct heap_row
{
    uint32_t process;
    uint64_t events;
    uint64_t t_ns;
    uint64_t damaged_events; // left out on the way here
    struct reel_heap_state heap;
    struct reel_identity identity;
    char pages_by_fill[REEL_FILL_STEPS * 21 + 3]; // a JSON array
};

#define IDENTITY(member, name) SQL_COSTLY(struct heap_row, identity.member, name, SQL_AT_GREATEST, SQL_COST_STATE)
#define HEAP(member, name) SQL_COLUMN(struct heap_row, member, name)
#define HEAP_TOLD(member, name) SQL_NULLABLE(struct heap_row, member, name, SQL_AT_GREATEST)
static const struct sql_column heap_columns[] = {
    SQL_BOUND(struct heap_row, process, "process", SQL_NEVER),
    HEAP(events, "events"),
    HEAP(t_ns, "t_ns"),
    HEAP(damaged_events, "damaged_events"),
    IDENTITY(resident_bytes, "resident_bytes"),
    IDENTITY(requested_bytes, "requested_bytes"),
    IDENTITY(rounding_bytes, "rounding_bytes"),
    IDENTITY(pinned_bytes, "pinned_bytes"),
    IDENTITY(retained_bytes, "retained_bytes"),
    IDENTITY(metadata_bytes, "metadata_bytes"),
    IDENTITY(untouched_bytes, "untouched_bytes"),
    IDENTITY(sample_t_ns, "sample_t_ns"),
    IDENTITY(kernel_resident_bytes, "kernel_resident_bytes"),
    HEAP(heap.live_blocks, "live_blocks"),
    HEAP(heap.requested_bytes, "live_bytes"),
    HEAP(heap.usable_bytes, "usable_bytes"),
    HEAP(heap.inherited_blocks, "inherited_blocks"),
    HEAP(heap.inherited_requested_bytes, "inherited_bytes"),
    HEAP(heap.inherited_usable_bytes, "inherited_usable_bytes"),
    HEAP(heap.header_bytes, "header_bytes"),
    HEAP(heap.occupied_pages, "occupied_pages"),
    HEAP(heap.pinned_bytes, "occupied_pinned_bytes"),
    HEAP(pages_by_fill, "pages_by_fill"),
    HEAP_TOLD(heap.carved_slots, "carved_slots"),
    HEAP_TOLD(heap.carved_bytes, "carved_bytes"),
    HEAP_TOLD(heap.class_peak_bytes, "class_peak_bytes"),
    HEAP_TOLD(heap.peak_slot_bytes, "peak_slot_bytes"),
    HEAP_TOLD(heap.live_slot_bytes, "live_slot_bytes"),
};

static void write_fill(const struct reel_heap_state *heap, char *text, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
        used += (size_t)snprintf(text + used, room - used, "%c%llu", i == 0 ? '[' : ',',
                                 (unsigned long long)heap->pages_by_fill[i]);
    snprintf(text + used, room - used, "]");
}

// What is not known becomes what is shown as NULL.
static void hide_unknown(struct heap_row *row)
{
    struct reel_heap_state *heap = &row->heap;
    if (!row->identity.is_sampled)
        row->identity.sample_t_ns = row->identity.kernel_resident_bytes = UINT64_MAX;
    if (heap->carved_slots != 0 || heap->peak_slot_bytes != 0)
        return;
    heap->carved_slots = heap->carved_bytes = UINT64_MAX;
    heap->class_peak_bytes = heap->peak_slot_bytes = heap->live_slot_bytes = UINT64_MAX;
}

static int add_heap(struct sql_call *call, uint32_t process, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_replay *replay = call->reel->replay;
    struct heap_row *row = sql_rows_add(rows, sizeof *row, 1);
    if (row == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    row->process = process;
    row->events = reel_replay_events(replay);
    row->t_ns = reel_replay_t_ns(replay);
    row->damaged_events = reel_replay_damaged_events(replay);
    int status = reel_replay_heap(replay, process, &row->heap, error);
    if (status == REEL_OK && (call->costs & SQL_COST_STATE) != 0)
        status = reel_replay_identity(replay, process, &row->identity, error);
    write_fill(&row->heap, row->pages_by_fill, sizeof row->pages_by_fill);
    hide_unknown(row);
    return status;
}

static int answer_heap(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    int status = sql_seek(call, error);
    return status == REEL_OK ? sql_each_process(call, add_heap, rows, error) : status;
}

const struct sql_function sql_heap_at = {
    .name = "heap_at",
    .usage = "heap_at(t), t a moment such as 'peak'",
    .columns = heap_columns,
    .column_count = SQL_COLUMN_COUNT(heap_columns),
    .parameters = {"t"},
    .required_count = 1,
    .row_bytes = sizeof(struct heap_row),
    .row_estimate = 10,
    .answer = answer_heap,
};
