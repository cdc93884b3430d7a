// SPDX-License-Identifier: MIT
// Turns records into events of the reel, in batches, and puts beginnings and forks at their place in the stream.
// Refuses to look at rings: what it gets is merged and final.
#include "tracer/emit.h"

#include "tracer/differences.h"
#include "tracer/failure.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EMIT_INLINE static inline __attribute__((always_inline))
#define EMIT_COPIED_FLAGS (WIRE_EVENT_REALLOC | WIRE_EVENT_ZEROED | WIRE_EVENT_ALIGNED)

static_assert((int)WIRE_EVENT_ALLOC == (int)REEL_EVENT_ALLOC && (int)WIRE_EVENT_FREE == (int)REEL_EVENT_FREE &&
                  (int)WIRE_EVENT_RESIZE == (int)REEL_EVENT_RESIZE,
              "kinds are copied");
static_assert((int)WIRE_EVENT_REALLOC == (int)REEL_EVENT_REALLOC && (int)WIRE_EVENT_ZEROED == (int)REEL_EVENT_ZEROED &&
                  (int)WIRE_EVENT_ALIGNED == (int)REEL_EVENT_ALIGNED,
              "flags are copied");

static int add_module(struct emit *emit, struct process *process, struct module_entry *entry, struct reel_error *error)
{
    if (entry->row != 0)
        return REEL_OK;
    struct reel_module_info info = {
        .process = process->row,
        .t_ns = clock_to_ns(emit->clock, entry->time),
        .path = entry->path,
        .build_id = entry->build_id,
        .build_id_bytes = entry->build_id_bytes,
        .bias = entry->bias,
        .begin = entry->begin,
        .end = entry->end,
    };
    return reel_writer_add_module(emit->writer, &info, &entry->row, error);
}

static int intern_frame(void *context, struct module_entry *module, uint64_t offset, uint32_t *frame,
                        struct reel_error *error)
{
    struct emit *emit = context;
    if (module == NULL)
        return reel_writer_intern_frame(emit->writer, 0, offset, frame, error);
    int status = add_module(emit, emit->current, module, error);
    return status == REEL_OK ? reel_writer_intern_frame(emit->writer, module->row, offset, frame, error) : status;
}

static int intern_stack(void *context, uint32_t parent, uint32_t frame, uint32_t *stack, struct reel_error *error)
{
    struct emit *emit = context;
    return reel_writer_intern_stack(emit->writer, parent, frame, stack, error);
}

// Threads are named after they have started; what the kernel knows now is better than what it knew at the first event.
static int add_thread(struct emit *emit, const struct process *process, struct drain_ring *ring,
                      struct reel_error *error)
{
    char path[64];
    char name[WIRE_THREAD_NAME_BYTES + 1];
    memcpy(name, ring->thread_name, sizeof name);
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", process->follow.pid, ring->tid);
    FILE *file = process->source.is_dead ? NULL : fopen(path, "re");
    if (file != NULL)
    {
        char current[sizeof name];
        if (fgets(current, sizeof current, file) != NULL && current[0] != '\n')
            memcpy(name, current, sizeof name);
        fclose(file);
    }
    name[strcspn(name, "\n")] = '\0';
    return reel_writer_add_thread(emit->writer, process->row, ring->tid, name,
                                  clock_to_ns(emit->clock, ring->begin_time), &ring->thread, error);
}

// Whether an event is an alloc or a free cannot be predicted: no branch asks for it.
EMIT_INLINE void fill_event(struct reel_event *out, const struct wire_event *event)
{
    uint32_t kind = wire_where_kind(event->where);
    uint32_t flags = wire_where_flags(event->where);
    uint64_t mask = -(uint64_t)(kind != WIRE_EVENT_FREE);
    uint64_t usable_bytes = event->size + event->slack;
    uint64_t page_bytes = (uint64_t)event->slack * WIRE_PAGE_BYTES;
    usable_bytes = (flags & WIRE_EVENT_USABLE_PAGES) != 0 ? page_bytes : usable_bytes;
    out->address = wire_where_address(event->where);
    out->requested_bytes = event->size & mask;
    out->usable_bytes = usable_bytes & mask;
    out->kind = (uint8_t)kind;
    out->flags =
        (uint8_t)((flags & EMIT_COPIED_FLAGS) | (flags & WIRE_EVENT_CARVED) / (WIRE_EVENT_CARVED / REEL_EVENT_CARVED));
}

static int mark_fork(struct emit *emit, const struct process *process, const struct wire_event *event,
                     struct reel_error *error)
{
    int status = emit_flush(emit, error);
    return status == REEL_OK ? reel_writer_mark_fork(emit->writer, process->row, (uint32_t)event->size, error) : status;
}

static void advance_time(struct emit *emit, struct process *process, uint64_t time)
{
    process->late_events += time < emit->last_time;
    if (time <= emit->last_time)
        return;
    emit->last_time = time;
    uint64_t t_ns = clock_to_ns(emit->clock, time);
    emit->last_ns = t_ns > emit->last_ns ? t_ns : emit->last_ns;
}

// Where the batch and its time are, and what the runs of a process have in common, while events are added. Never passed
// to a function that is not inlined.
struct pen
{
    struct reel_event *out;
    size_t room;
    uint64_t last_number; // of the batch's last event, when it is full
    uint64_t last_time;
    uint64_t last_ns;
    struct clock_scale clock;
    struct process *process;
    struct stack_table stacks;
    uint32_t process_row;
};

EMIT_INLINE void turn_pen(struct pen *pen, struct process *process)
{
    pen->process = process;
    pen->stacks = process->stacks;
    pen->process_row = process->row;
}

EMIT_INLINE struct pen take_up_pen(struct emit *emit, struct process *process)
{
    struct pen pen = {.out = emit->batch + emit->batch_count,
                      .room = EMIT_BATCH_EVENTS - emit->batch_count,
                      .last_number = emit->event_count + EMIT_BATCH_EVENTS - 1,
                      .last_time = emit->last_time,
                      .last_ns = emit->last_ns,
                      .clock = *emit->clock};
    turn_pen(&pen, process);
    return pen;
}

EMIT_INLINE void put_down_pen(struct emit *emit, const struct pen *pen)
{
    emit->batch_count = EMIT_BATCH_EVENTS - pen->room;
    emit->last_time = pen->last_time;
    emit->last_ns = pen->last_ns;
}

EMIT_INLINE void advance_pen(struct pen *pen, uint64_t time)
{
    if (__builtin_expect(time < pen->last_time, 0))
        pen->process->late_events++;
    else
        pen->last_time = time;
    uint64_t t_ns = clock_to_ns(&pen->clock, pen->last_time);
    pen->last_ns = t_ns > pen->last_ns ? t_ns : pen->last_ns;
}

// Adds an event; false if it is of no block, or its stack is not known, which is seldom so.
EMIT_INLINE bool write_event(const struct wire_event *event, uint32_t thread, struct pen *pen)
{
    uint32_t stack;
    if (__builtin_expect(!drain_is_of_block(event) || !stacks_find(&pen->stacks, event->stack, &stack), 0))
        return false;
    advance_pen(pen, event->time);
    pen->out->t_ns = pen->last_ns;
    pen->out->stack = stack;
    pen->out->thread = thread;
    pen->out->process = pen->process_row;
    fill_event(pen->out, event);
    pen->out++;
    pen->room--;
    return true;
}

EMIT_INLINE void note_last(struct drain_ring *ring, const struct wire_event *last, const struct pen *pen)
{
    ring->last_where = last->where;
    ring->last_event = pen->last_number - pen->room;
}

// Adds the first events of a run, as far as they can be and the batch has room. Returns how many.
EMIT_INLINE size_t write_run(const struct merge_run *run, size_t first, struct pen *pen)
{
    const uint32_t thread = run->ring->thread;
    const struct wire_event *event = run->events + first;
    const struct wire_event *end = run->events + run->count;
    while (event < end && pen->room != 0 && write_event(event, thread, pen))
        event++;
    size_t count = (size_t)(event - run->events) - first;
    if (count != 0)
        note_last(run->ring, event - 1, pen);
    return count;
}

// An event at which write_run stops although there is room: one that is of no block, or the first with its stack,
// which is known then. *taken is 0 when there is more to do.
static int take_event(struct emit *emit, struct process *process, struct drain_ring *ring,
                      const struct wire_event *event, size_t *taken, struct reel_error *error)
{
    uint32_t stack;
    *taken = 1;
    if (wire_where_kind(event->where) == WIRE_EVENT_FORK)
        return mark_fork(emit, process, event, error);
    int status = emit_stack(emit, process, event->stack, &stack, error);
    if (status != REEL_OK || stack == STACKS_INVALID)
    {
        process->bad_stacks++;
        return status;
    }
    if (drain_is_of_block(event))
    {
        *taken = 0;
        return REEL_OK;
    }
    advance_time(emit, process, event->time);
    return emit_heap(emit, process, ring, event, stack, error);
}

// Takes the events of a run from the one on at which write_run stopped.
static int take_rest(struct emit *emit, const struct merge_run *run, size_t first, struct reel_error *error)
{
    int status = run->ring->thread == 0 ? add_thread(emit, run->owner, run->ring, error) : REEL_OK;
    while (status == REEL_OK)
    {
        if (emit->batch_count == EMIT_BATCH_EVENTS)
            status = emit_flush(emit, error);
        struct pen pen = take_up_pen(emit, run->owner);
        first += write_run(run, first, &pen);
        put_down_pen(emit, &pen);
        if (status != REEL_OK || (first == run->count && emit->batch_count != EMIT_BATCH_EVENTS))
            break;
        size_t taken = 0;
        if (emit->batch_count != EMIT_BATCH_EVENTS)
            status = take_event(emit, run->owner, run->ring, &run->events[first], &taken, error);
        first += taken;
    }
    return status;
}

static int take(void *context, const struct merge_run *runs, size_t count, struct reel_error *error)
{
    struct emit *emit = context;
    struct pen pen = take_up_pen(emit, runs->owner);
    int status = REEL_OK;
    for (const struct merge_run *run = runs; status == REEL_OK && run < runs + count; run++)
    {
        uint32_t thread = run->ring->thread;
        if (__builtin_expect(run->count == 1 && thread != 0 && run->owner == pen.process && pen.room > 1, 1) &&
            write_event(run->events, thread, &pen))
        {
            note_last(run->ring, run->events, &pen);
            continue;
        }
        if (run->owner != pen.process)
            turn_pen(&pen, run->owner);
        size_t written = thread != 0 ? write_run(run, 0, &pen) : 0;
        if (__builtin_expect(written == run->count && pen.room != 0, 1))
            continue;
        put_down_pen(emit, &pen);
        status = take_rest(emit, run, written, error);
        pen = take_up_pen(emit, run->owner);
    }
    put_down_pen(emit, &pen);
    return status;
}

static const struct process_record *find_record(const struct emit *emit, int32_t pid, uint64_t begin_time)
{
    for (size_t i = emit->record_count; i-- > 0;) // the newest image of a pid first
        if (emit->records[i].pid == pid && (begin_time == 0 || emit->records[i].begin_time == begin_time))
            return &emit->records[i];
    return NULL;
}

static uint32_t find_parent(const struct emit *emit, const struct process *process)
{
    const struct wire_channel *constants = &process->channel.constants;
    if (process->replaced != NULL)
        return process->replaced->row;
    uint64_t begin_time = constants->origin == WIRE_ORIGIN_FORK ? constants->parent_begin_time : 0;
    const struct process_record *parent = find_record(emit, constants->parent_pid, begin_time);
    return parent != NULL ? parent->row : 0;
}

static int keep_record(struct emit *emit, const struct process *process, struct reel_error *error)
{
    if (emit->record_count == emit->record_capacity)
    {
        size_t capacity = emit->record_capacity == 0 ? 64 : 2 * emit->record_capacity;
        struct process_record *records = realloc(emit->records, capacity * sizeof *records);
        if (records == NULL)
            return failure_set(error, REEL_E_NO_MEMORY, "out of memory for the table of processes");
        emit->records = records;
        emit->record_capacity = capacity;
    }
    emit->records[emit->record_count++] = (struct process_record){
        .pid = process->channel.constants.pid, .begin_time = process->feed.begin_time, .row = process->row};
    return REEL_OK;
}

static void find_executable(const struct process *process, char *path, size_t bytes)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/exe", process->follow.pid);
    ssize_t length = process->source.is_dead ? -1 : readlink(link, path, bytes - 1);
    path[length > 0 ? length : 0] = '\0';
    if (length <= 0 && process->modules.count > 0)
        snprintf(path, bytes, "%s", process->modules.entries[0].path);
}

static int end_replaced(struct emit *emit, struct process *replaced, struct reel_error *error)
{
    replaced->is_replaced = false; // hostile times can let it begin after its successor: then it ends on its own
    if (replaced->row == 0)
        return REEL_OK;
    replaced->is_ended = true;
    return emit_end_process(emit, replaced, REEL_END_EXEC, -1, 0, error);
}

static int begin(void *context, void *owner, struct reel_error *error)
{
    struct emit *emit = context;
    struct process *process = owner;
    const struct wire_channel *constants = &process->channel.constants;
    char command[WIRE_COMMAND_BYTES + 1];
    char executable[PATH_MAX];
    int status = emit_flush(emit, error);
    uint32_t parent = find_parent(emit, process);
    uint64_t t_ns = clock_to_ns(emit->clock, constants->begin_time);
    emit->last_ns = t_ns > emit->last_ns ? t_ns : emit->last_ns;
    if (status == REEL_OK && process->replaced != NULL)
        status = end_replaced(emit, process->replaced, error);
    if (status != REEL_OK)
        return status;
    process->replaced = NULL;
    process_command(process, command, sizeof command);
    find_executable(process, executable, sizeof executable);
    bool is_fork = constants->origin == WIRE_ORIGIN_FORK;
    struct reel_process_info info = {
        .pid = constants->pid,
        .parent_pid = constants->parent_pid,
        .parent_process = parent,
        .fork_serial = is_fork ? constants->fork_serial : 0,
        .is_fork = is_fork,
        .t_ns = emit->last_ns,
        .fork_begin_ns = is_fork ? clock_to_ns(emit->clock, constants->fork_begin_time) : 0,
        .fork_end_ns = is_fork ? clock_to_ns(emit->clock, constants->fork_end_time) : 0,
        .command = command,
        .executable = executable[0] != '\0' ? executable : NULL,
    };
    status = reel_writer_add_process(emit->writer, &info, &process->row, error);
    if (status == REEL_OK)
        status = keep_record(emit, process, error);
    return status == REEL_OK ? emit_modules(emit, process, error) : status;
}

static int set_losses(struct emit *emit, const struct process *process, const struct drain_counters *rings,
                      const struct channel_counters *counters, struct reel_error *error)
{
    const struct
    {
        const char *kind;
        uint64_t count;
    } losses[] = {
        {"events dropped: the ring was full", rings->dropped},
        {"events of threads that got no ring", counters->lost_without_ring},
        {"corrupt event records", rings->corrupt + process->bad_stacks + process->bad_heap},
        {"events without stack: the stack tree was full", counters->stacks_refused},
        {"modules not logged: the log was full", counters->modules_refused},
        {"corrupt module log", process->modules.is_broken},
        {"child processes that could not be recorded", counters->children_unrecorded},
        {"stacks that differ from libunwind's", counters->verify_differences},
        {"corrupt records of such stacks", process->bad_differences},
    };
    int status = REEL_OK;
    for (size_t i = 0; status == REEL_OK && i < sizeof losses / sizeof *losses; i++)
        if (losses[i].count != 0)
            status = reel_writer_set_loss(emit->writer, process->row, losses[i].kind, losses[i].count, error);
    return status;
}

struct merge_sink emit_sink(struct emit *emit)
{
    return (struct merge_sink){.begin = begin, .take = take, .context = emit};
}

int emit_flush(struct emit *emit, struct reel_error *error)
{
    size_t count = emit->batch_count;
    emit->batch_count = 0;
    emit->event_count += count;
    return count == 0 ? REEL_OK : reel_writer_append(emit->writer, emit->batch, count, error);
}

int emit_stack(struct emit *emit, struct process *process, uint32_t node, uint32_t *stack, struct reel_error *error)
{
    const struct stacks_interner interner = {.frame = intern_frame, .stack = intern_stack, .context = emit};
    emit->current = process;
    return stacks_get(&process->stacks, node, &interner, stack, error);
}

int emit_modules(struct emit *emit, struct process *process, struct reel_error *error)
{
    int status = REEL_OK;
    for (; status == REEL_OK && process->modules_added < process->modules.count; process->modules_added++)
        status = add_module(emit, process, &process->modules.entries[process->modules_added], error);
    return status;
}

int emit_counters(struct emit *emit, struct process *process, struct reel_error *error)
{
    struct drain_counters rings;
    struct channel_counters counters;
    drain_counters(&process->source, &rings);
    channel_counters(&process->channel, &counters);
    struct reel_process_counters out = {
        .committed_events = rings.committed - process->discarded,
        .lost_events =
            rings.dropped + counters.lost_without_ring + rings.corrupt + process->bad_stacks + process->bad_heap,
        .waits = rings.waits,
        .wait_ns = clock_span_to_ns(emit->clock, rings.wait_ticks),
        .late_events = process->late_events + rings.late,
        .verify_count = counters.verify_count,
        .verify_differences = counters.verify_differences,
    };
    int status = reel_writer_set_counters(emit->writer, process->row, &out, error);
    emit->lost_events += out.lost_events - process->lost_told;
    process->lost_told = out.lost_events;
    if (status == REEL_OK)
        status = differences_emit(emit, process, false, error);
    return status == REEL_OK ? set_losses(emit, process, &rings, &counters, error) : status;
}

int emit_end_thread(struct emit *emit, const struct drain_ring *ring, uint64_t end_time, struct reel_error *error)
{
    if (ring->thread == 0)
        return REEL_OK; // it wrote nothing
    uint64_t end_ns =
        end_time != 0 && end_time <= clock_now(emit->clock) ? clock_to_ns(emit->clock, end_time) : emit->last_ns;
    uint64_t begin_ns = clock_to_ns(emit->clock, ring->begin_time);
    return reel_writer_end_thread(emit->writer, ring->thread, end_ns > begin_ns ? end_ns : begin_ns, error);
}

int emit_end_process(struct emit *emit, struct process *process, enum reel_process_end how, int exit_status, int signal,
                     struct reel_error *error)
{
    int status = emit_flush(emit, error);
    for (uint32_t i = 0; status == REEL_OK && i < process->source.ring_count; i++)
    {
        struct drain_ring *ring = &process->source.rings[i];
        status = emit_end_thread(emit, ring, ring->is_retired ? ring->shared->end_time : 0, error);
        ring->thread = 0;
    }
    if (status == REEL_OK)
        status = differences_emit(emit, process, true, error);
    if (status == REEL_OK)
        status = emit_counters(emit, process, error);
    uint64_t now_ns = how == REEL_END_EXEC ? 0 : clock_to_ns(emit->clock, clock_now(emit->clock));
    struct reel_process_end_info info = {.t_ns = now_ns > emit->last_ns ? now_ns : emit->last_ns,
                                         .how = how,
                                         .exit_status = exit_status,
                                         .signal = signal};
    return status == REEL_OK ? reel_writer_end_process(emit->writer, process->row, &info, error) : status;
}

void emit_clean_up(struct emit *emit)
{
    free(emit->records);
    emit->records = NULL;
    emit->record_count = emit->record_capacity = 0;
}
