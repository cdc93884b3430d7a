// SPDX-License-Identifier: MIT
// The columns of chunks of version 1, which are read for ever: a varint in one piece, a block of the chunk named
// by how many events ago it was allocated, times in ns. Nothing in the bytes is believed.
#include "reel/codec_scratch.h"
#include "reel/status.h"

enum column_v1
{
    COLUMN_V1_CONTROL,   // one byte an event: kind, flags, what was predicted
    COLUMN_V1_THREAD,    // pairs: thread, length of its run
    COLUMN_V1_TIME,      // difference to the event before
    COLUMN_V1_ADDRESS,   // allocs whose address was not predicted: difference to the last one coded here
    COLUMN_V1_BIRTH,     // frees and resizes of blocks of this chunk: how many events ago the block was allocated
    COLUMN_V1_ELSEWHERE, // of other blocks: difference of the address to the last one coded here
    COLUMN_V1_REQUESTED,
    COLUMN_V1_SLACK, // usable minus requested
    COLUMN_V1_STACK, // where it was not predicted
    COLUMN_V1_END
};

static_assert(COLUMN_V1_END == COLUMN_COUNT_V1, "columns of version 1");

// What is left of each column. Reads may pass the end by COLUMN_PADDING bytes of scratch; that they did is seen when
// the next value is read, or at the end.
struct decoder
{
    const uint8_t *at[COLUMN_COUNT_V1];
    const uint8_t *end[COLUMN_COUNT_V1];
    uint64_t t_ns;
    uint64_t address;
    uint64_t elsewhere;
    unsigned address_shift;
    bool is_damaged;
};

// 0, -1, 1, -2 are 0, 1, 2, 3.
static inline uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

static inline __attribute__((always_inline)) uint64_t get_varint(struct decoder *decoder, enum column_v1 column)
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
    uint64_t before = predictor->stack_before[event->thread % THREAD_SLOTS];
    uint32_t situation = slot_v1(before << 2 | event->kind, STACK_BITS);
    event->stack = (control & CONTROL_STACK) != 0 ? predictor->stack_after[situation]
                                                  : (uint32_t)get_varint(decoder, COLUMN_V1_STACK);
    predictor->stack_after[situation] = predictor->stack_before[event->thread % THREAD_SLOTS] = event->stack;
}

static inline __attribute__((always_inline)) void get_size(struct decoder *decoder, struct predictor *predictor,
                                                           uint8_t control, struct reel_event *event)
{
    bool is_hit = (control & CONTROL_SIZE) != 0;
    uint64_t *requested = &predictor->requested_of[slot_v1(event->stack, SIZE_BITS)];
    event->requested_bytes = is_hit ? *requested : get_varint(decoder, COLUMN_V1_REQUESTED);
    uint64_t *slack = &predictor->slack_of[slot_v1(event->requested_bytes, SIZE_BITS)];
    uint64_t event_slack = is_hit ? *slack : *slack + unzigzag(get_varint(decoder, COLUMN_V1_SLACK));
    event->usable_bytes = event->requested_bytes + event_slack;
    *requested = event->requested_bytes;
    *slack = event_slack;
}

static inline __attribute__((always_inline)) void get_new_block(struct decoder *decoder, struct piles_v1 *piles,
                                                                uint8_t control, struct reel_event *events,
                                                                struct reel_event *event)
{
    uint32_t guess = piles_v1_take(piles, event->thread, event->usable_bytes);
    if ((control & CONTROL_BLOCK) != 0)
    {
        if (guess != 0)
            event->address = events[guess - 1].address;
        else
            decoder->is_damaged = true;
        return;
    }
    decoder->address += unzigzag(get_varint(decoder, COLUMN_V1_ADDRESS)) << decoder->address_shift;
    event->address = decoder->address;
}

// Of the block that the event at index frees or resizes, and that the one at birth is said to have allocated.
static inline void link_birth(const struct reel_event *events, uint32_t *births, uint32_t index, uint32_t birth)
{
    bool is_born = events[birth].kind == REEL_EVENT_ALLOC && births[birth] == REEL_BIRTH_ELSEWHERE &&
                   events[birth].process == events[index].process;
    births[index] = is_born ? birth : REEL_BIRTH_ELSEWHERE;
    if (is_born && events[index].kind == REEL_EVENT_FREE)
        births[birth] = index;
}

static inline __attribute__((always_inline)) void get_old_block(struct decoder *decoder, struct piles_v1 *piles,
                                                                uint8_t control, struct reel_event *events,
                                                                uint32_t *births, uint32_t index)
{
    struct reel_event *event = &events[index];
    if ((control & CONTROL_BLOCK) == 0)
    {
        decoder->elsewhere += unzigzag(get_varint(decoder, COLUMN_V1_ELSEWHERE)) << decoder->address_shift;
        event->address = decoder->elsewhere;
        return;
    }
    uint64_t distance = get_varint(decoder, COLUMN_V1_BIRTH);
    if (distance == 0 || distance > index)
    {
        decoder->is_damaged = true;
        return;
    }
    uint32_t birth = index - (uint32_t)distance;
    event->address = events[birth].address;
    if (event->kind == REEL_EVENT_FREE)
        piles_v1_put(piles, event->thread, events[birth].usable_bytes, birth);
    if (births != NULL)
        link_birth(events, births, index, birth);
}

static inline __attribute__((always_inline)) void get_event(struct decoder *decoder, struct reel_codec *codec,
                                                            struct reel_event *events, uint32_t *births, uint32_t index,
                                                            uint32_t thread, uint32_t process)
{
    struct reel_event *event = &events[index];
    uint8_t control = *decoder->at[COLUMN_V1_CONTROL]++;
    decoder->t_ns += get_varint(decoder, COLUMN_V1_TIME);
    *event = (struct reel_event){.t_ns = decoder->t_ns,
                                 .thread = thread,
                                 .process = process,
                                 .kind = control & CONTROL_KIND,
                                 .flags = (uint8_t)((control & CONTROL_FLAGS) >> CONTROL_FLAGS_SHIFT)};
    decoder->is_damaged |= event->kind == 0;
    if (births != NULL)
        births[index] = REEL_BIRTH_ELSEWHERE;
    get_stack(decoder, &codec->predictor, control, event);
    if (event->kind != REEL_EVENT_FREE)
        get_size(decoder, &codec->predictor, control, event);
    if (event->kind == REEL_EVENT_ALLOC)
        get_new_block(decoder, &codec->piles, control, events, event);
    else
        get_old_block(decoder, &codec->piles, control, events, births, index);
}

// One run of events of a thread at a time, so that its process is looked up once.
static bool get_events(struct decoder *decoder, struct reel_codec *codec, const struct reel_thread_map *threads,
                       struct reel_event *events, uint32_t *births, uint32_t count)
{
    struct decoder state = *decoder;
    for (uint32_t index = 0; index < count && !state.is_damaged;)
    {
        uint64_t thread = get_varint(&state, COLUMN_V1_THREAD);
        uint64_t run = get_varint(&state, COLUMN_V1_THREAD);
        if (thread > UINT32_MAX || run == 0 || run > count - index)
            return false;
        uint32_t process = thread < threads->thread_count ? threads->process_of_thread[thread] : 0;
        for (uint32_t end = index + (uint32_t)run; index < end; index++)
            get_event(&state, codec, events, births, index, (uint32_t)thread, process);
    }
    bool is_used_up = true;
    for (int i = 0; i < COLUMN_COUNT_V1; i++)
        is_used_up = is_used_up && state.at[i] == state.end[i];
    return is_used_up && !state.is_damaged;
}

static bool load_columns(struct reel_codec *codec, const uint8_t *data, size_t bytes, struct decoder *decoder)
{
    struct chunk_column directory[COLUMN_COUNT_V1];
    size_t used = CHUNK_HEAD_BYTES_V1 + sizeof directory;
    memcpy(directory, data + CHUNK_HEAD_BYTES_V1, sizeof directory);
    for (int i = 0; i < COLUMN_COUNT_V1; i++)
    {
        uint8_t *raw = codec_column_v1(codec, i);
        if (directory[i].stored_bytes > bytes - used ||
            !codec_load_column(codec, &directory[i], data + used, raw, COLUMN_ROOM_V1))
            return false;
        used += directory[i].stored_bytes;
        decoder->at[i] = raw;
        decoder->end[i] = raw + directory[i].raw_bytes;
    }
    return used == bytes;
}

int codec_decode_v1(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                    const struct reel_thread_map *threads, struct reel_event *events, uint32_t *births)
{
    struct decoder decoder = {.t_ns = head->begin_ns, .address_shift = head->address_shift};
    if (bytes < CHUNK_HEAD_BYTES_V1 + COLUMN_COUNT_V1 * sizeof(struct chunk_column) ||
        head->column_count != COLUMN_COUNT_V1 || !load_columns(codec, data, bytes, &decoder))
        return REEL_E_DAMAGED;
    if (decoder.end[COLUMN_V1_CONTROL] - decoder.at[COLUMN_V1_CONTROL] != head->event_count)
        return REEL_E_DAMAGED;
    predictor_reset(&codec->predictor);
    piles_v1_reset(&codec->piles);
    return get_events(&decoder, codec, threads, events, births, head->event_count) ? REEL_OK : REEL_E_DAMAGED;
}
