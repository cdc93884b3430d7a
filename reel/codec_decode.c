// SPDX-License-Identifier: MIT
// Chunk bytes to events. Nothing in the bytes is believed: sizes are checked before they are used, references must
// point backwards, every column must be used up exactly.
#include "reel/codec.h"

#include "reel/codec_scratch.h"
#include "reel/status.h"

// What is left of each column. Reads may pass the end by COLUMN_PADDING bytes of scratch; that they did is seen when
// the next value is read, or at the end.
struct decoder
{
    const uint8_t *at[COLUMN_COUNT];
    const uint8_t *end[COLUMN_COUNT];
    uint64_t t_ns;
    uint64_t address;
    uint64_t elsewhere;
    unsigned address_shift;
    bool has_carved; // the version knows REEL_EVENT_CARVED
    bool is_damaged;
};

static inline __attribute__((always_inline)) uint64_t get_varint(struct decoder *decoder, enum column column)
{
    const uint8_t *at = decoder->at[column];
    if (__builtin_expect(at >= decoder->end[column], 0))
    {
        decoder->is_damaged = true;
        return 0;
    }
    uint64_t lead = at[0];
    if (__builtin_expect(lead <= 240, 1))
    {
        decoder->at[column] = at + 1;
        return lead;
    }
    if (lead <= 248)
    {
        decoder->at[column] = at + 2;
        return 240 + ((lead - 241) << 8) + at[1];
    }
    if (lead == 249)
    {
        decoder->at[column] = at + 3;
        return 2288 + ((uint64_t)at[1] << 8) + at[2];
    }
    unsigned width = (unsigned)lead - 247;
    uint64_t value;
    memcpy(&value, at + 1, sizeof value);
    decoder->at[column] = at + 1 + width;
    return value & (UINT64_MAX >> (64 - 8 * width));
}

static inline __attribute__((always_inline)) void get_stack(struct decoder *decoder, struct predictor *predictor,
                                                            uint8_t control, struct reel_event *event)
{
    uint32_t *guess = predictor_stack(predictor, event->thread, event->kind);
    event->stack = (control & CONTROL_STACK) != 0 ? *guess : (uint32_t)get_varint(decoder, COLUMN_STACK);
    predictor_saw_stack(predictor, guess, event->thread, event->stack);
}

static inline __attribute__((always_inline)) void get_size(struct decoder *decoder, struct predictor *predictor,
                                                           uint8_t control, struct reel_event *event)
{
    bool is_hit = (control & CONTROL_SIZE) != 0;
    uint64_t *requested = predictor_requested(predictor, event->stack);
    event->requested_bytes = is_hit ? *requested : get_varint(decoder, COLUMN_REQUESTED);
    uint64_t *slack = predictor_slack(predictor, event->requested_bytes);
    uint64_t event_slack = is_hit ? *slack : *slack + unzigzag(get_varint(decoder, COLUMN_SLACK));
    event->usable_bytes = event->requested_bytes + event_slack;
    *requested = event->requested_bytes;
    *slack = event_slack;
}

static inline __attribute__((always_inline)) void get_new_block(struct decoder *decoder, struct predictor *predictor,
                                                                uint8_t control, struct reel_event *events,
                                                                struct reel_event *event)
{
    uint32_t *vacant = predictor_vacant(predictor, event->thread, event->usable_bytes);
    uint32_t guess = *vacant;
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
    decoder->address += unzigzag(get_varint(decoder, COLUMN_ADDRESS)) << decoder->address_shift;
    event->address = decoder->address;
}

static inline __attribute__((always_inline)) void get_old_block(struct decoder *decoder, struct predictor *predictor,
                                                                uint8_t control, struct reel_event *events,
                                                                uint32_t index)
{
    struct reel_event *event = &events[index];
    if ((control & CONTROL_BLOCK) == 0)
    {
        decoder->elsewhere += unzigzag(get_varint(decoder, COLUMN_ELSEWHERE)) << decoder->address_shift;
        event->address = decoder->elsewhere;
        return;
    }
    uint64_t distance = get_varint(decoder, COLUMN_BIRTH);
    if (distance == 0 || distance > index)
    {
        decoder->is_damaged = true;
        return;
    }
    uint32_t birth = index - (uint32_t)distance;
    event->address = events[birth].address;
    if (event->kind == REEL_EVENT_FREE)
        predictor_vacate(predictor, event->thread, events[birth].usable_bytes, birth);
}

static inline __attribute__((always_inline)) void get_event(struct decoder *decoder, struct predictor *predictor,
                                                            struct reel_event *events, uint32_t index, uint32_t thread,
                                                            uint32_t process)
{
    struct reel_event *event = &events[index];
    uint8_t control = *decoder->at[COLUMN_CONTROL]++;
    bool is_carved = (control & CONTROL_KIND) == 0;
    uint32_t flags = (uint32_t)(control & CONTROL_FLAGS) >> CONTROL_FLAGS_SHIFT;
    flags |= (uint32_t)is_carved << CONTROL_CARVED_SHIFT;
    decoder->t_ns += get_varint(decoder, COLUMN_TIME);
    *event = (struct reel_event){.t_ns = decoder->t_ns,
                                 .thread = thread,
                                 .process = process,
                                 .kind = (uint8_t)((control & CONTROL_KIND) + is_carved),
                                 .flags = (uint8_t)flags};
    decoder->is_damaged |= is_carved && !decoder->has_carved;
    get_stack(decoder, predictor, control, event);
    if (event->kind != REEL_EVENT_FREE)
        get_size(decoder, predictor, control, event);
    if (event->kind == REEL_EVENT_ALLOC)
        get_new_block(decoder, predictor, control, events, event);
    else
        get_old_block(decoder, predictor, control, events, index);
}

// One run of events of a thread at a time, so that its process is looked up once.
static bool get_events(struct decoder *decoder, struct predictor *predictor, const struct reel_thread_map *threads,
                       struct reel_event *events, uint32_t count)
{
    struct decoder state = *decoder;
    for (uint32_t index = 0; index < count && !state.is_damaged;)
    {
        uint64_t thread = get_varint(&state, COLUMN_THREAD);
        uint64_t run = get_varint(&state, COLUMN_THREAD);
        if (thread > UINT32_MAX || run == 0 || run > count - index)
            return false;
        uint32_t process = thread < threads->thread_count ? threads->process_of_thread[thread] : 0;
        for (uint32_t end = index + (uint32_t)run; index < end; index++)
            get_event(&state, predictor, events, index, (uint32_t)thread, process);
    }
    bool is_used_up = true;
    for (int i = 0; i < COLUMN_COUNT; i++)
        is_used_up = is_used_up && state.at[i] == state.end[i];
    return is_used_up && !state.is_damaged;
}

static bool load_column(struct reel_codec *codec, int column, const struct chunk_column *sizes, const uint8_t *stored)
{
    uint8_t *raw = codec->columns[column];
    if (sizes->raw_bytes > COLUMN_ROOM - COLUMN_PADDING || sizes->stored_bytes > sizes->raw_bytes)
        return false;
    if (sizes->stored_bytes == sizes->raw_bytes)
        memcpy(raw, stored, sizes->raw_bytes);
    else if (ZSTD_decompressDCtx(codec->decompressor, raw, sizes->raw_bytes, stored, sizes->stored_bytes) !=
             sizes->raw_bytes)
        return false;
    memset(raw + sizes->raw_bytes, 0, COLUMN_PADDING);
    return true;
}

static bool load_columns(struct reel_codec *codec, const uint8_t *data, size_t bytes, struct decoder *decoder)
{
    struct chunk_column directory[COLUMN_COUNT];
    size_t used = sizeof(struct chunk_head) + sizeof directory;
    memcpy(directory, data + sizeof(struct chunk_head), sizeof directory);
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        if (directory[i].stored_bytes > bytes - used || !load_column(codec, i, &directory[i], data + used))
            return false;
        used += directory[i].stored_bytes;
        decoder->at[i] = codec->columns[i];
        decoder->end[i] = codec->columns[i] + directory[i].raw_bytes;
    }
    return used == bytes;
}

static int check_head(const uint8_t *data, size_t bytes, struct chunk_head *head)
{
    if (bytes < sizeof *head + COLUMN_COUNT * sizeof(struct chunk_column))
        return REEL_E_DAMAGED;
    memcpy(head, data, sizeof *head);
    if (head->magic != CHUNK_MAGIC ||
        head->checksum != XXH64(data + sizeof head->checksum, bytes - sizeof head->checksum, 0))
        return REEL_E_DAMAGED;
    if (head->version > REEL_CHUNK_VERSION)
        return REEL_E_NEWER;
    bool is_sound = head->version >= 1 && head->column_count == COLUMN_COUNT && head->event_count >= 1 &&
                    head->event_count <= REEL_CHUNK_EVENTS_MAX && head->address_shift <= 12;
    return is_sound ? REEL_OK : REEL_E_DAMAGED;
}

int reel_codec_decode(struct reel_codec *codec, const void *data, size_t bytes, const struct reel_thread_map *threads,
                      struct reel_event *events, size_t *count, uint64_t *first_event)
{
    struct chunk_head head;
    int status = check_head(data, bytes, &head);
    if (status != REEL_OK)
        return status;
    struct decoder decoder = {
        .t_ns = head.begin_ns, .address_shift = head.address_shift, .has_carved = head.version >= 2};
    if (!load_columns(codec, data, bytes, &decoder))
        return REEL_E_DAMAGED;
    if (decoder.end[COLUMN_CONTROL] - decoder.at[COLUMN_CONTROL] != head.event_count)
        return REEL_E_DAMAGED;
    predictor_reset(&codec->predictor);
    if (!get_events(&decoder, &codec->predictor, threads, events, head.event_count))
        return REEL_E_DAMAGED;
    *count = head.event_count;
    *first_event = head.first_event;
    return REEL_OK;
}
