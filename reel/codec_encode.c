// SPDX-License-Identifier: MIT
// Events to columns: splits the events as they come, each value as small as the predictors make it. Trusts its caller;
// the order of events is his business. How a column is compressed is told elsewhere.
//
// What is predicted comes true or not at random, and a wrongly guessed branch takes longer than the rest of an event.
// A value is therefore written in any case, and stays only where it was not predicted.
#include "reel/codec.h"

#include "reel/codec_scratch.h"
#include "reel/status.h"

static_assert(REEL_EVENT_CARVED >> CONTROL_CARVED_SHIFT == REEL_EVENT_ALLOC, "a carved alloc has kind 0");
static_assert(REEL_EVENT_CARVED << CONTROL_FLAGS_SHIFT > CONTROL_FLAGS, "it has no bit among the flags");
static_assert(REEL_BIRTH_ELSEWHERE == UINT32_MAX, "as bytes of 0xff");

#define ENCODER_INLINE static inline __attribute__((always_inline))

// The rest of a varint; its first byte goes to *first.
static uint8_t *put_rest(uint8_t *at, uint64_t value, uint8_t *first)
{
    unsigned rest_bytes = 1;
    if (value <= 2287)
    {
        value -= 240;
        *first = (uint8_t)(241 + (value >> 8));
    }
    else if (value <= 67823)
    {
        value -= 2288;
        *first = 249;
        rest_bytes = 2;
    }
    else
    {
        rest_bytes = (71u - (unsigned)__builtin_clzll(value)) / 8;
        *first = (uint8_t)(247 + rest_bytes);
    }
    memcpy(at, &value, sizeof value);
    return at + rest_bytes;
}

ENCODER_INLINE uint8_t *put_varint(uint8_t *at, uint8_t **rest, uint64_t value)
{
    uint8_t first = (uint8_t)value;
    if (__builtin_expect(value > 240, 0))
        *rest = put_rest(*rest, value, &first);
    *at = first;
    return at + 1;
}

static void put_long(struct encoder *encoder, enum word word, uint64_t value)
{
    memcpy(encoder->at[COLUMN_LONG + word], &value, sizeof value);
    encoder->at[COLUMN_LONG + word] += sizeof value;
}

static struct size_words put_long_size(struct encoder *encoder, uint64_t requested_bytes, uint64_t slack)
{
    if (requested_bytes >= WORD_LONG)
        put_long(encoder, WORD_REQUESTED, requested_bytes);
    if (slack >= WORD_LONG)
        put_long(encoder, WORD_SLACK, slack);
    return (struct size_words){requested_bytes < WORD_LONG ? (uint16_t)requested_bytes : WORD_LONG,
                               slack < WORD_LONG ? (uint16_t)slack : WORD_LONG};
}

// Written in any case, it stays only where it is wanted.
ENCODER_INLINE uint16_t *put_word(struct encoder *encoder, enum word word, uint16_t *at, uint64_t value,
                                  size_t is_wanted)
{
    *at = (uint16_t)value;
    if (__builtin_expect(value >= WORD_LONG, 0) && is_wanted != 0)
    {
        *at = WORD_LONG;
        put_long(encoder, word, value);
    }
    return at + is_wanted;
}

static uint8_t *put_thread_run(struct encoder *encoder, uint8_t *at, uint32_t thread, uint32_t length)
{
    uint8_t **rest = &encoder->at[COLUMN_THREAD_REST];
    return put_varint(put_varint(at, rest, thread), rest, length);
}

// Where the next values go and what was before, in a copy while events are put.
struct places
{
    uint16_t *stack;
    struct size_words *size;
    uint16_t *address;
    uint16_t *cell;
    uint64_t t_ns;
    uint64_t address_bits;
    uint64_t address_middle;
    unsigned address_shift;
};

ENCODER_INLINE struct places places_begin(const struct encoder *encoder)
{
    return (struct places){.stack = encoder->word_at[WORD_STACK],
                           .size = encoder->size_at,
                           .address = encoder->word_at[WORD_ADDRESS],
                           .cell = encoder->word_at[WORD_CELL],
                           .t_ns = encoder->t_ns,
                           .address_bits = encoder->address_bits,
                           .address_middle = address_middle(encoder->address_shift),
                           .address_shift = encoder->address_shift};
}

ENCODER_INLINE void places_end(struct encoder *encoder, const struct places *places)
{
    encoder->word_at[WORD_STACK] = places->stack;
    encoder->size_at = places->size;
    encoder->word_at[WORD_ADDRESS] = places->address;
    encoder->word_at[WORD_CELL] = places->cell;
    encoder->t_ns = places->t_ns;
    encoder->address_bits = places->address_bits;
}

ENCODER_INLINE uint8_t put_time(struct encoder *encoder, struct places *places, const struct reel_event *event)
{
    uint64_t elapsed = event->t_ns - places->t_ns;
    uint8_t first = (uint8_t)elapsed;
    places->t_ns = event->t_ns;
    if (__builtin_expect(elapsed > 240, 0))
        encoder->at[COLUMN_TIME_REST] = put_rest(encoder->at[COLUMN_TIME_REST], elapsed, &first);
    return first;
}

// Gives, as the two below, the bits of control for what was not predicted.
ENCODER_INLINE uint32_t put_stack(struct encoder *encoder, struct predictor *predictor, struct places *places,
                                  const struct reel_event *event)
{
    uint32_t *before = &predictor->stack_before[event->thread % THREAD_SLOTS];
    uint32_t *expected = &predictor->stack_after[predictor_situation(*before, event->kind)];
    size_t is_missed = *expected != event->stack;
    *expected = *before = event->stack;
    places->stack = put_word(encoder, WORD_STACK, places->stack, event->stack, is_missed);
    return (uint32_t)is_missed * CONTROL_STACK;
}

ENCODER_INLINE uint32_t put_size(struct encoder *encoder, struct predictor *predictor, struct places *places,
                                 const struct reel_event *event)
{
    const uint64_t requested_bytes = event->requested_bytes;
    const uint64_t slack_bytes = event->usable_bytes - requested_bytes;
    uint64_t *requested = predictor_requested(predictor, event->stack);
    uint64_t *slack = predictor_slack(predictor, requested_bytes);
    uint64_t unexpected_slack = slack_bytes ^ *slack;
    size_t is_missed = (unexpected_slack | (*requested ^ requested_bytes)) != 0;
    *requested = requested_bytes;
    *slack = slack_bytes;
    *places->size = (struct size_words){(uint16_t)requested_bytes, (uint16_t)unexpected_slack};
    if (__builtin_expect((requested_bytes | unexpected_slack) >= WORD_LONG, 0) && is_missed != 0)
        *places->size = put_long_size(encoder, requested_bytes, unexpected_slack);
    places->size += is_missed;
    return (uint32_t)is_missed * CONTROL_SIZE;
}

ENCODER_INLINE uint32_t put_new_block(struct encoder *encoder, struct reel_codec *codec, struct places *places,
                                      const struct reel_event *event, uint32_t number)
{
    const uint64_t address = event->address;
    uint64_t *before = &codec->predictor.address_before[event->thread % THREAD_SLOTS];
    const uint64_t difference = address - *before;
    struct cell *cell = cells_take(&codec->cells, event->thread, event->usable_bytes);
    size_t is_missed = cell->address != address;
    uint64_t packed = address_pack(difference, places->address_middle, places->address_shift);
    cell->address = address;
    *before += difference & (0 - (uint64_t)is_missed);
    places->address = put_word(encoder, WORD_ADDRESS, places->address, packed, is_missed);
    codec->cell_of_birth[number] = (uint16_t)codec->cells.last;
    return (uint32_t)is_missed * CONTROL_BLOCK;
}

static void put_elsewhere(struct encoder *encoder, uint64_t address)
{
    unsigned shift = encoder->address_shift;
    uint64_t packed = address_pack(address - encoder->elsewhere, address_middle(shift), shift);
    encoder->word_at[WORD_ELSEWHERE] =
        put_word(encoder, WORD_ELSEWHERE, encoder->word_at[WORD_ELSEWHERE], packed, true);
    encoder->elsewhere = address;
}

// What the caller says of the birth is not believed.
ENCODER_INLINE uint32_t put_old_block(struct encoder *encoder, struct reel_codec *codec, struct places *places,
                                      const struct reel_event *event, uint32_t number, uint32_t birth)
{
    uint16_t cell = birth < number ? codec->cell_of_birth[birth] : CELL_NONE;
    codec->cell_of_birth[number] = CELL_NONE;
    if (cell == CELL_NONE || codec->cells.cell[cell].address != event->address)
    {
        put_elsewhere(encoder, event->address);
        return CONTROL_BLOCK;
    }
    places->cell = put_word(encoder, WORD_CELL, places->cell, cell_pack(codec->cells.last - cell), true);
    codec->cells.last = cell;
    if (event->kind == REEL_EVENT_FREE)
    {
        cells_vacate(&codec->cells, event->thread, cell);
        codec->cell_of_birth[birth] = CELL_NONE;
    }
    return 0;
}

ENCODER_INLINE uint8_t control_of(const struct reel_event *event)
{
    uint32_t flags = (uint32_t)event->flags << CONTROL_FLAGS_SHIFT & CONTROL_FLAGS;
    return (uint8_t)((event->kind | flags) - (event->flags >> CONTROL_CARVED_SHIFT));
}

// Gives its control byte.
ENCODER_INLINE uint8_t put_event(struct encoder *encoder, struct reel_codec *codec, struct places *places,
                                 const struct reel_event *event, uint32_t number, uint32_t birth)
{
    uint32_t control = control_of(event) | CONTROL_PREDICTED;
    control ^= put_stack(encoder, &codec->predictor, places, event);
    if (event->kind != REEL_EVENT_FREE)
        control ^= put_size(encoder, &codec->predictor, places, event);
    else
        control ^= CONTROL_SIZE;
    if (event->kind == REEL_EVENT_ALLOC)
        control ^= put_new_block(encoder, codec, places, event, number);
    else
        control ^= put_old_block(encoder, codec, places, event, number, birth);
    return (uint8_t)control;
}

static bool are_of_thread(const struct reel_event *events, size_t count, uint32_t thread)
{
    uint32_t difference = 0;
    for (size_t i = 0; i < count; i++)
        difference |= events[i].thread ^ thread;
    return difference == 0;
}

// Threads take turns at random: a run is written at each event, and stays where another begins.
static void put_threads(struct encoder *encoder, const struct reel_event *events, size_t count)
{
    uint32_t thread = encoder->thread;
    uint32_t begin = encoder->run_begin;
    uint8_t *at = encoder->at[COLUMN_THREAD];
    for (uint32_t i = 0; i < count; i++)
    {
        uint32_t number = encoder->count + i;
        uint32_t length = number - begin;
        size_t is_turn = events[i].thread != thread;
        at[0] = (uint8_t)thread;
        at[1] = (uint8_t)length;
        if (__builtin_expect((thread > 240) | (length > 240), 0) && is_turn != 0)
            at = put_thread_run(encoder, at, thread, length);
        else
            at += 2 * is_turn;
        begin = is_turn != 0 ? number : begin;
        thread = events[i].thread;
    }
    encoder->at[COLUMN_THREAD] = at;
    encoder->thread = thread;
    encoder->run_begin = begin;
}

static void put_events(struct reel_codec *codec, const struct reel_event *events, const uint32_t *births, size_t count)
{
    struct encoder *encoder = &codec->encoder;
    uint8_t *control = codec->columns[COLUMN_CONTROL] + encoder->count;
    uint8_t *time = codec->columns[COLUMN_TIME] + encoder->count;
    if (!are_of_thread(events, count, encoder->thread))
        put_threads(encoder, events, count);
    struct places places = places_begin(encoder);
    for (size_t i = 0; i < count; i++)
    {
        places.address_bits |= events[i].address;
        time[i] = put_time(encoder, &places, &events[i]);
        control[i] = put_event(encoder, codec, &places, &events[i], encoder->count + (uint32_t)i, births[i]);
    }
    places_end(encoder, &places);
    encoder->count += (uint32_t)count;
}

// The alignment of the addresses is what the chunk before had and these events have.
static void begin_columns(struct reel_codec *codec, const struct reel_event *events, size_t count)
{
    struct encoder *encoder = &codec->encoder;
    uint64_t address_bits = encoder->address_bits | UINT64_C(1) << ADDRESS_SHIFT_MAX;
    for (size_t i = 0; i < count; i++)
        address_bits |= events[i].address;
    unsigned shift = (unsigned)__builtin_ctzll(address_bits);
    *encoder = (struct encoder){.t_ns = events[0].t_ns,
                                .address_shift = shift < ADDRESS_SHIFT_MIN ? ADDRESS_SHIFT_MIN : shift,
                                .thread = events[0].thread,
                                .size_at = codec->sizes};
    memcpy(encoder->at, codec->columns, sizeof encoder->at);
    memcpy(encoder->word_at, codec->words, sizeof encoder->word_at);
    codec->begin_ns = events[0].t_ns;
    predictor_reset(&codec->predictor);
    cells_reset(&codec->cells);
}

void reel_codec_begin(struct reel_codec *codec, uint64_t first_event)
{
    codec->encoder.count = 0;
    codec->first_event = first_event;
}

static void put_without_births(struct reel_codec *codec, const struct reel_event *events, size_t count)
{
    uint32_t births[256];
    const size_t births_max = sizeof births / sizeof *births;
    memset(births, 0xff, sizeof births);
    for (size_t i = 0; i < count; i += births_max)
        put_events(codec, events + i, births, count - i < births_max ? count - i : births_max);
}

void reel_codec_put(struct reel_codec *codec, const struct reel_event *events, const uint32_t *births, size_t count)
{
    if (count != 0 && codec->encoder.count == 0)
        begin_columns(codec, events, count);
    if (births != NULL)
        put_events(codec, events, births, count);
    else
        put_without_births(codec, events, count);
    codec->encoder.at[COLUMN_CONTROL] = codec->columns[COLUMN_CONTROL] + codec->encoder.count;
    codec->encoder.at[COLUMN_TIME] = codec->columns[COLUMN_TIME] + codec->encoder.count;
}

int reel_codec_finish(struct reel_codec *codec, const void **data, size_t *bytes)
{
    struct encoder open = codec->encoder;
    if (open.count == 0)
        return REEL_E_ARGUMENT;
    struct chunk_head head = {.magic = CHUNK_MAGIC,
                              .version = REEL_CHUNK_VERSION,
                              .address_shift = (uint8_t)open.address_shift,
                              .column_count = COLUMN_COUNT,
                              .event_count = open.count,
                              .first_event = codec->first_event,
                              .begin_ns = codec->begin_ns};
    codec->encoder.at[COLUMN_THREAD] =
        put_thread_run(&codec->encoder, open.at[COLUMN_THREAD], open.thread, open.count - open.run_begin);
    size_t used = codec_store_columns(codec, &head);
    codec->encoder = open; // the run goes on with the next events
    memcpy(codec->chunk, &head, sizeof head);
    head.checksum = XXH64(codec->chunk + sizeof head.checksum, used - sizeof head.checksum, 0);
    memcpy(codec->chunk, &head.checksum, sizeof head.checksum);
    *data = codec->chunk;
    *bytes = used;
    return REEL_OK;
}

int reel_codec_encode(struct reel_codec *codec, uint64_t first_event, const struct reel_event *events,
                      const uint32_t *births, size_t count, const void **data, size_t *bytes)
{
    if (count == 0 || count > REEL_CHUNK_EVENTS_MAX)
        return REEL_E_ARGUMENT;
    reel_codec_begin(codec, first_event);
    reel_codec_put(codec, events, births, count);
    return reel_codec_finish(codec, data, bytes);
}
