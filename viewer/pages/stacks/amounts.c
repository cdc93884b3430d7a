// SPDX-License-Identifier: MIT
// Words and signs of what is measured by stack. Measures nothing.
#include "viewer/pages/stacks/amounts.h"

#include <stdio.h>

#define TITLE_BYTES 128

// ---- what it is of

// "A 1.000 s", or what stands for a mark that is not set.
static void name_moment(char text[FORMAT_BYTES], struct page_view *view, const char *mark, uint64_t events,
                        const char *otherwise)
{
    char time[FORMAT_BYTES];
    struct reel_error error = {0};
    uint64_t t_ns = 0;
    bool is_set = events != STATE_NO_EVENT;
    if (!is_set && otherwise != NULL)
        snprintf(text, FORMAT_BYTES, "%s", otherwise);
    else if (model_time_of(view->model, is_set ? events : view->state->moment, &t_ns, &error) == REEL_OK)
        snprintf(text, FORMAT_BYTES, "%s%s%.20s", is_set ? mark : "", is_set ? " " : "", format_time(time, t_ns));
    else
        snprintf(text, FORMAT_BYTES, "%s", is_set ? mark : "here");
}

// Of all that came before; the others are of the moment itself.
static bool is_sum(enum reel_measure measure)
{
    return measure == REEL_MEASURE_PEAK || measure == REEL_MEASURE_ALLOCATED || measure == REEL_MEASURE_TEMPORARY ||
           measure == REEL_MEASURE_LEAKED;
}

// "pinned at 12.480 s", "difference of live from A 1.000 s to B 2.000 s", "freed from the beginning to 12.480 s"
static void print_title(char text[TITLE_BYTES], struct page_view *view)
{
    const struct state *state = view->state;
    char from[FORMAT_BYTES];
    char to[FORMAT_BYTES];
    name_moment(to, view, "B", state->mode == MODE_MOMENT ? STATE_NO_EVENT : state->mark_b, NULL);
    name_moment(from, view, "A", state->mark_a, state->mode == MODE_DIFFERENCE ? NULL : "the beginning");
    switch (state->mode)
    {
    case MODE_MOMENT:
        snprintf(text, TITLE_BYTES, "%s %s %s", reel_measure_name(state->measure),
                 is_sum(state->measure) ? "until" : "at", to);
        return;
    case MODE_DIFFERENCE:
        snprintf(text, TITLE_BYTES, "difference of %s from %s to %s", reel_measure_name(state->measure), from, to);
        return;
    case MODE_ALLOCATED:
    case MODE_FREED:
    case MODE_ALIVE:
    case MODE_UNFREED:
        snprintf(text, TITLE_BYTES, "%s from %s to %s", state_mode_name(state->mode), from, to);
        return;
    }
    text[0] = '\0';
}

// ---- amounts

uint64_t amounts_greatness(int64_t amount)
{
    return amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
}

static const char *sign_of(const struct state *state, int64_t amount)
{
    if (amount < 0)
        return "-";
    return state->mode == MODE_DIFFERENCE && amount > 0 ? "+" : "";
}

char *amounts_bytes(char text[AMOUNTS_SIGNED_BYTES], const struct state *state, int64_t bytes)
{
    char number[FORMAT_BYTES];
    snprintf(text, AMOUNTS_SIGNED_BYTES, "%s%s", sign_of(state, bytes), format_bytes(number, amounts_greatness(bytes)));
    return text;
}

char *amounts_blocks(char text[AMOUNTS_SIGNED_BYTES], const struct state *state, int64_t blocks)
{
    char number[FORMAT_BYTES];
    snprintf(text, AMOUNTS_SIGNED_BYTES, "%s%s", sign_of(state, blocks),
             format_count(number, amounts_greatness(blocks)));
    return text;
}

enum role amounts_role(const struct state *state, int64_t bytes)
{
    if (state->mode == MODE_DIFFERENCE)
        return bytes < 0 ? ROLE_LESS : ROLE_MORE;
    return state->mode == MODE_MOMENT && state->measure == REEL_MEASURE_PINNED     ? ROLE_PINNED
           : state->mode == MODE_MOMENT && state->measure == REEL_MEASURE_ROUNDING ? ROLE_ROUNDING
                                                                                   : ROLE_REQUESTED;
}

// ---- rows

// Where there is little room the total comes first.
void amounts_draw_title(struct page_view *view, struct canvas *canvas, struct area area,
                        const struct reel_measured *total, const struct model_of *of)
{
    char title[TITLE_BYTES];
    char bytes[AMOUNTS_SIGNED_BYTES];
    char blocks[AMOUNTS_SIGNED_BYTES];
    char amount[2 * AMOUNTS_SIGNED_BYTES + 16];
    print_title(title, view);
    snprintf(amount, sizeof amount, "%s in %s block%s", amounts_bytes(bytes, view->state, total->bytes),
             amounts_blocks(blocks, view->state, total->blocks), amounts_greatness(total->blocks) == 1 ? "" : "s");
    int x = canvas_text(canvas, area, 0, 0, ROLE_TITLE, amount);
    canvas_style(canvas, area, 0, 0, x, CELL_BOLD);
    canvas_text(canvas, area, x + 2, 0, ROLE_LABEL, title);
    page_draw_stale(canvas, area, view->model, of);
}

void amounts_draw_first(struct page_view *view, struct canvas *canvas, struct area area,
                        const struct reel_measured *first, uint64_t whole)
{
    char bytes[AMOUNTS_SIGNED_BYTES];
    char share[FORMAT_BYTES];
    const char *name = model_stack_name(view->model, first->stack);
    int x = canvas_text(canvas, area, 0, 0, ROLE_LABEL, "most by ");
    x = canvas_text(canvas, area, x, 0, ROLE_TITLE, name);
    canvas_print(canvas, area, x, 0, ROLE_LABEL, ": %s, %s", amounts_bytes(bytes, view->state, first->bytes),
                 format_share(share, amounts_greatness(first->bytes), whole));
}

static const char *why_nothing(const struct state *state)
{
    if (state->mode == MODE_DIFFERENCE)
        return "nothing differs: set marks with a and b further apart, or press d to leave the difference";
    if (state->mode != MODE_MOMENT)
        return "nothing in this range: set marks with a and b, or press V for another view";
    switch (state->measure)
    {
    case REEL_MEASURE_LEAKED:
        return "nothing is leaked here: blocks leak when their process ends; press $ for the end, M for another "
               "measure";
    case REEL_MEASURE_TEMPORARY:
        return "no temporary blocks until here; press $ for the end, or M for another measure";
    case REEL_MEASURE_ROUNDING:
        return "nothing is lost by rounding here; press M for another measure";
    case REEL_MEASURE_PINNED:
        return "nothing is pinned here; press W for the moment of most waste, or M for another measure";
    case REEL_MEASURE_LIVE:
    case REEL_MEASURE_PEAK:
    case REEL_MEASURE_ALLOCATED:
    case REEL_MEASURE_COUNT:
        break;
    }
    return "no blocks yet at this moment; press P for the peak";
}

void amounts_draw_nothing(const struct state *state, struct canvas *canvas, struct area area)
{
    canvas_text(canvas, area, 0, area.height > 3 ? 1 : 0, ROLE_LABEL, why_nothing(state));
}

unsigned amounts_take(struct page_view *view, enum action action)
{
    struct state *state = view->state;
    if (action != ACTION_VIEW)
        return REACTION_NONE;
    state->mode = state->mode == MODE_UNFREED ? MODE_MOMENT : (enum state_mode)(state->mode + 1);
    return REACTION_TAKEN | REACTION_DRAW;
}
