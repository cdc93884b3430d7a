// SPDX-License-Identifier: MIT
// Writes the reel, and reads it naively.
#include "turned.h"

#include <string.h>

#include "reel/writer_internal.h"

static const uint64_t usable_of_class[TURNED_CLASSES] = {48, 96};

const struct turned_turn turned_turns[TURNED_TURNS] = {
    {500000, TURN_CLASS},  {900000, TURN_FORK},   {1000000, TURN_FORK},
    {1200000, TURN_CHILD}, {1300000, TURN_BLIND}, {2300000, TURN_CHILD_END},
};

// --- the naive reading ---

static int class_of(const struct turned *naive, uint64_t usable_bytes)
{
    for (int i = 0; i < TURNED_CLASSES; i++)
        if (naive->is_told[i] && usable_of_class[i] == usable_bytes)
            return i;
    return -1;
}

static void leave_class(struct turned_heap *heap, const struct reel_block *block)
{
    if (block->address == 0 || block->size_class == 0)
        return;
    heap->live[block->size_class - 1]--;
    heap->slot_bytes -= usable_of_class[block->size_class - 1];
}

static void join_class(const struct turned *naive, struct turned_heap *heap, struct reel_block *block,
                       const struct reel_event *event)
{
    int class = class_of(naive, event->usable_bytes);
    block->size_class = (uint8_t)(class + 1);
    if (class < 0)
        return;
    heap->carved[class] += (event->flags & REEL_EVENT_CARVED) != 0;
    if (++heap->live[class] > heap->peak[class])
        heap->peak[class] = heap->live[class];
    heap->slot_bytes += usable_of_class[class];
    if (heap->slot_bytes > heap->peak_slot_bytes)
        heap->peak_slot_bytes = heap->slot_bytes;
}

void turned_apply(struct turned *naive, const struct reel_event *event, uint64_t number)
{
    struct turned_heap *heap = &naive->processes[event->process];
    struct reel_block *block = &heap->blocks[(event->address - TURNED_BASE) / TURNED_PLACE_BYTES];
    bool was_live = block->address != 0;
    if (event->kind == REEL_EVENT_ALLOC)
    {
        leave_class(heap, block);
        heap->block_count += !was_live;
        *block = (struct reel_block){.address = event->address,
                                     .birth_event = number & REEL_BLOCK_EVENT_MASK,
                                     .stack = event->stack,
                                     .requested_bytes = event->requested_bytes,
                                     .slack = (uint32_t)(event->usable_bytes - event->requested_bytes)};
        join_class(naive, heap, block, event);
    }
    else if (event->kind == REEL_EVENT_FREE && was_live)
    {
        leave_class(heap, block);
        heap->block_count--;
        *block = (struct reel_block){0};
    }
    else if (event->kind == REEL_EVENT_RESIZE && was_live)
    {
        bool keeps_size = block->requested_bytes + block->slack == event->usable_bytes;
        block->requested_bytes = event->requested_bytes;
        block->slack = (uint32_t)(event->usable_bytes - event->requested_bytes);
        if (keeps_size)
            return;
        leave_class(heap, block);
        join_class(naive, heap, block, event);
    }
}

static void copy_as_inherited(struct turned_heap *copy, const struct turned_heap *heap)
{
    *copy = *heap;
    for (size_t i = 0; i < TURNED_PLACES; i++)
        copy->blocks[i].is_inherited = copy->blocks[i].address != 0;
}

void turned_take_turn(struct turned *naive, enum turn turn)
{
    if (turn == TURN_FORK)
        copy_as_inherited(&naive->copies[naive->copies[1].is_running ? 2 : 1], &naive->processes[1]);
    else if (turn == TURN_CHILD)
    {
        naive->processes[3] = naive->copies[1];
        naive->copies[1].is_running = false;
    }
    else if (turn == TURN_BLIND)
        naive->processes[4] = (struct turned_heap){.is_running = true, .is_blind = true};
    else if (turn == TURN_CLASS)
        naive->is_told[1] = true;
    else
        naive->processes[3].is_running = false;
}

void turned_begin(struct turned *naive)
{
    memset(naive, 0, sizeof *naive);
    naive->is_told[0] = true;
    naive->processes[1].is_running = naive->processes[2].is_running = true;
}

// --- the reel ---

static void tell_class(struct reel_writer *writer, uint32_t class, struct reel_error *error)
{
    const struct reel_class_info info = {.class_id = TURNED_FIRST_CLASS + class,
                                         .slot_bytes = usable_of_class[class],
                                         .usable_bytes = usable_of_class[class]};
    assert_ok(reel_writer_add_class(writer, &info, error), *error);
}

static void add_child(struct reel_writer *writer, uint32_t serial, uint32_t *thread, struct reel_error *error)
{
    uint32_t process;
    const struct reel_process_info info = {.pid = 200, .parent_process = 1, .fork_serial = serial, .is_fork = true};
    assert_ok(reel_writer_add_process(writer, &info, &process, error), *error);
    assert_ok(reel_writer_add_thread(writer, process, 200, NULL, 0, thread, error), *error);
}

static void write_turn(struct reel_writer *writer, enum turn turn, uint32_t *serial, uint32_t *threads,
                       struct reel_error *error)
{
    const struct reel_process_end_info end = {.how = REEL_END_EXITED};
    if (turn == TURN_FORK)
        assert_ok(reel_writer_mark_fork(writer, 1, ++*serial, error), *error);
    else if (turn == TURN_CHILD)
        add_child(writer, 1, &threads[3], error);
    else if (turn == TURN_BLIND)
        add_child(writer, 0, &threads[4], error);
    else if (turn == TURN_CLASS)
        tell_class(writer, 1, error);
    else
    {
        assert_ok(reel_writer_end_process(writer, 3, &end, error), *error);
        threads[3] = 0;
    }
}

struct reel_event turned_draw(struct stream *random, const uint32_t *threads)
{
    static const uint64_t usable[] = {48, 96, 72};
    struct reel_event event = {.address = TURNED_BASE + stream_random(random, TURNED_PLACES) * TURNED_PLACE_BYTES,
                               .stack = (uint32_t)stream_random(random, 50),
                               .t_ns = random->t_ns += stream_random(random, 100)};
    do
        event.process = 1 + (uint32_t)stream_random(random, TURNED_PROCESSES);
    while (threads[event.process] == 0);
    event.thread = threads[event.process];
    event.kind = (uint8_t)(1 + stream_random(random, 2) + (stream_random(random, 10) == 0));
    if (event.kind == REEL_EVENT_FREE)
        return event;
    event.usable_bytes = usable[stream_random(random, 3)];
    event.requested_bytes = event.usable_bytes - stream_random(random, 16);
    event.flags = event.kind == REEL_EVENT_ALLOC && stream_random(random, 9) == 0 ? REEL_EVENT_CARVED : 0;
    return event;
}

void turned_append(struct reel_writer *writer, const struct reel_event *events, size_t count, struct reel_error *error)
{
    assert_ok(reel_writer_append(writer, events, count, error), *error);
    assert_ok(writer_keyframe_store(writer, true, error), *error);
}

struct reel_writer *turned_write(struct recording *recording, uint64_t event_count)
{
    struct reel_event events[TURNED_BATCH];
    struct stream random;
    struct reel_writer *writer = recording_begin(recording, 2);
    uint32_t threads[1 + TURNED_PROCESSES] = {0, stream_thread(1, 0), stream_thread(2, 0), 0, 0};
    uint32_t serial = 0;
    size_t turn = 0;
    stream_init(&random, 77, 1);
    tell_class(writer, 0, &recording->error);
    for (uint64_t done = 0; done < event_count; done += TURNED_BATCH)
    {
        for (; turn < TURNED_TURNS && turned_turns[turn].event == done; turn++)
            write_turn(writer, turned_turns[turn].turn, &serial, threads, &recording->error);
        for (size_t i = 0; i < TURNED_BATCH; i++)
            events[i] = turned_draw(&random, threads);
        turned_append(writer, events, TURNED_BATCH, &recording->error);
    }
    return writer;
}
