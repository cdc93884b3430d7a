// SPDX-License-Identifier: MIT
// Walks a stack as the tree was made: the same frames are left out.
#include "viewer/pages/stacks/call_stacks.h"

#include "text/stack.h"

#include <stdlib.h>

// From the root on. Takes the walk one frame further.
struct walk
{
    const struct call_tree *tree;
    uint64_t path;
    const char *function; // at the end of the path
    const char *module;
    uint32_t node;          // the last that the tree has
    uint32_t wanted;        // 0: none
    bool is_off;            // the tree does not go on
    bool has_met;           // what is wanted
    struct call_node *told; // the tree's nodes, which get the file and line of the first stack through them; or NULL
};

static void step(struct walk *walk, const struct reel_frame *frame)
{
    const char *function = frame->function;
    const char *module = frame->module;
    if (call_is_hidden(function, module) || call_is_same_unnamed(walk->function, walk->module, function, module))
        return;
    walk->function = function;
    walk->module = module;
    walk->path = call_path(walk->path, function, module);
    uint32_t child = walk->is_off ? 0 : walk->tree->nodes[walk->node].first_child;
    while (child != 0 && walk->tree->nodes[child].path != walk->path)
        child = walk->tree->nodes[child].next;
    walk->is_off = walk->is_off || child == 0;
    walk->node = child != 0 ? child : walk->node;
    walk->has_met = walk->has_met || (child != 0 && child == walk->wanted);
    if (walk->told == NULL || child == 0 || walk->told[child].is_told)
        return;
    walk->told[child].is_told = true;
    walk->told[child].file = frame->file;
    walk->told[child].line = frame->line;
}

static void step_to(struct walk *walk, const char *function)
{
    const struct reel_frame frame = {.function = function};
    step(walk, &frame);
}

static void follow(struct walk *walk, const struct text_stack *stack, uint32_t id, bool is_inverted)
{
    if (id == 0)
        step_to(walk, "(no stack)");
    if (!is_inverted && stack->is_cut)
        step_to(walk, "...");
    for (size_t i = 0; i < stack->count; i++)
        step(walk, &stack->frames[is_inverted ? i : stack->count - 1 - i]);
    if (is_inverted && stack->is_cut)
        step_to(walk, "...");
    if (walk->path == CALL_PATH_ROOT)
        step_to(walk, text_nameless(id));
}

static int walk_stack(struct walk *walk, struct reel_reader *reader, uint32_t stack, bool is_inverted,
                      struct reel_error *error)
{
    struct text_stack *read = NULL;
    int status = text_stack_read(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    walk->path = CALL_PATH_ROOT;
    follow(walk, read, stack, is_inverted);
    free(read);
    return REEL_OK;
}

int call_stacks_node(const struct call_tree *tree, struct reel_reader *reader, uint32_t stack, bool is_inverted,
                     uint32_t *node, struct reel_error *error)
{
    struct walk walk = {.tree = tree, .is_off = tree->count == 0};
    int status = walk_stack(&walk, reader, stack, is_inverted, error);
    *node = status == REEL_OK ? walk.node : 0;
    return status;
}

int call_stacks_first(const struct call_tree *tree, struct reel_reader *reader, const struct reel_measured *rows,
                      size_t count, bool is_inverted, uint32_t node, uint32_t *stack, bool *is_found,
                      struct reel_error *error)
{
    int status = REEL_OK;
    *is_found = false;
    for (size_t i = 0; i < count && !*is_found && status == REEL_OK; i++)
    {
        struct walk walk = {.tree = tree, .wanted = node, .is_off = tree->count == 0};
        status = walk_stack(&walk, reader, rows[i].stack, is_inverted, error);
        *is_found = walk.has_met;
        *stack = rows[i].stack;
    }
    return status;
}

int call_stacks_tell_lines(struct call_tree *tree, struct reel_reader *reader, const struct reel_measured *rows,
                           size_t count, bool is_inverted, struct reel_error *error)
{
    int status = REEL_OK;
    for (size_t i = 0; i < count && i < CALL_STACKS_TOLD && status == REEL_OK; i++)
    {
        struct walk walk = {.tree = tree, .is_off = tree->count == 0, .told = tree->nodes};
        status = walk_stack(&walk, reader, rows[i].stack, is_inverted, error);
    }
    return status;
}
