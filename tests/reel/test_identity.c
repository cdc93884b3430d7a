// SPDX-License-Identifier: MIT
// Where resident bytes go: reels with known samples of resident pages, made event by event and at random.
#include "made.h"

#include <stdlib.h>
#include <string.h>

#include "opened.h"
#include "reel/replay.h"

#define PAGE UINT64_C(4096)
#define BREAK UINT64_C(0x10000000)
#define ARENA (UINT64_C(64) << 20 << 4)
#define STACK UINT64_C(0x7f0000000000) // of a thread, in one mapping with a block's own

struct looked
{
    struct recording *recording;
    struct reel_reader *reader;
    struct reel_replay *replay;
};

static void look(struct looked *looked, struct recording *recording)
{
    looked->recording = recording;
    assert_ok(reel_reader_open(&looked->reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_replay_open(&looked->replay, looked->reader, &recording->error), recording->error);
}

static void look_away(struct looked *looked)
{
    reel_replay_close(looked->replay);
    reel_reader_close(looked->reader);
}

static struct reel_identity identity_at(struct looked *looked, uint32_t process, uint64_t events)
{
    struct reel_identity identity;
    struct reel_error *error = &looked->recording->error;
    assert_ok(reel_replay_seek(looked->replay, events, NULL, error), *error);
    assert_ok(reel_replay_identity(looked->replay, process, &identity, error), *error);
    assert_int_equal(identity.resident_bytes, identity.requested_bytes + identity.rounding_bytes +
                                                  identity.pinned_bytes + identity.retained_bytes +
                                                  identity.metadata_bytes);
    return identity;
}

static size_t regions_at(struct looked *looked, uint32_t process, uint64_t events, struct reel_region *regions,
                         size_t max)
{
    struct reel_region *all;
    size_t count;
    struct reel_error *error = &looked->recording->error;
    assert_ok(reel_replay_seek(looked->replay, events, NULL, error), *error);
    assert_ok(reel_replay_regions(looked->replay, process, &all, &count, error), *error);
    assert_true(count <= max);
    if (count != 0)
        memcpy(regions, all, count * sizeof *regions);
    free(all);
    return count;
}

static uint8_t flags_at(struct looked *looked, uint64_t address)
{
    struct reel_page page;
    struct reel_error *error = &looked->recording->error;
    assert_ok(reel_replay_pages(looked->replay, 1, address, 1, &page, error), *error);
    return page.flags;
}

static void append(struct recording *recording, struct reel_writer *writer, struct reel_event event)
{
    event.thread = event.process = 1;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
}

static void alloc(struct recording *recording, struct reel_writer *writer, uint64_t t_ns, uint64_t address,
                  uint64_t requested_bytes, uint64_t usable_bytes)
{
    struct reel_event event = recording_alloc(t_ns, address, requested_bytes);
    event.usable_bytes = usable_bytes;
    append(recording, writer, event);
}

static void sample(struct recording *recording, struct reel_writer *writer, uint64_t t_ns,
                   const struct reel_resident_mapping *mappings, size_t mapping_count,
                   const struct reel_resident_run *runs, size_t run_count)
{
    const struct reel_residency added = {.process = 1, .t_ns = t_ns};
    struct reel_error *error = &recording->error;
    assert_ok(reel_writer_add_residency(writer, &added, error), *error);
    assert_ok(reel_writer_add_resident_pages(writer, mappings, mapping_count, runs, run_count, error), *error);
}

static const struct reel_resident_mapping mappings_of_glibc[] = {
    {BREAK, BREAK + 16 * PAGE, true, false},
    {ARENA, ARENA + 4 * PAGE, false, false},
    {STACK, STACK + 20 * PAGE, false, false}, // the last 8 pages are a block's
    {STACK + 100 * PAGE, STACK + 108 * PAGE, false, false},
};
static const struct reel_resident_run runs_of_glibc[] = {
    {BREAK, BREAK + 8 * PAGE},
    {ARENA, ARENA + 2 * PAGE},
    {STACK + 10 * PAGE, STACK + 16 * PAGE},
    {STACK + 100 * PAGE, STACK + 108 * PAGE},
};

// Three blocks, a sample at 40 ns, two more blocks: event numbers 3 and 4.
static void make_of_glibc(struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    alloc(recording, writer, 10, BREAK + 16, 20, 24);
    alloc(recording, writer, 20, BREAK + 9 * PAGE + 16, 100, 104);              // on a page that is not backed
    alloc(recording, writer, 30, STACK + 12 * PAGE + 16, 30000, 8 * PAGE - 16); // with a mapping of its own
    sample(recording, writer, 40, mappings_of_glibc, 4, runs_of_glibc, 4);
    alloc(recording, writer, 50, BREAK + 17 * PAGE + 16, 24, 24); // the break has grown
    alloc(recording, writer, 60, BREAK + 18 * PAGE - 8 + 0x1000, 8, 8);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
}

static void heap_of_glibc_is_the_break_the_arenas_and_own_mappings(void **state)
{
    struct looked looked;
    struct reel_region regions[8] = {{0}};
    make_of_glibc(*state);
    look(&looked, *state);
    assert_int_equal(regions_at(&looked, 1, 3, regions, 8), 3);
    assert_int_equal(regions[0].kind, REEL_REGION_HEAP);
    assert_int_equal(regions[0].begin_address, BREAK);
    assert_int_equal(regions[0].region_bytes, 16 * PAGE);
    assert_int_equal(regions[0].live_blocks, 2);
    assert_int_equal(regions[0].live_bytes, 128);
    assert_int_equal(regions[0].occupied_pages, 2);
    assert_int_equal(regions[0].resident_pages, 8);
    assert_int_equal(regions[0].pinned_bytes, PAGE - 24 - 8);
    assert_int_equal(regions[0].retained_bytes, 7 * PAGE);
    assert_int_equal(regions[0].used_begin_address, BREAK);
    assert_int_equal(regions[0].used_end_address, BREAK + 10 * PAGE);
    assert_int_equal(regions[1].kind, REEL_REGION_ARENA);
    assert_int_equal(regions[1].retained_bytes, 2 * PAGE);
    assert_int_equal(regions[2].kind, REEL_REGION_MAPPING);
    assert_int_equal(regions[2].begin_address, STACK + 12 * PAGE); // and not the stack below it
    assert_int_equal(regions[2].region_bytes, 8 * PAGE);
    assert_int_equal(regions[2].resident_pages, 4);
    look_away(&looked);
}

static void identity_of_glibc_is_exact_at_the_sample(void **state)
{
    struct looked looked;
    make_of_glibc(*state);
    look(&looked, *state);
    struct reel_identity identity = identity_at(&looked, 1, 3);
    assert_true(identity.is_sampled);
    assert_int_equal(identity.sample_t_ns, 40);
    assert_int_equal(identity.resident_bytes, 14 * PAGE);
    assert_int_equal(identity.kernel_resident_bytes, 14 * PAGE);
    assert_int_equal(identity.requested_bytes, 20 + 4 * PAGE - 16);
    assert_int_equal(identity.rounding_bytes, 4);
    assert_int_equal(identity.metadata_bytes, 8);
    assert_int_equal(identity.retained_bytes, 9 * PAGE);
    assert_int_equal(identity.untouched_bytes, 104 + 4 * PAGE);
    look_away(&looked);
}

static void blocks_that_came_after_the_sample_bring_their_pages(void **state)
{
    struct looked looked;
    struct reel_region regions[8] = {{0}};
    make_of_glibc(*state);
    look(&looked, *state);
    struct reel_identity identity = identity_at(&looked, 1, 4);
    assert_int_equal(identity.resident_bytes, 15 * PAGE);
    assert_int_equal(identity.kernel_resident_bytes, 14 * PAGE);
    assert_int_equal(regions_at(&looked, 1, 4, regions, 8), 3);
    assert_int_equal(regions[0].region_bytes, 18 * PAGE);
    assert_int_equal(flags_at(&looked, BREAK + 17 * PAGE), REEL_PAGE_RESIDENT);
    assert_int_equal(flags_at(&looked, BREAK + 9 * PAGE), REEL_PAGE_KNOWN);
    assert_int_equal(flags_at(&looked, BREAK + 7 * PAGE), REEL_PAGE_RESIDENT | REEL_PAGE_KNOWN);
    assert_int_equal(identity_at(&looked, 1, 3).resident_bytes, 14 * PAGE); // and back
    look_away(&looked);
}

static void without_a_sample_all_pages_with_blocks_are_resident(void **state)
{
    struct looked looked;
    struct reel_region regions[8] = {{0}};
    make_of_glibc(*state);
    look(&looked, *state);
    struct reel_identity identity = identity_at(&looked, 1, 2);
    assert_false(identity.is_sampled);
    assert_int_equal(identity.resident_bytes, 2 * PAGE);
    assert_int_equal(identity.kernel_resident_bytes, 0);
    assert_int_equal(identity.requested_bytes, 120);
    assert_int_equal(identity.retained_bytes, 0);
    assert_int_equal(regions_at(&looked, 1, 2, regions, 8), 1); // both lie near each other
    assert_int_equal(regions[0].kind, REEL_REGION_MAPPING);
    assert_int_equal(regions[0].begin_address, BREAK);
    assert_int_equal(flags_at(&looked, BREAK), REEL_PAGE_RESIDENT);
    look_away(&looked);
}

// Another malloc than glibc's: a block that does not end with a page shows that the mapping serves blocks.
static void a_mapping_with_small_blocks_counts_as_a_whole(void **state)
{
    struct recording *recording = *state;
    struct looked looked;
    struct reel_region regions[2] = {{0}};
    const struct reel_resident_mapping mapping = {STACK, STACK + 10 * PAGE, false, false};
    const struct reel_resident_run run = {STACK, STACK + 5 * PAGE};
    struct reel_writer *writer = recording_begin(recording, 1);
    alloc(recording, writer, 10, STACK + 2 * PAGE, 60, 64);
    sample(recording, writer, 20, &mapping, 1, &run, 1);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
    look(&looked, recording);
    assert_int_equal(regions_at(&looked, 1, 1, regions, 2), 1);
    assert_int_equal(regions[0].region_bytes, 10 * PAGE);
    struct reel_identity identity = identity_at(&looked, 1, 1);
    assert_int_equal(identity.pinned_bytes, PAGE - 64);
    assert_int_equal(identity.retained_bytes, 4 * PAGE);
    look_away(&looked);
}

// Zone: pages 0 to 7 are backed, metadata: one page; outside a large block, another's pages, and three pages that are
// kept of a freed block. Pages 4 to 7 are returned.
static void regions_of_an_allocator_of_ours_are_its_zones(void **state)
{
    const struct reel_zone_info metadata = {
        .process = 1, .begin = 2 * ZONE, .bytes = 4 * PAGE, .role = REEL_ZONE_METADATA, .class_id = REEL_NO_CLASS};
    const struct reel_resident_mapping mappings[] = {{ZONE, 2 * ZONE + PAGE, false, false},
                                                     {STACK, STACK + 8 * PAGE, false, false},
                                                     {STACK + 9 * PAGE, STACK + 20 * PAGE, false, true}};
    const struct reel_resident_run runs[] = {{ZONE, ZONE + 8 * PAGE},
                                             {2 * ZONE, 2 * ZONE + PAGE},
                                             {STACK, STACK + PAGE},
                                             {STACK + 4 * PAGE, STACK + 8 * PAGE},
                                             {STACK + 10 * PAGE, STACK + 13 * PAGE}};
    struct made made;
    struct looked looked;
    struct reel_region regions[4] = {{0}};
    made_begin(&made, *state, "made", REEL_ZONE_SLOTS);
    assert_ok(reel_writer_add_zone(made.writer, &metadata, &made.recording->error), made.recording->error);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_alloc(&made, STACK, 2 * PAGE, 0);
    sample(made.recording, made.writer, made.t_ns, mappings, 3, runs, 5);
    made_alloc(&made, ZONE + SLOT, SLOT, CARVED);
    made_pages(&made, ZONE + 4 * PAGE, 4 * PAGE, false);
    made_alloc(&made, ZONE + 2 * SLOT, SLOT, CARVED);
    assert_ok(reel_writer_finish(made.writer, made.t_ns, &made.recording->error), made.recording->error);
    look(&looked, made.recording);

    struct reel_identity identity = identity_at(&looked, 1, 2);
    assert_int_equal(identity.resident_bytes, (8 + 1 + 1 + 3) * PAGE);
    assert_int_equal(identity.metadata_bytes, PAGE);
    assert_int_equal(identity.retained_bytes, (7 + 3) * PAGE);
    assert_int_equal(identity.untouched_bytes, PAGE);
    assert_int_equal(identity.requested_bytes, SLOT / 2 + PAGE);
    assert_int_equal(identity.rounding_bytes, SLOT / 2);
    identity = identity_at(&looked, 1, 4);
    assert_int_equal(identity.resident_bytes, (4 + 1 + 1 + 3) * PAGE);
    assert_int_equal(identity.kernel_resident_bytes, (8 + 1 + 1 + 3) * PAGE);
    assert_int_equal(flags_at(&looked, ZONE + 5 * PAGE), 0);
    assert_int_equal(flags_at(&looked, 2 * ZONE), REEL_PAGE_METADATA | REEL_PAGE_RESIDENT | REEL_PAGE_KNOWN);

    assert_int_equal(regions_at(&looked, 1, 4, regions, 4), 4);
    assert_int_equal(regions[0].kind, REEL_REGION_ZONE);
    assert_int_equal(regions[0].class_number, reel_replay_class(looked.replay, regions[0].class_number).number);
    assert_int_equal(reel_replay_class(looked.replay, regions[0].class_number).slot_bytes, SLOT);
    assert_int_equal(regions[0].resident_pages, 4);
    assert_int_equal(regions[0].live_blocks, 3);
    assert_int_equal(regions[1].kind, REEL_REGION_METADATA);
    assert_int_equal(regions[1].retained_bytes, 0);
    assert_int_equal(regions[2].kind, REEL_REGION_MAPPING);
    assert_int_equal(regions[2].region_bytes, 2 * PAGE);
    assert_int_equal(regions[3].begin_address, STACK + 10 * PAGE);
    assert_int_equal(regions[3].retained_bytes, 3 * PAGE);
    look_away(&looked);
}

#define PLACES 256 // of blocks, four to a page
#define PLACE_BYTES 1024
#define PAGES (PLACES * PLACE_BYTES / PAGE)

// What is known of the break after each event, kept by nobody else.
struct naive
{
    uint64_t usable[PLACES]; // 0 = no block
    uint64_t requested[PLACES];
    uint64_t birth[PLACES];
    bool is_asked[PAGES];
    uint64_t sample_event;
    bool is_sampled;
};

static struct reel_identity naive_identity(const struct naive *naive)
{
    struct reel_identity sum = {.is_sampled = naive->is_sampled};
    for (size_t page = 0; page < PAGES; page++)
    {
        uint64_t requested = 0, usable = 0, headers = 0;
        bool is_backed = naive->is_asked[page];
        for (size_t i = page * 4; i < page * 4 + 4; i++)
        {
            is_backed = is_backed || (naive->usable[i] != 0 && naive->birth[i] >= naive->sample_event);
            requested += naive->requested[i];
            usable += naive->usable[i];
            headers += naive->usable[i] != 0 ? 8 : 0;
        }
        sum.untouched_bytes += is_backed ? 0 : usable;
        if (!is_backed)
            continue;
        sum.resident_bytes += PAGE;
        sum.requested_bytes += requested;
        sum.rounding_bytes += usable - requested;
        sum.metadata_bytes += headers;
        sum.pinned_bytes += usable != 0 ? PAGE - usable - headers : 0;
        sum.retained_bytes += usable == 0 ? PAGE : 0;
    }
    return sum;
}

static void take_sample(struct naive *naive, struct stream *dice, struct recording *recording,
                        struct reel_writer *writer, uint64_t t_ns)
{
    const struct reel_resident_mapping mapping = {BREAK, BREAK + PAGES * PAGE, true, false};
    struct reel_resident_run runs[PAGES];
    size_t count = 0;
    for (size_t page = 0; page < PAGES; page++)
    {
        naive->is_asked[page] = page == 0 || stream_random(dice, 3) != 0;
        if (naive->is_asked[page] && page > 0 && naive->is_asked[page - 1])
            runs[count - 1].end += PAGE;
        else if (naive->is_asked[page])
            runs[count++] = (struct reel_resident_run){BREAK + page * PAGE, BREAK + (page + 1) * PAGE};
    }
    sample(recording, writer, t_ns, &mapping, 1, runs, count);
    naive->is_sampled = true;
}

static void change_place(struct naive *naive, struct stream *dice, struct recording *recording,
                         struct reel_writer *writer, uint64_t event)
{
    size_t place = stream_random(dice, PLACES);
    uint64_t address = BREAK + place * PLACE_BYTES + 16;
    if (naive->usable[place] != 0)
    {
        append(recording, writer, recording_free(event * 10, address));
        naive->usable[place] = naive->requested[place] = 0;
        return;
    }
    naive->usable[place] = 24 + 16 * stream_random(dice, 60);
    naive->requested[place] = naive->usable[place] - stream_random(dice, 16);
    naive->birth[place] = event;
    alloc(recording, writer, event * 10, address, naive->requested[place], naive->usable[place]);
}

#define RANDOM_EVENTS 600

static void identity_is_what_a_naive_reading_gives(void **state)
{
    struct recording *recording = *state;
    static struct reel_identity expected[RANDOM_EVENTS + 1];
    struct naive naive = {0};
    struct stream dice;
    struct looked looked;
    struct reel_writer *writer = recording_begin(recording, 1);
    stream_init(&dice, 5, 1);
    for (uint64_t event = 0; event < RANDOM_EVENTS; event++)
    {
        change_place(&naive, &dice, recording, writer, event);
        if (stream_random(&dice, 20) == 0)
        {
            naive.sample_event = event + 1;
            take_sample(&naive, &dice, recording, writer, event * 10 + 5);
        }
        expected[event + 1] = naive_identity(&naive);
    }
    assert_ok(reel_writer_finish(writer, RANDOM_EVENTS * 10, &recording->error), recording->error);
    look(&looked, recording);
    for (int round = 0; round < 600; round++)
    {
        uint64_t events = round < 300 ? (uint64_t)round * 2 + 1 : 1 + stream_random(&dice, RANDOM_EVENTS);
        struct reel_identity identity = identity_at(&looked, (uint32_t)round % 2, events);
        assert_int_equal(identity.is_sampled, expected[events].is_sampled);
        assert_int_equal(identity.resident_bytes, expected[events].resident_bytes);
        assert_int_equal(identity.requested_bytes, expected[events].requested_bytes);
        assert_int_equal(identity.rounding_bytes, expected[events].rounding_bytes);
        assert_int_equal(identity.pinned_bytes, expected[events].pinned_bytes);
        assert_int_equal(identity.retained_bytes, expected[events].retained_bytes);
        assert_int_equal(identity.metadata_bytes, expected[events].metadata_bytes);
        assert_int_equal(identity.untouched_bytes, expected[events].untouched_bytes);
    }
    look_away(&looked);
}

// Rows that nobody of ours wrote: answers may be senseless, but they come.
static void senseless_zones_and_changes_do_no_harm(void **state)
{
    struct recording *recording = *state;
    struct looked looked;
    struct reel_region regions[64] = {{0}};
    struct reel_identity identity;
    struct made made;
    made_begin(&made, recording, "made", REEL_ZONE_BUMP);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_alloc(&made, UINT64_MAX - 100, 4 * PAGE, 0);
    made_alloc(&made, 0, 3 * PAGE, 0);
    made_alloc(&made, STACK, UINT64_C(1) << 62, 0);
    assert_ok(reel_writer_finish(made.writer, made.t_ns, &recording->error), recording->error);
    recording_change(recording->path,
                     "INSERT INTO zone (process, role, begin_address, zone_bytes, event, t_ns) VALUES"
                     " (1, 'bump', 1048577, 4097, 0, 0), (1, 'metadata', 1048000, 9223372036854775807, 0, 0),"
                     " (1, 'bump', -4096, 4096, 0, 0), (1, 'slots', 0, -1, 0, 0), (1, 'slots', 5, 0, 0, 0);"
                     "INSERT INTO page_change (process, event, t_ns, begin_address, range_bytes, kind) VALUES"
                     " (1, 0, 0, -4096, 9223372036854775807, 'returned'), (1, -5, -5, 1, 1, 'returned');"
                     "INSERT INTO residency VALUES (7, 1, -1, 0, 0, 0, 0, 0)");
    look(&looked, recording);
    for (uint64_t events = 0; events <= 4; events++)
    {
        regions_at(&looked, 1, events, regions, 64);
        assert_int_equal(reel_replay_identity(looked.replay, 1, &identity, &recording->error), REEL_OK);
        flags_at(&looked, UINT64_MAX - 5);
        flags_at(&looked, 0);
    }
    assert_int_equal(reel_replay_identity(looked.replay, 2, &identity, &recording->error), REEL_E_ARGUMENT);
    look_away(&looked);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(heap_of_glibc_is_the_break_the_arenas_and_own_mappings),
        IN_DIRECTORY(identity_of_glibc_is_exact_at_the_sample),
        IN_DIRECTORY(blocks_that_came_after_the_sample_bring_their_pages),
        IN_DIRECTORY(without_a_sample_all_pages_with_blocks_are_resident),
        IN_DIRECTORY(a_mapping_with_small_blocks_counts_as_a_whole),
        IN_DIRECTORY(regions_of_an_allocator_of_ours_are_its_zones),
        IN_DIRECTORY(identity_is_what_a_naive_reading_gives),
        IN_DIRECTORY(senseless_zones_and_changes_do_no_harm),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
