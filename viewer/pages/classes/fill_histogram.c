// SPDX-License-Identifier: MIT
// Draws the pages of a heap by fill.
#include "viewer/pages/classes/fill_histogram.h"

#include "text/format.h"

#define LABEL_COLUMNS 12
#define COUNT_COLUMNS 9
#define SHARE_COLUMNS 8
#define BAR_COLUMNS_MOST 60
#define DARKEST 4 // step of the ramp: those before it are black on a terminal with eight colours

static uint64_t greatest_of(const struct reel_heap_state *heap)
{
    uint64_t greatest = 0;
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
        greatest = heap->pages_by_fill[i] > greatest ? heap->pages_by_fill[i] : greatest;
    return greatest;
}

static void draw_rows(struct canvas *canvas, struct area area, const struct reel_heap_state *heap)
{
    char text[FORMAT_BYTES];
    uint64_t greatest = greatest_of(heap);
    int bar = LABEL_COLUMNS + COUNT_COLUMNS + SHARE_COLUMNS + 1;
    canvas_print(canvas, area, 0, 0, ROLE_LABEL, "PAGES BY FILL, %s occupied",
                 format_count(text, heap->occupied_pages));
    for (unsigned i = 0; i < REEL_FILL_STEPS; i++)
    {
        int row = 1 + (int)i;
        uint64_t pages = heap->pages_by_fill[i];
        enum role role = pages != 0 ? ROLE_TEXT : ROLE_DIM;
        canvas_print(canvas, area, 0, row, role, "%3u - %3u %%", i * 10, (i + 1) * 10);
        canvas_text_right(canvas, area, LABEL_COLUMNS + COUNT_COLUMNS, row, role, format_count(text, pages));
        canvas_text_right(canvas, area, bar - 1, row, role, format_share(text, pages, heap->occupied_pages));
        int width = area.width - bar < BAR_COLUMNS_MOST ? area.width - bar : BAR_COLUMNS_MOST;
        if (width > 0)
            canvas_bar(canvas, area, bar, row, width, pages, greatest, fill_role(i, REEL_FILL_STEPS - 1));
    }
}

static void draw_line(struct canvas *canvas, struct area area, const struct reel_heap_state *heap)
{
    char pages[FORMAT_BYTES];
    int x = canvas_text(canvas, area, 0, 0, ROLE_LABEL, "pages by fill ");
    x = canvas_text(canvas, area, x, 0, ROLE_DIM, "0 % ");
    canvas_sparkline(canvas, area, x, 0, heap->pages_by_fill, REEL_FILL_STEPS, greatest_of(heap), ROLE_REQUESTED);
    x = canvas_text(canvas, area, x + REEL_FILL_STEPS, 0, ROLE_DIM, " 100 %");
    canvas_print(canvas, area, x, 0, ROLE_TEXT, "  %s up to a tenth, %s almost full",
                 format_count(pages, heap->pages_by_fill[0]),
                 format_count((char[FORMAT_BYTES]){0}, heap->pages_by_fill[REEL_FILL_STEPS - 1]));
}

void fill_histogram_draw(struct canvas *canvas, struct area area, const struct reel_heap_state *heap)
{
    if (area.height >= FILL_HISTOGRAM_ROWS)
        draw_rows(canvas, area, heap);
    else
        draw_line(canvas, area, heap);
}

enum role fill_role(uint64_t part, uint64_t whole)
{
    enum role role = canvas_ramp(part, whole);
    return (enum role)(ROLE_RAMP + DARKEST + (role - ROLE_RAMP) * (ROLE_STEPS - 1 - DARKEST) / (ROLE_STEPS - 1));
}
