// SPDX-License-Identifier: MIT
// Chunk bytes to events. Nothing in the bytes is believed: sizes are checked before they are used, a cell must hold a
// block, every column must be used up exactly. Versions 3 and 4 are read by the same loop, compiled once for each.
#include "reel/codec.h"

#include "reel/codec_decoder.h"
#include "reel/status.h"

DECODER_INLINE void get_time_v3(struct decoder *decoder, uint32_t situation, struct reel_event *event)
{
    struct source *rest = &decoder->column[COLUMN_TIME_REST_V3];
    struct source *column = &decoder->time_v3[situation >> (STACK_BITS - TIME_BITS_V3)];
    uint64_t steps = get_first(decoder, column);
    bool is_corrected = steps == TIME_CORRECTED_V3;
    if (__builtin_expect(steps > 240, 0))
        steps = is_corrected ? get_varint(decoder, column, rest) : get_rest(decoder, rest, steps);
    uint64_t reached = decoder->phase + steps * decoder->step_q32;
    uint64_t elapsed = reached >> 32;
    decoder->phase = (uint32_t)reached;
    if (__builtin_expect(is_corrected, 0))
    {
        uint64_t correction = unzigzag(GET_VARINT(decoder, COLUMN_CORRECTION_V3));
        elapsed += correction;
        decoder->phase = (int64_t)correction > 0 ? 0 : UINT32_MAX;
    }
    decoder->t_ns += elapsed;
    event->t_ns = decoder->t_ns;
}

DECODER_INLINE void get_stack(bool is_v3, struct decoder *decoder, struct predictor *predictor, uint32_t situation,
                              uint8_t control, struct reel_event *event)
{
    event->stack = (control & CONTROL_STACK) != 0 ? predictor->stack_after[situation]
                                                  : (uint32_t)get_number(is_v3, decoder, WORD_STACK);
    predictor->stack_after[situation] = predictor->stack_before[event->thread % THREAD_SLOTS] = event->stack;
}

DECODER_INLINE uint64_t get_slack(bool is_v3, struct decoder *decoder, uint64_t expected)
{
    uint64_t value = get_number(is_v3, decoder, WORD_SLACK);
    return is_v3 ? expected + unzigzag(value) : expected ^ value;
}

DECODER_INLINE void get_size(bool is_v3, struct decoder *decoder, struct predictor *predictor, uint8_t control,
                             struct reel_event *event)
{
    bool is_hit = (control & CONTROL_SIZE) != 0;
    uint64_t *requested = predictor_requested(is_v3, predictor, event->stack);
    event->requested_bytes = is_hit ? *requested : get_number(is_v3, decoder, WORD_REQUESTED);
    uint64_t *slack = predictor_slack(is_v3, predictor, event->requested_bytes);
    uint64_t event_slack = is_hit ? *slack : get_slack(is_v3, decoder, *slack);
    event->usable_bytes = event->requested_bytes + event_slack;
    *requested = event->requested_bytes;
    *slack = event_slack;
}

DECODER_INLINE uint64_t get_address(bool is_v3, struct decoder *decoder, enum word word)
{
    uint64_t value = get_number(is_v3, decoder, word);
    return is_v3 ? address_unpack_v3(value, decoder->address_shift) : address_unpack(value, decoder->address_shift);
}

// The address of a new block that is not where it was expected.
DECODER_INLINE uint64_t get_new_address(bool is_v3, struct decoder *decoder, struct predictor *predictor,
                                        const struct reel_event *event)
{
    uint64_t *before = &predictor->address_before[event->thread % THREAD_SLOTS];
    uint64_t address = *before + get_address(is_v3, decoder, WORD_ADDRESS);
    *before = is_v3 ? address_end_v3(address, event->usable_bytes, decoder->address_shift) : address;
    return address;
}

DECODER_INLINE void get_new_block(struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                                  struct reel_event *event)
{
    struct cell *cell = cells_take(&codec->cells, event->thread, event->usable_bytes);
    if ((control & CONTROL_BLOCK) == 0)
        cell->address = get_new_address(false, decoder, &codec->predictor, event);
    cell->is_taken = true;
    event->address = cell->address;
}

DECODER_INLINE void get_old_block(struct decoder *decoder, struct reel_codec *codec, struct reel_event *event)
{
    uint32_t number = (uint16_t)(codec->cells.last - cell_unpack(get_number(false, decoder, WORD_CELL)));
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
}

DECODER_INLINE void get_new_block_v3(struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                                     struct reel_event *events, uint32_t index)
{
    struct reel_event *event = &events[index];
    struct piles_v3 *piles = &codec->piles;
    uint32_t guess = piles_v3_take(piles, event->thread, event->usable_bytes);
    piles->birth_of_cell[piles->vacant[piles->top--]] = (uint16_t)index;
    if ((control & CONTROL_BLOCK) == 0)
        event->address = get_new_address(true, decoder, &codec->predictor, event);
    else if (guess != 0)
        event->address = events[guess - 1].address;
    else
        decoder->is_damaged = true;
}

DECODER_INLINE void get_old_block_v3(struct decoder *decoder, struct reel_codec *codec, struct reel_event *events,
                                     struct reel_event *event)
{
    struct piles_v3 *piles = &codec->piles;
    uint64_t cell = piles->vacant[piles->top] - unzigzag(get_number(true, decoder, WORD_CELL));
    uint32_t birth = cell < REEL_CHUNK_EVENTS_MAX ? piles->birth_of_cell[cell] : CELL_NONE_V3;
    if (__builtin_expect(birth == CELL_NONE_V3, 0))
    {
        decoder->is_damaged = true;
        return;
    }
    event->address = events[birth].address;
    if (event->kind == REEL_EVENT_FREE)
    {
        piles->vacant[++piles->top] = (uint16_t)cell;
        piles->birth_of_cell[cell] = CELL_NONE_V3;
        piles_v3_put(piles, event->thread, events[birth].usable_bytes, birth);
    }
}

DECODER_INLINE void get_elsewhere(bool is_v3, struct decoder *decoder, struct reel_event *event)
{
    decoder->elsewhere += get_address(is_v3, decoder, WORD_ELSEWHERE);
    event->address = decoder->elsewhere;
}

DECODER_INLINE void get_block(bool is_v3, struct decoder *decoder, struct reel_codec *codec, uint8_t control,
                              struct reel_event *events, uint32_t index)
{
    struct reel_event *event = &events[index];
    if (event->kind == REEL_EVENT_ALLOC && is_v3)
        get_new_block_v3(decoder, codec, control, events, index);
    else if (event->kind == REEL_EVENT_ALLOC)
        get_new_block(decoder, codec, control, event);
    else if ((control & CONTROL_BLOCK) == 0)
        get_elsewhere(is_v3, decoder, event);
    else if (is_v3)
        get_old_block_v3(decoder, codec, events, event);
    else
        get_old_block(decoder, codec, event);
}

DECODER_INLINE void get_event(bool is_v3, struct decoder *decoder, struct reel_codec *codec, struct reel_event *events,
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
    uint32_t situation = predictor_situation(is_v3, codec->predictor.stack_before[thread % THREAD_SLOTS], event->kind);
    if (is_v3)
        get_time_v3(decoder, situation, event);
    else
        event->t_ns = decoder->t_ns += GET_VARINT(decoder, COLUMN_TIME);
    get_stack(is_v3, decoder, &codec->predictor, situation, control, event);
    if (event->kind != REEL_EVENT_FREE)
        get_size(is_v3, decoder, &codec->predictor, control, event);
    else
        event->requested_bytes = event->usable_bytes = 0;
    get_block(is_v3, decoder, codec, control, events, index);
}

static bool is_used_up(const struct decoder *decoder)
{
    bool is_used_up = true;
    for (int i = 0; i < COLUMN_TIME_V3; i++)
        is_used_up = is_used_up && decoder->column[i].at == decoder->column[i].end;
    for (int i = 0; i < COLUMN_COUNT_V3 - COLUMN_TIME_V3; i++)
        is_used_up = is_used_up && decoder->time_v3[i].at == decoder->time_v3[i].end;
    for (int i = 0; i < WORD_COUNT; i++)
        is_used_up = is_used_up && decoder->words[i].at == decoder->words[i].end &&
                     decoder->longs[i].at == decoder->longs[i].end;
    return is_used_up;
}

// One run of events of a thread at a time, so that its process is looked up once.
DECODER_INLINE bool get_events(bool is_v3, struct decoder *decoder, struct reel_codec *codec,
                               const struct reel_thread_map *threads, struct reel_event *events, uint32_t count)
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
            get_event(is_v3, &state, codec, events, index, (uint32_t)thread, process);
    }
    return !state.is_damaged && is_used_up(&state);
}

static bool get_events_v3(struct decoder *decoder, struct reel_codec *codec, const struct reel_thread_map *threads,
                          struct reel_event *events, uint32_t count)
{
    piles_v3_reset(&codec->piles);
    return get_events(true, decoder, codec, threads, events, count);
}

static bool get_events_newest(struct decoder *decoder, struct reel_codec *codec, const struct reel_thread_map *threads,
                              struct reel_event *events, uint32_t count)
{
    cells_reset(&codec->cells);
    return get_events(false, decoder, codec, threads, events, count);
}

static int decode(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                  const struct reel_thread_map *threads, struct reel_event *events)
{
    bool is_v3 = head->version == 3;
    struct decoder decoder = {.t_ns = head->begin_ns,
                              .step_q32 = head->step_q32,
                              .phase = PHASE_BEGIN_V3,
                              .address_shift = head->address_shift};
    if (bytes < sizeof *head || head->column_count != (is_v3 ? COLUMN_COUNT_V3 : COLUMN_COUNT) ||
        head->address_shift < ADDRESS_SHIFT_MIN || !codec_load_columns(codec, head, data, bytes, &decoder))
        return REEL_E_DAMAGED;
    if (decoder.column[COLUMN_CONTROL].end - decoder.column[COLUMN_CONTROL].at != head->event_count)
        return REEL_E_DAMAGED;
    predictor_reset(&codec->predictor);
    bool is_sound = is_v3 ? get_events_v3(&decoder, codec, threads, events, head->event_count)
                          : get_events_newest(&decoder, codec, threads, events, head->event_count);
    return is_sound ? REEL_OK : REEL_E_DAMAGED;
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
                               : decode(codec, &head, data, bytes, threads, events);
    if (status != REEL_OK)
        return status;
    *count = head.event_count;
    *first_event = head.first_event;
    return REEL_OK;
}
