// SPDX-License-Identifier: MIT
// Channel files that lie: nothing of them may crash the tracer.
#include "fake_channel.h"
#include "tracer/drain.h"
#include "tracer/modules.h"
#include "tracer/stacks.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS 20000

static int reopen(struct fake_channel *fake)
{
    struct channel channel;
    struct reel_error error = {0};
    int status = channel_open(&channel, fake->directory_fd, FAKE_CHANNEL_NAME, &fake->session, &error);
    if (status == REEL_OK)
        channel_close(&channel);
    else
        assert_true(error.text[0] != '\0');
    return status;
}

static void every_wrong_constant_is_refused(void **state)
{
    struct fake_channel fake;
    (void)state;
    fake_channel_create(&fake, 4, 64);
    const struct wire_channel good = *fake.page;
#define REFUSED(field, value)                                                                                          \
    do                                                                                                                 \
    {                                                                                                                  \
        fake.page->field = (value);                                                                                    \
        assert_int_equal(reopen(&fake), REEL_E_DAMAGED);                                                               \
        *fake.page = good;                                                                                             \
        assert_int_equal(reopen(&fake), REEL_OK);                                                                      \
    } while (0)
    REFUSED(magic, 1);
    REFUSED(version, WIRE_VERSION + 1);
    REFUSED(channel_bytes, 1);
    REFUSED(file_bytes, good.file_bytes + 1);
    REFUSED(modules_offset, good.file_bytes);
    REFUSED(modules_offset, UINT64_MAX - 7);
    REFUSED(modules_offset, 0);
    REFUSED(nodes_offset, good.file_bytes - 16);
    REFUSED(nodes_offset, good.nodes_offset + 1);
    REFUSED(rings_offset, good.file_bytes);
    REFUSED(rings_offset, good.rings_offset + 8);
    REFUSED(ring_count, 0);
    REFUSED(ring_count, 5);
    REFUSED(ring_count, UINT32_MAX);
    REFUSED(ring_records, 0);
    REFUSED(ring_records, 2 * good.ring_records);
    REFUSED(ring_records, 3);
    REFUSED(node_count_max, UINT32_MAX);
    REFUSED(module_log_bytes, UINT32_MAX);
    REFUSED(differences_offset, good.file_bytes);
    REFUSED(differences_offset, good.differences_offset + 8);
    REFUSED(differences_offset, 0);
    REFUSED(origin, 0);
    REFUSED(pid, -1);
    REFUSED(command_bytes, WIRE_COMMAND_BYTES + 1);
    fake_channel_destroy(&fake);
}

static void files_that_are_no_channels_are_refused(void **state)
{
    struct fake_channel fake;
    struct channel channel;
    struct reel_error error;
    (void)state;
    fake_channel_create(&fake, 1, 64);
    assert_int_equal(channel_open(&channel, fake.directory_fd, "missing", &fake.session, &error), REEL_E_OPEN);
    assert_int_equal(mkfifoat(fake.directory_fd, "fifo", 0600), 0);
    assert_int_equal(channel_open(&channel, fake.directory_fd, "fifo", &fake.session, &error), REEL_E_DAMAGED);
    assert_int_equal(symlinkat("/etc/passwd", fake.directory_fd, "link"), 0);
    assert_int_equal(channel_open(&channel, fake.directory_fd, "link", &fake.session, &error), REEL_E_OPEN);
    close(openat(fake.directory_fd, "empty", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    assert_int_equal(channel_open(&channel, fake.directory_fd, "empty", &fake.session, &error), REEL_E_DAMAGED);
    unlinkat(fake.directory_fd, "fifo", 0);
    unlinkat(fake.directory_fd, "link", 0);
    unlinkat(fake.directory_fd, "empty", 0);
    fake_channel_destroy(&fake);
}

static void scribble(void *at, size_t bytes, int times)
{
    for (int i = 0; i < times; i++)
        ((uint8_t *)at)[(size_t)random() % bytes] = (uint8_t)(random() % 4 == 0 ? 0xff : random());
}

static void random_headers_never_crash(void **state)
{
    struct fake_channel fake;
    int refused = 0;
    (void)state;
    fake_channel_create(&fake, 4, 64);
    const struct wire_channel good = *fake.page;
    srandom(6);
    for (int i = 0; i < ROUNDS; i++)
    {
        scribble(fake.page, offsetof(struct wire_channel, command), 1 + (int)(random() % 3));
        refused += reopen(&fake) != REEL_OK;
        *fake.page = good;
    }
    assert_true(refused > ROUNDS / 2);
    fake_channel_destroy(&fake);
}

static uint64_t no_time(const void *context)
{
    (void)context;
    return 1000;
}

static int any_frame(void *context, struct module_entry *module, uint64_t offset, uint32_t *frame,
                     struct reel_error *error)
{
    (void)context, (void)module, (void)offset, (void)error;
    *frame = 1;
    return REEL_OK;
}

static int any_stack(void *context, uint32_t parent, uint32_t frame, uint32_t *stack, struct reel_error *error)
{
    (void)context, (void)parent, (void)frame, (void)error;
    *stack = 1;
    return REEL_OK;
}

static void end_any(void *context, struct drain_ring *ring, uint64_t end_time)
{
    (void)context, (void)ring, (void)end_time;
}

static void scribble_rings(struct fake_channel *fake)
{
    for (uint32_t ring = 0; ring < 4; ring++)
        scribble(fake_ring(fake, ring), wire_ring_bytes(64), 60);
    fake_ring(fake, 0)->state = (uint64_t)random() % 200;
}

// Whatever the rings hold, what is taken of one is in order of time and possible.
static void take_some(struct drain_source *source, uint64_t bound)
{
    struct wire_event slice[8];
    const struct wire_event *events;
    for (uint32_t ring = 0; ring < source->ring_count; ring++)
    {
        uint64_t last = 0;
        for (size_t count; (count = drain_take(source, &source->rings[ring], bound, slice, 8, &events)) != 0;)
            for (size_t i = 0; i < count; i++)
            {
                assert_true(events[i].time >= last && events[i].time < bound);
                assert_in_range(wire_where_kind(events[i].where), WIRE_EVENT_ALLOC, WIRE_EVENT_MISUSE);
                last = events[i].time;
            }
    }
}

// All that can change while a process runs is random, and changes between the looks and between look and merge.
static void random_contents_never_crash(void **state)
{
    (void)state;
    const struct stacks_interner interner = {.frame = any_frame, .stack = any_stack};
    srandom(7);
    for (int round = 0; round < 60; round++)
    {
        struct fake_channel fake;
        struct queue_pool pool;
        struct drain_source source;
        struct module_table modules = {0};
        struct stack_table stacks;
        struct drain_look look = {.stuck_ticks = 10, .clock = no_time};
        fake_channel_create(&fake, 4, 64);
        queue_pool_init(&pool, 4);
        assert_int_equal(drain_open(&source, &fake.channel, &pool), REEL_OK);
        assert_int_equal(stacks_open(&stacks, &fake.channel, &modules), REEL_OK);
        for (int i = 0; i < 40; i++)
        {
            size_t variable = offsetof(struct wire_channel, life);
            scribble(fake.map + variable, sizeof *fake.page - variable, 4);
            scribble(fake.map + fake.page->modules_offset, 512, 20);
            scribble(fake.map + fake.page->nodes_offset, 1024, 40);
            scribble_rings(&fake);
            look.now++;
            drain_look(&source, &look);
            scribble_rings(&fake);
            take_some(&source, (uint64_t)random() % 2000);
            drain_spill(&source);
            assert_int_equal(modules_read(&modules, &fake.channel, NULL), REEL_OK);
            for (uint32_t id = 0; id < 100; id++)
            {
                uint32_t stack;
                assert_int_equal(stacks_get(&stacks, (uint32_t)random() >> (random() % 32), &interner, &stack, NULL),
                                 REEL_OK);
            }
            drain_recycle(&source, end_any, NULL);
        }
        assert_true(source.ring_count <= 4);
        stacks_close(&stacks);
        modules_clean_up(&modules);
        drain_close(&source);
        queue_pool_fini(&pool);
        fake_channel_destroy(&fake);
    }
}

static void file_that_shrinks_reads_as_zeros(void **state)
{
    struct fake_channel fake;
    struct drain_source source;
    struct drain_look look = {.now = 5, .stuck_ticks = 10, .clock = no_time};
    (void)state;
    fake_channel_create(&fake, 4, 64);
    fake_event(&fake, fake_claim(&fake, 3, 1), 1, WIRE_EVENT_ALLOC, 1);
    assert_int_equal(drain_open(&source, &fake.channel, NULL), REEL_OK);
    int fd = openat(fake.directory_fd, FAKE_CHANNEL_NAME, O_RDWR | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, WIRE_PAGE_BYTES), 0);
    close(fd);
    assert_int_equal(drain_look(&source, &look), 5);
    assert_int_equal(source.ring_count, 4);
    assert_true(drain_is_empty(&source.rings[3]));
    drain_close(&source);
    fake_channel_destroy(&fake);
}

static void rings_of_both_lengths_lie_side_by_side(void **state)
{
    (void)state;
    uint64_t end = 0;
    for (uint32_t i = 0; i < 20; i++)
    {
        uint32_t records = wire_ring_records(4 * WIRE_SHORT_RING_RECORDS, i);
        assert_int_equal(records, i < WIRE_LONG_RINGS ? 4 * WIRE_SHORT_RING_RECORDS : WIRE_SHORT_RING_RECORDS);
        assert_int_equal(wire_ring_offset(4 * WIRE_SHORT_RING_RECORDS, i), end);
        end += wire_round_to_page(wire_ring_bytes(records));
    }
    assert_int_equal(wire_ring_records(256, 0), 256);
    assert_int_equal(wire_ring_records(256, WIRE_LONG_RINGS), 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_constant_is_refused),  cmocka_unit_test(files_that_are_no_channels_are_refused),
        cmocka_unit_test(random_headers_never_crash),       cmocka_unit_test(random_contents_never_crash),
        cmocka_unit_test(file_that_shrinks_reads_as_zeros), cmocka_unit_test(rings_of_both_lengths_lie_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
