// SPDX-License-Identifier: MIT
// The tree that the page of stacks shows: made anew when the answer is another, opened where the most is, with what the
// user opened and selected found again by its path.
#include "viewer/pages/stacks/page_stacks.h"

#include "reel/error.h"
#include "viewer/pages/stacks/call_stacks.h"

static struct stacks_kind kind_of(const struct state *state)
{
    return (struct stacks_kind){
        .measure = state->measure, .mode = state->mode, .process = state->process, .is_inverted = state->is_inverted};
}

static bool is_same_kind(const struct stacks_kind *a, const struct stacks_kind *b)
{
    return a->measure == b->measure && a->mode == b->mode && a->process == b->process &&
           a->is_inverted == b->is_inverted;
}

uint32_t stacks_selected(const struct stacks *own)
{
    return own->table.selected < own->rows.count ? own->rows.rows[own->table.selected].node : 0;
}

// Callers first: down to where the greatest stack ends, so that its function is in sight. Callees first that is at the
// top already, and what called it follows down to the fork.
static bool open_greatest(struct stacks *own, bool is_inverted, uint32_t greatest, uint32_t *selected)
{
    uint32_t fork;
    if (own->tree.count < 2)
        return true;
    *selected = is_inverted || greatest == 0 ? own->tree.nodes[0].first_child : greatest;
    if (is_inverted)
        return call_rows_open_fork(&own->rows, &own->tree, *selected, &fork);
    return call_rows_reveal(&own->rows, &own->tree, *selected);
}

// Lines of calls are those of the greatest stacks. *greatest: where the first of them ends; 0: not known.
static void tell_lines(struct page_view *view, struct call_tree *tree, uint32_t *greatest)
{
    const struct reel_measured *rows = NULL;
    struct reel_measured total;
    struct reel_error error = {0};
    struct model_of of;
    size_t count = 0;
    bool is_inverted = view->state->is_inverted;
    *greatest = 0;
    if (model_measured(view->model, view->state, &rows, &count, &total, &of, &error) != REEL_OK || count == 0 ||
        call_stacks_node(tree, model_reader(view->model), rows[0].stack, is_inverted, greatest, &error) != REEL_OK)
        return;
    // What fails here leaves the lines that the tree came with.
    call_stacks_tell_lines(tree, model_reader(view->model), rows, count, is_inverted, &error);
}

// The selected node in another tree, or the nearest one above it.
static uint32_t find_again(const struct call_tree *before, uint32_t node, const struct call_tree *tree)
{
    uint32_t found = 0;
    for (; node != 0 && found == 0; node = before->nodes[node].parent)
        found = call_tree_find(tree, before->nodes[node].path);
    return found;
}

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the call tree");
}

bool stacks_lay_out(struct stacks *own, uint32_t selected)
{
    bool is_done = call_rows_lay_out(&own->rows, &own->tree);
    own->table.selected = call_rows_find(&own->rows, &own->tree, selected);
    return is_done;
}

static int rebuild(struct page_view *view, const struct stacks_source *source, struct reel_error *error)
{
    struct stacks *own = view->own;
    struct call_tree tree;
    uint32_t greatest;
    bool is_other_kind = own->source.flame == NULL || !is_same_kind(&own->source.kind, &source->kind);
    if (!call_tree_make(&tree, source->flame))
        return fail_memory(error);
    tell_lines(view, &tree, &greatest);
    uint32_t selected = find_again(&own->tree, stacks_selected(own), &tree);
    call_tree_fini(&own->tree);
    own->tree = tree;
    own->source = *source;
    own->is_touched = own->is_touched && !is_other_kind;
    if (!own->has_opened && !own->is_touched)
        call_rows_close_all(&own->rows);
    bool is_done = own->is_touched || open_greatest(own, source->kind.is_inverted, greatest, &selected);
    return stacks_lay_out(own, selected) && is_done ? REEL_OK : fail_memory(error);
}

int stacks_refresh(struct page_view *view, struct reel_error *error)
{
    struct stacks *own = view->own;
    const struct reel_flame *flame = NULL;
    struct model_of of;
    int status = model_flame(view->model, view->state, &flame, &of, error);
    if (status != REEL_OK)
        return error->status = status;
    const struct stacks_source source = {.flame = flame,
                                         .node_count = flame->count,
                                         .moment = of.moment,
                                         .event_count = model_event_count(view->model),
                                         .is_live = model_is_live(view->model),
                                         .kind = kind_of(view->state)};
    const struct stacks_source *had = &own->source;
    own->of = of;
    if (had->flame == flame && had->node_count == source.node_count && had->moment == of.moment &&
        had->event_count == source.event_count && had->is_live == source.is_live &&
        is_same_kind(&had->kind, &source.kind))
        return REEL_OK;
    return rebuild(view, &source, error);
}
