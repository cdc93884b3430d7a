// SPDX-License-Identifier: MIT
// What the overview is made of: the identity with its figures, and the lists of stacks. Private to that page.
#ifndef HEAPREEL_VIEWER_OVERVIEW_H
#define HEAPREEL_VIEWER_OVERVIEW_H

#include "viewer/page.h"
#include "viewer/pages/overview/verdict.h"

#define OVERVIEW_TEXT_BYTES 1024
#define OVERVIEW_ROWS_MAX 32                                  // of a list
#define OVERVIEW_LINES_MAX 128                                // of all lists, as they stand on the screen
#define OVERVIEW_EVENTS_AT_ONCE (UINT64_C(1) << 20)           // more are read when the user asks for it
#define OVERVIEW_FOLLOW_NS (UINT64_C(4) * 1000 * 1000 * 1000) // of the run, between two dear questions while following

enum overview_list_number
{
    OVERVIEW_PINNED,
    OVERVIEW_LIVE,
    OVERVIEW_GROWTH,
    OVERVIEW_TEMPORARY,
    OVERVIEW_LISTS,
};

struct overview_row
{
    uint32_t stack;
    uint64_t bytes;
    uint64_t blocks;
};

struct overview_list
{
    struct overview_row rows[OVERVIEW_ROWS_MAX];
    size_t row_count;
    uint64_t total_bytes; // of all stacks; 0 = not known
    bool is_stale;        // of another moment
    const char *empty;    // why there are no rows: a constant
};

// A line of a list, and where it was drawn last, in the page's area.
struct overview_line
{
    int list;
    size_t row; // row_count: the line that says why there is none
    int x;
    int y;
    int width;
};

struct overview
{
    struct overview_list lists[OVERVIEW_LISTS];
    struct overview_line lines[OVERVIEW_LINES_MAX];
    size_t line_count;
    size_t selected; // line
    bool is_asked;   // lists that read many events are to be made, at that moment
    uint64_t asked_moment;
    // While a recording is followed, what costs a pass over all blocks or events is asked seldom.
    bool is_due;
    bool is_followed;
    uint32_t followed_process;
    uint64_t followed_ns; // when it was asked last
};

// Before each drawing: whether dear questions are due.
void overview_begin(struct page_view *view);
// Asks for a list; a failure is in its `empty`. One that is not due stays as it was.
void overview_take_list(struct page_view *view, enum overview_list_number number);
// Draws the lists, from a row of the page on, and notes their lines.
void overview_draw_lists(struct page_view *view, struct canvas *canvas, struct area page, int from_row, int rows);
enum reel_measure overview_measure(enum overview_list_number number);

// Of the state's process, or of the run.
const struct reel_figures *overview_figures(const struct page_view *view);

// The bar, its legend and where the figure comes from; as many rows as that takes, at most `rows`.
int overview_draw_identity(struct page_view *view, struct canvas *canvas, struct area area, int rows);
int overview_draw_figures(struct page_view *view, struct canvas *canvas, struct area area, int rows);
// Live and resident bytes over the whole run: two rows.
void overview_draw_run(struct page_view *view, struct canvas *canvas, struct area area);

// What is missing, as one text, "" for a whole reel without findings. True: figures may be wrong for it.
bool overview_warnings(struct page_view *view, char text[OVERVIEW_TEXT_BYTES]);
enum verdict_kind overview_verdict(struct page_view *view, bool is_lossy, char text[VERDICT_BYTES]);

// Text in lines that break at blanks, at most `rows`; gives how many it took.
int overview_draw_text(struct canvas *canvas, struct area area, int row, int rows, enum role role, const char *text);

#endif
