// SPDX-License-Identifier: MIT
// Events of one thread in a row. Decoding an event is bound by the number of its instructions, so what is the same for
// the whole run is found before it, and what moves with each event is in copies that the compiler keeps in registers.
//
// Words and times are taken without looking for their column's end, which the scratch memory is long enough for: no
// event takes more than one of each. That a column was shorter or longer than its events is found out when the chunk is
// through; until then its numbers are only wrong.
#include "reel/codec_decoder.h"

#include <assert.h>

#define EVEN(condition) __builtin_expect_with_probability(!!(condition), 1, 0.5) // must not become a jump

static_assert(COLUMN_WORDS > REEL_CHUNK_EVENTS_MAX, "a word for each event, and one read ahead");
static_assert(COLUMN_ROOM >= REEL_CHUNK_EVENTS_MAX * VARINT_REST_MAX + COLUMN_PADDING, "a rest for each event");
// Columns lie at fixed distances in the scratch memory.
#define CONTROL_TO_TIME (COLUMN_SHORT_ROOM + (COLUMN_TIME - COLUMN_CONTROL - 1) * COLUMN_ROOM)

static_assert(COLUMN_CONTROL == 0, "the only short column comes first");
static_assert(WORD_SLACK == WORD_REQUESTED + 1, "they lie COLUMN_WORDS apart");

// Kind, and flags in the upper byte, by what the control byte says of them.
#define HEAD(control)                                                                                                  \
    (uint16_t)(                                                                                                        \
        (((control)&CONTROL_KIND) == 0 ? REEL_EVENT_ALLOC : (control)&CONTROL_KIND) |                                  \
        ((((control)&CONTROL_FLAGS) >> CONTROL_FLAGS_SHIFT) | (((control)&CONTROL_KIND) == 0 ? REEL_EVENT_CARVED : 0)) \
            << 8)
#define HEADS_4(control) HEAD(control), HEAD((control) + 1), HEAD((control) + 2), HEAD((control) + 3)
#define HEADS_16(control) HEADS_4(control), HEADS_4((control) + 4), HEADS_4((control) + 8), HEADS_4((control) + 12)

static const uint16_t heads[] = {HEADS_16(0), HEADS_16(16)};

static_assert(sizeof heads / sizeof *heads == (CONTROL_KIND | CONTROL_FLAGS) + 1, "a head for each");

// Of a varint whose first byte is above 240 by that many: what it begins with, and how many bytes of rest belong to it.
static const struct
{
    uint32_t base;
    uint32_t rest_bytes;
    uint64_t mask;
} rests[16] = {
    {0, 0, 0},
    {240, 1, 0xff},
    {240 + 256, 1, 0xff},
    {240 + 2 * 256, 1, 0xff},
    {240 + 3 * 256, 1, 0xff},
    {240 + 4 * 256, 1, 0xff},
    {240 + 5 * 256, 1, 0xff},
    {240 + 6 * 256, 1, 0xff},
    {240 + 7 * 256, 1, 0xff},
    {2288, 2, 0xffff},
    {0, 3, UINT64_MAX >> 40},
    {0, 4, UINT64_MAX >> 32},
    {0, 5, UINT64_MAX >> 24},
    {0, 6, UINT64_MAX >> 16},
    {0, 7, UINT64_MAX >> 8},
    {0, 8, UINT64_MAX},
};

// What moves with each event. Never passed to a function that is not inlined, or all of it would lie in memory.
struct reading
{
    const uint8_t *control; // the first byte of the time lies CONTROL_TO_TIME after it
    const uint16_t *stack_word;
    const uint16_t *size_word; // of requested bytes; that of the slack lies COLUMN_WORDS after it
    const uint16_t *address_word;
    const uint16_t *cell_word;
    uint64_t t_ns;
    uint32_t stack;
    uint64_t address; // of the last block that was not where it was expected
    uint32_t last_cell;
};

// What is the same for all events of a run.
struct setting
{
    struct decoder *decoder;
    struct reel_codec *codec;
    uint32_t pile_shift; // of the thread
    unsigned address_shift;
    uint64_t origin; // thread and process
};

// The number that is too long for a word.
static __attribute__((noinline, cold)) uint64_t get_long(struct decoder *decoder, enum word word)
{
    struct source *column = &decoder->longs[word];
    uint64_t value;
    decoder->is_damaged |= column->at >= column->end;
    memcpy(&value, column->at, sizeof value);
    column->at += column->at < column->end ? sizeof value : 0;
    return value;
}

DECODER_INLINE uint64_t get_word(struct decoder *decoder, enum word word)
{
    struct word_source *words = &decoder->words[word];
    if (__builtin_expect(words->at >= words->end, 0))
    {
        decoder->is_damaged = true;
        return 0;
    }
    uint64_t value = *words->at++;
    return __builtin_expect(value != WORD_LONG, 1) ? value : get_long(decoder, word);
}

// The rest of a step of time above 240 ns.
static inline uint64_t get_time_rest(struct decoder *decoder, unsigned first)
{
    struct source *rest = &decoder->column[COLUMN_TIME_REST];
    uint64_t bytes;
    memcpy(&bytes, rest->at, sizeof bytes);
    rest->at += rests[first - 240].rest_bytes;
    return rests[first - 240].base + (bytes & rests[first - 240].mask);
}

DECODER_INLINE void get_time(struct reading *reading, const struct setting *setting, struct reel_event *event)
{
    uint64_t step = *(reading->control + CONTROL_TO_TIME);
    if (__builtin_expect(step > 240, 0))
        step = get_time_rest(setting->decoder, (unsigned)step);
    event->t_ns = reading->t_ns += step;
}

DECODER_INLINE void get_stack(struct reading *reading, const struct setting *setting, uint32_t control, uint32_t kind,
                              struct reel_event *event)
{
    uint32_t *after = &setting->codec->predictor.stack_after[predictor_situation(reading->stack, kind)];
    if ((control & CONTROL_STACK) != 0)
        reading->stack = *after;
    else
    {
        uint32_t stack = *reading->stack_word++;
        if (__builtin_expect(stack == WORD_LONG, 0))
            stack = (uint32_t)get_long(setting->decoder, WORD_STACK);
        *after = reading->stack = stack;
    }
    event->stack = reading->stack;
}

DECODER_INLINE void get_size(struct reading *reading, const struct setting *setting, uint32_t control,
                             struct reel_event *event)
{
    struct predictor *predictor = &setting->codec->predictor;
    uint64_t *requested = predictor_requested(predictor, event->stack);
    uint64_t requested_bytes = *requested;
    uint64_t *slack = predictor_slack(predictor, requested_bytes);
    uint64_t event_slack = *slack;
    if ((control & CONTROL_SIZE) == 0)
    {
        uint64_t slack_bits = reading->size_word[COLUMN_WORDS];
        requested_bytes = *reading->size_word++;
        if (__builtin_expect(requested_bytes == WORD_LONG, 0))
            requested_bytes = get_long(setting->decoder, WORD_REQUESTED);
        if (__builtin_expect(slack_bits == WORD_LONG, 0))
            slack_bits = get_long(setting->decoder, WORD_SLACK);
        slack = predictor_slack(predictor, requested_bytes);
        event_slack = *slack ^ slack_bits;
        *requested = requested_bytes;
        *slack = event_slack;
    }
    event->requested_bytes = requested_bytes;
    event->usable_bytes = requested_bytes + event_slack;
}

DECODER_INLINE void get_new_block(struct reading *reading, const struct setting *setting, uint32_t control,
                                  struct reel_event *event)
{
    struct cells *cells = &setting->codec->cells;
    uint16_t size_slot = (uint16_t)(event->usable_bytes >> 3);
    uint16_t *pile = &cells->pile[(size_slot + setting->pile_shift) & PILE_MASK];
    reading->last_cell = *pile;
    if (__builtin_expect(reading->last_cell == CELL_NONE, 0))
        reading->last_cell = cells_open(cells);
    struct cell *cell = &cells->cell[reading->last_cell];
    *pile = cell->below;
    cell->size_slot = size_slot;
    cell->is_taken = true;
    bool is_coded = (control & CONTROL_BLOCK) == 0;
    uint64_t coded = *reading->address_word;
    if (__builtin_expect(coded == WORD_LONG && is_coded, 0))
        coded = get_long(setting->decoder, WORD_ADDRESS);
    uint64_t address = reading->address + address_unpack(coded, setting->address_shift);
    reading->address_word += is_coded;
    reading->address = EVEN(is_coded) ? address : reading->address;
    event->address = cell->address = EVEN(is_coded) ? address : cell->address;
}

// A fork's copy of a block is not the block. Both pointers are to the event's places.
DECODER_INLINE void link_birth(struct reel_event *event, uint32_t *births, uint32_t number, uint32_t birth)
{
    if (__builtin_expect((event - number + birth)->process != event->process, 0))
        return;
    *births = birth;
    if (event->kind == REEL_EVENT_FREE)
        *(births - number + birth) = number;
}

DECODER_INLINE void get_old_block(struct reading *reading, const struct setting *setting, uint32_t kind,
                                  struct reel_event *event, uint32_t *births, uint32_t number)
{
    struct cells *cells = &setting->codec->cells;
    uint64_t coded = *reading->cell_word++;
    if (__builtin_expect(coded == WORD_LONG, 0))
        coded = get_long(setting->decoder, WORD_CELL);
    uint32_t cell_number = (uint16_t)(reading->last_cell - cell_unpack(coded));
    struct cell *cell = &cells->cell[cell_number];
    if (__builtin_expect(cell_number >= cells->count || !cell->is_taken, 0))
    {
        setting->decoder->is_damaged = true;
        return;
    }
    reading->last_cell = cell_number;
    event->address = cell->address;
    if (births != NULL)
        link_birth(event, births, number, cell->birth);
    if (kind == REEL_EVENT_FREE)
    {
        uint16_t *pile = &cells->pile[(cell->size_slot + setting->pile_shift) & PILE_MASK];
        cell->below = *pile;
        *pile = (uint16_t)cell_number;
        cell->is_taken = false;
    }
}

DECODER_INLINE uint64_t get_elsewhere(struct decoder *decoder)
{
    return decoder->elsewhere += address_unpack(get_word(decoder, WORD_ELSEWHERE), decoder->address_shift);
}

DECODER_INLINE void get_event(struct reading *reading, const struct setting *setting, struct reel_event *event,
                              uint32_t *births, uint32_t number)
{
    uint32_t control = *reading->control;
    uint32_t head = heads[control & (CONTROL_KIND | CONTROL_FLAGS)];
    uint32_t kind = head & UINT8_MAX;
    memcpy(&event->thread, &setting->origin, sizeof setting->origin);
    event->kind = (uint8_t)head;
    event->flags = (uint8_t)(head >> 8);
    get_time(reading, setting, event);
    get_stack(reading, setting, control, kind, event);
    if (births != NULL)
        *births = REEL_BIRTH_ELSEWHERE;
    if (kind == REEL_EVENT_ALLOC)
    {
        get_size(reading, setting, control, event);
        get_new_block(reading, setting, control, event);
        if (births != NULL)
            setting->codec->cells.cell[reading->last_cell].birth = (uint16_t)number;
        return;
    }
    if (kind == REEL_EVENT_FREE)
        event->requested_bytes = event->usable_bytes = 0;
    else
        get_size(reading, setting, control, event);
    if ((control & CONTROL_BLOCK) != 0)
        get_old_block(reading, setting, kind, event, births, number);
    else
        event->address = get_elsewhere(setting->decoder);
}

DECODER_INLINE struct reading begin_run(const struct setting *setting, uint32_t stack, uint64_t address)
{
    const struct decoder *decoder = setting->decoder;
    return (struct reading){.control = decoder->column[COLUMN_CONTROL].at,
                            .stack_word = decoder->words[WORD_STACK].at,
                            .size_word = decoder->words[WORD_REQUESTED].at,
                            .address_word = decoder->words[WORD_ADDRESS].at,
                            .cell_word = decoder->words[WORD_CELL].at,
                            .t_ns = decoder->t_ns,
                            .stack = stack,
                            .address = address,
                            .last_cell = setting->codec->cells.last};
}

DECODER_INLINE void end_run(const struct setting *setting, const struct reading *reading, uint32_t count)
{
    struct decoder *decoder = setting->decoder;
    decoder->column[COLUMN_CONTROL].at = reading->control;
    decoder->column[COLUMN_TIME].at += count;
    decoder->words[WORD_STACK].at = reading->stack_word;
    decoder->words[WORD_SLACK].at += reading->size_word - decoder->words[WORD_REQUESTED].at;
    decoder->words[WORD_REQUESTED].at = reading->size_word;
    decoder->words[WORD_ADDRESS].at = reading->address_word;
    decoder->words[WORD_CELL].at = reading->cell_word;
    decoder->t_ns = reading->t_ns;
    setting->codec->cells.last = reading->last_cell;
}

DECODER_INLINE void get_run(struct decoder *decoder, struct reel_codec *codec, const struct codec_run *run,
                            uint32_t *births)
{
    uint64_t *thread_address = &codec->predictor.address_before[run->thread % THREAD_SLOTS];
    uint32_t *thread_stack = &codec->predictor.stack_before[run->thread % THREAD_SLOTS];
    const struct setting setting = {.decoder = decoder,
                                    .codec = codec,
                                    .address_shift = decoder->address_shift,
                                    .pile_shift = run->thread * PILE_THREAD_STRIDE,
                                    .origin = run->thread | (uint64_t)run->process << 32};
    uint32_t number = run->first;
    struct reading reading = begin_run(&setting, *thread_stack, *thread_address);
    struct reel_event *event = run->events;
    for (const uint8_t *end = reading.control + run->count; reading.control < end; reading.control++)
    {
        get_event(&reading, &setting, event++, births, number);
        births += births != NULL;
        number += births != NULL;
    }
    *thread_stack = reading.stack;
    *thread_address = reading.address;
    end_run(&setting, &reading, run->count);
}

void codec_get_run(struct decoder *decoder, struct reel_codec *codec, const struct codec_run *run)
{
    get_run(decoder, codec, run, NULL);
}

void codec_get_run_with_births(struct decoder *decoder, struct reel_codec *codec, const struct codec_run *run)
{
    get_run(decoder, codec, run, run->births);
}
