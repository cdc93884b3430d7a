// SPDX-License-Identifier: MIT
// blame, classes, pages, timeline, address and diff: their texts and their JSON on a heap that one can add up by hand.
#include "fixture.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "cli/page_map.h"

#define PAGE UINT64_C(0x1000)
#define FIRST UINT64_C(0x100000)
#define OTHER UINT64_C(0x10000000)

static void alloc(struct fixture_reel *reel, uint64_t address, uint64_t requested, uint64_t usable, uint32_t stack)
{
    fixture_append(reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                              .address = address,
                                              .requested_bytes = requested,
                                              .usable_bytes = usable,
                                              .stack = stack,
                                              .thread = 1,
                                              .process = 1});
}

// Two pages with a block of 64 bytes by keep and one of 4032 by burst each (events 0 to 3), which burst gives back (4
// and 5); then 128 bytes by burst on another page (6). Pinned at the end: 4032 twice by keep, 3968 by burst.
static const char *make(const char *name)
{
    struct fixture_reel reel;
    fixture_begin(&reel, name);
    uint32_t keep = fixture_stack(&reel, "keep");
    uint32_t burst = fixture_stack(&reel, "burst");
    for (uint64_t page = FIRST; page < FIRST + 2 * PAGE; page += PAGE)
    {
        alloc(&reel, page, 60, 64, keep);
        alloc(&reel, page + 64, 4032, 4032, burst);
    }
    fixture_free(&reel, FIRST + 64);
    fixture_free(&reel, FIRST + PAGE + 64);
    alloc(&reel, OTHER, 100, 128, burst);
    fixture_finish(&reel);
    return fixture_path(name);
}

static void assert_lines(const char *out, const char *const *lines, size_t count)
{
    const char *at = out;
    for (size_t i = 0; i < count; i++)
    {
        const char *found = strstr(at, lines[i]);
        if (found == NULL)
            fail_msg("not found after those before: %s in %s", lines[i], at);
        at = found != NULL ? found + strlen(lines[i]) : at;
    }
}
#define ASSERT_LINES(run, lines) assert_lines((run)->out, lines, sizeof(lines) / sizeof(lines)[0])

static cJSON *parse(const struct fixture_run *run)
{
    assert_int_equal(run->status, 0);
    assert_string_equal(run->err, "");
    cJSON *answer = cJSON_Parse(run->out);
    if (answer == NULL)
        fail_msg("no JSON: %s", run->out);
    return answer;
}

static const cJSON *item_of(const cJSON *answer, const char *list, int index)
{
    const cJSON *item = cJSON_GetArrayItem(cJSON_GetObjectItem(answer, list), index);
    if (item == NULL)
        fail_msg("%s has no item %d", list, index);
    return item;
}

static const char *function_of(const cJSON *stack)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(item_of(stack, "frames", 0), "function"));
}

static void blame_names_who_pins(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "11.8 KiB pinned by 3 blocks at end (after 7 events), most by keep (made.c:7): 7.9 KiB, 67.0 %\n",
        "resident 12.0 KiB = requested 220 B (1.8 %) + rounding 36 B (0.3 %)\n  + pinned 11.8 KiB (97.9 %) + retained "
        "0 B",
        "  where the kernel had not been asked by then, all pages with blocks are taken as resident\n",
        "3 pages under 25 % full hold 11.8 KiB; freeing the 256 B of 3 blocks there would release them\n",
        "  1     7.9 KiB   67.0 %  pinned by 2 blocks of 120 B; alone on 2 pages; rounding 8 B\n"
        "       keep                              made.c:7\n",
        "  2     3.9 KiB   33.0 %  pinned by 1 block of 100 B; alone on 1 page; rounding 28 B\n"
        "       burst                             made.c:7\n",
        "\nblocks that pin more than they hold, and would not in memory of their own (a pool or an arena)\n",
        "  1     7.9 KiB  pinned by 2 blocks of 120 B, class 49-64, 400 ns old (median); on 2 pages nothing else "
        "lives\n"
        "       allocated by  keep (made.c:7)\n"
        "     on their pages 2 blocks of one stack were freed in the last 1 048 576 events, after 300 ns each "
        "(median)\n"
        "       allocated by  burst (made.c:7)\n",
    };
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "blame", make("blame.reel"), "--at", "end");
    assert_int_equal(run.status, 0);
    ASSERT_LINES(&run, lines);
    FIXTURE_HEAPREEL(&run, "blame", fixture_path("blame.reel"), "--at", "end", "--limit", "1");
    assert_non_null(strstr(run.out, "3.9 KiB  by other stacks; see --limit\n"));
}

static void blame_in_json_has_everything(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "blame", make("blame_json.reel"), "--at", "end", "--json");
    cJSON *answer = parse(&run);
    assert_int_equal(fixture_number(answer, "after_events"), 7);
    assert_int_equal(fixture_number(answer, "pinned_bytes"), 12032);
    const cJSON *identity = cJSON_GetObjectItem(answer, "identity");
    assert_int_equal(fixture_number(identity, "resident_bytes"), 3 * 4096);
    assert_int_equal(fixture_number(identity, "pinned_bytes"), 12032);
    assert_int_equal(fixture_number(identity, "rounding_bytes"), 36);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(identity, "is_sampled")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(identity, "sample_t_ns")));
    const cJSON *sparse = cJSON_GetObjectItem(answer, "sparse");
    assert_int_equal(fixture_number(sparse, "pages"), 3);
    assert_int_equal(fixture_number(sparse, "held_bytes"), 12032);
    assert_int_equal(fixture_number(sparse, "blocks"), 3);
    assert_int_equal(fixture_number(sparse, "block_bytes"), 256);
    const cJSON *first = item_of(answer, "stacks", 0);
    assert_string_equal(function_of(first), "keep");
    assert_int_equal(fixture_number(first, "pinned_bytes"), 8064);
    assert_int_equal(fixture_number(first, "rounding_bytes"), 8);
    assert_int_equal(fixture_number(first, "live_bytes"), 120);
    assert_int_equal(fixture_number(first, "live_blocks"), 2);
    assert_int_equal(fixture_number(first, "alone_pages"), 2);
    const cJSON *advice = item_of(answer, "advice", 0);
    assert_string_equal(function_of(cJSON_GetObjectItem(advice, "culprit")), "keep");
    assert_string_equal(function_of(cJSON_GetObjectItem(advice, "neighbour")), "burst");
    assert_int_equal(fixture_number(advice, "neighbour_blocks"), 2);
    assert_int_equal(fixture_number(advice, "pinned_bytes"), 8064);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(answer, "advice")));
    cJSON_Delete(answer);
}

static void a_heap_without_waste_is_blamed_on_nobody(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "blame", make("full.reel"), "--fail-if", "pinned>0");
    assert_int_equal(run.status, 0);
    assert_true(strncmp(run.out, "0 B pinned by 4 blocks at peak (after 4 events)\n", 48) == 0);
    FIXTURE_HEAPREEL(&run, "blame", fixture_path("full.reel"), "--at", "#6", "--fail-if", "pinned>90%");
    assert_int_equal(run.status, 1);
    assert_non_null(
        strstr(run.err, "pinned_bytes is 11.8 KiB (12 032 B), 97.9 % of 12.0 KiB (12 288 B) on pages with"));
}

static void classes_are_ranges_where_the_allocator_tells_none(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "size classes at end (after 7 events)\n",
        "resident 12.0 KiB = requested 220 B",
        "           SIZE      BLOCKS  REQUESTED   ROUNDING             PINNED     OLDEST\n",
        "           2      120 B        8 B   6.3 %    7.9 KiB     600 ns\n",
        "           1      100 B       28 B  21.9 %    3.9 KiB        0 s\n",
        "            all           3      220 B       36 B  14.1 %   11.8 KiB     600 ns\n",
    };
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "classes", make("classes.reel"), "--at", "end");
    assert_int_equal(run.status, 0);
    ASSERT_LINES(&run, lines);
    FIXTURE_HEAPREEL(&run, "classes", fixture_path("classes.reel"), "--at", "end", "--limit", "1", "--json");
    cJSON *answer = parse(&run);
    const cJSON *class = item_of(answer, "classes", 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer, "classes")), 1);
    assert_int_equal(fixture_number(class, "usable_bytes"), 128);
    assert_true(fixture_number(class, "least_bytes") <= 128 && fixture_number(class, "greatest_bytes") >= 64);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(class, "slot_bytes")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(class, "carved_slots")));
    assert_int_equal(fixture_number(class, "oldest_birth_event"), 0);
    assert_int_equal(fixture_number(class, "oldest_age_ns"), 600);
    assert_int_equal(fixture_number(answer, "live_bytes"), 220);
    cJSON_Delete(answer);
}

static void classes_of_an_allocator_of_ours_have_slots(void **state)
{
    (void)state;
    const struct reel_class_info class = {.class_id = 0, .slot_bytes = 64, .usable_bytes = 64};
    const struct reel_zone_info zone = {
        .process = 1, .begin = FIRST, .bytes = 16 * PAGE, .role = REEL_ZONE_BUMP, .class_id = REEL_NO_CLASS};
    struct fixture_reel reel;
    struct fixture_run run;
    struct reel_error error = {0};
    fixture_begin(&reel, "slots.reel");
    assert_int_equal(reel_writer_add_class(reel.writer, &class, &error), REEL_OK);
    assert_int_equal(reel_writer_add_zone(reel.writer, &zone, &error), REEL_OK);
    for (uint64_t i = 0; i < 3; i++)
        fixture_append(&reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                                   .address = FIRST + i * 64,
                                                   .requested_bytes = 50,
                                                   .usable_bytes = 64,
                                                   .flags = REEL_EVENT_CARVED,
                                                   .thread = 1,
                                                   .process = 1});
    fixture_free(&reel, FIRST);
    fixture_finish(&reel);
    FIXTURE_HEAPREEL(&run, "classes", reel.path, "--at", "end");
    assert_int_equal(run.status, 0);
    static const char *const lines[] = {
        "             64           2      100 B       28 B  21.9 %           3           1           3    3.9 KiB     "
        "200 ns\n",
        "each class at its own peak: 192 B, all together at most 192 B; stranding 1.00\n",
    };
    ASSERT_LINES(&run, lines);
}

static void pages_show_regions_fill_and_a_map(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "pages", make("pages.reel"), "--at", "end");
    assert_int_equal(run.status, 0);
    static const char *const lines[] = {
        "pages at end (after 7 events)\n",
        "process 1: resident 12.0 KiB = ",
        "FILL     PINNED   RETAINED     OLDEST\n",
        "  3 pages with live blocks, by how much of a page these take\n",
        "  up to  10 %             3   100 %  ##############################\n",
        "  up to 100 %             0     0 %  \n",
        "  a character is a page of 4.0 KiB; filled by live blocks from : up to an eighth to @;\n",
        "         0x100000  ::\n",
        "       0x10000000  :\n",
    };
    ASSERT_LINES(&run, lines);
    FIXTURE_HEAPREEL(&run, "pages", fixture_path("pages.reel"), "--at", "#3");
    assert_non_null(strstr(run.out, "         0x100000  @@\n"));
    FIXTURE_HEAPREEL(&run, "pages", fixture_path("pages.reel"), "--at", "end", "--json");
    cJSON *answer = parse(&run);
    const cJSON *process = item_of(answer, "processes", 0);
    assert_int_equal(fixture_number(process, "process"), 1);
    assert_int_equal(fixture_number(process, "occupied_pages"), 3);
    assert_int_equal(item_of(process, "pages_by_fill", 0)->valueint, 3);
    const cJSON *first = item_of(process, "regions", 0);
    assert_int_equal(fixture_number(first, "oldest_birth_event"), 0);
    assert_int_equal(fixture_number(first, "oldest_birth_ns") + fixture_number(first, "oldest_age_ns"), 700);
    int64_t pinned = 0;
    for (int i = 0; i < cJSON_GetArraySize(cJSON_GetObjectItem(process, "regions")); i++)
        pinned += fixture_number(item_of(process, "regions", i), "pinned_bytes");
    assert_int_equal(pinned, 12032);
    cJSON_Delete(answer);
}

static void a_character_of_the_map_tells_how_full_its_pages_are(void **state)
{
    (void)state;
    static const struct
    {
        struct reel_page pages[2];
        char character;
    } cases[] = {
        {{{0}, {0}}, ' '},
        {{{.flags = REEL_PAGE_RESIDENT}, {0}}, '.'},
        {{{.live_bytes = 1, .blocks = 1}, {.flags = REEL_PAGE_RESIDENT}}, ':'},
        {{{.live_bytes = 1023, .blocks = 1}, {0}}, ':'},
        {{{.live_bytes = 1024, .blocks = 1}, {0}}, '-'},
        {{{.live_bytes = 4096, .blocks = 3}, {0}}, '*'},
        {{{.live_bytes = 4096, .blocks = 3}, {.live_bytes = 4096, .blocks = 1}}, '@'},
        {{{.live_bytes = 65535, .blocks = 3}, {.live_bytes = 65535, .blocks = 1}}, '@'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(page_map_character(cases[i].pages, 2), cases[i].character);
}

static void the_timeline_adds_up(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "timeline", make("timeline.reel"), "--points", "3", "--json");
    cJSON *answer = parse(&run);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer, "points")), 3);
    int64_t allocations = 0;
    int64_t frees = 0;
    for (int i = 0; i < 3; i++)
    {
        allocations += fixture_number(item_of(answer, "points", i), "allocations");
        frees += fixture_number(item_of(answer, "points", i), "frees");
    }
    assert_int_equal(allocations, 5);
    assert_int_equal(frees, 2);
    const cJSON *last = item_of(answer, "points", 2);
    assert_int_equal(fixture_number(last, "live_bytes"), 220);
    assert_int_equal(fixture_number(last, "live_bytes_max"), 8184);
    cJSON_Delete(answer);
    FIXTURE_HEAPREEL(&run, "timeline", fixture_path("timeline.reel"));
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "live bytes from 0.000 s to 0.000 s"));
    if (strstr(run.out, "\n   8.0 KiB |          ::") == NULL)
        fail_msg("the peak is not drawn: %s", run.out);
    FIXTURE_HEAPREEL(&run, "timeline", fixture_path("timeline.reel"), "--points", "2");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "8.0 KiB      220 B             3"));
    FIXTURE_HEAPREEL(&run, "timeline", fixture_path("timeline.reel"), "--limit", "2", "--at", "#3", "--json");
    answer = parse(&run);
    assert_int_equal(fixture_number(item_of(answer, "points", 1), "end_ns"), 400);
    cJSON_Delete(answer);
    FIXTURE_HEAPREEL(&run, "timeline", fixture_path("timeline.reel"), "--from", "#3", "--at", "#1");
    fixture_assert_refused(&run, 2, "before the beginning");
    FIXTURE_HEAPREEL(&run, "timeline", fixture_path("timeline.reel"), "--points", "0");
    fixture_assert_refused(&run, 2, "--points 0");
    FIXTURE_HEAPREEL(&run, "timeline", fixture_path("timeline.reel"), "--from", "noon");
    fixture_assert_refused(&run, 2, "noon");
}

static void an_address_has_its_tenants(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "address", make("address.reel"), "0x100050");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "0x100050 belonged to 1 block up to end (after 7 events)\n"
                                 "\n"
                                 "  1  4 032 B, usable 4 032 B, at 0x100040 of process 1\n"
                                 "     allocated by thread 1 at #1, 0.000 s\n"
                                 "       burst                             made.c:7\n"
                                 "     freed by thread 1 at #4, 0.000 s, after 300 ns\n"
                                 "       (no stack)\n");
    FIXTURE_HEAPREEL(&run, "address", fixture_path("address.reel"), "1048576", "--json", "--process", "1");
    cJSON *answer = parse(&run);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(answer, "address")), "0x100000");
    assert_int_equal(fixture_number(answer, "block_count"), 1);
    const cJSON *tenant = item_of(answer, "blocks", 0);
    assert_int_equal(fixture_number(tenant, "birth_event"), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(tenant, "free_event")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(tenant, "freed")));
    assert_string_equal(function_of(cJSON_GetObjectItem(tenant, "allocated")), "keep");
    cJSON_Delete(answer);
    FIXTURE_HEAPREEL(&run, "address", fixture_path("address.reel"), "0x7");
    assert_string_equal(run.out, "0x7 belonged to 0 blocks up to end (after 7 events)\n");
}

static void the_last_tenants_are_shown(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    fixture_begin(&reel, "tenants.reel");
    for (uint64_t bytes = 16; bytes <= 48; bytes += 16)
    {
        fixture_alloc(&reel, FIRST, bytes, bytes);
        if (bytes < 48)
            fixture_free(&reel, FIRST);
    }
    fixture_resize(&reel, FIRST, 64, 64);
    fixture_finish(&reel);
    static const char *const lines[] = {
        "0x100000 belonged to 3 blocks up to end (after 6 events)\n",
        "  not shown: the first 1; see --limit\n",
        "  2  32 B, usable 32 B, at 0x100000 of process 1\n",
        "     freed by thread 1 at #3, 0.000 s, after 100 ns\n",
        "  3  64 B, usable 64 B, at 0x100000 of process 1\n",
        "     not freed by then\n",
    };
    FIXTURE_HEAPREEL(&run, "address", reel.path, "0x100000", "--limit", "2");
    assert_int_equal(run.status, 0);
    ASSERT_LINES(&run, lines);
    FIXTURE_HEAPREEL(&run, "address", reel.path, "0x100000", "--at", "#0");
    assert_non_null(strstr(run.out, "0x100000 belonged to 1 block up to #0 (after 1 events)\n"));
    assert_non_null(strstr(run.out, "     not freed by then\n"));
}

static void a_difference_has_signs(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "diff", make("diff.reel"), "#3", "end");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "-7.8 KiB live and -1 block from #3 (after 4 events) to end (after 7 events), by "
                                 "allocation stack\n"
                                 "  more by 0 B in 0 stacks, less by 7.8 KiB in 1\n"
                                 "\n"
                                 "  1     -7.8 KiB  -1 block\n"
                                 "       burst                             made.c:7\n");
    FIXTURE_HEAPREEL(&run, "diff", fixture_path("diff.reel"), "#3", "end", "--by", "pinned", "--json");
    cJSON *answer = parse(&run);
    assert_int_equal(fixture_number(answer, "bytes"), 12032);
    assert_int_equal(fixture_number(answer, "from_after_events"), 4);
    assert_int_equal(fixture_number(answer, "grown_bytes"), 12032);
    assert_int_equal(fixture_number(answer, "shrunk_bytes"), 0);
    assert_string_equal(function_of(item_of(answer, "stacks", 0)), "keep");
    assert_int_equal(fixture_number(item_of(answer, "stacks", 0), "bytes"), 8064);
    assert_int_equal(fixture_number(item_of(answer, "stacks", 1), "bytes"), 3968);
    cJSON_Delete(answer);
    FIXTURE_HEAPREEL(&run, "diff", fixture_path("diff.reel"), "#0", "#6", "--by", "allocated", "--json");
    answer = parse(&run);
    assert_int_equal(fixture_number(answer, "bytes"), 4032 + 60 + 4032 + 100);
    cJSON_Delete(answer);
    FIXTURE_HEAPREEL(&run, "diff", fixture_path("diff.reel"), "end", "#3", "--json");
    answer = parse(&run);
    assert_int_equal(fixture_number(answer, "bytes"), 7964);
    cJSON_Delete(answer);
}

static void questions_that_make_no_sense_are_usage_errors(void **state)
{
    (void)state;
    const char *path = make("senseless.reel");
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "address", path);
    fixture_assert_refused(&run, 2, "no address is named");
    FIXTURE_HEAPREEL(&run, "address", path, "here");
    fixture_assert_refused(&run, 2, "here is no address");
    FIXTURE_HEAPREEL(&run, "address", path, "0x1", "0x2");
    fixture_assert_refused(&run, 2, "0x2 is one word too many");
    FIXTURE_HEAPREEL(&run, "diff", path, "10%");
    fixture_assert_refused(&run, 2, "two moments");
    FIXTURE_HEAPREEL(&run, "diff", path, "10%", "20%", "30%");
    fixture_assert_refused(&run, 2, "30% is one word too many");
    FIXTURE_HEAPREEL(&run, "diff", path, "10%", "end", "--by", "luck");
    fixture_assert_refused(&run, 2, "--by luck: there are live, peak");
    FIXTURE_HEAPREEL(&run, "blame", path, "--process", "2");
    fixture_assert_refused(&run, 2, "the reel has 1 process");
    FIXTURE_HEAPREEL(&run, "pages", path, "--at", "later");
    fixture_assert_refused(&run, 2, "later");
}

static void a_reel_without_events_has_answers(void **state)
{
    (void)state;
    static const char *const commands[] = {"blame", "classes", "pages", "timeline", "top"};
    struct fixture_reel reel;
    struct fixture_run run;
    fixture_begin(&reel, "empty.reel");
    fixture_finish(&reel);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    {
        FIXTURE_HEAPREEL(&run, commands[i], reel.path);
        if (run.status != 0 || run.err[0] != '\0')
            fail_msg("%s: status %d, %s", commands[i], run.status, run.err);
        FIXTURE_HEAPREEL(&run, commands[i], reel.path, "--json");
        cJSON_Delete(parse(&run));
    }
}

static void a_reel_that_was_cut_off_has_answers(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    fixture_begin(&reel, "cut.reel");
    alloc(&reel, FIRST, 100, 112, fixture_stack(&reel, "unfinished"));
    fixture_abandon(&reel);
    FIXTURE_HEAPREEL(&run, "blame", reel.path, "--at", "end");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "3.9 KiB pinned by 1 block at end (after 1 events)"));
    FIXTURE_HEAPREEL(&run, "pages", reel.path, "--at", "end");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "         0x100000  :\n"));
    FIXTURE_HEAPREEL(&run, "timeline", reel.path);
    assert_int_equal(run.status, 0);
}

static void events_that_cannot_be_read_are_told(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *path = make("damaged.reel");
    fixture_tamper(path, "UPDATE chunk_data SET data = x'00'");
    FIXTURE_HEAPREEL(&run, "classes", path, "--at", "end");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "heapreel: 7 events before the moment are damaged and left out\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blame_names_who_pins),
        cmocka_unit_test(blame_in_json_has_everything),
        cmocka_unit_test(a_heap_without_waste_is_blamed_on_nobody),
        cmocka_unit_test(classes_are_ranges_where_the_allocator_tells_none),
        cmocka_unit_test(classes_of_an_allocator_of_ours_have_slots),
        cmocka_unit_test(pages_show_regions_fill_and_a_map),
        cmocka_unit_test(a_character_of_the_map_tells_how_full_its_pages_are),
        cmocka_unit_test(the_timeline_adds_up),
        cmocka_unit_test(an_address_has_its_tenants),
        cmocka_unit_test(the_last_tenants_are_shown),
        cmocka_unit_test(a_difference_has_signs),
        cmocka_unit_test(questions_that_make_no_sense_are_usage_errors),
        cmocka_unit_test(a_reel_without_events_has_answers),
        cmocka_unit_test(a_reel_that_was_cut_off_has_answers),
        cmocka_unit_test(events_that_cannot_be_read_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
