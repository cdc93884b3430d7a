// SPDX-License-Identifier: MIT
// Reels of an allocator of ours, made event by event. Asserts nothing about what is tested.
#include "made.h"

void made_begin(struct made *made, struct recording *recording, const char *allocator, enum reel_zone_role role)
{
    const struct reel_run_info run = {.command = "made", .allocator = allocator, .ticks_per_second = 1};
    const struct reel_process_info process = {.pid = 100, .command = "made"};
    const struct reel_class_info classes[] = {
        {.class_id = 0, .slot_bytes = SLOT, .usable_bytes = SLOT},
        {.class_id = 1, .slot_bytes = 2 * SLOT, .usable_bytes = 2 * SLOT},
        {.class_id = 2, .slot_bytes = 64, .usable_bytes = 64, .is_aligned = true},
    };
    struct reel_error *error = &recording->error;
    uint32_t id;
    *made = (struct made){.recording = recording};
    assert_ok(reel_writer_open(&made->writer, recording->path, true, &run, error), *error);
    assert_ok(reel_writer_add_process(made->writer, &process, &id, error), *error);
    assert_ok(reel_writer_add_thread(made->writer, 1, 100, NULL, 0, &id, error), *error);
    for (size_t i = 0; i < 3; i++)
        assert_ok(reel_writer_add_class(made->writer, &classes[i], error), *error);
    const struct reel_zone_info zone = {.process = 1,
                                        .begin = ZONE,
                                        .bytes = ZONE_BYTES,
                                        .role = role,
                                        .class_id = role == REEL_ZONE_SLOTS ? 0 : REEL_NO_CLASS};
    const struct reel_page_change pages = {.process = 1, .begin = ZONE, .bytes = COMMITTED, .is_committed = true};
    assert_ok(reel_writer_add_zone(made->writer, &zone, error), *error);
    assert_ok(reel_writer_add_page_change(made->writer, &pages, error), *error);
}

void made_append(struct made *made, struct reel_event event)
{
    event.t_ns = made->t_ns += 10;
    event.thread = event.thread != 0 ? event.thread : 1;
    event.process = event.process != 0 ? event.process : 1;
    assert_ok(reel_writer_append(made->writer, &event, 1, &made->recording->error), made->recording->error);
}

void made_alloc(struct made *made, uint64_t address, uint64_t usable, uint8_t flags)
{
    made_append(made, (struct reel_event){.kind = REEL_EVENT_ALLOC,
                                          .address = address,
                                          .requested_bytes = usable / 2,
                                          .usable_bytes = usable,
                                          .flags = flags});
}

void made_free(struct made *made, uint64_t address)
{
    made_append(made, (struct reel_event){.kind = REEL_EVENT_FREE, .address = address});
}

void made_pages(struct made *made, uint64_t begin, uint64_t bytes, bool is_committed)
{
    const struct reel_page_change change = {
        .process = 1, .t_ns = made->t_ns, .begin = begin, .bytes = bytes, .is_committed = is_committed};
    assert_ok(reel_writer_add_page_change(made->writer, &change, &made->recording->error), made->recording->error);
}

void made_census(struct made *made, uint64_t carved, uint64_t used, uint64_t quarantined)
{
    const struct reel_census counts = {
        .process = 1, .t_ns = made->t_ns, .carved_slots = carved, .used_slots = used, .quarantined_slots = quarantined};
    assert_ok(reel_writer_add_census(made->writer, &counts, &made->recording->error), made->recording->error);
}

uint32_t made_thread(struct made *made)
{
    uint32_t thread;
    struct reel_error *error = &made->recording->error;
    assert_ok(reel_writer_add_thread(made->writer, 1, 101, NULL, made->t_ns, &thread, error), *error);
    return thread;
}

static void keep_first(void *context, const struct reel_violation *violation)
{
    struct verdict *verdict = context;
    verdict->first = *violation;
}

struct verdict made_check(const struct recording *recording)
{
    struct verdict verdict = {0};
    struct reel_reader *reader = NULL;
    struct reel_error error = {0};
    assert_ok(reel_reader_open(&reader, recording->path, &error), error);
    assert_ok(reel_check(reader, 1, keep_first, &verdict, NULL, &verdict.result, &error), error);
    reel_reader_close(reader);
    return verdict;
}

struct verdict made_finish(struct made *made)
{
    struct reel_error *error = &made->recording->error;
    struct reel_writer_totals totals;
    reel_writer_totals(made->writer, &totals);
    const struct reel_process_counters counters = {.committed_events = totals.events};
    assert_ok(reel_writer_set_counters(made->writer, 1, &counters, error), *error);
    assert_ok(reel_writer_finish(made->writer, made->t_ns, error), *error);
    return made_check(made->recording);
}
