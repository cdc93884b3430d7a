// SPDX-License-Identifier: MIT
// What the files of the page of stacks share: its tree, and what the user has done to it.
#ifndef HEAPREEL_VIEWER_PAGE_STACKS_H
#define HEAPREEL_VIEWER_PAGE_STACKS_H

#include "viewer/page.h"
#include "viewer/pages/stacks/call_rows.h"
#include "viewer/pages/stacks/stack_card.h"
#include "viewer/screen/table.h"

enum stacks_column
{
    COLUMN_BYTES,
    COLUMN_SHARE,
    COLUMN_BAR,
    COLUMN_BLOCKS,
    COLUMN_FUNCTION,
    STACKS_COLUMNS,
};

// What the tree is of. Another one is opened anew where the most is.
struct stacks_kind
{
    enum reel_measure measure;
    enum state_mode mode;
    uint32_t process;
    bool is_inverted;
};

// What an answer was made of; the same again is not made into a tree again.
struct stacks_source
{
    const struct reel_flame *flame;
    size_t node_count;
    uint64_t moment;
    uint64_t event_count;
    bool is_live;
    struct stacks_kind kind;
};

struct stacks
{
    struct call_tree tree;
    struct call_rows rows;
    struct table table;
    struct area list; // where the table was drawn, in the page
    struct stack_card card;
    struct stacks_source source;
    struct model_of of;
    uint32_t followed;             // the selected stack that was last gone to
    bool is_refused;               // the last question: there is no tree to act upon
    bool has_opened;               // the user has opened or closed something: it stays
    bool is_touched;               // the user has moved since the kind changed: the selected row stays
    uint32_t linked;               // node in sight that the selected stack leads to; 0: none
    uint8_t shown[STACKS_COLUMNS]; // enum stacks_column, of the columns of the table
    int indent;                    // of the rows in sight, the least
    char searched[STATE_SEARCH_BYTES];
};

// Asks for the tree of the state. A question that was stopped, or failed, leaves what there was.
int stacks_refresh(struct page_view *view, struct reel_error *error);
// Makes the rows anew and selects a node, or the nearest above it that is in sight. False: no memory.
bool stacks_lay_out(struct stacks *own, uint32_t selected);
uint32_t stacks_selected(const struct stacks *own); // node; 0: there are no rows

unsigned stacks_take(struct page_view *view, enum action action);
// Expands or collapses; shows the stack of a node that calls nothing.
unsigned page_stacks_open(struct page_view *view, uint32_t node);

#endif
