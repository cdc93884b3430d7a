// SPDX-License-Identifier: MIT
// A page: one file, one constant table. It draws into an area of a canvas and answers actions; it never touches the
// terminal. Handlers do not draw: they return what should happen.
#ifndef HEAPREEL_VIEWER_PAGE_H
#define HEAPREEL_VIEWER_PAGE_H

#include "viewer/keys.h"
#include "viewer/model/model.h"
#include "viewer/screen/canvas.h"
#include "viewer/state/state.h"

enum reaction
{
    REACTION_NONE = 0, // not for this page: others may take the action
    REACTION_TAKEN = 1,
    REACTION_DRAW = 2,
    REACTION_MOVE = 4, // state.moment is another
};

struct page_view
{
    struct model *model;
    struct state *state;
    void *own;        // the page's, of own_bytes; all zero at first
    const char *said; // set by handlers: a line for the footer, of static life
};

struct page_mouse
{
    int x; // in the page's area
    int y;
    int wheel; // -1 up, 1 down, 0 a click
    bool is_double;
};

struct page
{
    size_t own_bytes;
    // Draws the whole page for whatever size of area, down to one line. Asks the model for what it shows; an answer
    // that failed is shown as a line that says what to do.
    void (*draw)(struct page_view *view, struct canvas *canvas, struct area area);
    // enum reaction, or-ed. Movement in lists, opening, sorting, searching for state.search.
    unsigned (*take)(struct page_view *view, enum action action);
    unsigned (*point)(struct page_view *view, const struct page_mouse *mouse); // NULL: ignores the mouse
    void (*fini)(void *own);                                                   // NULL: nothing to free
    const char *explanation; // for the help: what the page shows and how to read it, a paragraph
};

extern const struct page page_overview;
extern const struct page page_classes;
extern const struct page page_map;
extern const struct page page_stacks;
extern const struct page page_sites;
extern const struct page page_lifetimes;
extern const struct page page_blocks;
extern const struct page page_findings;
extern const struct page page_processes;

extern const struct page *const page_list[PAGE_COUNT];

// The row of a list that a search for state.search goes to: on from the selected one, which ACTION_SEARCH begins with,
// and round the end. SIZE_MAX: none matches, or nothing is searched for.
size_t page_search(struct page_view *view, enum action action, size_t selected, size_t count,
                   bool (*matches)(struct page_view *view, size_t row));
// Draws a line (in the middle of an area that is larger) that says why there is nothing: status and error of an answer.
void page_draw_failure(struct canvas *canvas, struct area area, const struct reel_error *error);
// The same where the engine answered that there are no blocks: too early, a process that does not run, or none at all.
void page_draw_no_blocks(const struct page_view *view, struct canvas *canvas, struct area area);
// One of several processes is chosen: what is told of all of them together alone must say so.
bool page_is_of_one_process(const struct page_view *view);
// A stack in one line: its innermost frame, and behind it callers as far as there is room, for stacks that end in one
// function differ in them.
void page_draw_stack(const struct page_view *view, struct canvas *canvas, struct area line, enum role role,
                     uint32_t stack);
// "as at 12.480 s" in the corner, where an answer is not of the state's moment.
void page_draw_stale(struct canvas *canvas, struct area area, struct model *model, const struct model_of *of);

#endif
