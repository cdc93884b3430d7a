// SPDX-License-Identifier: MIT
// Makes random reels. Asserts nothing about what is tested.
#include "random_reel.h"

#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 4
#define WAITING_MAX 4
#define SMALL_BYTES UINT64_C(208) // from a small block to the next: pages hold no whole number of them
#define MIDDLE_BYTES UINT64_C(12304)
#define LARGE_BYTES UINT64_C(0x200000)
#define ZONE_STEP UINT64_C(0x10000000)
#define HEAP_BEGIN UINT64_C(0x555500000000)
#define ZONES_BEGIN UINT64_C(0x100000000000)
#define MAPPINGS_BEGIN UINT64_C(0x7f0000000000)

const struct reel_class_info random_classes[RANDOM_CLASSES] = {
    {.class_id = 0, .slot_bytes = 16, .usable_bytes = 16},
    {.class_id = 1, .slot_bytes = 48, .usable_bytes = 48},
    {.class_id = 2, .slot_bytes = 64, .usable_bytes = 48, .is_aligned = true},
    {.class_id = 3, .slot_bytes = 640, .usable_bytes = 624},
    {.class_id = 4, .slot_bytes = 4096, .usable_bytes = 4096},
    {.class_id = 5, .slot_bytes = 12288, .usable_bytes = 12272},
};

struct random_process
{
    uint32_t id;
    bool is_running;
    uint32_t threads[THREADS_MAX];
    uint32_t thread_count;
    uint32_t order[RANDOM_PLACES]; // places: live ones first
    uint32_t position[RANDOM_PLACES];
    uint32_t live_count;
    uint64_t usable[RANDOM_PLACES];
    bool is_carved[RANDOM_PLACES];
};

// A child that its parent has told of.
struct random_child
{
    struct random_process state; // at the fork
    uint32_t parent;
    uint32_t serial;
    uint64_t begin_event;
    uint64_t fork_ns;
};

struct maker
{
    struct random_reel *reel;
    const struct random_shape *shape;
    struct recording *recording;
    struct reel_writer *writer;
    struct stream dice;
    struct random_process *processes[RANDOM_PROCESSES_MAX];
    struct random_child *waiting[WAITING_MAX];
    size_t waiting_count;
    uint32_t process_count;
    uint32_t running_count;
    uint32_t fork_count;
    uint64_t t_ns;
};

static uint64_t roll(struct maker *maker, uint64_t below)
{
    return stream_random(&maker->dice, below);
}

#define WRITE(maker, call) assert_ok(call, (maker)->recording->error)

static struct random_step *add_step(struct maker *maker, enum random_step_kind kind, uint32_t process)
{
    struct random_reel *reel = maker->reel;
    if (reel->step_count == reel->step_max)
    {
        reel->step_max = reel->step_max * 2 + 1024;
        reel->steps = reallocarray(reel->steps, reel->step_max, sizeof *reel->steps);
        assert_non_null(reel->steps);
    }
    struct random_step *step = &reel->steps[reel->step_count++];
    *step = (struct random_step){.kind = kind, .process = process};
    return step;
}

// ---- places

uint32_t random_class_of_place(uint32_t place)
{
    return place % 8 < RANDOM_CLASSES ? place % 8 : RANDOM_CLASSES;
}

static uint64_t address_of(const struct maker *maker, uint32_t place)
{
    uint32_t class_id = random_class_of_place(place);
    if (maker->shape->has_classes)
        return class_id < RANDOM_CLASSES
                   ? ZONES_BEGIN + class_id * ZONE_STEP + place / 8 * random_classes[class_id].slot_bytes
                   : MAPPINGS_BEGIN + place * LARGE_BYTES;
    if (place % 16 < 12)
        return HEAP_BEGIN + 16 + place * SMALL_BYTES;
    if (place % 16 < 15)
        return HEAP_BEGIN + UINT64_C(0x10000000) + 16 + place * MIDDLE_BYTES;
    return MAPPINGS_BEGIN + 16 + place * LARGE_BYTES;
}

static uint64_t roll_pages(struct maker *maker)
{
    return 1 + (roll(maker, 8) == 0 ? roll(maker, 400) : roll(maker, 6));
}

// Usable bytes of a block at the place, as the allocator would give them.
static uint64_t roll_usable(struct maker *maker, uint32_t place)
{
    uint32_t class_id = random_class_of_place(place);
    if (maker->shape->has_classes)
        return class_id < RANDOM_CLASSES ? random_classes[class_id].usable_bytes : roll_pages(maker) * 4096;
    if (roll(maker, 60) == 0)
        return 0;
    if (place % 16 < 12)
        return 24 + 16 * roll(maker, 11);
    if (place % 16 < 15)
        return 200 + 16 * roll(maker, 750);
    return roll_pages(maker) * 4096 - 16;
}

static void swap_places(struct random_process *process, uint32_t position, uint32_t other)
{
    uint32_t moved = process->order[position];
    process->order[position] = process->order[other];
    process->order[other] = moved;
    process->position[process->order[position]] = position;
    process->position[process->order[other]] = other;
}

static bool is_live(const struct random_process *process, uint32_t place)
{
    return process->position[place] < process->live_count;
}

static uint32_t roll_live(struct maker *maker, const struct random_process *process)
{
    return process->order[roll(maker, process->live_count)];
}

// Among those that were left last half of the time, as allocators do.
static uint32_t roll_vacant(struct maker *maker, const struct random_process *process)
{
    uint64_t vacant = RANDOM_PLACES - process->live_count;
    uint64_t below = roll(maker, 2) == 0 && vacant > 8 ? 8 : vacant;
    return process->order[process->live_count + roll(maker, below)];
}

// ---- events

static void tell_commit(const struct maker *maker)
{
    if (maker->shape->at_commit != NULL)
        maker->shape->at_commit(maker->shape->context);
}

static void append(struct maker *maker, const struct random_process *process, uint32_t place, struct reel_event event)
{
    struct random_step *step = add_step(maker, RANDOM_EVENT, process->id);
    maker->t_ns += roll(maker, 40) == 0 ? roll(maker, 1000000) : roll(maker, 300);
    event.t_ns = maker->t_ns;
    event.process = process->id;
    event.address = address_of(maker, place);
    event.stack = (uint32_t)roll(maker, RANDOM_STACKS + 1);
    event.thread = event.thread != 0 ? event.thread : process->threads[roll(maker, process->thread_count)];
    step->place = place;
    step->event = event;
    WRITE(maker, reel_writer_append(maker->writer, &event, 1, &maker->recording->error));
    maker->reel->event_count++;
    uint32_t commit_every = maker->shape->commit_every;
    if (commit_every == 0 || maker->reel->event_count % commit_every != 0)
        return;
    WRITE(maker, reel_writer_commit(maker->writer, &maker->recording->error));
    tell_commit(maker);
}

static uint8_t roll_alloc_flags(struct maker *maker, struct random_process *process, uint32_t place)
{
    uint8_t flags = roll(maker, 4) == 0 ? REEL_EVENT_ZEROED : 0;
    if (!maker->shape->has_classes)
        return roll(maker, 8) == 0 ? flags | REEL_EVENT_ALIGNED : flags;
    uint32_t class_id = random_class_of_place(place);
    if (class_id == RANDOM_CLASSES)
        return flags;
    if (!process->is_carved[place])
        flags |= REEL_EVENT_CARVED;
    process->is_carved[place] = true;
    return random_classes[class_id].is_aligned ? flags | REEL_EVENT_ALIGNED : flags;
}

static uint32_t make_alloc(struct maker *maker, struct random_process *process, uint32_t place, uint32_t thread,
                           uint8_t flags)
{
    uint64_t usable = roll_usable(maker, place);
    flags |= roll_alloc_flags(maker, process, place);
    append(maker, process, place,
           (struct reel_event){.kind = REEL_EVENT_ALLOC,
                               .thread = thread,
                               .flags = flags,
                               .usable_bytes = usable,
                               .requested_bytes = roll(maker, usable + 1)});
    process->usable[place] = usable;
    if (!is_live(process, place))
        swap_places(process, process->position[place], process->live_count++);
    return place;
}

static void make_free(struct maker *maker, struct random_process *process, uint32_t place, uint32_t thread,
                      uint8_t flags)
{
    append(maker, process, place, (struct reel_event){.kind = REEL_EVENT_FREE, .thread = thread, .flags = flags});
    if (is_live(process, place))
        swap_places(process, process->position[place], --process->live_count);
}

static void make_resize(struct maker *maker, struct random_process *process, uint32_t place)
{
    uint64_t usable =
        roll(maker, 3) == 0 && is_live(process, place) ? process->usable[place] : roll_usable(maker, place);
    append(maker, process, place,
           (struct reel_event){.kind = REEL_EVENT_RESIZE,
                               .usable_bytes = usable,
                               .requested_bytes = roll(maker, usable + 1),
                               .flags = REEL_EVENT_REALLOC});
    process->usable[place] = usable;
}

static uint32_t roll_thread(struct maker *maker, const struct random_process *process)
{
    return process->threads[roll(maker, process->thread_count)];
}

static void make_temporary(struct maker *maker, struct random_process *process)
{
    uint32_t thread = roll_thread(maker, process);
    uint32_t place = make_alloc(maker, process, roll_vacant(maker, process), thread, 0);
    make_free(maker, process, place, thread, 0);
}

static void make_move(struct maker *maker, struct random_process *process)
{
    uint32_t thread = roll_thread(maker, process);
    make_free(maker, process, roll_live(maker, process), thread, REEL_EVENT_REALLOC);
    make_alloc(maker, process, roll_vacant(maker, process), thread, REEL_EVENT_REALLOC);
}

static void make_events(struct maker *maker, struct random_process *process)
{
    uint64_t what = roll(maker, 100);
    bool is_low = process->live_count < maker->shape->live_blocks;
    if (what < 3)
        make_free(maker, process, roll_vacant(maker, process), 0, 0);
    else if (what < 4)
        make_resize(maker, process, roll_vacant(maker, process));
    else if (what < 5 && process->live_count != 0)
        make_alloc(maker, process, roll_live(maker, process), 0, 0);
    else if (what < 13)
        make_temporary(maker, process);
    else if (process->live_count == 0 || what < (is_low ? 65 : 46))
        make_alloc(maker, process, roll_vacant(maker, process), 0, 0);
    else if (what < (is_low ? 72 : 56))
        make_resize(maker, process, roll_live(maker, process));
    else if (what < (is_low ? 77 : 61))
        make_move(maker, process);
    else
        make_free(maker, process, roll_live(maker, process), 0, 0);
}

// ---- processes

static void add_thread(struct maker *maker, struct random_process *process)
{
    uint32_t thread;
    WRITE(maker,
          reel_writer_add_thread(maker->writer, process->id, (int32_t)(1000 + process->id * 10 + process->thread_count),
                                 NULL, maker->t_ns, &thread, &maker->recording->error));
    process->threads[process->thread_count++] = thread;
}

static void tell_zones(struct maker *maker, uint32_t process)
{
    for (uint32_t i = 0; maker->shape->has_classes && i < RANDOM_CLASSES; i++)
    {
        const struct reel_zone_info zone = {.process = process,
                                            .t_ns = maker->t_ns,
                                            .begin = ZONES_BEGIN + i * ZONE_STEP,
                                            .bytes = ZONE_STEP,
                                            .class_id = random_classes[i].class_id,
                                            .role = REEL_ZONE_SLOTS};
        WRITE(maker, reel_writer_add_zone(maker->writer, &zone, &maker->recording->error));
    }
}

// child: what it has of its parent, NULL: nothing.
static void start(struct maker *maker, const struct random_child *child, uint32_t parent, bool is_fork)
{
    struct random_process *process = calloc(1, sizeof *process);
    assert_non_null(process);
    const struct reel_process_info info = {.pid = (int32_t)(100 + maker->process_count),
                                           .parent_process = parent,
                                           .fork_serial = child != NULL ? child->serial : 0,
                                           .is_fork = is_fork,
                                           .t_ns = maker->t_ns,
                                           .fork_begin_ns = child != NULL ? child->fork_ns : maker->t_ns,
                                           .fork_end_ns = child != NULL ? child->fork_ns : maker->t_ns,
                                           .command = "random"};
    for (uint32_t i = 0; i < RANDOM_PLACES; i++)
        process->order[i] = process->position[i] = i;
    if (child != NULL)
        *process = child->state;
    WRITE(maker, reel_writer_add_process(maker->writer, &info, &process->id, &maker->recording->error));
    struct random_step *step = add_step(maker, RANDOM_START, process->id);
    step->parent = parent;
    step->fork_serial = info.fork_serial;
    step->is_fork = is_fork;
    process->thread_count = 0;
    process->is_running = true;
    maker->processes[maker->process_count++] = process;
    maker->reel->process_count = maker->process_count;
    maker->running_count++;
    add_thread(maker, process);
    add_thread(maker, process);
    tell_zones(maker, process->id);
}

static void end(struct maker *maker, struct random_process *process, enum reel_process_end how)
{
    const struct reel_process_end_info info = {.t_ns = maker->t_ns, .how = how};
    WRITE(maker, reel_writer_end_process(maker->writer, process->id, &info, &maker->recording->error));
    add_step(maker, RANDOM_END, process->id);
    process->is_running = false;
    maker->running_count--;
}

// The child comes later, or never.
static void tell_fork(struct maker *maker, const struct random_process *parent)
{
    uint32_t serial = ++maker->fork_count;
    WRITE(maker, reel_writer_mark_fork(maker->writer, parent->id, serial, &maker->recording->error));
    add_step(maker, RANDOM_FORK, parent->id)->fork_serial = serial;
    if (maker->waiting_count == WAITING_MAX || roll(maker, 5) == 0)
        return;
    struct random_child *child = calloc(1, sizeof *child);
    assert_non_null(child);
    child->state = *parent;
    child->parent = parent->id;
    child->serial = serial;
    child->begin_event = maker->reel->event_count + roll(maker, 60);
    child->fork_ns = maker->t_ns;
    maker->waiting[maker->waiting_count++] = child;
}

static void start_waiting(struct maker *maker)
{
    for (size_t i = 0; i < maker->waiting_count; i++)
    {
        struct random_child *child = maker->waiting[i];
        if (child->begin_event > maker->reel->event_count || maker->process_count == RANDOM_PROCESSES_MAX)
            continue;
        start(maker, child, child->parent, true);
        free(child);
        maker->waiting[i] = maker->waiting[--maker->waiting_count];
    }
}

// A child that forks once more and ends, as programs do that go into the background: no event is its own.
static void fork_twice(struct maker *maker, struct random_process *parent)
{
    size_t waiting_count = maker->waiting_count;
    tell_fork(maker, parent);
    if (maker->waiting_count == waiting_count)
        return;
    struct random_child *child = maker->waiting[--maker->waiting_count];
    start(maker, child, parent->id, true);
    free(child);
    struct random_process *started = maker->processes[maker->process_count - 1];
    if (maker->process_count + maker->waiting_count < maker->shape->process_max)
        tell_fork(maker, started);
    end(maker, started, REEL_END_EXITED);
}

static void change_processes(struct maker *maker, struct random_process *process)
{
    uint64_t what = roll(maker, 10);
    bool has_room = maker->process_count + maker->waiting_count < maker->shape->process_max;
    if (what < 3 && has_room)
        tell_fork(maker, process);
    else if (what < 4 && has_room)
        fork_twice(maker, process);
    else if (what < 5 && has_room)
        start(maker, NULL, process->id, true);
    else if (what < 6 && has_room)
    {
        end(maker, process, REEL_END_EXEC);
        start(maker, NULL, process->id, false);
    }
    else if (what < 8 && maker->running_count > 1)
        end(maker, process, REEL_END_EXITED);
    else if (process->thread_count < THREADS_MAX)
        add_thread(maker, process);
}

static struct random_process *roll_running(struct maker *maker)
{
    uint32_t index = (uint32_t)roll(maker, maker->process_count);
    while (!maker->processes[index]->is_running)
        index = (index + 1) % maker->process_count;
    return maker->processes[index];
}

// ---- the reel

static void begin(struct maker *maker)
{
    const struct reel_run_info run = {
        .command = "random", .allocator = maker->shape->has_classes ? "zoned" : "system", .ticks_per_second = 1};
    struct reel_error *error = &maker->recording->error;
    uint32_t frame, stack;
    WRITE(maker, reel_writer_open(&maker->writer, maker->recording->path, true, &run, error));
    for (uint32_t i = 1; i <= RANDOM_STACKS; i++)
    {
        WRITE(maker, reel_writer_intern_frame(maker->writer, 0, 4096 * i, &frame, error));
        WRITE(maker, reel_writer_intern_stack(maker->writer, i / 2, frame, &stack, error));
        assert_int_equal(stack, i);
    }
    for (uint32_t i = 0; maker->shape->has_classes && i < RANDOM_CLASSES; i++)
        WRITE(maker, reel_writer_add_class(maker->writer, &random_classes[i], error));
    start(maker, NULL, 0, false);
}

void random_reel_make(struct random_reel *reel, struct recording *recording, const struct random_shape *shape)
{
    struct maker maker = {.reel = reel, .shape = shape, .recording = recording};
    *reel = (struct random_reel){.has_classes = shape->has_classes};
    stream_init(&maker.dice, shape->seed * 977 + 5, 1);
    begin(&maker);
    while (reel->event_count < shape->event_count)
    {
        start_waiting(&maker);
        if (shape->process_max > 1 && roll(&maker, shape->event_count / 30 + 1) == 0)
            change_processes(&maker, roll_running(&maker));
        make_events(&maker, roll_running(&maker));
    }
    WRITE(&maker, reel_writer_finish(maker.writer, maker.t_ns, &recording->error));
    tell_commit(&maker);
    for (uint32_t i = 0; i < maker.process_count; i++)
        free(maker.processes[i]);
    for (size_t i = 0; i < maker.waiting_count; i++)
        free(maker.waiting[i]);
}

void random_reel_free(struct random_reel *reel)
{
    free(reel->steps);
    *reel = (struct random_reel){0};
}
