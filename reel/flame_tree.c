// SPDX-License-Identifier: MIT
// Branches, and how stacks become a tree. A stack's place is found through that of its parent, so that each stack of
// the table is looked at once and each frame is named once.
#include "reel/flame_tree.h"

#include <stdlib.h>

#include "reel/error.h"

#define BRANCHES_MAX ((size_t)1 << 25) // far more than stacks can need: a damaged reel must not take all memory

static const char stacks_sql[] = "SELECT stack, parent, frame FROM main.stack WHERE stack BETWEEN 1 AND ? "
                                 "ORDER BY stack";

struct known_stack
{
    uint32_t parent; // 0, or REEL_STACK_CUT
    uint32_t frame;
    uint32_t branch; // 0 = not yet
    bool is_needed;
};

struct planting
{
    struct flame_tree *tree;
    struct flame_names *names;
    struct reel_intern places;  // (branch of the parent, function): the branch
    struct known_stack *stacks; // [stack], as far as the table goes without a gap
    size_t stack_count;         // with the unused one
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the call tree");
}

int flame_tree_init(struct flame_tree *tree, struct reel_error *error)
{
    *tree = (struct flame_tree){.count = 1, .max = 1024};
    tree->branches = calloc(tree->max, sizeof *tree->branches);
    return tree->branches != NULL ? REEL_OK : fail_memory(error);
}

void flame_tree_fini(struct flame_tree *tree)
{
    free(tree->branches);
}

int flame_tree_add(struct flame_tree *tree, const struct flame_branch *branch, struct reel_error *error)
{
    if (tree->count == tree->max)
    {
        struct flame_branch *moved = NULL;
        if (tree->max < BRANCHES_MAX)
            moved = reallocarray(tree->branches, tree->max * 2, sizeof *moved);
        if (moved == NULL)
            return fail_memory(error);
        tree->branches = moved;
        tree->max *= 2;
    }
    tree->branches[tree->count++] = *branch;
    return REEL_OK;
}

uint64_t flame_tree_heavier(uint64_t weight, uint64_t more)
{
    return more < UINT64_MAX - weight ? weight + more : UINT64_MAX;
}

uint32_t flame_tree_only_stack(uint32_t stack, uint32_t other)
{
    if (stack == 0 || other == 0)
        return stack | other;
    return stack == other ? stack : FLAME_STACKS_SEVERAL;
}

// The child of a branch with that function, made where there is none. Places are numbered as branches are made: the
// n-th place is branch n.
static int descend(struct planting *planting, uint32_t *branch, const struct flame_branch *child,
                   struct reel_error *error)
{
    bool is_new;
    uint32_t place = reel_intern_id(&planting->places, *branch, child->function, &is_new);
    if (place == 0)
        return fail_memory(error);
    struct flame_branch added = *child;
    added.parent = *branch;
    *branch = place;
    return is_new ? flame_tree_add(planting->tree, &added, error) : REEL_OK;
}

static int descend_frame(struct planting *planting, uint32_t *branch, uint32_t frame_id, struct reel_error *error)
{
    uint32_t index;
    int status = flame_names_find(planting->names, frame_id, &index, error);
    if (status != REEL_OK)
        return status;
    const struct flame_frame *frame = &planting->names->frames[index];
    const uint32_t *numbers = &planting->names->numbers[frame->first_number];
    for (uint32_t i = frame->count; i-- > 0 && status == REEL_OK;)
    {
        const struct flame_branch child = {.function = numbers[i], .frame = index, .inner = i};
        status = descend(planting, branch, &child, error);
    }
    return status;
}

static int fail_stack(const struct planting *planting, uint64_t stack, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: stack %llu is missing or makes no sense",
                          planting->names->reader->name, (unsigned long long)stack);
}

// The frames that lie further out are those of a smaller id, and have their branch.
static int place_stack(struct planting *planting, size_t stack, struct reel_error *error)
{
    static const struct flame_branch cut = {.function = FLAME_FUNCTION_CUT};
    struct known_stack *known = &planting->stacks[stack];
    int status = REEL_OK;
    if (known->parent == REEL_STACK_CUT)
        status = descend(planting, &known->branch, &cut, error);
    else if (known->parent != 0)
        known->branch = planting->stacks[known->parent].branch;
    return status == REEL_OK ? descend_frame(planting, &known->branch, known->frame, error) : status;
}

static bool reserve_stack(struct planting *planting, size_t *max)
{
    if (planting->stack_count < *max)
        return true;
    size_t bigger = *max == 0 ? 1024 : *max * 2;
    struct known_stack *moved = reallocarray(planting->stacks, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    planting->stacks = moved;
    *max = bigger;
    return true;
}

// *is_last: an id is missing before this one. What is needed beyond it will be missed.
static int take_stack(struct planting *planting, struct sqlite3_stmt *row, bool *is_last, struct reel_error *error)
{
    int64_t stack = sqlite3_column_int64(row, 0);
    int64_t parent = sqlite3_column_int64(row, 1);
    int64_t frame = sqlite3_column_int64(row, 2);
    *is_last = stack != (int64_t)planting->stack_count;
    if (*is_last)
        return REEL_OK;
    if (parent < -1 || parent >= stack || frame < 1 || frame > UINT32_MAX)
        return fail_stack(planting, (uint64_t)stack, error);
    planting->stacks[planting->stack_count++] =
        (struct known_stack){.parent = parent == -1 ? REEL_STACK_CUT : (uint32_t)parent, .frame = (uint32_t)frame};
    return REEL_OK;
}

static int read_stacks(struct planting *planting, uint32_t greatest, struct reel_error *error)
{
    struct sqlite3 *database = planting->names->reader->database;
    struct sqlite3_stmt *row = NULL;
    size_t max = 0;
    bool is_last = false;
    if (!reserve_stack(planting, &max))
        return fail_memory(error);
    planting->stacks[planting->stack_count++] = (struct known_stack){0};
    if (sqlite3_prepare_v2(database, stacks_sql, -1, &row, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the stacks");
    sqlite3_bind_int64(row, 1, greatest);
    int status = REEL_OK;
    int result = SQLITE_ROW;
    while (status == REEL_OK && !is_last && (result = sqlite3_step(row)) == SQLITE_ROW)
        status = reserve_stack(planting, &max) ? take_stack(planting, row, &is_last, error) : fail_memory(error);
    if (status == REEL_OK && result != SQLITE_DONE && !is_last)
        status = reel_error_from_sqlite(error, database, "reading the stacks");
    sqlite3_finalize(row);
    return status;
}

// Parents have smaller ids: backwards over all, who is needed is known before its turn comes.
static int place_needed(struct planting *planting, const struct reel_measured *rows, size_t count,
                        struct reel_error *error)
{
    for (size_t i = 0; i < count; i++)
    {
        if (rows[i].stack >= planting->stack_count)
            return fail_stack(planting, rows[i].stack, error);
        planting->stacks[rows[i].stack].is_needed = true;
    }
    for (size_t stack = planting->stack_count; stack-- > 1;)
    {
        const struct known_stack *known = &planting->stacks[stack];
        if (known->is_needed && known->parent != REEL_STACK_CUT)
            planting->stacks[known->parent].is_needed = true;
    }
    int status = REEL_OK;
    for (size_t stack = 1; stack < planting->stack_count && status == REEL_OK; stack++)
        if (planting->stacks[stack].is_needed)
            status = place_stack(planting, stack, error);
    return status;
}

static int add_amounts(struct planting *planting, const struct reel_measured *rows, size_t count,
                       struct reel_error *error)
{
    static const struct flame_branch no_stack = {.function = FLAME_FUNCTION_NO_STACK};
    for (size_t i = 0; i < count; i++)
    {
        uint32_t index = planting->stacks[rows[i].stack].branch;
        int status = rows[i].stack == 0 ? descend(planting, &index, &no_stack, error) : REEL_OK;
        if (status != REEL_OK)
            return status;
        struct flame_branch *branch = &planting->tree->branches[index];
        uint64_t bytes = (uint64_t)rows[i].bytes;
        uint32_t stack = rows[i].stack != 0 ? rows[i].stack : FLAME_STACKS_SEVERAL; // blocks without: nobody's
        branch->self_stack = flame_tree_only_stack(branch->self_stack, stack);
        branch->self_bytes += bytes;
        branch->self_blocks += (uint64_t)rows[i].blocks;
        branch->weight = flame_tree_heavier(branch->weight, rows[i].bytes < 0 ? 0 - bytes : bytes);
    }
    return REEL_OK;
}

static void add_totals(struct flame_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
    {
        tree->branches[i].total_bytes = tree->branches[i].self_bytes;
        tree->branches[i].total_blocks = tree->branches[i].self_blocks;
        tree->branches[i].stack = tree->branches[i].self_stack;
    }
    for (size_t i = tree->count; i-- > 1;)
    {
        const struct flame_branch *branch = &tree->branches[i];
        struct flame_branch *parent = &tree->branches[branch->parent];
        parent->total_bytes += branch->total_bytes;
        parent->total_blocks += branch->total_blocks;
        parent->stack = flame_tree_only_stack(parent->stack, branch->stack);
        parent->weight = flame_tree_heavier(parent->weight, branch->weight);
    }
}

int flame_tree_from_stacks(struct flame_tree *tree, struct flame_names *names, const struct reel_measured *rows,
                           size_t count, struct reel_error *error)
{
    struct planting planting = {.tree = tree, .names = names};
    uint32_t greatest = 0;
    for (size_t i = 0; i < count; i++)
        greatest = rows[i].stack > greatest ? rows[i].stack : greatest;
    int status = reel_intern_init(&planting.places) == REEL_OK ? REEL_OK : fail_memory(error);
    if (status == REEL_OK)
        status = read_stacks(&planting, greatest, error);
    if (status == REEL_OK)
        status = place_needed(&planting, rows, count, error);
    if (status == REEL_OK)
        status = add_amounts(&planting, rows, count, error);
    if (status == REEL_OK)
        add_totals(tree);
    reel_intern_fini(&planting.places);
    free(planting.stacks);
    return status;
}
