// SPDX-License-Identifier: MIT
// Call trees, beside a naive one: a list of paths written out as text.
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/flame.h"
#include "reel/sqlite.h"

#define MODULES 3
#define FRAMES 40
#define STACKS 700
#define FRAMES_OF_STACK_MAX 2048
#define PATH_BYTES 16384

static uint32_t add_frame(struct recording *recording, struct reel_writer *writer, uint32_t module, uint64_t offset)
{
    uint32_t frame = 0;
    assert_ok(reel_writer_intern_frame(writer, module, offset, &frame, &recording->error), recording->error);
    return frame;
}

static uint32_t add_stack(struct recording *recording, struct reel_writer *writer, uint32_t parent, uint32_t frame)
{
    uint32_t stack = 0;
    assert_ok(reel_writer_intern_stack(writer, parent, frame, &stack, &recording->error), recording->error);
    return stack;
}

static void add_modules(struct recording *recording, struct reel_writer *writer)
{
    static const char *const paths[] = {"/bin/program", "/lib/libfirst.so", "/lib/libsecond.so"};
    for (uint32_t i = 0; i < MODULES; i++)
    {
        const struct reel_module_info info = {
            .process = 1, .path = paths[i], .begin = 0x1000 * (i + 1), .end = 0x1000 * (i + 2)};
        uint32_t module;
        assert_ok(reel_writer_add_module(writer, &info, &module, &recording->error), recording->error);
        assert_int_equal(module, i + 1);
    }
}

// Frames 1 to FRAMES: a few functions in a few modules, some of them with calls that were inlined, some without a name.
static void add_frames(struct recording *recording, struct reel_writer *writer, struct stream *stream)
{
    static const char *const functions[] = {"main", "parse", "grow", "insert", "lookup", "operator new"};
    for (uint32_t i = 1; i <= FRAMES; i++)
        assert_int_equal(add_frame(recording, writer, (uint32_t)stream_random(stream, MODULES + 1), i), i);
    for (uint32_t i = 1; i <= FRAMES; i++)
    {
        struct reel_symbol symbols[3];
        size_t count = 1 + stream_random(stream, 3);
        for (size_t k = 0; k < count; k++)
            symbols[k] = (struct reel_symbol){.function = functions[stream_random(stream, 6)],
                                              .file = "made.c",
                                              .line = (int)stream_random(stream, 100),
                                              .is_inlined = k + 1 < count};
        if (stream_random(stream, 8) != 0)
            assert_ok(reel_writer_set_symbols(writer, i, symbols, count, &recording->error), recording->error);
    }
}

// Most stacks hang under one of the last few, so that there are deep ones; some are cut.
static void make_random(struct recording *recording, struct stream *stream)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    add_modules(recording, writer);
    add_frames(recording, writer, stream);
    for (uint32_t made = 0; made < STACKS;)
    {
        uint64_t what = stream_random(stream, 20);
        uint32_t back = (uint32_t)stream_random(stream, 12);
        uint32_t parent = what == 0 ? REEL_STACK_CUT : what == 1 || back >= made ? 0 : made - back;
        uint32_t frame = 1 + (uint32_t)stream_random(stream, FRAMES);
        uint32_t stack = add_stack(recording, writer, parent, frame);
        made = stack > made ? stack : made;
    }
    assert_ok(reel_writer_finish(writer, 0, &recording->error), recording->error);
}

// Rows of half of the stacks, some twice, and of blocks without one.
static size_t random_rows(struct stream *stream, struct reel_measured *rows, bool has_negative)
{
    size_t count = 0;
    for (uint32_t stack = 0; stack <= STACKS; stack++)
        for (uint64_t n = stream_random(stream, 4); n > 1; n--)
        {
            int64_t bytes = (int64_t)stream_random(stream, stream_random(stream, 5) == 0 ? 100000 : 100);
            bool is_negative = has_negative && stream_random(stream, 3) == 0;
            rows[count++] = (struct reel_measured){stack, is_negative ? -bytes : bytes, 1 + (int64_t)n};
        }
    return count;
}

// --- the naive tree: every node by the names from the root to it

struct naive_node
{
    char *path;
    size_t parent_bytes; // of the path
    int64_t self_bytes;
    int64_t total_bytes;
    int64_t total_blocks;
    int64_t weight;
    bool is_shown;
};

struct naive_tree
{
    struct naive_node *nodes;
    size_t count;
};

static struct naive_node *find_node(const struct naive_tree *tree, const char *path)
{
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->nodes[i].path, path) == 0)
            return &tree->nodes[i];
    return NULL;
}

static void add_to(struct naive_tree *tree, const char *path, size_t parent_bytes, const struct reel_measured *row,
                   bool is_self)
{
    struct naive_node *node = find_node(tree, path);
    if (node == NULL)
    {
        tree->nodes = reallocarray(tree->nodes, tree->count + 1, sizeof *tree->nodes);
        assert_non_null(tree->nodes);
        node = &tree->nodes[tree->count++];
        *node = (struct naive_node){.path = strdup(path), .parent_bytes = parent_bytes};
    }
    node->self_bytes += is_self ? row->bytes : 0;
    node->total_bytes += row->bytes;
    node->total_blocks += row->blocks;
    node->weight += row->bytes < 0 ? -row->bytes : row->bytes;
}

static size_t append_name(char *path, size_t used, const char *function, const char *module)
{
    int added = snprintf(path + used, PATH_BYTES - used, "> %s @ %s ", function != NULL ? function : "?",
                         module != NULL ? module : "?");
    assert_true(added > 0 && used + (size_t)added < PATH_BYTES);
    return used + (size_t)added;
}

static void add_row(struct naive_tree *tree, struct reel_reader *reader, const struct reel_measured *row,
                    enum reel_flame_direction direction)
{
    static struct reel_frame frames[FRAMES_OF_STACK_MAX];
    static char path[PATH_BYTES];
    struct reel_error error = {0};
    size_t count = 0;
    bool is_cut = false;
    path[0] = '\0';
    add_to(tree, path, 0, row, false);
    assert_ok(reel_reader_stack_frames(reader, row->stack, frames, FRAMES_OF_STACK_MAX - 1, &count, &error), error);
    assert_ok(reel_reader_stack_is_cut(reader, row->stack, &is_cut, &error), error);
    assert_true(count < FRAMES_OF_STACK_MAX);
    if (is_cut)
        frames[count++] = (struct reel_frame){.function = "..."};
    if (row->stack == 0)
        frames[count++] = (struct reel_frame){.function = "(no stack)"};
    for (size_t i = 0, used = 0; i < count; i++)
    {
        const struct reel_frame *frame = &frames[direction == REEL_FLAME_CALLEES_FIRST ? i : count - 1 - i];
        size_t before = used;
        used = append_name(path, used, frame->function, frame->module);
        add_to(tree, path, before, row, i + 1 == count);
    }
}

static struct naive_tree make_naive(struct reel_reader *reader, const struct reel_measured *rows, size_t count,
                                    enum reel_flame_direction direction)
{
    struct naive_tree tree = {0};
    for (size_t i = 0; i < count; i++)
        add_row(&tree, reader, &rows[i], direction);
    return tree;
}

static void free_naive(struct naive_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free(tree->nodes[i].path);
    free(tree->nodes);
}

static void write_path(const struct reel_flame *flame, uint32_t index, char *path)
{
    uint32_t way[FRAMES_OF_STACK_MAX];
    size_t length = 0;
    for (; index != 0; index = flame->nodes[index].parent)
    {
        assert_true(length < FRAMES_OF_STACK_MAX);
        way[length++] = index;
    }
    path[0] = '\0';
    for (size_t used = 0; length > 0; length--)
    {
        const struct reel_flame_node *node = &flame->nodes[way[length - 1]];
        used = append_name(path, used, node->function, node->module);
    }
}

// --- comparison

static int64_t magnitude(int64_t bytes)
{
    return bytes < 0 ? -bytes : bytes;
}

static void assert_children_in_order(const struct reel_flame *flame)
{
    size_t met = 1;
    for (uint32_t i = 0; i < flame->count; i++)
    {
        uint32_t before = 0;
        for (uint32_t child = flame->nodes[i].first_child; child != 0; child = flame->nodes[child].next)
        {
            assert_true(child > i && child < flame->count);
            assert_int_equal(flame->nodes[child].parent, i);
            assert_int_equal(flame->nodes[child].depth, flame->nodes[i].depth + 1);
            if (before != 0)
                assert_true(magnitude(flame->nodes[before].total_bytes) >= magnitude(flame->nodes[child].total_bytes));
            before = child;
            met++;
        }
    }
    assert_int_equal(met, flame->count);
}

static void assert_same_amounts(const struct reel_flame *flame, struct naive_tree *tree)
{
    static char path[PATH_BYTES];
    for (uint32_t i = 0; i < flame->count; i++)
    {
        write_path(flame, i, path);
        struct naive_node *node = find_node(tree, path);
        if (node == NULL)
        {
            fail_msg("nothing was called by way of '%s'", path);
            return;
        }
        assert_false(node->is_shown);
        node->is_shown = true;
        assert_int_equal(flame->nodes[i].self_bytes, node->self_bytes);
        assert_int_equal(flame->nodes[i].total_bytes, node->total_bytes);
        assert_int_equal(flame->nodes[i].total_blocks, node->total_blocks);
    }
}

// Those that are shown are the heaviest, and what is left out right under them is counted.
static void assert_heaviest_are_shown(const struct reel_flame *flame, const struct naive_tree *tree)
{
    static char path[PATH_BYTES];
    int64_t least_shown = INT64_MAX;
    int64_t greatest_hidden = 0;
    size_t left_out = 0;
    for (size_t i = 0; i < tree->count; i++)
    {
        const struct naive_node *node = &tree->nodes[i];
        if (node->is_shown && node->weight < least_shown)
            least_shown = node->weight;
        if (node->is_shown)
            continue;
        greatest_hidden = node->weight > greatest_hidden ? node->weight : greatest_hidden;
        snprintf(path, sizeof path, "%.*s", (int)node->parent_bytes, node->path);
        left_out += find_node(tree, path)->is_shown;
    }
    assert_true(least_shown >= greatest_hidden);
    assert_int_equal(flame->left_out, left_out);
}

static void compare(struct recording *recording, uint64_t seed, bool has_negative, size_t node_max,
                    enum reel_flame_direction direction)
{
    struct stream *stream = calloc(1, sizeof *stream);
    struct reel_measured *rows = calloc(4 * (STACKS + 1), sizeof *rows);
    struct reel_flame *flame = NULL;
    assert_non_null(stream);
    assert_non_null(rows);
    stream_init(stream, seed, 1);
    remove(recording->path);
    make_random(recording, stream);
    size_t count = random_rows(stream, rows, has_negative);
    struct reel_reader *reader = recording_open(recording);
    struct naive_tree tree = make_naive(reader, rows, count, direction);
    assert_ok(reel_flame_make(&flame, reader, rows, count, direction, node_max, &recording->error), recording->error);
    assert_int_equal(flame->count, node_max == 0 || node_max > tree.count ? tree.count : node_max);
    assert_children_in_order(flame);
    assert_same_amounts(flame, &tree);
    assert_heaviest_are_shown(flame, &tree);
    reel_flame_destroy(flame);
    free_naive(&tree);
    reel_reader_close(reader);
    free(rows);
    free(stream);
}

static void random_stacks_give_the_naive_tree(void **state)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
    {
        compare(*state, seed, false, 0, REEL_FLAME_CALLERS_FIRST);
        compare(*state, seed, false, 0, REEL_FLAME_CALLEES_FIRST);
    }
}

static void a_limit_keeps_the_heaviest_nodes(void **state)
{
    static const size_t limits[] = {1, 2, 30, 200, 1000000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    {
        compare(*state, 4 + i, false, limits[i], REEL_FLAME_CALLERS_FIRST);
        compare(*state, 4 + i, false, limits[i], REEL_FLAME_CALLEES_FIRST);
    }
}

// What grew beside what shrank: their difference may be nothing where the change is great.
static void differences_are_kept_by_how_much_changed_below(void **state)
{
    compare(*state, 20, true, 0, REEL_FLAME_CALLERS_FIRST);
    compare(*state, 21, true, 100, REEL_FLAME_CALLERS_FIRST);
    compare(*state, 22, true, 0, REEL_FLAME_CALLEES_FIRST);
}

// --- what is worth being named one by one

// main calls parse from two lines; in the second a call of grow is inlined. One stack of it is cut.
struct small
{
    struct reel_reader *reader;
    uint32_t first;  // main > parse
    uint32_t second; // main > parse > grow
    uint32_t cut;    // ... > parse
};

static struct small make_small(struct recording *recording)
{
    static const struct reel_symbol main_symbol = {.function = "main", .file = "main.c", .line = 7};
    static const struct reel_symbol parse_symbol = {.function = "parse", .file = "parse.c", .line = 11};
    static const struct reel_symbol grown_symbols[] = {
        {.function = "grow", .file = "grow.h", .line = 3, .is_inlined = true},
        {.function = "parse", .file = "parse.c", .line = 13}};
    struct small small;
    struct reel_error *error = &recording->error;
    struct reel_writer *writer = recording_begin(recording, 1);
    add_modules(recording, writer);
    for (uint32_t i = 1; i <= 3; i++)
        assert_int_equal(add_frame(recording, writer, 1, i), i);
    assert_ok(reel_writer_set_symbols(writer, 1, &main_symbol, 1, error), *error);
    assert_ok(reel_writer_set_symbols(writer, 2, &parse_symbol, 1, error), *error);
    assert_ok(reel_writer_set_symbols(writer, 3, grown_symbols, 2, error), *error);
    uint32_t outermost = add_stack(recording, writer, 0, 1);
    small.first = add_stack(recording, writer, outermost, 2);
    small.second = add_stack(recording, writer, outermost, 3);
    small.cut = add_stack(recording, writer, REEL_STACK_CUT, 2);
    assert_ok(reel_writer_finish(writer, 0, error), *error);
    small.reader = recording_open(recording);
    return small;
}

static void assert_node(const struct reel_flame_node *node, const char *function, int line, int64_t self, int64_t total)
{
    assert_string_equal(node->function, function);
    assert_int_equal(node->line, line);
    assert_int_equal(node->self_bytes, self);
    assert_int_equal(node->total_bytes, total);
}

static void lines_of_one_function_are_one_node_and_inlined_calls_have_their_own(void **state)
{
    struct recording *recording = *state;
    struct small small = make_small(recording);
    struct reel_flame *flame = NULL;
    const struct reel_measured rows[] = {{small.first, 100, 1}, {small.second, 20, 2}, {small.cut, 3, 1}, {0, 1, 1}};
    assert_ok(reel_flame_make(&flame, small.reader, rows, 4, REEL_FLAME_CALLERS_FIRST, 0, &recording->error),
              recording->error);
    assert_int_equal(flame->count, 7);
    assert_int_equal(flame->nodes[0].total_bytes, 124);
    assert_int_equal(flame->nodes[0].total_blocks, 5);
    assert_null(flame->nodes[0].function);
    const struct reel_flame_node *outermost = &flame->nodes[flame->nodes[0].first_child];
    const struct reel_flame_node *parse = &flame->nodes[outermost->first_child];
    assert_node(outermost, "main", 7, 0, 120);
    assert_node(parse, "parse", parse->frame == 2 ? 11 : 13, 100, 120);
    assert_string_equal(parse->module, "/bin/program");
    assert_string_equal(parse->file, "parse.c");
    assert_int_equal(parse->next, 0);
    assert_node(&flame->nodes[parse->first_child], "grow", 3, 20, 20);
    const struct reel_flame_node *cut = &flame->nodes[outermost->next];
    assert_node(cut, "...", 0, 0, 3);
    assert_int_equal(cut->frame, 0);
    assert_node(&flame->nodes[cut->first_child], "parse", 11, 3, 3);
    assert_node(&flame->nodes[cut->next], "(no stack)", 0, 1, 1);
    reel_flame_destroy(flame);
    reel_reader_close(small.reader);
}

static void without_rows_there_is_the_root_alone(void **state)
{
    struct recording *recording = *state;
    struct small small = make_small(recording);
    for (int direction = 0; direction < 2; direction++)
    {
        struct reel_flame *flame = NULL;
        assert_ok(
            reel_flame_make(&flame, small.reader, NULL, 0, (enum reel_flame_direction)direction, 5, &recording->error),
            recording->error);
        assert_int_equal(flame->count, 1);
        assert_int_equal(flame->nodes[0].total_bytes, 0);
        assert_int_equal(flame->nodes[0].first_child, 0);
        reel_flame_destroy(flame);
    }
    reel_reader_close(small.reader);
}

static void stacks_that_make_no_sense_are_damage(void **state)
{
    static const char *const changes[] = {
        "UPDATE stack SET parent = stack WHERE stack = 1",     "UPDATE stack SET parent = -2 WHERE stack = 2",
        "UPDATE stack SET frame = 0 WHERE stack = 2",          "UPDATE stack SET frame = 4 WHERE stack = 2",
        "UPDATE stack SET stack = 4000000000 WHERE stack = 2", "DELETE FROM stack",
    };
    struct recording *recording = *state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        struct reel_flame *flame = NULL;
        remove(recording->path);
        struct small small = make_small(recording);
        const struct reel_measured rows[] = {{small.first, 100, 1}, {small.second, 20, 2}};
        recording_change(recording->path, changes[i]);
        assert_int_equal(reel_flame_make(&flame, small.reader, rows, 2, REEL_FLAME_CALLERS_FIRST, 0, &recording->error),
                         REEL_E_DAMAGED);
        assert_null(flame);
        reel_reader_close(small.reader);
    }
}

// A statement that was lost would keep the connection open.
static void a_reel_whose_names_cannot_be_read_can_still_be_closed(void **state)
{
    struct recording *recording = *state;
    struct small small = make_small(recording);
    const struct reel_measured row = {small.first, 100, 1};
    struct sqlite3 *database = NULL;
    struct reel_reader *reader = NULL;
    reel_reader_close(small.reader);
    recording_change(recording->path, "DROP TABLE symbol");
    assert_int_equal(sqlite3_open(recording->path, &database), SQLITE_OK);
    assert_ok(reel_reader_attach(&reader, database, &recording->error), recording->error);
    for (int i = 0; i < 2; i++)
    {
        struct reel_flame *flame = NULL;
        assert_int_equal(reel_flame_make(&flame, reader, &row, 1, REEL_FLAME_CALLERS_FIRST, 0, &recording->error),
                         REEL_E_DAMAGED);
    }
    reel_reader_close(reader);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void sums_that_no_program_reaches_wrap_around(void **state)
{
    struct recording *recording = *state;
    struct small small = make_small(recording);
    const struct reel_measured rows[] = {
        {small.first, INT64_MAX, INT64_MAX}, {small.second, INT64_MAX, INT64_MAX}, {small.cut, INT64_MIN, -1}};
    for (int direction = 0; direction < 2; direction++)
    {
        struct reel_flame *flame = NULL;
        assert_ok(
            reel_flame_make(&flame, small.reader, rows, 3, (enum reel_flame_direction)direction, 3, &recording->error),
            recording->error);
        assert_int_equal(flame->count, 3);
        assert_children_in_order(flame);
        reel_flame_destroy(flame);
    }
    reel_reader_close(small.reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(random_stacks_give_the_naive_tree),
        IN_DIRECTORY(a_limit_keeps_the_heaviest_nodes),
        IN_DIRECTORY(differences_are_kept_by_how_much_changed_below),
        IN_DIRECTORY(lines_of_one_function_are_one_node_and_inlined_calls_have_their_own),
        IN_DIRECTORY(without_rows_there_is_the_root_alone),
        IN_DIRECTORY(stacks_that_make_no_sense_are_damage),
        IN_DIRECTORY(a_reel_whose_names_cannot_be_read_can_still_be_closed),
        IN_DIRECTORY(sums_that_no_program_reaches_wrap_around),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
