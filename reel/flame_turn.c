// SPDX-License-Identifier: MIT
// A call tree turned around: from the allocation outwards.
//
// A twig stands for a branch with amounts of its own, and remembers how far out it has come. A branch of the turned
// tree is a row of twigs that lie together and have come out through the same functions. To grow it is to sort its
// twigs by the function that they come to next: each run of equal ones is a child. The twigs are moved where they lie,
// so that the room needed is that of the twigs and of the branches that were asked for.
#include "reel/flame_tree.h"

#include <stdlib.h>

#include "reel/error.h"

struct twig
{
    uint32_t function; // of the branch that it has come to
    uint32_t at;       // that branch; 0: there is none further out
    uint32_t origin;
};

// A branch of the turned tree that may be grown: its twigs from begin to end.
struct bud
{
    uint64_t weight;
    size_t begin;
    size_t end;
    uint32_t branch;
};

struct turning
{
    const struct flame_tree *tree;
    struct flame_tree *turned;
    struct twig *twigs;
    struct bud *buds; // a heap, the heaviest first
    size_t bud_count, bud_max;
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the call tree");
}

// Of equal weight the older one.
static bool comes_before(const struct bud *left, const struct bud *right)
{
    return left->weight != right->weight ? left->weight > right->weight : left->branch < right->branch;
}

static bool push_bud(struct turning *turning, struct bud bud)
{
    if (turning->bud_count == turning->bud_max)
    {
        size_t bigger = turning->bud_max == 0 ? 256 : turning->bud_max * 2;
        struct bud *moved = reallocarray(turning->buds, bigger, sizeof *moved);
        if (moved == NULL)
            return false;
        turning->buds = moved;
        turning->bud_max = bigger;
    }
    size_t place = turning->bud_count++;
    for (; place > 0 && comes_before(&bud, &turning->buds[(place - 1) / 2]); place = (place - 1) / 2)
        turning->buds[place] = turning->buds[(place - 1) / 2];
    turning->buds[place] = bud;
    return true;
}

static struct bud pop_bud(struct turning *turning)
{
    struct bud *buds = turning->buds;
    struct bud first = buds[0];
    struct bud moved = buds[--turning->bud_count];
    size_t place = 0;
    for (size_t child = 1; child < turning->bud_count; child = 2 * place + 1)
    {
        if (child + 1 < turning->bud_count && comes_before(&buds[child + 1], &buds[child]))
            child++;
        if (!comes_before(&buds[child], &moved))
            break;
        buds[place] = buds[child];
        place = child;
    }
    buds[place] = moved;
    return first;
}

static int compare_twigs(const void *left, const void *right)
{
    const struct twig *a = left;
    const struct twig *b = right;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    return a->origin < b->origin ? -1 : a->origin > b->origin;
}

// The twigs from begin to end go on through one function: a child of parent, and they have come past it.
static int grow_child(struct turning *turning, uint32_t parent, size_t begin, size_t end, struct reel_error *error)
{
    const struct flame_branch *branches = turning->tree->branches;
    const struct flame_branch *sample = &branches[turning->twigs[begin].at];
    struct flame_branch child = {
        .parent = parent, .function = sample->function, .frame = sample->frame, .inner = sample->inner};
    for (size_t i = begin; i < end; i++)
    {
        struct twig *twig = &turning->twigs[i];
        const struct flame_branch *origin = &branches[twig->origin];
        uint64_t bytes = origin->self_bytes;
        child.total_bytes += bytes;
        child.total_blocks += origin->self_blocks;
        child.stack = flame_tree_only_stack(child.stack, origin->self_stack);
        child.weight = flame_tree_heavier(child.weight, bytes > INT64_MAX ? 0 - bytes : bytes);
        twig->at = branches[twig->at].parent;
        twig->function = branches[twig->at].function;
    }
    struct bud bud = {.weight = child.weight, .begin = begin, .end = end, .branch = (uint32_t)turning->turned->count};
    int status = flame_tree_add(turning->turned, &child, error);
    if (status == REEL_OK && !push_bud(turning, bud))
        status = fail_memory(error);
    return status;
}

static int grow(struct turning *turning, const struct bud *bud, struct reel_error *error)
{
    struct twig *twigs = turning->twigs;
    int status = REEL_OK;
    if (bud->end - bud->begin > 1)
        qsort(twigs + bud->begin, bud->end - bud->begin, sizeof *twigs, compare_twigs);
    for (size_t begin = bud->begin, end; begin < bud->end && status == REEL_OK; begin = end)
    {
        for (end = begin + 1; end < bud->end && twigs[end].function == twigs[begin].function;)
            end++;
        if (twigs[begin].function != FLAME_FUNCTION_ROOT)
        {
            status = grow_child(turning, bud->branch, begin, end, error);
            continue;
        }
        struct flame_branch *branch = &turning->turned->branches[bud->branch];
        for (size_t i = begin; i < end; i++)
        {
            branch->self_bytes += turning->tree->branches[twigs[i].origin].self_bytes;
            branch->self_blocks += turning->tree->branches[twigs[i].origin].self_blocks;
        }
    }
    return status;
}

static int cut_twigs(struct turning *turning, size_t *count, struct reel_error *error)
{
    const struct flame_tree *tree = turning->tree;
    *count = 0;
    turning->twigs = calloc(tree->count, sizeof *turning->twigs);
    if (turning->twigs == NULL)
        return fail_memory(error);
    for (uint32_t i = 0; i < tree->count; i++)
        if (tree->branches[i].self_bytes != 0 || tree->branches[i].self_blocks != 0)
            turning->twigs[(*count)++] = (struct twig){.function = tree->branches[i].function, .at = i, .origin = i};
    return REEL_OK;
}

int flame_tree_turn(struct flame_tree *turned, const struct flame_tree *tree, size_t node_max, struct reel_error *error)
{
    struct turning turning = {.tree = tree, .turned = turned};
    struct flame_branch *root = &turned->branches[0];
    size_t twig_count = 0;
    int status = cut_twigs(&turning, &twig_count, error);
    root->total_bytes = tree->branches[0].total_bytes;
    root->total_blocks = tree->branches[0].total_blocks;
    root->stack = tree->branches[0].stack;
    root->weight = UINT64_MAX; // rows of one place may outweigh what is left of them
    if (status == REEL_OK && !push_bud(&turning, (struct bud){.weight = UINT64_MAX, .end = twig_count}))
        status = fail_memory(error);
    for (size_t grown = 0; status == REEL_OK && turning.bud_count > 0 && (node_max == 0 || grown < node_max); grown++)
    {
        struct bud bud = pop_bud(&turning);
        status = grow(&turning, &bud, error);
    }
    free(turning.twigs);
    free(turning.buds);
    return status;
}
