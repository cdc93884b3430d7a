// SPDX-License-Identifier: MIT
// Births of live blocks: collected, put in the order of the events by a radix sort, and looked up in the chunks that
// hold them.
#include "reel/replay/history_births.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_internal.h"
#include "reel/replay/history_read.h"

#define GAP_EVENTS 65536 // between two births: so many are not worth reading
#define DIGIT_BITS 11u
#define DIGITS (1u << DIGIT_BITS)

struct births
{
    struct history_birth *all;
    size_t count, max;
    size_t next;
    size_t read_count; // that lay in runs of events
    history_take_birth *take;
    void *context;
};

static int note(void *context, const struct reel_live_block *block)
{
    struct births *births = context;
    if (block->is_inherited)
        return REEL_OK;
    if (births->count == births->max)
    {
        size_t bigger = births->max == 0 ? 1024 : births->max * 2;
        struct history_birth *moved = reallocarray(births->all, bigger, sizeof *moved);
        if (moved == NULL)
            return REEL_E_NO_MEMORY;
        births->all = moved;
        births->max = bigger;
    }
    births->all[births->count++] =
        (struct history_birth){block->birth_event, block->address, block->requested_bytes, block->process};
    return REEL_OK;
}

static void sort_by_digit(const struct history_birth *from, struct history_birth *to, size_t count, unsigned low_bit)
{
    size_t begins[DIGITS + 1] = {0};
    for (size_t i = 0; i < count; i++)
        begins[1 + (from[i].event >> low_bit) % DIGITS]++;
    for (size_t digit = 1; digit < DIGITS; digit++)
        begins[digit + 1] += begins[digit];
    for (size_t i = 0; i < count; i++)
        to[begins[(from[i].event >> low_bit) % DIGITS]++] = from[i];
}

static int sort(struct births *births)
{
    uint64_t any_bits = 0;
    struct history_birth *other = calloc(births->count, sizeof *other);
    if (other == NULL)
        return REEL_E_NO_MEMORY;
    for (size_t i = 0; i < births->count; i++)
        any_bits |= births->all[i].event;
    for (unsigned low_bit = 0; low_bit < 64 && any_bits >> low_bit != 0; low_bit += DIGIT_BITS)
    {
        struct history_birth *sorted = other;
        sort_by_digit(births->all, sorted, births->count, low_bit);
        other = births->all;
        births->all = sorted;
    }
    free(other);
    return REEL_OK;
}

static int take_run(void *context, const struct reel_event *events, size_t count, uint64_t first)
{
    struct births *births = context;
    int status = REEL_OK;
    for (; births->next < births->count && status == REEL_OK; births->next++)
    {
        const struct history_birth *birth = &births->all[births->next];
        if (birth->event >= first + count)
            break;
        if (birth->event < first) // in a damaged chunk
            continue;
        const struct reel_event *event = &events[birth->event - first];
        births->read_count++;
        if (event->kind == REEL_EVENT_ALLOC && event->address == birth->address)
            status = births->take(births->context, birth, event);
    }
    return status;
}

// One past the last of the births from that one on that lie close together.
static size_t end_of_group(const struct births *births, size_t index)
{
    do
        index++;
    while (index < births->count && births->all[index].event - births->all[index - 1].event < GAP_EVENTS);
    return index;
}

static int read_groups(struct births *births, struct reel_reader *reader, const struct reel_progress *progress,
                       struct reel_error *error)
{
    int status = REEL_OK;
    double step = 1 / (double)births->count;
    for (size_t i = 0; i < births->count && status == REEL_OK;)
    {
        size_t end = end_of_group(births, i);
        struct history_part part = {progress, (double)i * step, (double)end * step};
        struct reel_progress own = history_part_progress(&part);
        births->next = i;
        status =
            history_read(reader, births->all[i].event, births->all[end - 1].event + 1, &own, take_run, births, error);
        i = end;
    }
    return status;
}

int history_births_read(struct reel_replay *replay, const struct reel_progress *progress, history_take_birth *take,
                        void *context, struct reel_error *error)
{
    struct births births = {.take = take, .context = context};
    int status = reel_replay_each_block(replay, 0, note, &births);
    if (status == REEL_OK && births.count != 0)
        status = sort(&births);
    if (status != REEL_OK)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    else if (births.count != 0)
    {
        struct reel_reader *reader = reel_replay_reader(replay);
        uint64_t left_out_events = reader->left_out_events; // what lies between births is nothing to be missed
        status = read_groups(&births, reader, progress, error);
        reader->left_out_events = left_out_events + (births.count - births.read_count);
    }
    free(births.all);
    return status;
}
