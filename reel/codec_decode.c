// SPDX-License-Identifier: MIT
// Chunk bytes to events. Nothing in the bytes is believed: sizes are checked before they are used, a cell must hold a
// block, every column must be used up exactly.
#include "reel/codec.h"

#include "reel/codec_scratch.h"
#include "reel/status.h"

#define DECODER_INLINE static inline __attribute__((always_inline))

// What is left of a column. A read may pass the end by COLUMN_PADDING bytes of scratch; that it did is seen when the
// next value is read, or at the end.
struct source
{
    const uint8_t *at;
    const uint8_t *end;
};

// It lives in a copy while events are decoded: never pass it to a function that is not inlined.
struct decoder
{
    struct source column[COLUMN_TIME];
    struct source time[COLUMN_COUNT - COLUMN_TIME];
    struct cells cells;
    uint64_t t_ns;
    uint64_t elsewhere;
    uint64_t step_q32;
    uint32_t phase; // what the clock is beyond t_ns, ns * 2^32
    unsigned address_shift;
    bool is_damaged;
};

DECODER_INLINE uint64_t get_first(struct decoder *decoder, struct source *column)
{
    const uint8_t *at = column->at;
    if (__builtin_expect(at >= column->end, 0))
    {
        decoder->is_damaged = true;
        return 0;
    }
    column->at = at + 1;
    return at[0];
}

// The value of a varint whose first byte is above 240.
DECODER_INLINE uint64_t get_rest(struct decoder *decoder, struct source *rest, uint64_t first)
{
    const uint8_t *at = rest->at;
    if (at >= rest->end)
    {
        decoder->is_damaged = true;
        return 0;
    }
    uint64_t value;
    memcpy(&value, at, sizeof value);
    if (first <= 248)
    {
        rest->at = at + 1;
        return 240 + ((first - 241) << 8) + (value & 0xff);
    }
    if (first == 249)
    {
        rest->at = at + 2;
        return 2288 + (value & 0xffff);
    }
    unsigned rest_bytes = (unsigned)first - 247;
    rest->at = at + rest_bytes;
    return value & (UINT64_MAX >> (64 - 8 * rest_bytes));
}

DECODER_INLINE uint64_t get_varint(struct decoder *decoder, struct source *column, struct source *rest)
{
    uint64_t first = get_first(decoder, column);
    return __builtin_expect(first <= 240, 1) ? first : get_rest(decoder, rest, first);
}

#define GET(decoder, name) get_varint(decoder, &(decoder)->column[name], &(decoder)->column[(name) + 1])

DECODER_INLINE void get_time(struct decoder *decoder, uint32_t situation, struct reel_event *event)
{
    struct source *rest = &decoder->column[COLUMN_TIME_REST];
    struct source *column = &decoder->time[time_column(situation)];
    uint64_t steps = get_first(decoder, column);
    bool is_corrected = steps == TIME_CORRECTED;
    if (__builtin_expect(steps > 240, 0))
        steps = is_corrected ? get_varint(decoder, column, rest) : get_rest(decoder, rest, steps);
    uint64_t reached = decoder->phase + steps * decoder->step_q32;
    uint64_t elapsed = reached >> 32;
    decoder->phase = (uint32_t)reached;
    if (__builtin_expect(is_corrected, 0))
    {
        uint64_t correction = unzigzag(GET(decoder, COLUMN_CORRECTION));
        elapsed += correction;
        decoder->phase = (int64_t)correction > 0 ? 0 : UINT32_MAX;
    }
    decoder->t_ns += elapsed;
    event->t_ns = decoder->t_ns;
}

DECODER_INLINE void get_stack(struct decoder *decoder, struct predictor *predictor, uint32_t situation, uint8_t control,
                              struct reel_event *event)
{
    event->stack =
        (control & CONTROL_STACK) != 0 ? predictor->stack_after[situation] : (uint32_t)GET(decoder, COLUMN_STACK);
    predictor_saw_stack(predictor, situation, event->thread, event->stack);
}

DECODER_INLINE void get_size(struct decoder *decoder, struct predictor *predictor, uint8_t control,
                             struct reel_event *event)
{
    bool is_hit = (control & CONTROL_SIZE) != 0;
    uint64_t *requested = predictor_requested(predictor, event->stack);
    event->requested_bytes = is_hit ? *requested : GET(decoder, COLUMN_REQUESTED);
    uint64_t *slack = predictor_slack(predictor, event->requested_bytes);
    uint64_t event_slack = is_hit ? *slack : *slack + unzigzag(GET(decoder, COLUMN_SLACK));
    event->usable_bytes = event->requested_bytes + event_slack;
    *requested = event->requested_bytes;
    *slack = event_slack;
}

DECODER_INLINE void get_new_block(struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                                  struct reel_event *events, uint32_t index)
{
    struct reel_event *event = &events[index];
    struct predictor *predictor = &codec->predictor;
    uint32_t *vacant = predictor_vacant(predictor, event->thread, event->usable_bytes);
    uint32_t guess = *vacant;
    codec->birth_of_cell[cells_take(&decoder->cells)] = (uint16_t)index;
    if (guess != 0)
        *vacant = predictor->vacant_next[guess - 1];
    if ((control & CONTROL_BLOCK) != 0)
    {
        if (guess != 0)
            event->address = events[guess - 1].address;
        else
            decoder->is_damaged = true;
        return;
    }
    uint64_t *after = predictor_after(predictor, event->thread);
    event->address = *after + address_unpack(GET(decoder, COLUMN_ADDRESS), decoder->address_shift);
    *after = predictor_end(event->address, event->usable_bytes, decoder->address_shift);
}

DECODER_INLINE void get_old_block(struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                                  struct reel_event *events, struct reel_event *event)
{
    if ((control & CONTROL_BLOCK) == 0)
    {
        decoder->elsewhere += address_unpack(GET(decoder, COLUMN_ELSEWHERE), decoder->address_shift);
        event->address = decoder->elsewhere;
        return;
    }
    uint64_t cell = *decoder->cells.top - unzigzag(GET(decoder, COLUMN_CELL));
    uint32_t birth = cell < REEL_CHUNK_EVENTS_MAX ? codec->birth_of_cell[cell] : CELL_NONE;
    if (__builtin_expect(birth == CELL_NONE, 0))
    {
        decoder->is_damaged = true;
        return;
    }
    event->address = events[birth].address;
    if (event->kind == REEL_EVENT_FREE)
    {
        cells_vacate(&decoder->cells, (uint16_t)cell);
        codec->birth_of_cell[cell] = CELL_NONE;
        predictor_vacate(&codec->predictor, event->thread, events[birth].usable_bytes, birth);
    }
}

DECODER_INLINE void get_event(struct decoder *decoder, struct reel_codec *codec, struct reel_event *events,
                              uint32_t index, uint32_t thread, uint32_t process)
{
    struct reel_event *event = &events[index];
    uint8_t control = *decoder->column[COLUMN_CONTROL].at++;
    bool is_carved = (control & CONTROL_KIND) == 0;
    uint32_t flags = (uint32_t)(control & CONTROL_FLAGS) >> CONTROL_FLAGS_SHIFT;
    flags |= (uint32_t)is_carved << CONTROL_CARVED_SHIFT;
    event->thread = thread;
    event->process = process;
    event->kind = (uint8_t)((control & CONTROL_KIND) + is_carved);
    event->flags = (uint8_t)flags;
    uint32_t situation = predictor_situation(&codec->predictor, thread, event->kind);
    get_time(decoder, situation, event);
    get_stack(decoder, &codec->predictor, situation, control, event);
    if (event->kind != REEL_EVENT_FREE)
        get_size(decoder, &codec->predictor, control, event);
    else
        event->requested_bytes = event->usable_bytes = 0;
    if (event->kind == REEL_EVENT_ALLOC)
        get_new_block(decoder, codec, control, events, index);
    else
        get_old_block(decoder, codec, control, events, event);
}

// One run of events of a thread at a time, so that its process is looked up once.
static bool get_events(struct decoder *decoder, struct reel_codec *codec, const struct reel_thread_map *threads,
                       struct reel_event *events, uint32_t count)
{
    struct decoder state = *decoder;
    for (uint32_t index = 0; index < count && !state.is_damaged;)
    {
        uint64_t thread = GET(&state, COLUMN_THREAD);
        uint64_t run = GET(&state, COLUMN_THREAD);
        if (thread > UINT32_MAX || run == 0 || run > count - index)
            return false;
        uint32_t process = thread < threads->thread_count ? threads->process_of_thread[thread] : 0;
        for (uint32_t end = index + (uint32_t)run; index < end; index++)
            get_event(&state, codec, events, index, (uint32_t)thread, process);
    }
    bool is_used_up = true;
    for (int i = 0; i < COLUMN_TIME; i++)
        is_used_up = is_used_up && state.column[i].at == state.column[i].end;
    for (int i = 0; i < COLUMN_COUNT - COLUMN_TIME; i++)
        is_used_up = is_used_up && state.time[i].at == state.time[i].end;
    return is_used_up && !state.is_damaged;
}

bool codec_load_column(struct reel_codec *codec, const struct chunk_column *sizes, const uint8_t *stored, uint8_t *raw,
                       size_t room)
{
    if (sizes->raw_bytes > room - COLUMN_PADDING || sizes->stored_bytes > sizes->raw_bytes)
        return false;
    if (sizes->stored_bytes == sizes->raw_bytes)
        memcpy(raw, stored, sizes->raw_bytes);
    else if (ZSTD_decompressDCtx(codec->decompressor, raw, sizes->raw_bytes, stored, sizes->stored_bytes) !=
             sizes->raw_bytes)
        return false;
    memset(raw + sizes->raw_bytes, 0, COLUMN_PADDING);
    return true;
}

static bool load_columns(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                         struct decoder *decoder)
{
    const uint8_t *directory = data + sizeof *head;
    size_t directory_bytes = (size_t)__builtin_popcountll(head->columns) * sizeof(struct chunk_column);
    if (head->columns >> COLUMN_COUNT != 0 || directory_bytes > bytes - sizeof *head)
        return false;
    size_t used = sizeof *head + directory_bytes;
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        struct chunk_column sizes = {0};
        uint8_t *raw = codec->columns[i];
        if ((head->columns >> i & 1) != 0)
        {
            memcpy(&sizes, directory, sizeof sizes);
            directory += sizeof sizes;
        }
        if (sizes.stored_bytes > bytes - used ||
            !codec_load_column(codec, &sizes, data + used, raw, codec_column_room(i)))
            return false;
        used += sizes.stored_bytes;
        struct source *column = i < COLUMN_TIME ? &decoder->column[i] : &decoder->time[i - COLUMN_TIME];
        *column = (struct source){.at = raw, .end = raw + sizes.raw_bytes};
    }
    return used == bytes;
}

static int decode_newest(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                         const struct reel_thread_map *threads, struct reel_event *events)
{
    struct decoder decoder = {
        .t_ns = head->begin_ns, .step_q32 = head->step_q32, .phase = PHASE_BEGIN, .address_shift = head->address_shift};
    if (bytes < sizeof *head || head->column_count != COLUMN_COUNT || head->address_shift < ADDRESS_SHIFT_MIN ||
        !load_columns(codec, head, data, bytes, &decoder))
        return REEL_E_DAMAGED;
    if (decoder.column[COLUMN_CONTROL].end - decoder.column[COLUMN_CONTROL].at != head->event_count)
        return REEL_E_DAMAGED;
    predictor_reset(&codec->predictor);
    cells_reset(&decoder.cells, codec->vacant_cells + 1);
    memset(codec->birth_of_cell, 0xff, sizeof codec->birth_of_cell);
    return get_events(&decoder, codec, threads, events, head->event_count) ? REEL_OK : REEL_E_DAMAGED;
}

static int check_head(const uint8_t *data, size_t bytes, struct chunk_head *head)
{
    *head = (struct chunk_head){0};
    if (bytes < CHUNK_HEAD_BYTES_V2)
        return REEL_E_DAMAGED;
    memcpy(head, data, bytes < sizeof *head ? CHUNK_HEAD_BYTES_V2 : sizeof *head);
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
    struct chunk_head head;
    int status = check_head(data, bytes, &head);
    if (status != REEL_OK)
        return status;
    status = head.version <= 2 ? codec_decode_v2(codec, &head, data, bytes, threads, events)
                               : decode_newest(codec, &head, data, bytes, threads, events);
    if (status != REEL_OK)
        return status;
    *count = head.event_count;
    *first_event = head.first_event;
    return REEL_OK;
}
