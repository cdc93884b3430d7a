// SPDX-License-Identifier: MIT
// Modules by address and code generation, and stacks through the tree.
#include "fake_channel.h"
#include "tracer/stacks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// An interner that remembers what it was asked.
struct asked
{
    struct module_entry *module[64];
    uint64_t offset[64];
    uint32_t frames;
    uint32_t parent[64];
    uint32_t frame[64];
    uint32_t stacks;
};

static int intern_frame(void *context, struct module_entry *module, uint64_t offset, uint32_t *frame,
                        struct reel_error *error)
{
    struct asked *asked = context;
    (void)error;
    asked->module[asked->frames] = module;
    asked->offset[asked->frames] = offset;
    *frame = ++asked->frames;
    return REEL_OK;
}

static int intern_stack(void *context, uint32_t parent, uint32_t frame, uint32_t *stack, struct reel_error *error)
{
    struct asked *asked = context;
    (void)error;
    asked->parent[asked->stacks] = parent;
    asked->frame[asked->stacks] = frame;
    *stack = ++asked->stacks;
    return REEL_OK;
}

struct bench
{
    struct fake_channel fake;
    struct module_table modules;
    struct stack_table stacks;
    struct asked asked;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    fake_channel_create(&bench->fake, 1, 64);
    assert_int_equal(stacks_open(&bench->stacks, &bench->fake.channel, &bench->modules), REEL_OK);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    stacks_close(&bench->stacks);
    modules_clean_up(&bench->modules);
    fake_channel_destroy(&bench->fake);
    free(bench);
    return 0;
}

static uint32_t get(struct bench *bench, uint32_t node)
{
    const struct stacks_interner interner = {.frame = intern_frame, .stack = intern_stack, .context = &bench->asked};
    uint32_t stack = 12345;
    assert_int_equal(stacks_get(&bench->stacks, node, &interner, &stack, NULL), REEL_OK);
    return stack;
}

static const char *module_at(struct bench *bench, uint64_t address, uint32_t generation)
{
    struct module_entry *module = modules_find(&bench->modules, address, generation);
    return module != NULL ? module->path : "none";
}

static void module_is_found_by_the_call_before_the_return_address(void **state)
{
    struct bench *bench = *state;
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 1, 1, 0x2000, 0x3000, "/b");
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 2, 1, 0x1000, 0x2000, "/a");
    assert_int_equal(modules_read(&bench->modules, &bench->fake.channel, NULL), REEL_OK);
    assert_string_equal(module_at(bench, 0x1000, 1), "none");
    assert_string_equal(module_at(bench, 0x1001, 1), "/a");
    assert_string_equal(module_at(bench, 0x2000, 1), "/a");
    assert_string_equal(module_at(bench, 0x2001, 1), "/b");
    assert_string_equal(module_at(bench, 0x3000, 1), "/b");
    assert_string_equal(module_at(bench, 0x3001, 1), "none");
}

static void modules_at_one_place_are_told_apart_by_generation(void **state)
{
    struct bench *bench = *state;
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 1, 1, 0x1000, 0x9000, "/old");
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 2, 1, 0x10000, 0x20000, "/stays");
    assert_int_equal(modules_read(&bench->modules, &bench->fake.channel, NULL), REEL_OK);
    fake_module(&bench->fake, WIRE_MODULE_UNLOADED, 1, 2, 0, 0, "");
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 3, 2, 0x2000, 0x3000, "/new");
    assert_int_equal(modules_read(&bench->modules, &bench->fake.channel, NULL), REEL_OK);
    assert_string_equal(module_at(bench, 0x2800, 1), "/old");
    assert_string_equal(module_at(bench, 0x2800, 2), "/new");
    assert_string_equal(module_at(bench, 0x8000, 1), "/old");
    assert_string_equal(module_at(bench, 0x8000, 2), "none");
    assert_string_equal(module_at(bench, 0x11000, 1), "/stays");
    assert_string_equal(module_at(bench, 0x11000, 7), "/stays");
}

static void damaged_log_is_read_up_to_the_damage(void **state)
{
    struct bench *bench = *state;
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 1, 1, 0x1000, 0x2000, "/a");
    uint32_t damage = bench->fake.page->module_bytes;
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 2, 1, 0x2000, 0x3000, "/b");
    ((struct wire_module *)(bench->fake.map + bench->fake.page->modules_offset + damage))->record_bytes = 12;
    assert_int_equal(modules_read(&bench->modules, &bench->fake.channel, NULL), REEL_OK);
    assert_int_equal(bench->modules.count, 1);
    assert_true(bench->modules.is_broken);
}

static void stack_is_interned_from_the_outermost_frame_and_once(void **state)
{
    struct bench *bench = *state;
    fake_module(&bench->fake, WIRE_MODULE_LOADED, 1, 1, 0x1000, 0x2000, "/a");
    assert_int_equal(modules_read(&bench->modules, &bench->fake.channel, NULL), REEL_OK);
    fake_node(&bench->fake, 1, 0, 1, 0);
    fake_node(&bench->fake, 2, 1, 0x1100, 1);
    fake_node(&bench->fake, 3, 2, 0x9999, 2);
    fake_node(&bench->fake, 4, 2, 0x1200, 2);
    assert_int_equal(get(bench, 3), 2);
    assert_int_equal(bench->asked.offset[0], 0x100);
    assert_ptr_equal(bench->asked.module[1], NULL);
    assert_int_equal(bench->asked.offset[1], 0x9999);
    assert_int_equal(bench->asked.parent[0], 0);
    assert_int_equal(bench->asked.parent[1], 1);
    assert_int_equal(get(bench, 3), 2);
    assert_int_equal(get(bench, 2), 1);
    assert_int_equal(bench->asked.stacks, 2);
    assert_int_equal(get(bench, 4), 3);
    assert_int_equal(bench->asked.parent[2], 1);
    assert_int_equal(get(bench, 0), 0);
    assert_int_equal(get(bench, 1), 0);
}

static void stack_with_a_cut_root_is_a_stack(void **state)
{
    struct bench *bench = *state;
    fake_node(&bench->fake, 1, 0, 1, WIRE_STACK_CUT);
    fake_node(&bench->fake, 2, 1, 0x1100, 1);
    assert_int_equal(get(bench, 2), 1);
}

static void nodes_that_cannot_be_are_told(void **state)
{
    struct bench *bench = *state;
    fake_node(&bench->fake, 1, 0, 1, 0);
    fake_node(&bench->fake, 2, 3, 0x1100, 1); // a loop
    fake_node(&bench->fake, 3, 2, 0x1200, 2);
    fake_node(&bench->fake, 4, 1, 0x1300, 2);                    // a step of two
    fake_node(&bench->fake, 5, 0, 0x1300, 1);                    // a root that is none
    fake_node(&bench->fake, 6, 1, 0x1300, WIRE_DEPTH_LIMIT + 1); // too deep
    for (uint32_t node = 2; node <= 7; node++)                   // 7 was never handed out
        assert_int_equal(get(bench, node), STACKS_INVALID);
    assert_int_equal(get(bench, UINT32_MAX), STACKS_INVALID);
    assert_int_equal(bench->asked.stacks, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(module_is_found_by_the_call_before_the_return_address),
        CASE(modules_at_one_place_are_told_apart_by_generation),
        CASE(damaged_log_is_read_up_to_the_damage),
        CASE(stack_is_interned_from_the_outermost_frame_and_once),
        CASE(stack_with_a_cut_root_is_a_stack),
        CASE(nodes_that_cannot_be_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
