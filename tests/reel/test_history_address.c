// SPDX-License-Identifier: MIT
// Who lived at an address, on random reels against a naive reading, and on small ones by hand.
#include "naive_heap.h"

#include <stdlib.h>

#include "opened.h"
#include "reel/history.h"

#define TENANTS_MAX 20000
#define SEEDS 6

struct naive_tenant
{
    struct reel_tenant tenant;
    uint32_t place;
    uint32_t fork_serial; // waits for the child of that fork
    bool is_over;
    bool has_held;
};

struct naive_tenants
{
    uint64_t address;
    struct naive_tenant *all;
    size_t count;
};

static void add_tenant(struct naive_tenants *tenants, const struct naive_tenant *tenant)
{
    assert_true(tenants->count < TENANTS_MAX);
    tenants->all[tenants->count++] = *tenant;
}

static bool holds(const struct naive_tenants *tenants, const struct reel_event *event)
{
    return tenants->address == event->address ||
           (tenants->address > event->address && tenants->address < event->address + event->usable_bytes);
}

static struct naive_tenant *tenant_at(struct naive_tenants *tenants, uint32_t process, uint32_t place)
{
    for (size_t i = 0; i < tenants->count; i++)
        if (tenants->all[i].tenant.process == process && tenants->all[i].place == place && !tenants->all[i].is_over)
            return &tenants->all[i];
    return NULL;
}

static void watch_event(struct naive_tenants *tenants, const struct naive *naive, const struct random_step *step)
{
    const struct reel_event *event = &step->event;
    struct naive_tenant *tenant = tenant_at(tenants, event->process, step->place);
    if (event->kind == REEL_EVENT_FREE && tenant != NULL)
    {
        tenant->tenant.free_event = naive->events;
        tenant->tenant.free_ns = event->t_ns;
        tenant->tenant.free_stack = event->stack;
        tenant->tenant.free_thread = event->thread;
    }
    if (event->kind != REEL_EVENT_RESIZE && tenant != NULL)
        tenant->is_over = true;
    if (event->kind == REEL_EVENT_RESIZE && tenant != NULL)
    {
        tenant->tenant.requested_bytes = event->requested_bytes;
        if (event->usable_bytes > tenant->tenant.usable_bytes)
            tenant->tenant.usable_bytes = event->usable_bytes;
        tenant->has_held |= holds(tenants, event);
    }
    if (event->kind != REEL_EVENT_ALLOC)
        return;
    add_tenant(tenants, &(struct naive_tenant){.tenant = {.process = event->process,
                                                          .address = event->address,
                                                          .requested_bytes = event->requested_bytes,
                                                          .usable_bytes = event->usable_bytes,
                                                          .birth_event = naive->events,
                                                          .birth_ns = event->t_ns,
                                                          .alloc_stack = event->stack,
                                                          .alloc_thread = event->thread,
                                                          .free_event = UINT64_MAX},
                                               .place = step->place,
                                               .has_held = holds(tenants, event)});
}

static void watch_tenants(void *context, const struct naive *naive, const struct random_step *step,
                          const struct naive_block *block)
{
    struct naive_tenants *tenants = context;
    (void)block;
    size_t count = tenants->count;
    if (step->kind == RANDOM_EVENT)
        watch_event(tenants, naive, step);
    for (size_t i = 0; i < count; i++)
    {
        struct naive_tenant copy = tenants->all[i];
        bool is_of_parent = copy.tenant.process == step->process && copy.fork_serial == 0 && !copy.is_over;
        if (step->kind == RANDOM_FORK && is_of_parent)
        {
            copy.fork_serial = step->fork_serial;
            copy.tenant.process = 0;
            add_tenant(tenants, &copy);
        }
        if (step->kind == RANDOM_START && step->fork_serial != 0 && copy.fork_serial == step->fork_serial)
        {
            tenants->all[i].fork_serial = 0;
            tenants->all[i].tenant.process = step->process;
        }
    }
}

static int compare_tenants(const void *left, const void *right)
{
    const struct naive_tenant *a = left;
    const struct naive_tenant *b = right;
    if (a->tenant.birth_event != b->tenant.birth_event)
        return a->tenant.birth_event < b->tenant.birth_event ? -1 : 1;
    return a->tenant.process < b->tenant.process ? -1 : a->tenant.process > b->tenant.process;
}

static void assert_same_tenant(const struct reel_tenant *got, const struct reel_tenant *expected)
{
    assert_int_equal(got->process, expected->process);
    assert_int_equal(got->address, expected->address);
    assert_int_equal(got->requested_bytes, expected->requested_bytes);
    assert_int_equal(got->usable_bytes, expected->usable_bytes);
    assert_int_equal(got->birth_event, expected->birth_event);
    assert_int_equal(got->birth_ns, expected->birth_ns);
    assert_int_equal(got->alloc_stack, expected->alloc_stack);
    assert_int_equal(got->alloc_thread, expected->alloc_thread);
    assert_int_equal(got->free_event, expected->free_event);
    assert_int_equal(got->free_ns, expected->free_ns);
    assert_int_equal(got->free_stack, expected->free_stack);
    assert_int_equal(got->free_thread, expected->free_thread);
}

// Returns how many there were.
static size_t compare_address(struct opened *opened, uint32_t process, uint64_t address, uint64_t events)
{
    struct naive naive;
    struct naive_tenants expected = {.address = address, .all = calloc(TENANTS_MAX, sizeof *expected.all)};
    struct reel_tenant *tenants = NULL;
    struct reel_error *error = &opened->recording->error;
    size_t count = 0;
    size_t kept = 0;
    naive_init(&naive, &opened->reel);
    naive.watch = watch_tenants;
    naive.context = &expected;
    naive_move(&naive, events);
    for (size_t i = 0; i < expected.count; i++)
    {
        const struct naive_tenant *tenant = &expected.all[i];
        bool is_asked = process == 0 ? tenant->tenant.process != 0 : tenant->tenant.process == process;
        if (is_asked && tenant->has_held)
            expected.all[kept++] = *tenant;
    }
    qsort(expected.all, kept, sizeof *expected.all, compare_tenants);
    assert_ok(reel_history_of_address(opened->reader, process, address, events, NULL, &tenants, &count, error), *error);
    assert_int_equal(count, kept);
    for (size_t i = 0; i < count; i++)
        assert_same_tenant(&tenants[i], &expected.all[i].tenant);
    free(tenants);
    free(expected.all);
    naive_fini(&naive);
    return count;
}

static void the_tenants_of_an_address_are_those_of_a_naive_reading(void **state)
{
    size_t found = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < 12; i++)
        {
            const struct random_step *step;
            do
                step = &opened.reel.steps[stream_random(&opened.dice, opened.reel.step_count)];
            while (step->kind != RANDOM_EVENT || step->event.kind == REEL_EVENT_FREE);
            uint64_t address = step->event.address + stream_random(&opened.dice, step->event.usable_bytes + 9);
            uint32_t process = i % 3 == 0 ? 0 : step->process;
            uint64_t events =
                i % 4 == 0 ? opened.reel.event_count : stream_random(&opened.dice, opened.reel.event_count);
            found += compare_address(&opened, process, address, events);
        }
        opened_close(&opened);
    }
    assert_true(found > 100);
}

static void write_events(struct recording *recording, const struct reel_event *events, size_t count)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_append(writer, events, count, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, events[count - 1].t_ns, &recording->error), recording->error);
}

static struct reel_event resized(struct reel_event event)
{
    event.kind = REEL_EVENT_RESIZE;
    return event;
}

// A block grows over the byte, shrinks away, and is freed.
static void a_block_that_grew_over_the_byte_is_a_tenant(void **state)
{
    struct recording *recording = *state;
    const struct reel_event events[] = {
        recording_alloc(10, 0x1000, 8),
        recording_alloc(20, 0x2000, 8),
        recording_free(30, 0x2000),
        resized(recording_alloc(40, 0x1000, 4096)),
        resized(recording_alloc(50, 0x1000, 24)),
        recording_free(60, 0x1000),
    };
    struct reel_reader *reader;
    struct reel_tenant *tenants;
    size_t count;
    write_events(recording, events, sizeof events / sizeof *events);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_history_of_address(reader, 1, 0x1800, UINT64_MAX, NULL, &tenants, &count, &recording->error),
              recording->error);
    assert_int_equal(count, 1);
    assert_int_equal(tenants[0].birth_event, 0);
    assert_int_equal(tenants[0].birth_ns, 10);
    assert_int_equal(tenants[0].usable_bytes, 4104);
    assert_int_equal(tenants[0].requested_bytes, 24);
    assert_int_equal(tenants[0].free_event, 5);
    free(tenants);
    reel_reader_close(reader);
}

static void addresses_at_the_ends_of_memory_have_no_strange_tenants(void **state)
{
    struct recording *recording = *state;
    struct reel_event events[] = {
        recording_alloc(10, 0, 8),
        recording_alloc(20, UINT64_MAX - 15, 64), // wraps around
        recording_alloc(30, (UINT64_C(1) << 48) - 1, 3),
        recording_alloc(40, 0x1000, 0),
    };
    static const uint64_t addresses[] = {0, 8, 16, 32, UINT64_MAX, (UINT64_C(1) << 48) + 1, 0x1000, 0x1001};
    static const size_t expected[] = {1, 1, 0, 0, 1, 1, 1, 0};
    struct reel_reader *reader;
    events[3].usable_bytes = 0;
    write_events(recording, events, sizeof events / sizeof *events);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
    {
        struct reel_tenant *tenants = NULL;
        size_t count = 77;
        assert_ok(reel_history_of_address(reader, 0, addresses[i], 4, NULL, &tenants, &count, &recording->error),
                  recording->error);
        assert_int_equal(count, expected[i]);
        free(tenants);
    }
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_tenants_of_an_address_are_those_of_a_naive_reading),
        IN_DIRECTORY(a_block_that_grew_over_the_byte_is_a_tenant),
        IN_DIRECTORY(addresses_at_the_ends_of_memory_have_no_strange_tenants),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
