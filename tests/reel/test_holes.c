// SPDX-License-Identifier: MIT
// Holes between live blocks, beside a map of all bytes of all occupied pages.
#include "opened.h"
#include "sql_face.h"

#include <stdlib.h>
#include <string.h>

#include "reel/holes.h"

#define PAGE ((uint64_t)REEL_REPLAY_PAGE_BYTES)

// A page that a live block lies on: 1 where a byte is taken.
struct mapped_page
{
    uint64_t number;
    uint8_t taken[REEL_REPLAY_PAGE_BYTES];
};

struct map
{
    struct mapped_page *pages;
    size_t count;
    bool has_headers;
    bool is_marking;        // the pages are all there
    uint64_t outside_bytes; // of headers, on no page of these
};

static int compare_pages(const void *left, const void *right)
{
    const struct mapped_page *a = left;
    const struct mapped_page *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

static struct mapped_page *find_page(const struct map *map, uint64_t number)
{
    const struct mapped_page key = {.number = number};
    return map->count != 0 ? bsearch(&key, map->pages, map->count, sizeof key, compare_pages) : NULL;
}

static int take_block(void *context, const struct reel_live_block *block)
{
    struct map *map = context;
    bool has_header = map->has_headers && block->usable_bytes % 16 == 8;
    uint64_t end = block->address + block->usable_bytes;
    if (map->is_marking)
    {
        for (uint64_t at = block->address - (has_header ? 8 : 0); at < end && block->usable_bytes != 0; at++)
        {
            struct mapped_page *page = find_page(map, at / PAGE);
            map->outside_bytes += page == NULL;
            if (page != NULL)
                page->taken[at % PAGE] = 1;
        }
        return REEL_OK;
    }
    for (uint64_t number = block->address / PAGE; block->usable_bytes != 0 && number <= (end - 1) / PAGE; number++)
    {
        map->pages = reallocarray(map->pages, map->count + 1, sizeof *map->pages);
        assert_non_null(map->pages);
        memset(&map->pages[map->count], 0, sizeof *map->pages);
        map->pages[map->count++].number = number;
    }
    return REEL_OK;
}

static void drop_doubles(struct map *map)
{
    size_t kept = 0;
    if (map->count == 0)
        return;
    qsort(map->pages, map->count, sizeof *map->pages, compare_pages);
    for (size_t i = 0; i < map->count; i++)
        if (kept == 0 || map->pages[kept - 1].number != map->pages[i].number)
            map->pages[kept++] = map->pages[i];
    map->count = kept;
}

static void count_hole(struct reel_holes *holes, uint64_t bytes)
{
    size_t size = 0;
    if (bytes == 0)
        return;
    while (UINT64_C(2) << size <= bytes)
        size++;
    holes->holes[size]++;
    holes->bytes[size] += bytes;
    holes->free_bytes += bytes;
    holes->greatest_bytes = bytes > holes->greatest_bytes ? bytes : holes->greatest_bytes;
}

static void count_holes(const struct map *map, struct reel_holes *holes)
{
    uint64_t run = 0;
    for (size_t i = 0; i < map->count; i++)
    {
        if (i > 0 && map->pages[i].number != map->pages[i - 1].number + 1)
        {
            count_hole(holes, run);
            run = 0;
        }
        for (size_t at = 0; at < PAGE; at++)
        {
            if (map->pages[i].taken[at] == 0)
            {
                run++;
                continue;
            }
            count_hole(holes, run);
            run = 0;
        }
    }
    count_hole(holes, run);
}

static void compare_process(struct opened *opened, uint32_t process, struct reel_holes *sum)
{
    struct reel_error *error = &opened->recording->error;
    struct map map = {.has_headers = !opened->reel.has_classes};
    struct reel_holes naive = {0};
    struct reel_holes holes;
    struct reel_heap_state heap;
    assert_int_equal(reel_replay_each_block(opened->replay, process, take_block, &map), REEL_OK);
    drop_doubles(&map);
    map.is_marking = true;
    assert_int_equal(reel_replay_each_block(opened->replay, process, take_block, &map), REEL_OK);
    count_holes(&map, &naive);
    free(map.pages);
    assert_ok(reel_holes_find(opened->replay, process, &holes, NULL, error), *error);
    assert_memory_equal(&holes, &naive, sizeof holes);
    assert_ok(reel_replay_heap(opened->replay, process, &heap, error), *error);
    assert_int_equal(holes.free_bytes, heap.pinned_bytes + map.outside_bytes);
    for (size_t i = 0; i < REEL_HOLE_SIZES; i++)
    {
        sum->holes[i] += holes.holes[i];
        sum->bytes[i] += holes.bytes[i];
    }
    sum->free_bytes += holes.free_bytes;
    sum->greatest_bytes = holes.greatest_bytes > sum->greatest_bytes ? holes.greatest_bytes : sum->greatest_bytes;
}

static void holes_are_what_a_map_of_all_bytes_shows(void **state)
{
    struct recording *recording = *state;
    for (uint64_t seed = 1; seed <= 3; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, recording, seed);
        for (uint64_t part = 1; part <= 3; part++)
        {
            struct reel_holes sum = {0};
            struct reel_holes all;
            size_t count;
            assert_ok(reel_replay_seek(opened.replay, opened.reel.event_count * part / 3, NULL, &recording->error),
                      recording->error);
            const struct reel_replay_process *processes = reel_replay_processes(opened.replay, &count);
            for (size_t i = 0; i < count; i++)
                compare_process(&opened, processes[i].process, &sum);
            assert_ok(reel_holes_find(opened.replay, 0, &all, NULL, &recording->error), recording->error);
            assert_memory_equal(&all, &sum, sizeof all);
            assert_true(all.free_bytes > 0);
        }
        opened_close(&opened);
    }
}

// Two pages side by side with 16 bytes at 0x10000 and 100 at 0x11f00, and one far away that is full.
static void make_three_pages(struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_event events[] = {recording_alloc(1, 0x10000, 16), recording_alloc(2, 0x11f00, 100),
                                  recording_alloc(3, 0x80000, REEL_REPLAY_PAGE_BYTES)};
    for (size_t i = 0; i < 3; i++)
        events[i].usable_bytes = events[i].requested_bytes;
    assert_ok(reel_writer_append(writer, events, 3, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 10, &recording->error), recording->error);
}

static void a_block_cannot_use_what_lies_in_smaller_holes(void **state)
{
    struct recording *recording = *state;
    make_three_pages(recording);
    struct sqlite3 *database = sql_face_open(recording);
    // 0x11f00 - 0x10010 = 7920 bytes, and 0x12000 - 0x11f64 = 156.
    sql_face_assert_rows(database, "SELECT process, least_bytes, holes, bytes FROM holes_at('end') WHERE holes <> 0",
                         "1|128|1|156\n1|4096|1|7920\n");
    sql_face_assert_rows(database, "SELECT unusable_bytes, free_bytes FROM holes_at('end') WHERE least_bytes = 512",
                         "156|8076\n");
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM holes_at('#0') WHERE unusable_bytes <> 0"), 0);
    sql_face_assert_error(database, "SELECT * FROM holes_at", "holes_at(t)");
    sql_face_close(database);
}

static int refuse(void *context, double fraction)
{
    (void)context;
    (void)fraction;
    return 1;
}

static void unknown_processes_are_refused_and_the_search_can_be_cancelled(void **state)
{
    struct recording *recording = *state;
    const struct reel_progress progress = {refuse, NULL};
    struct opened opened;
    struct reel_holes holes;
    opened_make_small(&opened, recording, 4);
    assert_int_equal(reel_holes_find(opened.replay, 1000, &holes, NULL, &recording->error), REEL_E_ARGUMENT);
    assert_ok(reel_holes_find(opened.replay, 0, &holes, &progress, &recording->error), recording->error);
    assert_int_equal(holes.free_bytes, 0); // the beginning
    assert_ok(reel_replay_seek(opened.replay, opened.reel.event_count / 2, NULL, &recording->error), recording->error);
    assert_int_equal(reel_holes_find(opened.replay, 0, &holes, &progress, &recording->error), REEL_E_CANCELLED);
    opened_close(&opened);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(holes_are_what_a_map_of_all_bytes_shows),
        IN_DIRECTORY(a_block_cannot_use_what_lies_in_smaller_holes),
        IN_DIRECTORY(unknown_processes_are_refused_and_the_search_can_be_cancelled),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
