// SPDX-License-Identifier: MIT
// The tree that is shown, made out of the engine's: what is left out, what falls together, what is opened.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "viewer/pages/stacks/call_rows.h"
#include "viewer/pages/stacks/call_search.h"

#define OWN "/lib/libheapreel.so"
#define APP "/bin/app"
#define LIBC "/lib/libc.so.6"

// A node by its parent, its function and its module; the bytes are total and of its children.
#define NODE(above, name, of, bytes)                                                                                   \
    {                                                                                                                  \
        .parent = (above), .function = (name), .module = (of), .total_bytes = (bytes), .total_blocks = 1               \
    }

static void make(struct call_tree *tree, struct reel_flame_node *nodes, size_t count)
{
    const struct reel_flame flame = {.nodes = nodes, .count = count};
    assert_true(call_tree_make(tree, &flame));
}

static uint32_t node_named(const struct call_tree *tree, const char *function)
{
    for (uint32_t i = 1; i < tree->count; i++)
        if (tree->nodes[i].function != NULL && strcmp(tree->nodes[i].function, function) == 0)
            return i;
    fail_msg("there is no node %s", function);
    return 0;
}

static void branches_under_hidden_frames_are_added_up(void **state)
{
    // Callees first: malloc and calloc are ours, and load is under both.
    struct reel_flame_node nodes[] = {
        NODE(0, NULL, NULL, 100),   NODE(0, "malloc", OWN, 60), NODE(0, "calloc", OWN, 40), NODE(1, "load", APP, 50),
        NODE(1, "parse", APP, 10),  NODE(2, "load", APP, 40),   NODE(3, "main", APP, 50),   NODE(5, "main", APP, 40),
        NODE(6, "_start", APP, 50), NODE(7, "_start", APP, 40),
    };
    struct call_tree tree;
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    assert_int_equal(tree.count, 4);
    uint32_t load = node_named(&tree, "load");
    assert_int_equal(tree.nodes[load].total_bytes, 90);
    assert_int_equal(tree.nodes[load].child_count, 1);
    assert_int_equal(tree.nodes[0].first_child, load);
    assert_int_equal(tree.nodes[node_named(&tree, "main")].total_bytes, 90);
    assert_int_equal(tree.start_count, 1);
    assert_int_equal(tree.top_bytes, 100);
    call_tree_fini(&tree);
}

static void what_ends_in_hidden_frames_alone_has_a_node(void **state)
{
    struct reel_flame_node nodes[] = {NODE(0, NULL, NULL, 30), NODE(0, "capture", OWN, 30)};
    nodes[1].self_bytes = 30;
    struct call_tree tree;
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    assert_int_equal(tree.count, 2);
    assert_string_equal(tree.nodes[1].function, "(in Heapreel's own library)");
    assert_int_equal(tree.nodes[1].total_bytes, 30);
    call_tree_fini(&tree);
}

static void only_the_start_of_libc_is_hidden(void **state)
{
    (void)state;
    assert_true(call_is_hidden("_start", APP));
    assert_true(call_is_hidden("__libc_start_main_impl", LIBC));
    assert_true(call_is_hidden("start_thread", LIBC));
    assert_true(call_is_hidden("malloc", OWN));
    assert_false(call_is_hidden("start_thread", APP));
    assert_false(call_is_hidden("malloc", LIBC));
    assert_false(call_is_hidden(NULL, NULL));
}

static void calls_without_names_are_one_in_each_module(void **state)
{
    struct reel_flame_node nodes[] = {
        NODE(0, NULL, NULL, 10), NODE(0, NULL, APP, 10), NODE(1, NULL, APP, 10),
        NODE(2, NULL, LIBC, 10), NODE(3, "f", LIBC, 10), NODE(4, NULL, LIBC, 10),
    };
    struct call_tree tree;
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    assert_int_equal(tree.count, 5);
    assert_string_equal(tree.nodes[1].module, APP);
    assert_string_equal(tree.nodes[2].module, LIBC);
    assert_int_equal(tree.nodes[2].parent, 1);
    call_tree_fini(&tree);
}

static void losses_are_as_great_as_gains(void **state)
{
    struct reel_flame_node nodes[] = {NODE(0, NULL, NULL, -20), NODE(0, "gain", APP, 30), NODE(0, "loss", APP, -50)};
    struct call_tree tree;
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    assert_int_equal(tree.nodes[0].first_child, node_named(&tree, "loss"));
    assert_int_equal(tree.top_bytes, 80);
    call_tree_fini(&tree);
}

static void only_children_are_not_indented(void **state)
{
    struct reel_flame_node nodes[] = {
        NODE(0, NULL, NULL, 100), NODE(0, "main", APP, 100), NODE(1, "run", APP, 100),
        NODE(2, "a", APP, 60),    NODE(2, "b", APP, 40),     NODE(3, "c", APP, 60),
    };
    struct call_tree tree;
    struct call_rows rows = {0};
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    assert_true(call_rows_open_all(&rows, &tree, node_named(&tree, "main")));
    assert_true(call_rows_lay_out(&rows, &tree));
    static const struct
    {
        const char *function;
        int indent;
        bool is_only;
    } wanted[] = {{"main", 0, false}, {"run", 0, true}, {"a", 1, false}, {"c", 1, true}, {"b", 1, false}};
    assert_int_equal(rows.count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < rows.count; i++)
    {
        assert_string_equal(tree.nodes[rows.rows[i].node].function, wanted[i].function);
        assert_int_equal(rows.rows[i].indent, wanted[i].indent);
        assert_int_equal(rows.rows[i].is_only, wanted[i].is_only);
    }
    call_rows_fini(&rows);
    call_tree_fini(&tree);
}

static void fork_is_where_several_calls_begin(void **state)
{
    struct reel_flame_node nodes[] = {
        NODE(0, NULL, NULL, 100), NODE(0, "main", APP, 100), NODE(1, "run", APP, 100),
        NODE(2, "a", APP, 60),    NODE(2, "b", APP, 40),     NODE(3, "c", APP, 60),
    };
    struct call_tree tree;
    struct call_rows rows = {0};
    uint32_t fork = 0;
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    assert_true(call_rows_open_fork(&rows, &tree, node_named(&tree, "main"), &fork));
    assert_int_equal(fork, node_named(&tree, "run"));
    assert_true(call_rows_lay_out(&rows, &tree));
    assert_int_equal(rows.count, 4);
    call_rows_close(&rows, &tree, node_named(&tree, "main"));
    assert_true(call_rows_lay_out(&rows, &tree));
    assert_int_equal(rows.count, 1);
    assert_int_equal(call_rows_find(&rows, &tree, node_named(&tree, "c")), 0);
    call_rows_fini(&rows);
    call_tree_fini(&tree);
}

static void search_goes_both_ways_and_round_the_end(void **state)
{
    struct reel_flame_node nodes[] = {
        NODE(0, NULL, NULL, 100),      NODE(0, "main", APP, 100), NODE(1, "parse_one", APP, 60),
        NODE(1, "parse_two", APP, 40), NODE(2, "load", APP, 60),
    };
    struct call_tree tree;
    (void)state;
    make(&tree, nodes, sizeof nodes / sizeof *nodes);
    uint32_t one = node_named(&tree, "parse_one");
    uint32_t two = node_named(&tree, "parse_two");
    assert_int_equal(call_search(&tree, one, "PARSE", CALL_SEARCH_HERE), one);
    assert_int_equal(call_search(&tree, one, "parse", CALL_SEARCH_ON), two);
    assert_int_equal(call_search(&tree, two, "parse", CALL_SEARCH_ON), one);
    assert_int_equal(call_search(&tree, one, "parse", CALL_SEARCH_BACK), two);
    assert_int_equal(call_search(&tree, two, "parse", CALL_SEARCH_BACK), one);
    assert_int_equal(call_search(&tree, one, "nothing", CALL_SEARCH_ON), 0);
    assert_true(call_search_concerns(&tree, node_named(&tree, "main"), "load"));
    assert_false(call_search_concerns(&tree, two, "load"));
    call_tree_fini(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_under_hidden_frames_are_added_up),
        cmocka_unit_test(what_ends_in_hidden_frames_alone_has_a_node),
        cmocka_unit_test(only_the_start_of_libc_is_hidden),
        cmocka_unit_test(calls_without_names_are_one_in_each_module),
        cmocka_unit_test(losses_are_as_great_as_gains),
        cmocka_unit_test(only_children_are_not_indented),
        cmocka_unit_test(fork_is_where_several_calls_begin),
        cmocka_unit_test(search_goes_both_ways_and_round_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
