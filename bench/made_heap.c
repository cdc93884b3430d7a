// SPDX-License-Identifier: MIT
// The made-up program: its call sites, its allocator and the lives of its blocks. It knows no file.
#include "made_heap.h"

#include <stdlib.h>

enum
{
    CALENDAR_EVENTS = 1024, // of its thread, within which a short-lived block dies
    CALENDAR_MASK = CALENDAR_EVENTS - 1,
    CLASS_COUNT = 128,    // usable sizes
    SMALL_CLASSES = 64,   // steps of 16 bytes up to 1024, then four to each power of two
    RUN_EVENTS_MAX = 128, // of one thread in a row
    SITE_LOOP = 16,       // call sites that follow each other
    LONG_SITES = 8,       // one call site in so many is of long-lived blocks
    LOTS = 256,           // of an event that is not a death that was due
    RESIZE_LOTS = 2,
    LONG_LOTS = 16,
    PLACE_NONE = 0,
};

#define HEAP_BEGIN UINT64_C(0x555555560010)
#define HEADER_BYTES 8

// Where a block lies or lay.
struct place
{
    uint64_t address;
    uint32_t site;
    uint32_t below; // on the pile of free places of its class
    uint32_t requested_bytes;
    uint8_t class_number;
};

struct made_thread
{
    uint64_t events;
    uint32_t site;
    uint32_t piles[CLASS_COUNT];        // topmost free place
    uint32_t calendar[CALENDAR_EVENTS]; // who dies at the event with that number
};

struct site
{
    uint32_t stack;
    uint32_t free_stack;
    uint32_t requested_bytes;
    uint32_t spread_bytes; // 0: always the same size
};

struct made_heap
{
    struct made_heap_config config;
    uint64_t random;
    uint64_t event;
    uint64_t t_ns;
    uint64_t bump_address;
    struct made_thread *threads;
    struct made_thread *thread;
    uint32_t run_left; // events of this thread
    struct site *sites;
    struct place *places; // [0] is none
    uint32_t place_count;
    uint32_t place_max;
    uint32_t *long_lived; // places
    uint32_t long_count;
    uint32_t long_max;
};

static uint64_t usable_bytes_of(unsigned class_number)
{
    if (class_number < SMALL_CLASSES)
        return ((uint64_t)class_number + 1) * 16 + HEADER_BYTES;
    unsigned above = class_number - SMALL_CLASSES;
    return (UINT64_C(1024) << above / 4) / 4 * (5 + above % 4) + HEADER_BYTES;
}

static unsigned class_of(uint64_t requested_bytes)
{
    uint64_t bytes = requested_bytes > 24 ? requested_bytes - HEADER_BYTES : 1;
    if (bytes <= 1024)
        return (unsigned)((bytes + 15) / 16) - 1;
    unsigned power = 63 - (unsigned)__builtin_clzll(bytes - 1);
    unsigned quarter = (unsigned)((bytes - 1) >> (power - 2)) & 3;
    return SMALL_CLASSES + (power - 10) * 4 + quarter;
}

// Most requests are of less than 128 bytes, one in some hundred is of many pages.
static uint32_t draw_size(uint64_t random)
{
    uint64_t kind = random % 1000;
    uint64_t bits = random >> 20;
    if (kind < 600)
        return (uint32_t)(8 + bits % 120);
    if (kind < 880)
        return (uint32_t)(128 + bits % 384);
    if (kind < 985)
        return (uint32_t)(512 + bits % 3584);
    return (uint32_t)(4096 + bits % (kind < 998 ? 28672 : 258048));
}

static bool is_long_site(uint32_t number)
{
    return number / SITE_LOOP % LONG_SITES == 0;
}

static void make_sites(struct made_heap *heap)
{
    const struct made_heap_config *config = &heap->config;
    for (uint32_t i = 0; i < config->site_count; i++)
    {
        uint64_t random = made_random(&heap->random);
        uint32_t bytes = draw_size(random);
        if (is_long_site(i) && bytes > 4096)
            bytes = bytes % 4096;
        heap->sites[i] = (struct site){.stack = config->site_stacks[i],
                                       .free_stack = config->site_stacks[(i + 1 + random % 3) % config->site_count],
                                       .requested_bytes = bytes,
                                       .spread_bytes = random >> 62 == 0 ? bytes / 2 : 0};
    }
}

struct made_heap *made_heap_create(const struct made_heap_config *config)
{
    struct made_heap *heap = calloc(1, sizeof *heap);
    if (heap == NULL)
        return NULL;
    heap->config = *config;
    heap->random = config->seed * 2 + 1;
    heap->bump_address = HEAP_BEGIN;
    heap->long_max = (uint32_t)config->live_blocks + 1;
    heap->place_max = heap->long_max + config->thread_count * CALENDAR_EVENTS;
    heap->place_count = 1;
    heap->threads = calloc(config->thread_count, sizeof *heap->threads);
    heap->sites = calloc(config->site_count, sizeof *heap->sites);
    heap->places = calloc(heap->place_max, sizeof *heap->places);
    heap->long_lived = calloc(heap->long_max, sizeof *heap->long_lived);
    if (heap->threads == NULL || heap->sites == NULL || heap->places == NULL || heap->long_lived == NULL)
    {
        made_heap_destroy(heap);
        return NULL;
    }
    for (int i = 0; i < 16; i++)
        made_random(&heap->random); // a small seed has few bits
    make_sites(heap);
    return heap;
}

void made_heap_destroy(struct made_heap *heap)
{
    if (heap == NULL)
        return;
    free(heap->threads);
    free(heap->sites);
    free(heap->places);
    free(heap->long_lived);
    free(heap);
}

static bool is_in_growth(const struct made_heap *heap)
{
    return heap->event < heap->config.events / 7;
}

static bool is_in_shrinkage(const struct made_heap *heap)
{
    return heap->event >= heap->config.events - heap->config.events / 8;
}

// Long-lived blocks that there should be by now: up within the first seventh, waves of a tenth, down in the last
// eighth to a third.
static uint64_t wanted_long(const struct made_heap *heap)
{
    uint64_t whole = heap->config.events;
    uint64_t greatest = heap->config.live_blocks;
    uint64_t grown = whole / 7;
    uint64_t shrinking = whole - whole / 8;
    uint64_t at = heap->event;
    if (is_in_growth(heap))
        return greatest * at / grown;
    if (is_in_shrinkage(heap))
        return greatest - greatest / 3 * 2 * (at - shrinking) / (whole - shrinking + 1);
    uint64_t wave = whole / 20 + 1;
    uint64_t phase = (at - grown) % wave;
    phase = phase < wave / 2 ? phase : wave - phase;
    return greatest - greatest / 5 * phase / wave;
}

static bool grow_places(struct made_heap *heap)
{
    uint32_t more = heap->place_max + heap->place_max / 2;
    struct place *places = realloc(heap->places, more * sizeof *places);
    if (places == NULL)
        return false;
    heap->places = places;
    heap->place_max = more;
    return true;
}

// PLACE_NONE: no memory.
static uint32_t take_place(struct made_heap *heap, unsigned class_number)
{
    uint32_t *pile = &heap->thread->piles[class_number];
    uint32_t number = *pile;
    if (number != PLACE_NONE)
    {
        *pile = heap->places[number].below;
        return number;
    }
    if (heap->place_count == heap->place_max && !grow_places(heap))
        return PLACE_NONE;
    number = heap->place_count++;
    heap->places[number] = (struct place){.address = heap->bump_address, .class_number = (uint8_t)class_number};
    heap->bump_address += usable_bytes_of(class_number) + HEADER_BYTES;
    return number;
}

// The next of the loop, or now and then the first of another one.
static uint32_t next_site(struct made_heap *heap, bool is_long, uint64_t random)
{
    struct made_thread *thread = heap->thread;
    uint32_t loops = heap->config.site_count / SITE_LOOP;
    if (is_long)
        return (uint32_t)(random >> 8) % (loops / LONG_SITES) * LONG_SITES * SITE_LOOP + (uint32_t)(random >> 40) % 4;
    if (random % 64 == 0)
        thread->site = (uint32_t)(random >> 8) % loops * SITE_LOOP;
    thread->site = thread->site / SITE_LOOP * SITE_LOOP + (thread->site + 1) % SITE_LOOP;
    if (is_long_site(thread->site))
        thread->site = (thread->site + SITE_LOOP) % (loops * SITE_LOOP);
    return thread->site;
}

static uint32_t allocate(struct made_heap *heap, bool is_long, uint64_t random, struct reel_event *event)
{
    uint32_t site_number = next_site(heap, is_long, random);
    const struct site *site = &heap->sites[site_number];
    uint32_t bytes = site->requested_bytes;
    if (site->spread_bytes != 0)
        bytes += (uint32_t)(random >> 32) % site->spread_bytes;
    uint32_t number = take_place(heap, class_of(bytes));
    if (number == PLACE_NONE)
        return PLACE_NONE;
    struct place *place = &heap->places[number];
    place->site = site_number;
    place->requested_bytes = bytes;
    event->kind = REEL_EVENT_ALLOC;
    event->flags = random % 32 == 1 ? REEL_EVENT_ZEROED : 0;
    event->address = place->address;
    event->requested_bytes = bytes;
    event->usable_bytes = usable_bytes_of(place->class_number);
    event->stack = site->stack;
    return number;
}

static void release(struct made_heap *heap, uint32_t number, struct reel_event *event)
{
    struct place *place = &heap->places[number];
    uint32_t *pile = &heap->thread->piles[place->class_number];
    place->below = *pile;
    *pile = number;
    event->kind = REEL_EVENT_FREE;
    event->flags = 0;
    event->address = place->address;
    event->requested_bytes = event->usable_bytes = 0;
    event->stack = heap->sites[place->site].free_stack;
}

// In place, to what its class has room for.
static void resize(struct made_heap *heap, uint64_t random, struct reel_event *event)
{
    struct place *place = &heap->places[heap->long_lived[(random >> 8) % heap->long_count]];
    uint64_t usable_bytes = usable_bytes_of(place->class_number);
    place->requested_bytes = (uint32_t)(usable_bytes - (random >> 40) % 16);
    event->kind = REEL_EVENT_RESIZE;
    event->flags = 0;
    event->address = place->address;
    event->requested_bytes = place->requested_bytes;
    event->usable_bytes = usable_bytes;
    event->stack = heap->sites[place->site].stack;
}

// A quarter dies at the next event of its thread, where none other has to.
static const uint32_t life_spread[8] = {1, 1, 40, 40, 40, 40, 600, 600};

static bool birth_of_short(struct made_heap *heap, uint64_t random, struct reel_event *event)
{
    uint32_t number = allocate(heap, false, random, event);
    if (number == PLACE_NONE)
        return false;
    uint64_t life = 1 + (random >> 24) % life_spread[random >> 50 & 7];
    uint64_t death = heap->thread->events + life;
    while (heap->thread->calendar[death & CALENDAR_MASK] != PLACE_NONE)
        death++; // there is room: a full calendar frees at each event
    heap->thread->calendar[death & CALENDAR_MASK] = number;
    return true;
}

static bool birth_of_long(struct made_heap *heap, uint64_t random, struct reel_event *event)
{
    uint32_t number = allocate(heap, true, random, event);
    heap->long_lived[heap->long_count++] = number;
    return number != PLACE_NONE;
}

static void death_of_long(struct made_heap *heap, uint64_t random, struct reel_event *event)
{
    uint32_t *chosen = &heap->long_lived[(random >> 8) % heap->long_count];
    uint32_t number = *chosen;
    *chosen = heap->long_lived[--heap->long_count];
    release(heap, number, event);
}

static bool make_event(struct made_heap *heap, struct reel_event *event)
{
    struct made_thread *thread = heap->thread;
    uint32_t *due = &thread->calendar[++thread->events & CALENDAR_MASK];
    if (*due != PLACE_NONE)
    {
        release(heap, *due, event);
        *due = PLACE_NONE;
        return true;
    }
    uint64_t random = made_random(&heap->random);
    uint64_t wanted = wanted_long(heap);
    uint64_t lot = (random >> 56) % LOTS;
    if (lot < RESIZE_LOTS && heap->long_count != 0)
        resize(heap, random, event);
    else if (heap->long_count > wanted && (lot < LONG_LOTS || is_in_shrinkage(heap)))
        death_of_long(heap, random, event);
    else if (heap->long_count <= wanted && heap->long_count < heap->long_max && (lot < LONG_LOTS || is_in_growth(heap)))
        return birth_of_long(heap, random, event);
    else
        return birth_of_short(heap, random, event);
    return true;
}

static void choose_thread(struct made_heap *heap)
{
    uint64_t random = made_random(&heap->random);
    heap->run_left = 1 + (uint32_t)(random % RUN_EVENTS_MAX);
    heap->thread = &heap->threads[(random >> 20) % heap->config.thread_count];
}

bool made_heap_next(struct made_heap *heap, struct reel_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (heap->run_left-- == 0)
            choose_thread(heap);
        struct reel_event *event = &events[i];
        if (!make_event(heap, event))
            return false;
        heap->t_ns += 20 + heap->random % 64;
        event->t_ns = heap->t_ns;
        event->thread = (uint32_t)(heap->thread - heap->threads) + 1;
        event->process = 1;
        heap->event++;
    }
    return true;
}
