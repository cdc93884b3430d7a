// SPDX-License-Identifier: MIT
// Events to chunk bytes: splits the events into columns as they come, each value as small as the predictors make it,
// and compresses each column on its own when the chunk is wanted. Trusts its caller; the order of events is his
// business.
#include "reel/codec.h"

#include "reel/codec_scratch.h"
#include "reel/status.h"

static_assert(REEL_EVENT_CARVED >> CONTROL_CARVED_SHIFT == REEL_EVENT_ALLOC, "a carved alloc has kind 0");
static_assert(REEL_EVENT_CARVED << CONTROL_FLAGS_SHIFT > CONTROL_FLAGS, "it has no bit among the flags");

#define ENCODER_INLINE static inline __attribute__((always_inline))
#define ELAPSED_MAX (UINT64_C(1) << 31) // ns; a longer time is all correction
#define WATCHED_STEPS_MAX 240
#define STORED_RAW_MAX 24 // bytes of a column that is not worth a zstd frame

__extension__ typedef unsigned __int128 wide;

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

#define PUT(encoder, column, value)                                                                                    \
    ((encoder)->at[column] = put_varint((encoder)->at[column], &(encoder)->at[(column) + 1], value))

ENCODER_INLINE void put_time(struct encoder *encoder, uint32_t situation, const struct reel_event *event)
{
    uint64_t elapsed = event->t_ns - encoder->t_ns;
    uint8_t **column = &encoder->time_at[time_column(situation)];
    uint64_t steps = 0;
    if (__builtin_expect(elapsed < ELAPSED_MAX, 1))
    {
        uint64_t nearest = (elapsed << 32) + PHASE_BEGIN - encoder->phase + (encoder->step_q32 >> 1);
        steps = (uint64_t)((wide)nearest * encoder->steps_per_ns_q64 >> 64);
    }
    uint64_t reached = encoder->phase + steps * encoder->step_q32;
    encoder->phase = (uint32_t)reached;
    if (__builtin_expect(elapsed != reached >> 32, 0))
    {
        uint64_t correction = elapsed - (reached >> 32);
        *(*column)++ = TIME_CORRECTED;
        PUT(encoder, COLUMN_CORRECTION, zigzag(correction));
        encoder->phase = (int64_t)correction > 0 ? 0 : UINT32_MAX;
    }
    if (__builtin_expect(steps <= WATCHED_STEPS_MAX, 1))
    {
        encoder->watched_ns += elapsed;
        encoder->watched_steps += steps;
    }
    *column = put_varint(*column, &encoder->at[COLUMN_TIME_REST], steps);
    encoder->t_ns = event->t_ns;
}

ENCODER_INLINE uint8_t put_stack(struct encoder *encoder, struct predictor *predictor, uint32_t situation,
                                 const struct reel_event *event)
{
    bool is_hit = predictor->stack_after[situation] == event->stack;
    if (!is_hit)
        PUT(encoder, COLUMN_STACK, event->stack);
    predictor_saw_stack(predictor, situation, event->thread, event->stack);
    return is_hit ? CONTROL_STACK : 0;
}

ENCODER_INLINE uint8_t put_size(struct encoder *encoder, struct predictor *predictor, const struct reel_event *event)
{
    uint64_t *requested = predictor_requested(predictor, event->stack);
    uint64_t *slack = predictor_slack(predictor, event->requested_bytes);
    uint64_t event_slack = event->usable_bytes - event->requested_bytes;
    bool is_hit = *requested == event->requested_bytes && *slack == event_slack;
    if (!is_hit)
    {
        PUT(encoder, COLUMN_REQUESTED, event->requested_bytes);
        PUT(encoder, COLUMN_SLACK, zigzag(event_slack - *slack));
    }
    *requested = event->requested_bytes;
    *slack = event_slack;
    return is_hit ? CONTROL_SIZE : 0;
}

ENCODER_INLINE uint8_t put_new_block(struct encoder *encoder, struct reel_codec *codec, const struct reel_event *event)
{
    struct predictor *predictor = &codec->predictor;
    uint32_t *vacant = predictor_vacant(predictor, event->thread, event->usable_bytes);
    uint32_t guess = *vacant;
    codec->births.address[encoder->count] = event->address;
    codec->births.usable_bytes[encoder->count] = event->usable_bytes;
    codec->births.cell[encoder->count] = cells_take(&encoder->cells);
    if (guess != 0)
    {
        *vacant = predictor->vacant_next[guess - 1];
        if (codec->births.address[guess - 1] == event->address)
            return CONTROL_BLOCK;
    }
    uint64_t *after = predictor_after(predictor, event->thread);
    PUT(encoder, COLUMN_ADDRESS, address_pack(event->address - *after, encoder->address_shift));
    *after = predictor_end(event->address, event->usable_bytes, encoder->address_shift);
    return 0;
}

ENCODER_INLINE bool is_birth(const struct reel_codec *codec, const struct encoder *encoder, uint32_t birth,
                             uint64_t address)
{
    return birth < encoder->count && codec->births.cell[birth] != CELL_NONE && codec->births.address[birth] == address;
}

ENCODER_INLINE uint8_t put_old_block(struct encoder *encoder, struct reel_codec *codec, const struct reel_event *event,
                                     uint32_t birth)
{
    codec->births.cell[encoder->count] = CELL_NONE;
    if (!is_birth(codec, encoder, birth, event->address))
    {
        PUT(encoder, COLUMN_ELSEWHERE, address_pack(event->address - encoder->elsewhere, encoder->address_shift));
        encoder->elsewhere = event->address;
        return 0;
    }
    uint16_t cell = codec->births.cell[birth];
    PUT(encoder, COLUMN_CELL, zigzag((uint64_t)*encoder->cells.top - cell));
    if (event->kind == REEL_EVENT_FREE)
    {
        cells_vacate(&encoder->cells, cell);
        codec->births.cell[birth] = CELL_NONE;
        predictor_vacate(&codec->predictor, event->thread, codec->births.usable_bytes[birth], birth);
    }
    return CONTROL_BLOCK;
}

ENCODER_INLINE void put_event(struct encoder *encoder, struct reel_codec *codec, const struct reel_event *event,
                              uint32_t birth)
{
    uint32_t situation = predictor_situation(&codec->predictor, event->thread, event->kind);
    uint8_t kind = (uint8_t)(event->kind - (event->flags >> CONTROL_CARVED_SHIFT));
    uint8_t control = (uint8_t)(kind | (event->flags << CONTROL_FLAGS_SHIFT & CONTROL_FLAGS));
    put_time(encoder, situation, event);
    control |= put_stack(encoder, &codec->predictor, situation, event);
    if (event->kind != REEL_EVENT_FREE)
        control |= put_size(encoder, &codec->predictor, event);
    if (event->kind == REEL_EVENT_ALLOC)
        control |= put_new_block(encoder, codec, event);
    else
        control |= put_old_block(encoder, codec, event, birth);
    *encoder->at[COLUMN_CONTROL]++ = control;
    encoder->count++;
}

ENCODER_INLINE void put_thread_run(struct encoder *encoder)
{
    PUT(encoder, COLUMN_THREAD, encoder->thread);
    PUT(encoder, COLUMN_THREAD, encoder->thread_run);
}

// The clock's step and the alignment of the addresses are what the chunk before had, or else what these events have.
static void begin_columns(struct reel_codec *codec, const struct reel_event *events, size_t count)
{
    struct encoder *encoder = &codec->encoder;
    uint64_t address_bits = codec->address_bits | UINT64_C(1) << ADDRESS_SHIFT_MAX;
    for (size_t i = 0; i < count; i++)
        address_bits |= events[i].address;
    unsigned shift = (unsigned)__builtin_ctzll(address_bits);
    if (codec->clock.step_q32 <= STEP_ONE_NS)
        clock_steps_guess(&codec->clock, events, count);
    uint64_t step_q32 = codec->clock.step_q32 != 0 ? codec->clock.step_q32 : STEP_ONE_NS;
    *encoder = (struct encoder){.t_ns = events[0].t_ns,
                                .step_q32 = step_q32,
                                .steps_per_ns_q64 = UINT64_MAX / step_q32 + 1,
                                .phase = PHASE_BEGIN,
                                .address_shift = shift < ADDRESS_SHIFT_MIN ? ADDRESS_SHIFT_MIN : shift,
                                .thread = events[0].thread};
    memcpy(encoder->at, codec->columns, sizeof encoder->at);
    memcpy(encoder->time_at, codec->columns + COLUMN_TIME, sizeof encoder->time_at);
    codec->begin_ns = events[0].t_ns;
    codec->address_bits = 0;
    predictor_reset(&codec->predictor);
    cells_reset(&encoder->cells, codec->vacant_cells + 1);
}

static void measure_columns(const struct reel_codec *codec, size_t *raw_bytes)
{
    const struct encoder *encoder = &codec->encoder;
    for (int i = 0; i < COLUMN_TIME; i++)
        raw_bytes[i] = (size_t)(encoder->at[i] - codec->columns[i]);
    for (int i = COLUMN_TIME; i < COLUMN_COUNT; i++)
        raw_bytes[i] = (size_t)(encoder->time_at[i - COLUMN_TIME] - codec->columns[i]);
}

// What the chunk that ends has taught about the clock. When most times had to be corrected, there is no such step.
static void learn_clock(struct reel_codec *codec)
{
    const struct encoder *encoder = &codec->encoder;
    if (encoder->at[COLUMN_CORRECTION] > codec->columns[COLUMN_CORRECTION] + encoder->count / 2)
        codec->clock = (struct clock_steps){0};
    else
        clock_steps_watch(&codec->clock, encoder->watched_ns, encoder->watched_steps);
}

void reel_codec_begin(struct reel_codec *codec, uint64_t first_event)
{
    if (codec->encoder.count != 0)
        learn_clock(codec);
    codec->encoder.count = 0;
    codec->first_event = first_event;
}

void reel_codec_put(struct reel_codec *codec, const struct reel_event *events, const uint32_t *births, size_t count)
{
    if (count == 0)
        return;
    if (codec->encoder.count == 0)
        begin_columns(codec, events, count);
    struct encoder encoder = codec->encoder;
    uint64_t address_bits = codec->address_bits;
    for (size_t i = 0; i < count; i++)
    {
        if (events[i].thread != encoder.thread)
        {
            put_thread_run(&encoder);
            encoder.thread = events[i].thread;
            encoder.thread_run = 0;
        }
        encoder.thread_run++;
        address_bits |= events[i].address;
        put_event(&encoder, codec, &events[i], births != NULL ? births[i] : REEL_BIRTH_ELSEWHERE);
    }
    codec->address_bits = address_bits;
    codec->encoder = encoder;
}

// A column that does not shrink is stored as it is.
static size_t store_column(struct reel_codec *codec, int column, size_t raw_bytes, uint8_t *out, size_t room)
{
    ZSTD_CCtx *context = column >= COLUMN_TIME ? codec->packer : codec->matcher;
    if (raw_bytes > STORED_RAW_MAX)
    {
        size_t stored = ZSTD_compress2(context, out, room, codec->columns[column], raw_bytes);
        if (!ZSTD_isError(stored) && stored < raw_bytes)
            return stored;
    }
    memcpy(out, codec->columns[column], raw_bytes);
    return raw_bytes;
}

// The directory and the columns that have bytes, from head->columns on; gives the end.
static size_t store_columns(struct reel_codec *codec, struct chunk_head *head)
{
    struct chunk_column directory[COLUMN_COUNT];
    size_t raw_bytes[COLUMN_COUNT];
    size_t stored_count = 0;
    measure_columns(codec, raw_bytes);
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        head->columns |= (uint64_t)(raw_bytes[i] != 0) << i;
        stored_count += raw_bytes[i] != 0;
    }
    size_t directory_bytes = stored_count * sizeof *directory;
    size_t used = sizeof *head + directory_bytes;
    stored_count = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        if (raw_bytes[i] == 0)
            continue;
        size_t stored = store_column(codec, i, raw_bytes[i], codec->chunk + used, codec->arena_bytes);
        directory[stored_count++] =
            (struct chunk_column){.raw_bytes = (uint32_t)raw_bytes[i], .stored_bytes = (uint32_t)stored};
        used += stored;
    }
    memcpy(codec->chunk + sizeof *head, directory, directory_bytes);
    return used;
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
                              .begin_ns = codec->begin_ns,
                              .step_q32 = open.step_q32};
    put_thread_run(&codec->encoder);
    size_t used = store_columns(codec, &head);
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
