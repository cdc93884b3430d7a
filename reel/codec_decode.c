// SPDX-License-Identifier: MIT
// Chunk bytes to events. Nothing in the bytes is believed: sizes are checked before they are used, a cell must hold a
// block, every column must be used up exactly.
#include "reel/codec.h"

#include "reel/codec_decoder.h"
#include "reel/status.h"

DECODER_INLINE void get_stack(struct decoder *decoder, struct predictor *predictor, uint32_t situation, uint8_t control,
                              struct reel_event *event)
{
    event->stack =
        (control & CONTROL_STACK) != 0 ? predictor->stack_after[situation] : (uint32_t)get_word(decoder, WORD_STACK);
    predictor->stack_after[situation] = predictor->stack_before[event->thread % THREAD_SLOTS] = event->stack;
}

DECODER_INLINE void get_size(struct decoder *decoder, struct predictor *predictor, uint8_t control,
                             struct reel_event *event)
{
    bool is_hit = (control & CONTROL_SIZE) != 0;
    uint64_t *requested = predictor_requested(predictor, event->stack);
    event->requested_bytes = is_hit ? *requested : get_word(decoder, WORD_REQUESTED);
    uint64_t *slack = predictor_slack(predictor, event->requested_bytes);
    uint64_t event_slack = is_hit ? *slack : *slack ^ get_word(decoder, WORD_SLACK);
    event->usable_bytes = event->requested_bytes + event_slack;
    *requested = event->requested_bytes;
    *slack = event_slack;
}

// The address of a new block that is not where it was expected.
DECODER_INLINE uint64_t get_new_address(struct decoder *decoder, struct predictor *predictor,
                                        const struct reel_event *event)
{
    uint64_t *before = &predictor->address_before[event->thread % THREAD_SLOTS];
    *before += address_unpack(get_word(decoder, WORD_ADDRESS), decoder->address_shift);
    return *before;
}

// Where the events of a chunk go, and the births, unless they are NULL.
struct sink
{
    struct reel_event *events;
    uint32_t *births;
};

DECODER_INLINE void get_new_block(struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                                  const struct sink *sink, uint32_t index)
{
    struct reel_event *event = &sink->events[index];
    struct cell *cell = cells_take(&codec->cells, event->thread, event->usable_bytes);
    if ((control & CONTROL_BLOCK) == 0)
        cell->address = get_new_address(decoder, &codec->predictor, event);
    cell->is_taken = true;
    cell->birth = (uint16_t)index;
    event->address = cell->address;
}

// A fork's copy of a block is not the block.
DECODER_INLINE void link_birth(const struct sink *sink, uint32_t index, uint32_t birth)
{
    const struct reel_event *event = &sink->events[index];
    if (__builtin_expect(sink->events[birth].process != event->process, 0))
        return;
    sink->births[index] = birth;
    if (event->kind == REEL_EVENT_FREE)
        sink->births[birth] = index;
}

DECODER_INLINE void get_old_block(struct decoder *decoder, struct reel_codec *codec, const struct sink *sink,
                                  uint32_t index)
{
    struct reel_event *event = &sink->events[index];
    uint32_t number = (uint16_t)(codec->cells.last - cell_unpack(get_word(decoder, WORD_CELL)));
    if (__builtin_expect(number >= codec->cells.count || !codec->cells.cell[number].is_taken, 0))
    {
        decoder->is_damaged = true;
        return;
    }
    codec->cells.last = number;
    event->address = codec->cells.cell[number].address;
    if (event->kind == REEL_EVENT_FREE)
    {
        cells_vacate(&codec->cells, event->thread, (uint16_t)number);
        codec->cells.cell[number].is_taken = false;
    }
    if (sink->births != NULL)
        link_birth(sink, index, codec->cells.cell[number].birth);
}

DECODER_INLINE void get_elsewhere(struct decoder *decoder, struct reel_event *event)
{
    decoder->elsewhere += address_unpack(get_word(decoder, WORD_ELSEWHERE), decoder->address_shift);
    event->address = decoder->elsewhere;
}

DECODER_INLINE void get_block(struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                              const struct sink *sink, uint32_t index)
{
    if (sink->births != NULL)
        sink->births[index] = REEL_BIRTH_ELSEWHERE;
    if (sink->events[index].kind == REEL_EVENT_ALLOC)
        get_new_block(decoder, codec, control, sink, index);
    else if ((control & CONTROL_BLOCK) == 0)
        get_elsewhere(decoder, &sink->events[index]);
    else
        get_old_block(decoder, codec, sink, index);
}

DECODER_INLINE void get_event(struct decoder *decoder, struct reel_codec *codec, const struct sink *sink,
                              uint32_t index, uint32_t thread, uint32_t process)
{
    struct reel_event *event = &sink->events[index];
    uint8_t control = *decoder->column[COLUMN_CONTROL].at++;
    bool is_carved = (control & CONTROL_KIND) == 0;
    uint32_t flags = (uint32_t)(control & CONTROL_FLAGS) >> CONTROL_FLAGS_SHIFT;
    flags |= (uint32_t)is_carved << CONTROL_CARVED_SHIFT;
    event->thread = thread;
    event->process = process;
    event->kind = (uint8_t)((control & CONTROL_KIND) + is_carved);
    event->flags = (uint8_t)flags;
    uint32_t situation = predictor_situation(codec->predictor.stack_before[thread % THREAD_SLOTS], event->kind);
    event->t_ns = decoder->t_ns += GET_VARINT(decoder, COLUMN_TIME);
    get_stack(decoder, &codec->predictor, situation, control, event);
    if (event->kind != REEL_EVENT_FREE)
        get_size(decoder, &codec->predictor, control, event);
    else
        event->requested_bytes = event->usable_bytes = 0;
    get_block(decoder, codec, control, sink, index);
}

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

// One run of events of a thread at a time, so that its process is looked up once.
DECODER_INLINE bool get_events(const struct decoder *decoder, struct reel_codec *codec,
                               const struct reel_thread_map *threads, const struct sink *sink, uint32_t count)
{
    struct decoder state = *decoder;
    for (uint32_t index = 0; index < count && !state.is_damaged;)
    {
        uint64_t thread = GET_VARINT(&state, COLUMN_THREAD);
        uint64_t run = GET_VARINT(&state, COLUMN_THREAD);
        if (thread > UINT32_MAX || run == 0 || run > count - index)
            return false;
        uint32_t process = thread < threads->thread_count ? threads->process_of_thread[thread] : 0;
        for (uint32_t end = index + (uint32_t)run; index < end; index++)
            get_event(&state, codec, sink, index, (uint32_t)thread, process);
    }
    return !state.is_damaged && is_used_up(&state);
}

static bool get_plain(const struct decoder *decoder, struct reel_codec *codec, const struct reel_thread_map *threads,
                      struct reel_event *events, uint32_t count)
{
    const struct sink sink = {.events = events, .births = NULL};
    return get_events(decoder, codec, threads, &sink, count);
}

static bool get_with_births(const struct decoder *decoder, struct reel_codec *codec,
                            const struct reel_thread_map *threads, struct reel_event *events, uint32_t *births,
                            uint32_t count)
{
    const struct sink sink = {.events = events, .births = births};
    return get_events(decoder, codec, threads, &sink, count);
}

static int decode(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                  const struct reel_thread_map *threads, struct reel_event *events, uint32_t *births)
{
    struct decoder decoder = {.t_ns = head->begin_ns, .address_shift = head->address_shift};
    if (bytes < sizeof *head || head->column_count != COLUMN_COUNT || head->address_shift < ADDRESS_SHIFT_MIN ||
        !codec_load_columns(codec, head, data, bytes, &decoder))
        return REEL_E_DAMAGED;
    if (decoder.column[COLUMN_CONTROL].end - decoder.column[COLUMN_CONTROL].at != head->event_count)
        return REEL_E_DAMAGED;
    predictor_reset(&codec->predictor);
    cells_reset(&codec->cells);
    bool is_sound = births == NULL ? get_plain(&decoder, codec, threads, events, head->event_count)
                                   : get_with_births(&decoder, codec, threads, events, births, head->event_count);
    return is_sound ? REEL_OK : REEL_E_DAMAGED;
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
    status = head.version == 1 ? codec_decode_v1(codec, &head, data, bytes, threads, events, births)
                               : decode(codec, &head, data, bytes, threads, events, births);
    if (status != REEL_OK)
        return status;
    *count = head.event_count;
    *first_event = head.first_event;
    return REEL_OK;
}
