// SPDX-License-Identifier: MIT
// What an allocator of ours tells: which class a block has, slots and pages as figures, sets of ranges.
#include "recording.h"

#include <string.h>

#include "reel/classes.h"
#include "reel/ranges.h"

static void add_class(struct recording *recording, struct reel_writer *writer, uint32_t class_id, uint64_t usable,
                      bool is_aligned)
{
    const struct reel_class_info info = {
        .class_id = class_id, .is_aligned = is_aligned, .slot_bytes = usable, .usable_bytes = usable};
    assert_ok(reel_writer_add_class(writer, &info, &recording->error), recording->error);
}

static void add_zone(struct recording *recording, struct reel_writer *writer, uint64_t at, uint64_t bytes,
                     enum reel_zone_role role)
{
    const struct reel_zone_info info = {
        .process = 1, .begin = at, .bytes = bytes, .class_id = REEL_NO_CLASS, .role = role};
    assert_ok(reel_writer_add_zone(writer, &info, &recording->error), recording->error);
}

static void change_pages(struct recording *recording, struct reel_writer *writer, uint64_t at, uint64_t bytes,
                         bool is_committed)
{
    const struct reel_page_change change = {.process = 1, .begin = at, .bytes = bytes, .is_committed = is_committed};
    assert_ok(reel_writer_add_page_change(writer, &change, &recording->error), recording->error);
}

// usable bytes, at a time that never changes: order is what counts here
static void alloc(struct recording *recording, struct reel_writer *writer, uint64_t address, uint64_t usable,
                  uint8_t flags)
{
    struct reel_event event = recording_alloc(1, address, usable);
    event.usable_bytes = usable;
    event.flags = flags;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
}

static void let_go(struct recording *recording, struct reel_writer *writer, uint64_t address)
{
    const struct reel_event event = recording_free(1, address);
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
}

static void finish(struct recording *recording, struct reel_writer *writer)
{
    assert_ok(reel_writer_finish(writer, 10, &recording->error), recording->error);
}

static void classes_are_told_once_and_do_not_contradict_each_other(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_class_info wrong[] = {
        {.class_id = 0, .slot_bytes = 32, .usable_bytes = 32}, // its number is another's
        {.class_id = 7, .slot_bytes = 24, .usable_bytes = 16}, // its blocks are another's
        {.class_id = 8, .slot_bytes = 64, .usable_bytes = 65}, // more than its slot
        {.class_id = 9, .slot_bytes = 0, .usable_bytes = 0},
    };
    add_class(recording, writer, 0, 16, false);
    add_class(recording, writer, 0, 16, false);
    add_class(recording, writer, 1, 16, true);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(reel_writer_add_class(writer, &wrong[i], &recording->error), REEL_E_ARGUMENT);
    finish(recording, writer);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM size_class"), 2);
}

static void a_block_has_the_class_of_its_usable_bytes_and_alignedness(void **state)
{
    (void)state;
    static struct reel_classes classes;
    const struct reel_size_class plain = {.class_id = 5, .slot_bytes = 64, .usable_bytes = 56};
    const struct reel_size_class other = {.class_id = 6, .slot_bytes = 128, .usable_bytes = 128};
    const struct reel_size_class aligned = {.class_id = 7, .slot_bytes = 64, .usable_bytes = 56, .is_aligned = true};
    assert_int_equal(reel_classes_of_block(&classes, 56, false), 0);
    assert_int_equal(reel_classes_add(&classes, &plain), REEL_CLASSES_ADDED);
    assert_int_equal(reel_classes_add(&classes, &other), REEL_CLASSES_ADDED);
    assert_int_equal(reel_classes_of_block(&classes, 56, false), 1);
    assert_int_equal(reel_classes_of_block(&classes, 56, true), 1);
    assert_int_equal(reel_classes_of_block(&classes, 64, false), 0);
    assert_int_equal(reel_classes_add(&classes, &aligned), REEL_CLASSES_ADDED);
    assert_int_equal(reel_classes_of_block(&classes, 56, false), 1);
    assert_int_equal(reel_classes_of_block(&classes, 56, true), 3);
    assert_int_equal(reel_classes_of_block(&classes, 128, true), 2);
    assert_int_equal(reel_classes_with_id(&classes, 7), 3);
    assert_int_equal(reel_classes_with_id(&classes, 0), 0);
    memset(&classes, 0, sizeof classes);
    for (uint32_t i = 0; i < REEL_CLASSES_MAX; i++)
        assert_int_equal(reel_classes_add(&classes, &(struct reel_size_class){i * 16 + 16, i * 16 + 16, i, i % 3 == 0}),
                         REEL_CLASSES_ADDED);
    assert_int_equal(reel_classes_add(&classes, &(struct reel_size_class){1, 1, REEL_CLASSES_MAX, false}),
                     REEL_CLASSES_REFUSED);
    for (uint32_t i = 0; i < REEL_CLASSES_MAX; i++)
        assert_int_equal(reel_classes_of_block(&classes, i * 16 + 16, i % 2 == 0), i + 1);
}

static void slots_are_counted_at_every_commit(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const char *path = recording->path;
    add_class(recording, writer, 3, 16, false);
    add_class(recording, writer, 4, 32, false);
    alloc(recording, writer, 0x1000, 16, REEL_EVENT_CARVED);
    alloc(recording, writer, 0x1010, 16, REEL_EVENT_CARVED);
    let_go(recording, writer, 0x1000);
    alloc(recording, writer, 0x1020, 32, REEL_EVENT_CARVED); // event 3
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    assert_int_equal(recording_query(path, "SELECT carved_slots * 1000 + live_slots * 100 + peak_live_slots * 10 + "
                                           "peak_event FROM class_figures WHERE class_id = 3"),
                     2121);
    alloc(recording, writer, 0x1000, 16, 0);
    alloc(recording, writer, 0x2000, 16384, REEL_EVENT_CARVED); // of no class
    finish(recording, writer);
    assert_int_equal(recording_query(path, "SELECT carved_slots * 100 + live_slots * 10 + peak_live_slots FROM "
                                           "class_figures WHERE class_id = 3"),
                     222);
    assert_int_equal(recording_query(path, "SELECT carved_bytes FROM heap_figures"), 64);
    assert_int_equal(recording_query(path, "SELECT bound_bytes FROM heap_figures"), 64);
    assert_int_equal(recording_query(path, "SELECT live_slot_bytes FROM heap_figures"), 64);
    assert_int_equal(recording_query(path, "SELECT peak_slot_bytes FROM heap_figures"), 64);
    assert_int_equal(recording_query(path, "SELECT peak_event FROM heap_figures"), 4);
}

static void stranding_is_the_bound_over_the_peak(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    add_class(recording, writer, 0, 16, false);
    add_class(recording, writer, 1, 1024, false);
    for (uint64_t i = 0; i < 64; i++)
        alloc(recording, writer, 0x1000 + i * 16, 16, REEL_EVENT_CARVED);
    for (uint64_t i = 0; i < 64; i++)
        let_go(recording, writer, 0x1000 + i * 16);
    alloc(recording, writer, 0x2000, 1024, REEL_EVENT_CARVED);
    finish(recording, writer);
    assert_int_equal(recording_query(recording->path, "SELECT bound_bytes FROM heap_figures"), 2048);
    assert_int_equal(recording_query(recording->path, "SELECT peak_slot_bytes FROM heap_figures"), 1024);
}

static void a_child_begins_with_the_slots_of_its_parent(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_process_info info = {.pid = 9, .parent_process = 1, .is_fork = true, .fork_serial = 5};
    const char *path = recording->path;
    uint32_t child, thread;
    add_class(recording, writer, 0, 16, false);
    alloc(recording, writer, 0x1000, 16, REEL_EVENT_CARVED);
    alloc(recording, writer, 0x1010, 16, REEL_EVENT_CARVED);
    assert_ok(reel_writer_mark_fork(writer, 1, 5, error), *error);
    alloc(recording, writer, 0x1020, 16, REEL_EVENT_CARVED);
    assert_ok(reel_writer_add_process(writer, &info, &child, error), *error);
    assert_ok(reel_writer_add_thread(writer, child, 9, NULL, 1, &thread, error), *error);
    struct reel_event event = recording_free(1, 0x1000);
    event.process = child;
    event.thread = thread;
    assert_ok(reel_writer_append(writer, &event, 1, error), *error);
    finish(recording, writer);
    assert_int_equal(recording_query(path, "SELECT carved_slots * 100 + live_slots * 10 + peak_live_slots FROM "
                                           "class_figures WHERE process = 2"),
                     212);
    assert_int_equal(recording_query(path, "SELECT peak_event IS NULL FROM class_figures WHERE process = 2"), 1);
    assert_int_equal(recording_query(path, "SELECT live_slots FROM class_figures WHERE process = 1"), 3);
}

static void a_resize_changes_the_class_only_with_the_usable_bytes(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const char *path = recording->path;
    struct reel_event event = recording_alloc(1, 0x1000, 10);
    add_class(recording, writer, 0, 64, false);
    add_class(recording, writer, 1, 64, true);
    alloc(recording, writer, 0x1000, 64, REEL_EVENT_ALIGNED | REEL_EVENT_CARVED);
    event.kind = REEL_EVENT_RESIZE;
    event.usable_bytes = 64;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    assert_int_equal(recording_query(path, "SELECT live_slots FROM class_figures WHERE class_id = 1"), 1);
    event.usable_bytes = 80;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    finish(recording, writer);
    assert_int_equal(recording_query(path, "SELECT live_slots FROM class_figures WHERE class_id = 1"), 0);
    assert_int_equal(recording_query(path, "SELECT count(*) FROM class_figures"), 1);
}

static void whole_pages_outside_all_zones_have_no_class(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    add_class(recording, writer, 0, 4096, false);
    add_zone(recording, writer, 0x100000, 0x10000, REEL_ZONE_SLOTS);
    alloc(recording, writer, 0x101000, 4096, REEL_EVENT_CARVED);
    alloc(recording, writer, 0x200000, 4096, 0);
    finish(recording, writer);
    assert_int_equal(recording_query(recording->path, "SELECT peak_live_slots FROM class_figures"), 1);
}

static void committed_pages_are_told_apart_by_the_role_of_their_zone(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const char *path = recording->path;
    add_zone(recording, writer, 0x100000, 0x100000, REEL_ZONE_BUMP);
    add_zone(recording, writer, 0x900000, 0x100000, REEL_ZONE_METADATA);
    add_zone(recording, writer, 0x100000, 0x100000, REEL_ZONE_BUMP);
    change_pages(recording, writer, 0x100000, 0x4000, true);
    change_pages(recording, writer, 0x102000, 0x4000, true); // partly told before
    change_pages(recording, writer, 0x900000, 0x1000, true);
    change_pages(recording, writer, 0x101000, 0x2000, false);
    finish(recording, writer);
    assert_int_equal(recording_query(path, "SELECT count(*) FROM zone"), 2);
    assert_int_equal(recording_query(path, "SELECT count(*) FROM page_change"), 4);
    assert_int_equal(recording_query(path, "SELECT committed_bytes FROM heap_figures"), 0x4000);
    assert_int_equal(recording_query(path, "SELECT peak_committed_bytes FROM heap_figures"), 0x6000);
    assert_int_equal(recording_query(path, "SELECT metadata_bytes FROM heap_figures"), 0x1000);
}

#define RANGE_PLACES 300

static void ranges_are_what_a_map_of_bytes_is(void **state)
{
    (void)state;
    bool map[RANGE_PLACES] = {false};
    struct reel_ranges ranges = {0};
    size_t near = 0;
    struct stream stream;
    stream_init(&stream, 17, 1);
    for (int round = 0; round < 20000; round++)
    {
        uint64_t begin = stream_random(&stream, RANGE_PLACES - 1);
        uint64_t end = begin + 1 + stream_random(&stream, round % 2 == 0 ? 5 : RANGE_PLACES - begin - 1);
        end = end < RANGE_PLACES ? end : RANGE_PLACES;
        bool is_add = stream_random(&stream, 2) == 0;
        uint64_t bytes = 0;
        bool is_covered = true;
        for (uint64_t i = begin; i < end; i++)
            is_covered = is_covered && map[i];
        assert_int_equal(reel_ranges_cover(&ranges, begin, end), is_covered);
        assert_int_equal(reel_ranges_cover_near(&ranges, &near, begin, end), is_covered);
        assert_int_equal(is_add ? reel_ranges_add(&ranges, begin, end) : reel_ranges_remove(&ranges, begin, end),
                         REEL_OK);
        memset(map + begin, is_add, end - begin);
        for (int i = 0; i < RANGE_PLACES; i++)
            bytes += map[i];
        assert_int_equal(ranges.bytes, bytes);
        for (size_t i = 1; i < ranges.count; i++)
            assert_true(ranges.all[i - 1].end < ranges.all[i].begin);
    }
    reel_ranges_fini(&ranges);
}

static void what_names_no_range_or_process_is_refused_and_the_writer_goes_on(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_error *error = &recording->error;
    const struct reel_zone_info zones[] = {
        {.process = 1, .begin = 0x1000, .bytes = 0, .role = REEL_ZONE_SLOTS},
        {.process = 1, .begin = UINT64_MAX - 5, .bytes = 10, .role = REEL_ZONE_SLOTS},
        {.process = 1, .begin = 0x1000, .bytes = 10, .role = (enum reel_zone_role)5},
        {.process = 2, .begin = 0x1000, .bytes = 10, .role = REEL_ZONE_SLOTS},
    };
    const struct reel_page_change change = {.process = 1, .begin = 0x1000, .bytes = UINT64_MAX};
    const struct reel_census census = {.process = 0};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        assert_int_equal(reel_writer_add_zone(writer, &zones[i], error), REEL_E_ARGUMENT);
    assert_int_equal(reel_writer_add_page_change(writer, &change, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_writer_add_census(writer, &census, error), REEL_E_ARGUMENT);
    finish(recording, writer);
    assert_int_equal(recording_query(recording->path, "SELECT is_complete FROM run"), 1);
    assert_int_equal(recording_query(recording->path, "SELECT (SELECT count(*) FROM zone) + (SELECT count(*) FROM "
                                                      "page_change) + (SELECT count(*) FROM class_census)"),
                     0);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(classes_are_told_once_and_do_not_contradict_each_other),
        cmocka_unit_test(a_block_has_the_class_of_its_usable_bytes_and_alignedness),
        IN_DIRECTORY(slots_are_counted_at_every_commit),
        IN_DIRECTORY(stranding_is_the_bound_over_the_peak),
        IN_DIRECTORY(a_child_begins_with_the_slots_of_its_parent),
        IN_DIRECTORY(a_resize_changes_the_class_only_with_the_usable_bytes),
        IN_DIRECTORY(whole_pages_outside_all_zones_have_no_class),
        IN_DIRECTORY(committed_pages_are_told_apart_by_the_role_of_their_zone),
        cmocka_unit_test(ranges_are_what_a_map_of_bytes_is),
        IN_DIRECTORY(what_names_no_range_or_process_is_refused_and_the_writer_goes_on),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
