// SPDX-License-Identifier: MIT
// The call tree as callers get it: which branches are kept, in which order, and what they are called.
#include "reel/flame.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/flame_tree.h"

// A branch that is to become a node, with what it is sorted by.
struct candidate
{
    uint64_t greatness;
    uint32_t branch;
};

static int fail_memory(struct reel_error *error)
{
    reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the call tree");
    return REEL_E_NO_MEMORY;
}

// The greatest first; of equal ones the older, which is never deeper than its children.
static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    if (a->greatness != b->greatness)
        return a->greatness > b->greatness ? -1 : 1;
    return a->branch < b->branch ? -1 : a->branch > b->branch;
}

// Marks the branches to keep, by the place that their node will have: parents before their children, as they lie. No
// branch is heavier than its parent, so that those that are kept hang together.
static int choose(const struct flame_tree *tree, size_t node_max, uint32_t *places, size_t *kept,
                  struct reel_error *error)
{
    struct candidate *candidates = NULL;
    *kept = node_max == 0 || node_max > tree->count ? tree->count : node_max;
    if (*kept < tree->count)
    {
        candidates = calloc(tree->count, sizeof *candidates);
        if (candidates == NULL)
            return fail_memory(error);
        for (uint32_t i = 0; i < tree->count; i++)
            candidates[i] = (struct candidate){.greatness = tree->branches[i].weight, .branch = i};
        qsort(candidates, tree->count, sizeof *candidates, compare_candidates);
    }
    for (size_t i = 0; i < *kept; i++)
        places[candidates != NULL ? candidates[i].branch : i] = 1;
    free(candidates);
    uint32_t next = 0;
    for (size_t i = 0; i < tree->count; i++)
        places[i] = places[i] != 0 ? next++ : UINT32_MAX;
    return REEL_OK;
}

static void describe(struct reel_flame_node *node, const struct flame_branch *branch, const struct flame_names *names)
{
    node->self_bytes = (int64_t)branch->self_bytes;
    node->total_bytes = (int64_t)branch->total_bytes;
    node->total_blocks = (int64_t)branch->total_blocks;
    node->stack = branch->stack != FLAME_STACKS_SEVERAL ? branch->stack : 0;
    if (branch->function == FLAME_FUNCTION_CUT)
        node->function = "...";
    if (branch->function == FLAME_FUNCTION_NO_STACK)
        node->function = "(no stack)";
    if (branch->frame == 0)
        return;
    const struct flame_frame *frame = &names->frames[branch->frame];
    const struct reel_frame *function = &frame->functions[branch->inner];
    node->frame = frame->id;
    node->function = function->function;
    node->file = function->file;
    node->module = function->module;
    node->line = function->line;
}

static size_t fill(struct reel_flame *flame, const struct flame_tree *tree, const uint32_t *places,
                   const struct flame_names *names, struct candidate *candidates)
{
    size_t left_out = 0;
    for (uint32_t i = 0; i < tree->count; i++)
    {
        const struct flame_branch *branch = &tree->branches[i];
        if (places[i] == UINT32_MAX)
        {
            left_out += places[branch->parent] != UINT32_MAX;
            continue;
        }
        struct reel_flame_node *node = &flame->nodes[places[i]];
        node->parent = places[branch->parent];
        node->depth = i == 0 ? 0 : flame->nodes[node->parent].depth + 1;
        describe(node, branch, names);
        bool is_negative = node->total_bytes < 0;
        candidates[places[i]] = (struct candidate){
            .greatness = is_negative ? 0 - branch->total_bytes : branch->total_bytes, .branch = places[i]};
    }
    return left_out;
}

// Each node goes before those of its parent's children that are there: the least great first.
static void link_children(struct reel_flame *flame, struct candidate *candidates)
{
    qsort(candidates, flame->count, sizeof *candidates, compare_candidates);
    for (size_t i = flame->count; i-- > 0;)
    {
        uint32_t index = candidates[i].branch;
        struct reel_flame_node *parent = &flame->nodes[flame->nodes[index].parent];
        if (index == 0)
            continue;
        flame->nodes[index].next = parent->first_child;
        parent->first_child = index;
    }
}

static int lay_out(struct reel_flame **out, const struct flame_tree *tree, size_t node_max,
                   const struct flame_names *names, struct reel_error *error)
{
    size_t kept = 0;
    uint32_t *places = calloc(tree->count, sizeof *places);
    struct reel_flame *flame = calloc(1, sizeof *flame);
    struct candidate *candidates = NULL;
    int status = places != NULL && flame != NULL ? choose(tree, node_max, places, &kept, error) : fail_memory(error);
    if (status == REEL_OK)
    {
        flame->nodes = calloc(kept, sizeof *flame->nodes);
        candidates = calloc(kept, sizeof *candidates);
        if (flame->nodes == NULL || candidates == NULL)
            status = fail_memory(error);
    }
    if (status == REEL_OK)
    {
        flame->count = kept;
        flame->left_out = fill(flame, tree, places, names, candidates);
        link_children(flame, candidates);
        *out = flame;
    }
    else
        reel_flame_destroy(flame);
    free(candidates);
    free(places);
    return status;
}

int reel_flame_make(struct reel_flame **out, struct reel_reader *reader, const struct reel_measured *rows, size_t count,
                    enum reel_flame_direction direction, size_t node_max, struct reel_error *error)
{
    struct flame_names names;
    struct flame_tree tree = {0};
    struct flame_tree turned = {0};
    const struct flame_tree *shown = &tree;
    int status = flame_names_init(&names, reader, error);
    if (status == REEL_OK)
        status = flame_tree_init(&tree, error);
    if (status == REEL_OK)
        status = flame_tree_from_stacks(&tree, &names, rows, count, error);
    if (status == REEL_OK && direction == REEL_FLAME_CALLEES_FIRST)
    {
        shown = &turned;
        status = flame_tree_init(&turned, error);
        if (status == REEL_OK)
            status = flame_tree_turn(&turned, &tree, node_max, error);
    }
    if (status == REEL_OK)
        status = lay_out(out, shown, node_max, &names, error);
    flame_tree_fini(&tree);
    flame_tree_fini(&turned);
    flame_names_fini(&names);
    return status;
}

void reel_flame_destroy(struct reel_flame *flame)
{
    if (flame == NULL)
        return;
    free(flame->nodes);
    free(flame);
}
