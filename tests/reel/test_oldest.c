// SPDX-License-Identifier: MIT
// The oldest survivor of each stack, class, page and region, and the pages of a stack's blocks, beside the model's.
#include "naive_heap.h"
#include "opened.h"

#include <stdlib.h>
#include <string.h>

#include "reel/chosen_blocks.h"
#include "reel/oldest.h"

#define PAGE ((uint64_t)REEL_REPLAY_PAGE_BYTES)
#define PAGES_SEEN 9

static const struct random_shape large = {
    .seed = 77, .event_count = 200000, .live_blocks = 1500, .process_max = 4, .has_classes = true};

// ---- what is meant

static bool is_of_stack(const void *key, const struct naive_block *block)
{
    return block->stack == *(const uint32_t *)key && !block->is_inherited;
}

struct class_key
{
    uint32_t number; // a class that is not there has another
    bool is_told;
    struct reel_class_state class;
};

static bool is_of_class(const void *key, const struct naive_block *block)
{
    const struct class_key *meant = key;
    const struct reel_class_state *class = &meant->class;
    if (class->number != meant->number)
        return false;
    if (meant->is_told)
        return block->class_id == (class->number == 0 ? RANDOM_CLASSES : class->class_id);
    return class->number != 0 && block->usable_bytes >= class->least_bytes &&
           block->usable_bytes <= class->greatest_bytes;
}

static bool is_on_page(const void *key, const struct naive_block *block)
{
    uint64_t page = *(const uint64_t *)key;
    return block->usable_bytes != 0 && block->address < page + PAGE && block->address + block->usable_bytes > page;
}

// Of the blocks of a stack on a page.
static uint64_t bytes_of_stack(const struct naive_process *process, uint32_t stack, uint64_t page)
{
    uint64_t bytes = 0;
    for (size_t i = 0; process != NULL && i < RANDOM_PLACES; i++)
    {
        const struct naive_block *block = &process->blocks[i];
        if (!block->is_live || block->stack != stack || !is_on_page(&page, block))
            continue;
        uint64_t from = block->address > page ? block->address : page;
        uint64_t end = block->address + block->usable_bytes;
        bytes += (end < page + PAGE ? end : page + PAGE) - from;
    }
    return bytes;
}

static bool is_in_region(const void *key, const struct naive_block *block)
{
    const struct reel_region *region = key;
    return block->address >= region->begin_address && block->address - region->begin_address < region->region_bytes;
}

static uint64_t birth_of(const struct naive_block *block)
{
    return block != NULL ? block->birth_event : REEL_OLDEST_NONE;
}

// ---- beside the model

// Who chooses all blocks gets what the replay keeps of each class.
static void compare_chosen(struct opened *opened, uint32_t process)
{
    const struct reel_block_choice any = {.class_number = -1};
    struct reel_chosen_class chosen[REEL_CLASS_NUMBERS];
    struct reel_class_state *classes = NULL;
    size_t count = 0;
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_replay_classes(opened->replay, process, &classes, &count, error), *error);
    assert_ok(reel_chosen_classes(opened->replay, process, &any, chosen, NULL, error), *error);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(chosen[classes[i].number].live_blocks, classes[i].live_blocks);
        assert_int_equal(chosen[classes[i].number].live_bytes, classes[i].requested_bytes);
        assert_int_equal(chosen[classes[i].number].usable_bytes, classes[i].usable_bytes);
    }
    free(classes);
}

static void compare_groups(struct opened *opened, const struct naive *naive, uint32_t process)
{
    struct reel_oldest oldest;
    assert_ok(reel_oldest_find(&oldest, opened->replay, process, NULL, &opened->recording->error),
              opened->recording->error);
    assert_int_equal(oldest.stack_count, RANDOM_STACKS + 1);
    for (uint32_t stack = 0; stack < oldest.stack_count; stack++)
        assert_int_equal(oldest.stacks[stack], birth_of(naive_oldest(naive, process, is_of_stack, &stack)));
    for (uint32_t number = 0; number < REEL_CLASS_NUMBERS; number++)
    {
        const struct class_key key = {number, naive->reel->has_classes, reel_replay_class(opened->replay, number)};
        assert_int_equal(oldest.classes[number], birth_of(naive_oldest(naive, process, is_of_class, &key)));
    }
    reel_oldest_fini(&oldest);
    compare_chosen(opened, process);
}

static void compare_stack(struct opened *opened, const struct naive_process *model, uint32_t process, uint64_t begin,
                          uint32_t stack)
{
    uint16_t bytes[PAGES_SEEN];
    bool stacks[RANDOM_STACKS + 1] = {false};
    const struct reel_block_choice choice = {.stacks = stacks, .class_number = -1};
    stacks[stack] = true;
    assert_ok(reel_chosen_pages(opened->replay, process, &choice, begin + 5, PAGES_SEEN, bytes, NULL,
                                &opened->recording->error),
              opened->recording->error);
    for (uint64_t i = 0; i < PAGES_SEEN; i++)
        assert_int_equal(bytes[i], bytes_of_stack(model, stack, begin + i * PAGE));
}

// Nine pages around a place where blocks are.
static void compare_pages(struct opened *opened, const struct naive *naive, uint32_t process)
{
    uint64_t births[PAGES_SEEN];
    uint64_t place = stream_random(&opened->dice, RANDOM_PLACES);
    const struct naive_process *model = naive->processes[process - 1];
    uint64_t address = model != NULL ? model->blocks[place].address : 0;
    if (address == 0)
        return;
    uint64_t begin = address / PAGE * PAGE - PAGES_SEEN / 2 * PAGE;
    assert_ok(
        reel_oldest_of_pages(opened->replay, process, begin + 77, PAGES_SEEN, births, NULL, &opened->recording->error),
        opened->recording->error);
    for (uint64_t i = 0; i < PAGES_SEEN; i++)
    {
        uint64_t page = begin + i * PAGE;
        assert_int_equal(births[i], birth_of(naive_oldest(naive, process, is_on_page, &page)));
    }
    if (naive_is_running(naive, process))
        compare_stack(opened, model, process, begin, model->blocks[place].stack);
}

static void compare_regions(struct opened *opened, const struct naive *naive, uint32_t process)
{
    struct reel_region *regions = NULL;
    size_t count = 0;
    assert_ok(reel_replay_regions(opened->replay, process, &regions, &count, &opened->recording->error),
              opened->recording->error);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(regions[i].oldest_birth_event,
                         birth_of(naive_oldest(naive, process, is_in_region, &regions[i])));
    free(regions);
}

static void the_oldest_blocks_are_those_of_the_model(void **state)
{
    for (uint64_t seed = 0; seed < 5; seed++)
    {
        struct opened opened;
        struct naive naive;
        opened_make_small(&opened, *state, seed);
        naive_init(&naive, &opened.reel);
        for (uint64_t part = 0; part <= 5; part++)
        {
            uint64_t events = opened.reel.event_count * part / 5;
            naive_move(&naive, events);
            assert_ok(reel_replay_seek(opened.replay, events, NULL, &opened.recording->error), opened.recording->error);
            compare_groups(&opened, &naive, 0);
            for (uint32_t process = 1; process <= opened.reel.process_count; process++)
            {
                compare_groups(&opened, &naive, process);
                compare_regions(&opened, &naive, process);
                for (int i = 0; i < 8; i++)
                    compare_pages(&opened, &naive, process);
            }
        }
        naive_fini(&naive);
        opened_close(&opened);
    }
}

static void births_have_the_times_of_their_events(void **state)
{
    struct opened opened;
    struct naive naive;
    struct reel_oldest oldest;
    uint64_t times_ns[RANDOM_STACKS + 1];
    opened_make(&opened, *state, &large);
    struct reel_error *error = &opened.recording->error;
    naive_init(&naive, &opened.reel);
    naive_move(&naive, opened.reel.event_count);
    assert_ok(reel_replay_seek(opened.replay, opened.reel.event_count, NULL, error), *error);
    assert_ok(reel_oldest_find(&oldest, opened.replay, 0, NULL, error), *error);
    assert_ok(reel_oldest_times(opened.reader, oldest.stacks, oldest.stack_count, times_ns, NULL, error), *error);
    for (uint32_t stack = 0; stack < oldest.stack_count; stack++)
    {
        const struct naive_block *expected = naive_oldest(&naive, 0, is_of_stack, &stack);
        assert_int_equal(times_ns[stack], expected != NULL ? expected->birth_ns : REEL_OLDEST_NONE);
    }
    reel_oldest_fini(&oldest);
    naive_fini(&naive);
    opened_close(&opened);
}

// ---- what goes wrong

static uint64_t time_of(const struct random_reel *reel, uint64_t number)
{
    uint64_t events = 0;
    for (size_t i = 0; i < reel->step_count; i++)
        if (reel->steps[i].kind == RANDOM_EVENT && events++ == number)
            return reel->steps[i].event.t_ns;
    return REEL_OLDEST_NONE;
}

static void births_in_a_damaged_chunk_have_no_time(void **state)
{
    const uint64_t births[] = {140000, 70001, 5, 65536, REEL_OLDEST_NONE, 131072, 5, UINT64_MAX / 3, 131071};
    const bool is_known[] = {true, false, true, false, false, true, true, false, false};
    uint64_t times_ns[sizeof births / sizeof *births];
    struct opened opened;
    opened_make(&opened, *state, &large);
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    opened_again(&opened);
    assert_ok(reel_oldest_times(opened.reader, births, sizeof births / sizeof *births, times_ns, NULL,
                                &opened.recording->error),
              opened.recording->error);
    for (size_t i = 0; i < sizeof births / sizeof *births; i++)
        assert_int_equal(times_ns[i], is_known[i] ? time_of(&opened.reel, births[i]) : REEL_OLDEST_NONE);
    opened_close(&opened);
}

static int refuse(void *context, double fraction)
{
    (void)context;
    assert_true(fraction >= 0 && fraction <= 1);
    return 1;
}

static void unknown_processes_are_refused_and_times_can_be_cancelled(void **state)
{
    const struct reel_progress refusing = {refuse, NULL};
    const uint64_t births[] = {1};
    const struct reel_block_choice choice = {.class_number = -1};
    uint64_t page;
    uint64_t times_ns[1];
    struct reel_oldest oldest;
    struct opened opened;
    opened_make_small(&opened, *state, 3);
    struct reel_error *error = &opened.recording->error;
    assert_int_equal(reel_oldest_find(&oldest, opened.replay, 99, NULL, error), REEL_E_ARGUMENT);
    assert_non_null(strstr(error->text, "process 99"));
    reel_oldest_fini(&oldest);
    assert_int_equal(reel_oldest_of_pages(opened.replay, 0, 0, 1, &page, NULL, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_chosen_pages(opened.replay, 0, &choice, 0, 0, NULL, NULL, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_oldest_times(opened.reader, births, 1, times_ns, &refusing, error), REEL_E_CANCELLED);
    opened_close(&opened);
}

// Blocks of the whole address space, at both ends of what is asked.
static void pages_at_the_ends_of_the_address_space_are_answered(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_event events[] = {
        {10, UINT64_MAX - 4095, 4095, 4095, 0, 1, 1, REEL_EVENT_ALLOC, 0},
        {20, 0x1800, 4096, 4096, 0, 1, 1, REEL_EVENT_ALLOC, 0},
        {30, 0x1000, 16, 16, 0, 1, 1, REEL_EVENT_ALLOC, 0},
    };
    const struct reel_block_choice any = {.class_number = -1};
    uint64_t births[3];
    uint16_t bytes[3];
    assert_ok(reel_writer_append(writer, events, 3, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    struct reel_replay *replay = NULL;
    assert_ok(reel_replay_open(&replay, reader, &recording->error), recording->error);
    assert_ok(reel_replay_seek(replay, 3, NULL, &recording->error), recording->error);
    assert_ok(reel_oldest_of_pages(replay, 1, UINT64_MAX, 3, births, NULL, &recording->error), recording->error);
    assert_true(births[0] == 0 && births[1] == REEL_OLDEST_NONE && births[2] == REEL_OLDEST_NONE);
    assert_ok(reel_oldest_of_pages(replay, 1, 0, 3, births, NULL, &recording->error), recording->error);
    assert_true(births[0] == REEL_OLDEST_NONE && births[1] == 1 && births[2] == 1);
    assert_ok(reel_chosen_pages(replay, 1, &any, 0, 3, bytes, NULL, &recording->error), recording->error);
    assert_true(bytes[0] == 0 && bytes[1] == 2048 + 16 && bytes[2] == 2048);
    assert_ok(reel_chosen_pages(replay, 1, &any, UINT64_MAX, 3, bytes, NULL, &recording->error), recording->error);
    assert_true(bytes[0] == 4095 && bytes[1] == 0 && bytes[2] == 0);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_oldest_blocks_are_those_of_the_model),
        IN_DIRECTORY(births_have_the_times_of_their_events),
        IN_DIRECTORY(births_in_a_damaged_chunk_have_no_time),
        IN_DIRECTORY(unknown_processes_are_refused_and_times_can_be_cancelled),
        IN_DIRECTORY(pages_at_the_ends_of_the_address_space_are_answered),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
