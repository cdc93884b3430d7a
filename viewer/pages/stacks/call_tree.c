// SPDX-License-Identifier: MIT
// Makes the tree that is shown out of the engine's. Adds up nothing but branches that fall together when a frame
// between them is left out.
#include "viewer/pages/stacks/call_tree.h"

#include "text/stack.h"

#include <stdlib.h>
#include <string.h>

#define HASH_FACTOR UINT64_C(1099511628211)

// Places of nodes by their paths.
struct places
{
    uint32_t *nodes; // 0 = free
    size_t mask;
};

// ---- frames that are left out

static bool is_of_libc(const char *module)
{
    const char *name = text_base_name(module);
    return name != NULL && (strncmp(name, "libc.", 5) == 0 || strncmp(name, "libc-", 5) == 0 ||
                            strncmp(name, "libpthread", 10) == 0 || strncmp(name, "ld-", 3) == 0);
}

static bool is_start(const char *function, const char *module)
{
    static const char *const thread_starts[] = {"start_thread", "clone", "clone3", "__clone", "__clone3"};
    if (function == NULL)
        return false;
    if (strcmp(function, "_start") == 0 || strncmp(function, "__libc_start_", 13) == 0)
        return true;
    for (size_t i = 0; i < sizeof thread_starts / sizeof *thread_starts; i++)
        if (strcmp(function, thread_starts[i]) == 0)
            return is_of_libc(module);
    return false;
}

bool call_is_hidden(const char *function, const char *module)
{
    return reel_is_own_module(module) || is_start(function, module);
}

bool call_is_same_unnamed(const char *caller, const char *caller_module, const char *function, const char *module)
{
    return caller == NULL && function == NULL && caller_module != NULL && module != NULL &&
           strcmp(caller_module, module) == 0;
}

static void note_start(struct call_tree *tree, const char *function)
{
    for (size_t i = 0; i < tree->start_count; i++)
        if (strcmp(tree->start_names[i], function) == 0)
            return;
    if (tree->start_count < CALL_TREE_START_NAMES)
        tree->start_names[tree->start_count++] = function;
}

// ---- paths

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * HASH_FACTOR;
    return (hash ^ 0xff) * HASH_FACTOR;
}

uint64_t call_path(uint64_t path, const char *function, const char *module)
{
    uint64_t hash = hash_text(hash_text(path, function), module);
    return hash ^ hash >> 29;
}

static uint32_t *place_of(const struct places *places, const struct call_tree *tree, uint64_t path)
{
    size_t i = (size_t)path & places->mask;
    while (places->nodes[i] != 0 && tree->nodes[places->nodes[i]].path != path)
        i = (i + 1) & places->mask;
    return &places->nodes[i];
}

uint32_t call_tree_find(const struct call_tree *tree, uint64_t path)
{
    for (uint32_t i = 1; i < tree->count; i++)
        if (tree->nodes[i].path == path)
            return i;
    return 0;
}

// ---- making

// Sums as the engine makes them: those of a damaged reel may wrap around.
static int64_t sum(int64_t one, int64_t other)
{
    return (int64_t)((uint64_t)one + (uint64_t)other);
}

static uint64_t magnitude(int64_t number)
{
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

static uint32_t add(struct call_tree *tree, const struct places *places, uint32_t parent,
                    const struct reel_flame_node *from)
{
    uint64_t path = call_path(tree->nodes[parent].path, from->function, from->module);
    uint32_t *place = place_of(places, tree, path);
    if (*place == 0)
    {
        *place = (uint32_t)tree->count++;
        tree->nodes[*place] = (struct call_node){.parent = parent,
                                                 .path = path,
                                                 .function = from->function,
                                                 .file = from->file,
                                                 .module = from->module,
                                                 .line = from->line};
    }
    struct call_node *node = &tree->nodes[*place];
    node->total_bytes = sum(node->total_bytes, from->total_bytes);
    node->total_blocks = sum(node->total_blocks, from->total_blocks);
    return *place;
}

// What ends in frames that are left out, with nothing around them that is shown.
static void add_nameless(struct call_tree *tree, const struct places *places, const struct reel_flame_node *hidden)
{
    const struct reel_flame_node own = {.function = text_nameless(UINT32_MAX),
                                        .total_bytes = hidden->self_bytes,
                                        .total_blocks = hidden->first_child == 0 ? hidden->total_blocks : 0};
    if (hidden->self_bytes != 0)
        add(tree, places, 0, &own);
}

static void fill(struct call_tree *tree, const struct reel_flame *flame, const struct places *places, uint32_t *shown)
{
    tree->count = 1;
    tree->nodes[0] = (struct call_node){.path = CALL_PATH_ROOT,
                                        .total_bytes = flame->nodes[0].total_bytes,
                                        .total_blocks = flame->nodes[0].total_blocks};
    for (size_t i = 1; i < flame->count; i++)
    {
        const struct reel_flame_node *node = &flame->nodes[i];
        uint32_t parent = shown[node->parent];
        const struct call_node *caller = &tree->nodes[parent];
        bool is_hidden = call_is_hidden(node->function, node->module);
        bool is_one = call_is_same_unnamed(caller->function, caller->module, node->function, node->module);
        shown[i] = is_hidden || is_one ? parent : add(tree, places, parent, node);
        if (is_hidden && parent == 0)
            add_nameless(tree, places, node);
        if (is_hidden && !reel_is_own_module(node->module))
            note_start(tree, node->function);
    }
}

static int compare_nodes(const void *left, const void *right, void *context)
{
    const struct call_tree *tree = context;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    uint64_t bytes_a = magnitude(tree->nodes[a].total_bytes);
    uint64_t bytes_b = magnitude(tree->nodes[b].total_bytes);
    if (bytes_a != bytes_b)
        return bytes_a > bytes_b ? -1 : 1;
    return a < b ? -1 : a > b;
}

// Each goes before those of its parent's children that are there: the least great first.
static void link_children(struct call_tree *tree, uint32_t *order)
{
    for (uint32_t i = 1; i < tree->count; i++)
        order[i - 1] = i;
    qsort_r(order, tree->count - 1, sizeof *order, compare_nodes, tree);
    for (size_t i = tree->count - 1; i-- > 0;)
    {
        struct call_node *node = &tree->nodes[order[i]];
        struct call_node *parent = &tree->nodes[node->parent];
        node->next = parent->first_child;
        parent->first_child = order[i];
        parent->child_count++;
        if (parent == tree->nodes)
            tree->top_bytes += magnitude(node->total_bytes);
    }
}

bool call_tree_make(struct call_tree *tree, const struct reel_flame *flame)
{
    struct places places = {.mask = 1};
    while (places.mask < flame->count * 2 + 4)
        places.mask *= 2;
    places.mask--;
    places.nodes = calloc(places.mask + 1, sizeof *places.nodes);
    uint32_t *shown = calloc(flame->count + 1, sizeof *shown);
    uint32_t *order = calloc(flame->count + 2, sizeof *order);
    *tree = (struct call_tree){.nodes = calloc(flame->count + 2, sizeof *tree->nodes), .left_out = flame->left_out};
    bool is_made = places.nodes != NULL && shown != NULL && order != NULL && tree->nodes != NULL;
    if (is_made)
    {
        fill(tree, flame, &places, shown);
        link_children(tree, order);
    }
    else
        call_tree_fini(tree);
    free(order);
    free(shown);
    free(places.nodes);
    return is_made;
}

void call_tree_fini(struct call_tree *tree)
{
    free(tree->nodes);
    *tree = (struct call_tree){0};
}

// ---- going through it

uint32_t call_tree_after_all(const struct call_tree *tree, uint32_t node)
{
    while (node != 0 && tree->nodes[node].next == 0)
        node = tree->nodes[node].parent;
    return tree->nodes[node].next;
}

uint32_t call_tree_after(const struct call_tree *tree, uint32_t node)
{
    if (tree->count == 0)
        return 0;
    return tree->nodes[node].first_child != 0 ? tree->nodes[node].first_child : call_tree_after_all(tree, node);
}
