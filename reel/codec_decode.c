// SPDX-License-Identifier: MIT
// Chunk bytes to events. Nothing in the bytes is believed: sizes are checked before they are used, a cell must hold a
// block, every column must be used up exactly.
#include "reel/codec.h"

#include "reel/codec_decoder.h"
#include "reel/status.h"

static bool is_used_up(const struct decoder *decoder)
{
    bool is_used_up = true;
    for (int i = 0; i < COLUMN_LONG; i++)
        is_used_up = is_used_up && decoder->column[i].at == decoder->column[i].end;
    for (int i = 0; i < WORD_COUNT; i++)
        is_used_up = is_used_up && decoder->words[i].at == decoder->words[i].end &&
                     decoder->longs[i].at == decoder->longs[i].end;
    return is_used_up;
}

// One run of a thread's events at a time; all of them in a row have no thread yet.
static bool get_events(struct decoder *decoder, struct reel_codec *codec, const struct reel_thread_map *threads,
                       const struct codec_run *all)
{
    struct codec_run run = *all;
    for (uint32_t end = 0; end < all->count && !decoder->is_damaged; end += run.count)
    {
        uint64_t thread = GET_VARINT(decoder, COLUMN_THREAD);
        uint64_t run_events = GET_VARINT(decoder, COLUMN_THREAD);
        if (thread > UINT32_MAX || run_events == 0 || run_events > all->count - end)
            return false;
        run.events = all->events + end;
        run.births = all->births == NULL ? NULL : all->births + end;
        run.first = end;
        run.count = (uint32_t)run_events;
        run.thread = (uint32_t)thread;
        run.process = thread < threads->thread_count ? threads->process_of_thread[thread] : 0;
        if (run.births == NULL)
            codec_get_run(decoder, codec, &run);
        else
            codec_get_run_with_births(decoder, codec, &run);
    }
    return !decoder->is_damaged && is_used_up(decoder);
}

static int decode(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                  const struct reel_thread_map *threads, const struct codec_run *all)
{
    struct decoder decoder = {.t_ns = head->begin_ns, .address_shift = head->address_shift};
    if (bytes < sizeof *head || head->column_count != COLUMN_COUNT || head->address_shift < ADDRESS_SHIFT_MIN ||
        !codec_load_columns(codec, head, data, bytes, &decoder))
        return REEL_E_DAMAGED;
    if (source_bytes(&decoder.column[COLUMN_CONTROL]) != head->event_count ||
        source_bytes(&decoder.column[COLUMN_TIME]) != head->event_count)
        return REEL_E_DAMAGED;
    predictor_reset(&codec->predictor);
    cells_reset(&codec->cells);
    return get_events(&decoder, codec, threads, all) ? REEL_OK : REEL_E_DAMAGED;
}

static int check_head(const uint8_t *data, size_t bytes, struct chunk_head *head)
{
    *head = (struct chunk_head){0};
    if (bytes < CHUNK_HEAD_BYTES_V1)
        return REEL_E_DAMAGED;
    memcpy(head, data, bytes < sizeof *head ? CHUNK_HEAD_BYTES_V1 : sizeof *head);
    if (head->magic != CHUNK_MAGIC ||
        head->checksum != XXH64(data + sizeof head->checksum, bytes - sizeof head->checksum, 0))
        return REEL_E_DAMAGED;
    if (head->version > REEL_CHUNK_VERSION)
        return REEL_E_NEWER;
    bool is_sound = head->version >= 1 && head->event_count >= 1 && head->event_count <= REEL_CHUNK_EVENTS_MAX &&
                    head->address_shift <= ADDRESS_SHIFT_MAX;
    return is_sound ? REEL_OK : REEL_E_DAMAGED;
}

int reel_codec_decode(struct reel_codec *codec, const void *data, size_t bytes, const struct reel_thread_map *threads,
                      struct reel_event *events, size_t *count, uint64_t *first_event)
{
    return reel_codec_decode_with_births(codec, data, bytes, threads, events, NULL, count, first_event);
}

int reel_codec_decode_with_births(struct reel_codec *codec, const void *data, size_t bytes,
                                  const struct reel_thread_map *threads, struct reel_event *events, uint32_t *births,
                                  size_t *count, uint64_t *first_event)
{
    struct chunk_head head;
    int status = check_head(data, bytes, &head);
    if (status != REEL_OK)
        return status;
    const struct codec_run all = {.events = events, .births = births, .count = head.event_count};
    status = head.version == 1 ? codec_decode_v1(codec, &head, data, bytes, threads, events, births)
                               : decode(codec, &head, data, bytes, threads, &all);
    if (status != REEL_OK)
        return status;
    *count = head.event_count;
    *first_event = head.first_event;
    return REEL_OK;
}
