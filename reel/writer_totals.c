// SPDX-License-Identifier: MIT
// Totals by class: their life, and the row of a chunk. What a row would take more than it is worth is left out: readers
// then go over the events.
#include "reel/writer_totals.h"

#include <stdlib.h>

#include "reel/class_totals.h"

#define TOTALS_MAX (REEL_CLASS_TOTALS_BYTES_MAX / 6) // six numbers each, of a byte at least

int writer_totals_of(struct writer_process *process, struct writer_totals **totals)
{
    if (process->totals == NULL)
        process->totals = calloc(1, sizeof *process->totals);
    *totals = process->totals;
    return process->totals != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

int writer_totals_copy(struct writer_totals **copy, const struct writer_totals *totals)
{
    *copy = totals != NULL ? malloc(sizeof **copy) : NULL;
    if (*copy == NULL)
        return totals == NULL ? REEL_OK : REEL_E_NO_MEMORY;
    **copy = *totals;
    return REEL_OK;
}

static void fold(struct writer_totals *totals)
{
    for (size_t i = 1; totals != NULL && i <= REEL_RANGE_LAST; i++)
    {
        totals->classes[0].live_blocks += totals->classes[i].live_blocks;
        totals->classes[0].requested_bytes += totals->classes[i].requested_bytes;
        totals->classes[0].usable_bytes += totals->classes[i].usable_bytes;
        totals->classes[i] = (struct writer_total){0};
    }
}

void writer_totals_fold(struct reel_writer *writer)
{
    for (size_t i = 0; i < writer->process_count; i++)
        fold(writer->processes[i].totals);
    for (size_t i = 0; i < writer->fork_count; i++)
        fold(writer->forks[i].totals);
}

static uint32_t key_of(const struct reel_writer *writer, uint32_t number)
{
    bool is_told = writer->classes.count != 0;
    return is_told && number != 0 ? 1 + writer->classes.all[number].class_id : number;
}

// False: there is no room.
static bool add_process(const struct reel_writer *writer, uint32_t process, struct reel_class_totals *row)
{
    const struct writer_process *added = &writer->processes[process - 1];
    for (uint32_t i = 0; i <= REEL_RANGE_LAST; i++)
    {
        const struct writer_total *total = &added->totals->classes[i];
        uint64_t carved = added->heap != NULL && i <= REEL_CLASSES_MAX ? added->heap->classes[i].carved_slots : 0;
        if ((total->live_blocks | carved) == 0)
            continue;
        if (row->count == TOTALS_MAX)
            return false;
        row->totals[row->count++] = (struct reel_class_total){.process = process,
                                                              .key = key_of(writer, i),
                                                              .live_blocks = total->live_blocks,
                                                              .requested_bytes = total->requested_bytes,
                                                              .usable_bytes = total->usable_bytes,
                                                              .carved_slots = carved};
    }
    return true;
}

// Of the processes that are there right after the chunk's last event. Those that ended before it need theirs no more.
static bool collect(struct reel_writer *writer, uint64_t events, struct reel_class_totals *row)
{
    bool has_room = true;
    for (size_t i = 0; i < writer->process_count; i++)
    {
        struct writer_process *process = &writer->processes[i];
        if (!process->is_running && process->end_event < events)
        {
            free(process->totals);
            process->totals = NULL;
        }
        if (has_room && process->totals != NULL && process->begin_event < events)
            has_room = add_process(writer, (uint32_t)i + 1, row);
    }
    return has_room;
}

int writer_totals_store(struct reel_writer *writer, struct reel_error *error)
{
    uint8_t data[REEL_CLASS_TOTALS_BYTES_MAX];
    struct reel_class_total totals[TOTALS_MAX];
    struct reel_class_totals row = {.are_told = writer->classes.count != 0, .totals = totals};
    bool has_room = collect(writer, writer->chunk.first_event + writer->chunk.count, &row);
    size_t bytes = has_room ? reel_class_totals_encode(&row, data) : 0;
    if (bytes == 0) // nor may there be those of the chunk when it was shorter
        return writer_run(writer, error, WRITER_DELETE_CLASS_TOTALS, "i", (int64_t)writer->chunk.first_event);
    return writer_run(writer, error, WRITER_REPLACE_CLASS_TOTALS, "ib", (int64_t)writer->chunk.first_event,
                      (const void *)data, bytes);
}
