// SPDX-License-Identifier: MIT
// Made-up event streams, and their totals recomputed without any of the library's code.
#include "stream.h"

#include <string.h>

#define PLACES_ADDRESS UINT64_C(0x7f0012345000)
#define PLACE_BYTES UINT64_C(48)

void stream_init(struct stream *stream, uint64_t seed, uint32_t process_count)
{
    memset(stream, 0, sizeof *stream);
    stream->state = seed * 2 + 1;
    stream->process_count = process_count;
}

uint64_t stream_random(struct stream *stream, uint64_t below)
{
    stream->state ^= stream->state << 13;
    stream->state ^= stream->state >> 7;
    stream->state ^= stream->state << 17;
    return (stream->state >> 11) % below;
}

uint32_t stream_thread(uint32_t process, uint32_t index)
{
    return (process - 1) * STREAM_THREADS_PER_PROCESS + index + 1;
}

static uint64_t random_size(struct stream *stream)
{
    switch (stream_random(stream, 20))
    {
    case 0:
        return stream_random(stream, 100000);
    case 1:
        return stream_random(stream, UINT64_C(1) << 40);
    case 2:
        return 0;
    default:
        return 8 + 8 * stream_random(stream, 12);
    }
}

static void raise_peak(struct stream_process *totals, const struct reel_event *event, uint64_t number)
{
    if (totals->live_bytes <= totals->figures.peak_live_bytes)
        return;
    totals->figures.peak_live_bytes = totals->live_bytes;
    totals->figures.peak_event = number;
    totals->figures.peak_t_ns = event->t_ns;
}

static void count_alloc(struct stream *stream, struct stream_process *totals, const struct reel_event *event,
                        const struct stream_place *place)
{
    if (place->is_live)
    {
        totals->live_blocks--;
        totals->live_bytes -= place->requested_bytes;
    }
    totals->figures.allocations++;
    totals->figures.total_requested_bytes += event->requested_bytes;
    totals->live_blocks++;
    totals->live_bytes += event->requested_bytes;
    raise_peak(totals, event, stream->event_count);
}

static void count_free(struct stream_process *totals, const struct stream_place *place, bool is_temporary)
{
    totals->figures.frees++;
    if (!place->is_live)
    {
        totals->figures.unknown_frees++;
        return;
    }
    totals->figures.temporary_allocations += is_temporary;
    totals->live_blocks--;
    totals->live_bytes -= place->requested_bytes;
}

static void count_resize(struct stream *stream, struct stream_process *totals, const struct reel_event *event,
                         const struct stream_place *place)
{
    totals->figures.resizes++;
    if (!place->is_live)
        return;
    if (event->requested_bytes > place->requested_bytes)
        totals->figures.total_requested_bytes += event->requested_bytes - place->requested_bytes;
    totals->live_bytes += event->requested_bytes - place->requested_bytes;
    raise_peak(totals, event, stream->event_count);
}

static void count_event(struct stream *stream, const struct reel_event *event, uint32_t place_index)
{
    struct stream_process *process = &stream->processes[event->process - 1];
    struct stream_place *place = &process->places[place_index];
    uint64_t *last_alloc = &process->last_alloc[(event->thread - 1) % STREAM_THREADS_PER_PROCESS];
    struct stream_process *both[] = {process, &stream->run};
    for (int i = 0; i < 2; i++)
    {
        if (event->kind == REEL_EVENT_ALLOC)
            count_alloc(stream, both[i], event, place);
        else if (event->kind == REEL_EVENT_FREE)
            count_free(both[i], place, *last_alloc == event->address);
        else
            count_resize(stream, both[i], event, place);
        both[i]->figures.events++;
    }
    *last_alloc = event->kind == REEL_EVENT_ALLOC ? event->address : 0;
    if (event->kind != REEL_EVENT_RESIZE || place->is_live)
        *place = (struct stream_place){event->kind != REEL_EVENT_FREE, event->requested_bytes};
    stream->event_count++;
}

static uint32_t pick_place(struct stream *stream, const struct stream_process *process, bool is_live)
{
    uint32_t place = (uint32_t)stream_random(stream, STREAM_PLACES);
    for (uint32_t i = 0; i < STREAM_PLACES && process->places[place].is_live != is_live; i++)
        place = (place + 1) % STREAM_PLACES;
    return place;
}

static uint8_t random_flags(struct stream *stream, uint8_t kind)
{
    if (stream_random(stream, 5) != 0)
        return 0;
    return (uint8_t)stream_random(stream, kind == REEL_EVENT_ALLOC ? 16 : 8);
}

static void make_event(struct stream *stream, struct reel_event *event)
{
    uint32_t process = 1 + (uint32_t)stream_random(stream, stream->process_count);
    uint64_t what = stream_random(stream, 100);
    bool is_odd = stream_random(stream, 200) == 0;
    uint8_t kind = what < 48 ? REEL_EVENT_ALLOC : what < 92 ? REEL_EVENT_FREE : REEL_EVENT_RESIZE;
    bool wants_live = (kind != REEL_EVENT_ALLOC) != is_odd;
    uint32_t place = pick_place(stream, &stream->processes[process - 1], wants_live);
    uint32_t thread_index = (uint32_t)stream_random(stream, STREAM_THREADS_PER_PROCESS);
    stream->t_ns += stream_random(stream, 50) == 0 ? stream_random(stream, 1000000) : stream_random(stream, 300);
    *event = (struct reel_event){.t_ns = stream->t_ns,
                                 .address = PLACES_ADDRESS + place * PLACE_BYTES,
                                 .stack = (uint32_t)stream_random(stream, 40),
                                 .thread = stream_thread(process, thread_index),
                                 .process = process,
                                 .kind = kind,
                                 .flags = random_flags(stream, kind)};
    if (kind != REEL_EVENT_FREE)
    {
        event->requested_bytes = random_size(stream);
        event->usable_bytes = (event->requested_bytes + 23) / 16 * 16 + 8;
    }
    count_event(stream, event, place);
}

void stream_next(struct stream *stream, struct reel_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        make_event(stream, &events[i]);
}

size_t stream_place_of(const struct reel_event *event)
{
    return (size_t)((event->address - PLACES_ADDRESS) / PLACE_BYTES);
}

static uint64_t any_number(struct stream *stream)
{
    uint64_t bits = stream_random(stream, UINT64_C(1) << 32) << 32 | stream_random(stream, UINT64_C(1) << 32);
    return bits >> stream_random(stream, 64);
}

void stream_noise(struct stream *stream, struct reel_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        uint64_t room = UINT64_MAX - stream->t_ns;
        uint64_t step = any_number(stream) >> 20;
        stream->t_ns += step < room ? step : room;
        uint8_t kind = (uint8_t)(1 + stream_random(stream, 3));
        bool is_free = kind == REEL_EVENT_FREE;
        events[i] = (struct reel_event){.t_ns = stream->t_ns,
                                        .address = any_number(stream),
                                        .requested_bytes = is_free ? 0 : any_number(stream),
                                        .usable_bytes = is_free ? 0 : any_number(stream),
                                        .stack = (uint32_t)any_number(stream),
                                        .thread = (uint32_t)any_number(stream),
                                        .kind = kind,
                                        .flags = (uint8_t)stream_random(stream, kind == REEL_EVENT_ALLOC ? 16 : 8)};
    }
}
