// SPDX-License-Identifier: MIT
// What keys do to the tree of stacks. Draws nothing.
#include "viewer/pages/stacks/page_stacks.h"

#include "viewer/pages/stacks/amounts.h"
#include "viewer/pages/stacks/call_search.h"
#include "viewer/pages/stacks/call_stacks.h"

#include <string.h>

static unsigned show(struct page_view *view, uint32_t selected)
{
    struct stacks *own = view->own;
    own->is_touched = true;
    if (!stacks_lay_out(own, selected))
        view->said = "out of memory for the call tree";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned opened(struct page_view *view, bool is_done, uint32_t selected)
{
    struct stacks *own = view->own;
    own->has_opened = true;
    unsigned taken = show(view, selected);
    if (!is_done)
        view->said = "out of memory for the call tree";
    return taken;
}

// The heaviest stack that goes through the node.
static unsigned open_card(struct page_view *view, uint32_t node)
{
    struct stacks *own = view->own;
    const struct reel_measured *rows = NULL;
    struct reel_measured total;
    struct reel_error error = {0};
    struct model_of of;
    size_t count = 0;
    uint32_t stack = 0;
    bool is_found = false;
    if (model_measured(view->model, view->state, &rows, &count, &total, &of, &error) == REEL_OK &&
        call_stacks_first(&own->tree, model_reader(view->model), rows, count, view->state->is_inverted, node, &stack,
                          &is_found, &error) == REEL_OK &&
        is_found)
    {
        stack_card_open(&own->card, view, stack);
        own->followed = stack;
    }
    else
        view->said = "no stack of this moment goes through here";
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned page_stacks_open(struct page_view *view, uint32_t node)
{
    struct stacks *own = view->own;
    if (own->tree.nodes[node].first_child == 0)
        return open_card(view, node);
    if (!call_rows_is_open(&own->rows, &own->tree, node))
        return opened(view, call_rows_open(&own->rows, &own->tree, node), node);
    call_rows_close(&own->rows, &own->tree, node);
    return opened(view, true, node);
}

static unsigned go_left(struct page_view *view, uint32_t node)
{
    struct stacks *own = view->own;
    const struct call_node *at = &own->tree.nodes[node];
    if (at->first_child == 0 || !call_rows_is_open(&own->rows, &own->tree, node))
        return show(view, at->parent != 0 ? at->parent : node);
    call_rows_close(&own->rows, &own->tree, node);
    return opened(view, true, node);
}

static unsigned go_right(struct page_view *view, uint32_t node)
{
    struct stacks *own = view->own;
    uint32_t child = own->tree.nodes[node].first_child;
    if (child != 0 && call_rows_is_open(&own->rows, &own->tree, node))
        return show(view, child);
    return opened(view, call_rows_open(&own->rows, &own->tree, node), node);
}

static unsigned search(struct page_view *view, uint32_t node, enum action action)
{
    struct stacks *own = view->own;
    const char *text = view->state->search;
    memcpy(own->searched, text, sizeof own->searched);
    uint32_t found = call_search(&own->tree, node, text,
                                 action == ACTION_SEARCH            ? CALL_SEARCH_HERE
                                 : action == ACTION_SEARCH_PREVIOUS ? CALL_SEARCH_BACK
                                                                    : CALL_SEARCH_ON);
    if (found != 0)
        return opened(view, call_rows_reveal(&own->rows, &own->tree, found), found);
    if (text[0] != '\0')
        view->said = "no function has that in its name; M and V show other stacks";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take_node(struct page_view *view, enum action action, uint32_t node)
{
    struct stacks *own = view->own;
    uint32_t fork;
    switch (action)
    {
    case ACTION_OPEN:
        return page_stacks_open(view, node);
    case ACTION_LEFT:
        return go_left(view, node);
    case ACTION_RIGHT:
        return go_right(view, node);
    case ACTION_UP_LEVEL:
        return show(view, own->tree.nodes[node].parent != 0 ? own->tree.nodes[node].parent : node);
    case ACTION_EXPAND:
        return opened(view, call_rows_open(&own->rows, &own->tree, node), node);
    case ACTION_COLLAPSE:
        call_rows_close(&own->rows, &own->tree, node);
        return opened(view, true, node);
    case ACTION_EXPAND_ALL:
        return opened(view, call_rows_open_all(&own->rows, &own->tree, node), node);
    case ACTION_EXPAND_FORK:
    {
        bool is_done = call_rows_open_fork(&own->rows, &own->tree, node, &fork);
        return opened(view, is_done, fork);
    }
    case ACTION_SEARCH:
    case ACTION_SEARCH_NEXT:
    case ACTION_SEARCH_PREVIOUS:
        return search(view, node, action);
    default:
        return REACTION_NONE;
    }
}

unsigned stacks_take(struct page_view *view, enum action action)
{
    struct stacks *own = view->own;
    struct reel_error error = {0};
    unsigned taken = stack_card_take(&own->card, action);
    if (taken == REACTION_NONE)
        taken = amounts_take(view, action);
    if (taken != REACTION_NONE)
        return taken;
    if (action == ACTION_INVERT)
    {
        view->state->is_inverted = !view->state->is_inverted;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    if (action == ACTION_OPEN && (own->is_refused || own->rows.count == 0))
    {
        model_ask_again(view->model);
        return REACTION_TAKEN | REACTION_DRAW;
    }
    if (own->tree.count == 0 && stacks_refresh(view, &error) != REEL_OK)
        return REACTION_NONE;
    if (own->rows.count != 0 && !own->is_refused)
        taken = take_node(view, action, stacks_selected(own));
    if (taken == REACTION_NONE)
    {
        // A tree has one order: 0 columns to sort by.
        taken = table_take(&own->table, action, own->rows.count, 0);
        own->is_touched = own->is_touched || taken != REACTION_NONE;
    }
    return taken;
}
