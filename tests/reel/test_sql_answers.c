// SPDX-License-Identifier: MIT
// Each table-valued function on a reel of six events, whose answers can be counted on one's fingers.
#include "sql_face.h"

#include <stdio.h>

#define NOTES UINT64_C(0x10010)
#define DRAFT UINT64_C(0x10080)
#define TABLE UINT64_C(0x20010)

static uint32_t make_frame(struct recording *recording, struct reel_writer *writer, uint64_t offset)
{
    uint32_t frame = 0;
    assert_ok(reel_writer_intern_frame(writer, 0, offset, &frame, &recording->error), recording->error);
    return frame;
}

static uint32_t make_stack(struct recording *recording, struct reel_writer *writer, uint32_t parent, uint32_t frame)
{
    uint32_t stack = 0;
    assert_ok(reel_writer_intern_stack(writer, parent, frame, &stack, &recording->error), recording->error);
    return stack;
}

static void name_frame(struct recording *recording, struct reel_writer *writer, uint32_t frame, const char *function)
{
    const struct reel_symbol symbol = {.function = function, .file = "made.c", .line = 10 * (int)frame};
    assert_ok(reel_writer_set_symbols(writer, frame, &symbol, 1, &recording->error), recording->error);
}

static struct sqlite3 *begin(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t frames[3];
    for (uint32_t i = 0; i < 3; i++)
        frames[i] = make_frame(recording, writer, 100 + i);
    uint32_t root = make_stack(recording, writer, 0, frames[0]);
    uint32_t keep = make_stack(recording, writer, root, frames[1]);
    uint32_t make = make_stack(recording, writer, root, frames[2]);
    const struct reel_event events[] = {
        {100, NOTES, 100, 104, keep, 1, 1, REEL_EVENT_ALLOC, 0},
        {200, DRAFT, 50, 56, make, 1, 1, REEL_EVENT_ALLOC, 0},
        {300, DRAFT, 0, 0, keep, 2, 1, REEL_EVENT_FREE, 0},
        {400, TABLE, 4000, 4072, make, 1, 1, REEL_EVENT_ALLOC, 0},
        {500, NOTES, 90, 104, keep, 1, 1, REEL_EVENT_RESIZE, 0},
        {600, DRAFT, 10, 24, 0, 2, 1, REEL_EVENT_ALLOC, 0},
    };
    assert_ok(reel_writer_append(writer, events, sizeof events / sizeof events[0], &recording->error),
              recording->error);
    name_frame(recording, writer, frames[0], "main");
    name_frame(recording, writer, frames[1], "keep");
    name_frame(recording, writer, frames[2], "make");
    assert_ok(reel_writer_finish(writer, 1000, &recording->error), recording->error);
    return sql_face_open(recording);
}

static void a_heap_is_told_in_figures(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(
        database,
        "SELECT process, events, t_ns, live_blocks, live_bytes, usable_bytes, rounding_bytes, "
        "occupied_pages, pages_by_fill, sample_t_ns, kernel_resident_bytes, carved_slots FROM heap_at('end')",
        "1|6|600|3|4100|4200|100|2|[1,0,0,0,0,0,0,0,0,1]|||\n");
    sql_face_assert_rows(database,
                         "SELECT resident_bytes = requested_bytes + rounding_bytes + pinned_bytes + retained_bytes + "
                         "metadata_bytes, resident_bytes FROM heap_at('end') WHERE process = 0",
                         "1|8192\n");
    sql_face_assert_rows(database, "SELECT live_blocks, t_ns FROM heap_at(1)", "1|100\n");
    sql_face_close(database);
}

static void blocks_and_classes_are_rows(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT * FROM blocks_at('end')",
                         "1|65552|90|104|7|2|0|0\n"
                         "1|65664|10|24|2||5|0\n"
                         "1|131088|4000|4072|72|3|3|0\n");
    sql_face_assert_rows(
        database,
        "SELECT least_bytes, greatest_bytes, live_blocks, live_bytes, rounding_bytes, carved_slots, class_id "
        "FROM classes_at('end')",
        "17|32|1|10|14||\n"
        "97|112|1|90|14||\n"
        "3585|4096|1|4000|72||\n");
    sql_face_close(database);
}

static void the_oldest_survivors_are_told(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT class_number, oldest_birth_event, oldest_birth_ns FROM classes_at('end')",
                         "2|5|600\n"
                         "7|0|100\n"
                         "72|3|400\n");
    sql_face_assert_rows(database, "SELECT class_number, oldest_birth_event, oldest_birth_ns FROM classes_at(0)", "");
    sql_face_assert_rows(database,
                         "SELECT min(oldest_birth_event), min(oldest_birth_ns), max(oldest_birth_event), "
                         "max(oldest_birth_ns) FROM zones_at('end')",
                         "0|100|0|100\n");
    sql_face_assert_rows(database, "SELECT birth_event, birth_ns, stack_text(stack) FROM oldest_at('end')",
                         "0|100|keep (made.c:20) < main (made.c:10)\n"
                         "3|400|make (made.c:30) < main (made.c:10)\n"
                         "5|600|\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM oldest_at(0)", "0\n");
    sql_face_assert_rows(database, "SELECT * FROM oldest_pages_at('end', 1, 65536, 17)",
                         "65536|0|100\n"
                         "131072|3|400\n");
    sql_face_assert_error(database, "SELECT * FROM oldest_at('end', 2)", "process is 2");
    sql_face_assert_error(database, "SELECT * FROM oldest_pages_at('end', 0, 0, 1)", "process is 0");
    sql_face_close(database);
}

static void zones_hold_all_blocks(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database,
                         "SELECT sum(live_blocks), sum(live_usable_bytes), sum(occupied_pages) FROM zones_at('end')",
                         "3|4200|2\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM zones_at('end') WHERE process = 0", "0\n");
    sql_face_close(database);
}

// 128 bytes of two blocks, then nothing, and a page with one block of 4072 bytes.
static void pages_are_eight_bytes_each(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(
        database,
        "SELECT hex(substr(data, 1, 4)), hex(substr(data, 9, 4)), hex(substr(data, 129, 4)), length(data) "
        "FROM pages_at('end', 1, 65536, 17)",
        "80000200|00000000|E80F0100|136\n");
    sql_face_close(database);
}

static void stacks_are_ranked_by_a_measure(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT stack_text(stack), bytes, blocks FROM stacks_at('end')",
                         "make (made.c:30) < main (made.c:10)|4000|1\n"
                         "keep (made.c:20) < main (made.c:10)|90|1\n"
                         "|10|1\n");
    sql_face_assert_rows(database, "SELECT stack_text(stack), bytes FROM stacks_at('end', 'rounding')",
                         "make (made.c:30) < main (made.c:10)|72\n"
                         "|14\n"
                         "keep (made.c:20) < main (made.c:10)|14\n");
    sql_face_assert_rows(database, "SELECT stack_text(stack), bytes, blocks FROM stacks_at('end', 'allocated')",
                         "make (made.c:30) < main (made.c:10)|4050|2\n"
                         "keep (made.c:20) < main (made.c:10)|100|1\n"
                         "|10|1\n");
    sql_face_assert_rows(database, "SELECT stack_text(stack), bytes, blocks FROM stacks_between(0, 'end', 'freed')",
                         "make (made.c:30) < main (made.c:10)|50|1\n");
    sql_face_assert_rows(database, "SELECT stack_text(stack), bytes, blocks FROM stacks_between(3)",
                         "make (made.c:30) < main (made.c:10)|4000|1\n"
                         "|10|1\n");
    sql_face_assert_rows(database, "SELECT stack_text(stack), bytes, blocks FROM diff(1, 'end')",
                         "make (made.c:30) < main (made.c:10)|4000|1\n"
                         "|10|1\n"
                         "keep (made.c:20) < main (made.c:10)|-10|0\n");
    sql_face_assert_error(database, "SELECT * FROM stacks_at('end', 'fun')", "stacks_at: fun: not a measure");
    sql_face_assert_error(database, "SELECT * FROM stacks_between(0, 5, 'kept')", "kept: write allocated, freed");
    sql_face_assert_error(database, "SELECT * FROM stacks_between(5, 3)", "stacks_between: the range begins after 5");
    sql_face_close(database);
}

// 100 bytes by process 1, and 30 by process 2, of which it frees none.
// Who reads a stack looks for what the program did.
static void frames_of_the_recorder_are_left_out(void **state)
{
    struct recording *recording = *state;
    sql_face_close(begin(state));
    recording_change(recording->path, "INSERT INTO module VALUES (1, '/usr/lib/libheapreel.so', NULL)");
    recording_change(recording->path, "UPDATE frame SET module = 1 WHERE frame = 2");
    struct sqlite3 *database = sql_face_open(recording);
    sql_face_assert_rows(database, "SELECT stack_text(stack) FROM stack ORDER BY stack",
                         "main (made.c:10)\n"
                         "main (made.c:10)\n"
                         "make (made.c:30) < main (made.c:10)\n");
    sql_face_close(database);
    recording_change(recording->path, "UPDATE frame SET module = 1");
    database = sql_face_open(recording);
    sql_face_assert_rows(database, "SELECT DISTINCT stack_text(stack) IS '' FROM stack", "1\n");
    sql_face_close(database);
}

static void stacks_are_ranked_for_one_process(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 2);
    uint32_t stack = make_stack(recording, writer, 0, make_frame(recording, writer, 1));
    struct reel_event events[] = {recording_alloc(10, NOTES, 100), recording_alloc(20, NOTES, 30)};
    for (uint32_t i = 0; i < 2; i++)
    {
        events[i].process = i + 1;
        events[i].thread = stream_thread(i + 1, 0);
        events[i].stack = stack;
    }
    assert_ok(reel_writer_append(writer, events, 2, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
    struct sqlite3 *database = sql_face_open(recording);
    static const char *const functions[] = {
        "bytes FROM stacks_at('end', 'live'",
        "bytes FROM stacks_at('end', 'peak'",
        "bytes FROM stacks_between(0, 'end', 'allocated'",
        "bytes FROM diff(0, 'end', 'live'",
        "max(total_bytes) FROM flame('end', 'live', 0, 'callers'",
        "max(total_bytes) FROM flame_between(0, 'end', 'unfreed', 0",
        "max(total_bytes) FROM flame_diff(0, 'end', 'live', 0",
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    {
        assert_int_equal(sql_face_number(database, "SELECT %s)", functions[i]), 130);
        assert_int_equal(sql_face_number(database, "SELECT %s, 1)", functions[i]), 100);
        assert_int_equal(sql_face_number(database, "SELECT %s, 2)", functions[i]), 30);
    }
    sql_face_assert_error(database, "SELECT * FROM stacks_at('end', 'live', 3)", "process is 3");
    sql_face_close(database);
}

static void flames_are_trees_of_functions(void **state)
{
    struct sqlite3 *database = begin(state);
    static const char columns[] = "node, parent, depth, function, file, line, self_bytes, total_bytes, total_blocks";
    char query[256];
    snprintf(query, sizeof query, "SELECT %s FROM flame('end')", columns);
    sql_face_assert_rows(database, query,
                         "0||0||||0|4100|3\n"
                         "1|0|1|main|made.c|10|0|4090|2\n"
                         "2|1|2|keep|made.c|20|90|90|1\n"
                         "3|1|2|make|made.c|30|4000|4000|1\n"
                         "4|0|1|(no stack)|||10|10|1\n");
    sql_face_assert_rows(database, "SELECT function, total_bytes FROM flame('end', 'live', 0, 'callees')",
                         "|4100\n"
                         "(no stack)|10\n"
                         "keep|90\n"
                         "make|4000\n"
                         "main|4000\n"
                         "main|90\n");
    sql_face_assert_rows(database, "SELECT function, stack FROM flame('end') WHERE depth > 0",
                         "main|\nkeep|2\nmake|3\n(no stack)|\n");
    sql_face_assert_rows(database, "SELECT function, stack FROM flame('end', 'live', 0, 'callees') WHERE depth > 1",
                         "main|3\nmain|2\n");
    sql_face_assert_rows(database,
                         "SELECT function, total_bytes FROM flame_between(0, 'end', 'freed', 0, 0, 'callees')",
                         "|50\n"
                         "make|50\n"
                         "main|50\n");
    sql_face_assert_rows(database, "SELECT function, total_bytes FROM flame_between(0, 'end', 'freed')",
                         "|50\n"
                         "main|50\n"
                         "make|50\n");
    sql_face_assert_rows(database, "SELECT function, total_bytes FROM flame_diff(1, 'end')",
                         "|4000\n"
                         "main|3990\n"
                         "keep|-10\n"
                         "make|4000\n"
                         "(no stack)|10\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM flame('end', 'live', 2)", "2\n");
    sql_face_assert_error(database, "SELECT * FROM flame('end', 'live', 0, 'up')", "up: write callers or callees");
    sql_face_assert_error(database, "SELECT * FROM flame('end', 'live', -1)", "node_max is -1");
    sql_face_close(database);
}

static void who_pins_is_told_for_stacks_and_classes(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(
        database,
        "SELECT stack_text(stack), pinned_bytes, rounding_bytes, live_blocks, live_bytes, pinned_pages, "
        "alone_pages FROM blame_at('end')",
        "|1976|14|1|10|1|0\n"
        "keep (made.c:20) < main (made.c:10)|1976|14|1|90|1|0\n"
        "make (made.c:30) < main (made.c:10)|16|72|1|4000|1|1\n");
    sql_face_assert_rows(database, "SELECT * FROM blame_classes_at('end', 1)",
                         "2|1976|14|1|10|1|0\n"
                         "7|1976|14|1|90|1|0\n"
                         "72|16|72|1|4000|1|1\n");
    sql_face_assert_rows(database, "SELECT * FROM sparse_at('end')", "1|3952|2|128\n");
    sql_face_assert_error(database, "SELECT * FROM blame_at('end', 2)", "process is 2");
    sql_face_close(database);
}

static void time_is_drawn_in_points(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT * FROM timeline(0, NULL, 1)", "0|1000|6|4|1|1|4160|0|4100|4100|3|\n");
    sql_face_assert_rows(database, "SELECT count(*), min(begin_ns), max(end_ns) FROM timeline(100, 400, 3)",
                         "3|100|400\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM timeline", "100\n");
    sql_face_assert_error(database, "SELECT * FROM timeline(0, 1, 0)", "points is 0");
    sql_face_assert_error(database, "SELECT * FROM timeline('soon')", "t0_ns is soon");
    sql_face_close(database);
}

static void histories_are_told(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT * FROM address_history(65669)",
                         "1|65664|50|56|1|200|1|3|2|300|2|2|0\n"
                         "1|65664|10|24|5|600|2||||||0\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM address_history(65669, 1, 5)", "1\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM address_history(1)", "0\n");
    sql_face_assert_rows(database, "SELECT * FROM lifetimes()",
                         "8|15|||1|1|10|0\n"
                         "32|63|64|127|0|1|50|0\n"
                         "64|127|||1|1|90|0\n"
                         "2048|4095|||1|1|4000|0\n");
    sql_face_assert_rows(database, "SELECT * FROM lifetimes_by_stack()",
                         "3|1|50|64|127|1|4000|0\n"
                         "|0|0|||1|10|0\n"
                         "2|0|0|||1|90|0\n");
    sql_face_assert_rows(database, "SELECT * FROM crossings()", "1|2|1|50|0\n");
    sql_face_assert_rows(database, "SELECT * FROM crossings(3, 'end')", "");
    sql_face_assert_error(database, "SELECT * FROM address_history(65669, 2)", "process is 2");
    sql_face_close(database);
}

// Nine moments from the first event on, at each of which the stack has more than at the one before.
static void a_stack_that_grows_is_found(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t stack = make_stack(recording, writer, 0, make_frame(recording, writer, 1));
    for (uint64_t i = 0; i < 80; i++)
    {
        struct reel_event event = recording_alloc(100 * (i + 1), 0x10000 + 64 * i, 10);
        event.stack = stack;
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, 10000, &recording->error), recording->error);
    struct sqlite3 *database = sql_face_open(recording);
    sql_face_assert_rows(database, "SELECT * FROM growth()", "1|0|800|80\n");
    sql_face_close(database);
}

// On each of 40 pages a block that stays among blocks of another stack that are soon gone.
static void advice_names_the_stack_that_pins_and_its_neighbour(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t keep = make_stack(recording, writer, 0, make_frame(recording, writer, 1));
    uint32_t make = make_stack(recording, writer, 0, make_frame(recording, writer, 2));
    struct reel_error *error = &recording->error;
    uint64_t t_ns = 0;
    for (uint64_t i = 0; i < 40 * 20; i++)
    {
        struct reel_event event = recording_alloc(t_ns += 10, 0x100010 + i / 20 * 4096 + i % 20 * 200, 180);
        event.stack = i % 20 == 7 ? keep : make;
        assert_ok(reel_writer_append(writer, &event, 1, error), *error);
    }
    for (uint64_t i = 0; i < 40 * 20; i++)
    {
        const struct reel_event event = recording_free(t_ns += 10, 0x100010 + i / 20 * 4096 + i % 20 * 200);
        if (i % 20 != 7)
            assert_ok(reel_writer_append(writer, &event, 1, error), *error);
    }
    assert_ok(reel_writer_finish(writer, t_ns, error), *error);
    struct sqlite3 *database = sql_face_open(recording);
    sql_face_assert_rows(database,
                         "SELECT stack, pinned_bytes, live_bytes, live_blocks, alone_pages, neighbour_stack "
                         "FROM advice_at('end')",
                         "1|156320|7200|40|40|2\n");
    sql_face_assert_error(database, "SELECT * FROM advice_at('end', 1, 0)", "limit is 0");
    sql_face_close(database);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_heap_is_told_in_figures),
        IN_DIRECTORY(blocks_and_classes_are_rows),
        IN_DIRECTORY(the_oldest_survivors_are_told),
        IN_DIRECTORY(zones_hold_all_blocks),
        IN_DIRECTORY(pages_are_eight_bytes_each),
        IN_DIRECTORY(stacks_are_ranked_by_a_measure),
        IN_DIRECTORY(frames_of_the_recorder_are_left_out),
        IN_DIRECTORY(stacks_are_ranked_for_one_process),
        IN_DIRECTORY(flames_are_trees_of_functions),
        IN_DIRECTORY(who_pins_is_told_for_stacks_and_classes),
        IN_DIRECTORY(time_is_drawn_in_points),
        IN_DIRECTORY(histories_are_told),
        IN_DIRECTORY(a_stack_that_grows_is_found),
        IN_DIRECTORY(advice_names_the_stack_that_pins_and_its_neighbour),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof tests[0]);
}
