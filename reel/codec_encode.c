// SPDX-License-Identifier: MIT
// Events to chunk bytes: splits the events into columns, each value as small as the predictors make it, and compresses
// each column on its own. Trusts its caller; the order of events is his business.
#include "reel/codec.h"

#include "reel/codec_scratch.h"
#include "reel/status.h"

static_assert(REEL_EVENT_CARVED >> CONTROL_CARVED_SHIFT == REEL_EVENT_ALLOC, "a carved alloc has kind 0");
static_assert(REEL_EVENT_CARVED << CONTROL_FLAGS_SHIFT > CONTROL_FLAGS, "it has no bit among the flags");

// Where the next byte of each column goes. Lives in registers: never pass it to a function that is not inlined.
struct encoder
{
    uint8_t *at[COLUMN_COUNT];
    uint64_t t_ns;
    uint64_t address;   // last one coded in COLUMN_ADDRESS
    uint64_t elsewhere; // last one coded in COLUMN_ELSEWHERE
    unsigned address_shift;
};

// Widths: 1 byte to 240, 2 to 2287, 3 to 67823, then a count and 3 to 8 bytes.
static inline __attribute__((always_inline)) uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    if (__builtin_expect(value <= 240, 1))
    {
        *at = (uint8_t)value;
        return at + 1;
    }
    if (value <= 2287)
    {
        at[0] = (uint8_t)(241 + ((value - 240) >> 8));
        at[1] = (uint8_t)(value - 240);
        return at + 2;
    }
    if (value <= 67823)
    {
        at[0] = 249;
        at[1] = (uint8_t)((value - 2288) >> 8);
        at[2] = (uint8_t)(value - 2288);
        return at + 3;
    }
    unsigned width = (71u - (unsigned)__builtin_clzll(value)) / 8;
    at[0] = (uint8_t)(247 + width);
    memcpy(at + 1, &value, sizeof value);
    return at + 1 + width;
}

#define PUT(encoder, column, value) ((encoder)->at[column] = put_varint((encoder)->at[column], value))

static inline __attribute__((always_inline)) uint8_t put_stack(struct encoder *encoder, struct predictor *predictor,
                                                               const struct reel_event *event)
{
    uint32_t *guess = predictor_stack(predictor, event->thread, event->kind);
    bool is_hit = *guess == event->stack;
    if (!is_hit)
        PUT(encoder, COLUMN_STACK, event->stack);
    predictor_saw_stack(predictor, guess, event->thread, event->stack);
    return is_hit ? CONTROL_STACK : 0;
}

static inline __attribute__((always_inline)) uint8_t put_size(struct encoder *encoder, struct predictor *predictor,
                                                              const struct reel_event *event)
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

static inline __attribute__((always_inline)) uint8_t put_new_block(struct encoder *encoder, struct predictor *predictor,
                                                                   const struct reel_event *events, uint32_t index)
{
    const struct reel_event *event = &events[index];
    uint32_t *vacant = predictor_vacant(predictor, event->thread, event->usable_bytes);
    uint32_t guess = *vacant;
    if (guess != 0)
        *vacant = predictor->vacant_next[guess - 1];
    if (guess != 0 && events[guess - 1].address == event->address)
        return CONTROL_BLOCK;
    uint64_t difference = (uint64_t)((int64_t)(event->address - encoder->address) >> encoder->address_shift);
    PUT(encoder, COLUMN_ADDRESS, zigzag(difference));
    encoder->address = event->address;
    return 0;
}

static inline __attribute__((always_inline)) uint8_t
put_old_block(struct encoder *encoder, const struct reel_event *events, uint32_t index, uint32_t birth)
{
    const struct reel_event *event = &events[index];
    if (birth < index && events[birth].kind == REEL_EVENT_ALLOC && events[birth].address == event->address)
    {
        PUT(encoder, COLUMN_BIRTH, index - birth);
        return CONTROL_BLOCK;
    }
    uint64_t difference = (uint64_t)((int64_t)(event->address - encoder->elsewhere) >> encoder->address_shift);
    PUT(encoder, COLUMN_ELSEWHERE, zigzag(difference));
    encoder->elsewhere = event->address;
    return 0;
}

static inline __attribute__((always_inline)) void put_event(struct encoder *encoder, struct predictor *predictor,
                                                            const struct reel_event *events, uint32_t index,
                                                            uint32_t birth)
{
    const struct reel_event *event = &events[index];
    uint8_t kind = (uint8_t)(event->kind - (event->flags >> CONTROL_CARVED_SHIFT));
    uint8_t control = (uint8_t)(kind | (event->flags << CONTROL_FLAGS_SHIFT & CONTROL_FLAGS));
    PUT(encoder, COLUMN_TIME, event->t_ns - encoder->t_ns);
    encoder->t_ns = event->t_ns;
    control |= put_stack(encoder, predictor, event);
    if (event->kind != REEL_EVENT_FREE)
        control |= put_size(encoder, predictor, event);
    if (event->kind == REEL_EVENT_ALLOC)
        control |= put_new_block(encoder, predictor, events, index);
    else
        control |= put_old_block(encoder, events, index, birth);
    if (event->kind == REEL_EVENT_FREE && (control & CONTROL_BLOCK) != 0)
        predictor_vacate(predictor, event->thread, events[birth].usable_bytes, birth);
    *encoder->at[COLUMN_CONTROL]++ = control;
}

static unsigned common_shift(const struct reel_event *events, size_t count)
{
    uint64_t bits = UINT64_C(1) << 12;
    for (size_t i = 0; i < count; i++)
        bits |= events[i].address;
    return (unsigned)__builtin_ctzll(bits);
}

static uint8_t *put_threads(uint8_t *at, const struct reel_event *events, size_t count)
{
    for (size_t begin = 0, end; begin < count; begin = end)
    {
        for (end = begin + 1; end < count && events[end].thread == events[begin].thread;)
            end++;
        at = put_varint(at, events[begin].thread);
        at = put_varint(at, end - begin);
    }
    return at;
}

static void put_columns(struct reel_codec *codec, const struct reel_event *events, const uint32_t *births, size_t count,
                        unsigned address_shift, size_t *raw_bytes)
{
    struct encoder encoder = {.t_ns = events[0].t_ns, .address_shift = address_shift};
    for (int i = 0; i < COLUMN_COUNT; i++)
        encoder.at[i] = codec->columns[i];
    encoder.at[COLUMN_THREAD] = put_threads(encoder.at[COLUMN_THREAD], events, count);
    predictor_reset(&codec->predictor);
    for (uint32_t i = 0; i < count; i++)
        put_event(&encoder, &codec->predictor, events, i, births != NULL ? births[i] : REEL_BIRTH_ELSEWHERE);
    for (int i = 0; i < COLUMN_COUNT; i++)
        raw_bytes[i] = (size_t)(encoder.at[i] - codec->columns[i]);
}

// A column that does not shrink is stored as it is.
static size_t store_column(struct reel_codec *codec, int column, size_t raw_bytes, uint8_t *out, size_t room)
{
    size_t stored =
        raw_bytes == 0 ? 0
                       : ZSTD_compressCCtx(codec->compressor, out, room, codec->columns[column], raw_bytes, ZSTD_LEVEL);
    if (raw_bytes != 0 && !ZSTD_isError(stored) && stored < raw_bytes)
        return stored;
    memcpy(out, codec->columns[column], raw_bytes);
    return raw_bytes;
}

int reel_codec_encode(struct reel_codec *codec, uint64_t first_event, const struct reel_event *events,
                      const uint32_t *births, size_t count, const void **data, size_t *bytes)
{
    if (count == 0 || count > REEL_CHUNK_EVENTS_MAX)
        return REEL_E_ARGUMENT;
    struct chunk_head head = {.magic = CHUNK_MAGIC,
                              .version = REEL_CHUNK_VERSION,
                              .address_shift = (uint8_t)common_shift(events, count),
                              .column_count = COLUMN_COUNT,
                              .event_count = (uint32_t)count,
                              .first_event = first_event,
                              .begin_ns = events[0].t_ns};
    size_t raw_bytes[COLUMN_COUNT];
    put_columns(codec, events, births, count, head.address_shift, raw_bytes);

    struct chunk_column directory[COLUMN_COUNT];
    size_t used = sizeof head + sizeof directory;
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        size_t stored = store_column(codec, i, raw_bytes[i], codec->chunk + used, CHUNK_BYTES_MAX - used);
        directory[i] = (struct chunk_column){.raw_bytes = (uint32_t)raw_bytes[i], .stored_bytes = (uint32_t)stored};
        used += stored;
    }
    memcpy(codec->chunk, &head, sizeof head);
    memcpy(codec->chunk + sizeof head, directory, sizeof directory);
    head.checksum = XXH64(codec->chunk + sizeof head.checksum, used - sizeof head.checksum, 0);
    memcpy(codec->chunk, &head.checksum, sizeof head.checksum);
    *data = codec->chunk;
    *bytes = used;
    return REEL_OK;
}
