// SPDX-License-Identifier: MIT
// Who gets a key: the prompt, the help, the actions that hold everywhere, time, the page. And who is drawn where.
#include "viewer/desk.h"

#include "text/format.h"
#include "viewer/time/timeline.h"

#include <stdio.h>
#include <stdlib.h>

static struct page_view *current(struct desk *desk)
{
    return &desk->views[desk->state.page];
}

bool desk_init(struct desk *desk, struct model *model)
{
    *desk = (struct desk){.model = model};
    state_init(&desk->state);
    transport_init(&desk->transport);
    if (!model_is_live(model))
        transport_fit(&desk->transport, model_end_ns(model));
    for (int i = 0; i < PAGE_COUNT; i++)
    {
        desk->views[i] = (struct page_view){.model = model, .state = &desk->state};
        desk->views[i].own = calloc(1, page_list[i]->own_bytes + 1);
        if (desk->views[i].own == NULL)
        {
            desk_fini(desk);
            return false;
        }
    }
    return true;
}

void desk_fini(struct desk *desk)
{
    for (int i = 0; i < PAGE_COUNT; i++)
    {
        if (desk->views[i].own != NULL && page_list[i]->fini != NULL)
            page_list[i]->fini(desk->views[i].own);
        free(desk->views[i].own);
        desk->views[i].own = NULL;
    }
}

// ---- actions that hold everywhere

static unsigned open_page(struct desk *desk, int page)
{
    desk->state.page = (enum page_number)((page + PAGE_COUNT) % PAGE_COUNT);
    return REACTION_TAKEN | REACTION_DRAW;
}

// Closes or clears one thing, the most fleeting first.
static unsigned go_back(struct desk *desk)
{
    struct state *state = &desk->state;
    unsigned taken = page_list[state->page]->take(current(desk), ACTION_BACK);
    if (taken != REACTION_NONE)
        return taken;
    if (state->search[0] != '\0')
        state->search[0] = '\0';
    else if (!filter_is_empty(&state->filter))
        state->filter = (struct filter){0};
    else
        state->selection = (struct selection){0};
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned say_address(struct desk *desk)
{
    char text[STATE_TEXT_BYTES];
    state_print(&desk->state, text);
    snprintf(desk->note, sizeof desk->note, "heapreel view %s --state '%s'", model_path(desk->model), text);
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned choose_measure(struct desk *desk)
{
    int next = (int)desk->state.measure + 1;
    desk->state.measure = next < REEL_MEASURE_COUNT ? (enum reel_measure)next : REEL_MEASURE_LIVE;
    return REACTION_TAKEN | REACTION_DRAW;
}

// The difference is of stacks: another page gives way to them.
static unsigned compare(struct desk *desk)
{
    struct state *state = &desk->state;
    bool is_on = state->mode == MODE_DIFFERENCE;
    if (!is_on && state->mark_a == STATE_NO_EVENT && state->mark_b == STATE_NO_EVENT)
    {
        snprintf(desk->note, sizeof desk->note, "a difference needs two moments: set one with a, go on, and press d");
        return REACTION_TAKEN | REACTION_DRAW;
    }
    state->mode = is_on ? MODE_MOMENT : MODE_DIFFERENCE;
    if (!is_on && state->page != PAGE_SITES)
        state->page = PAGE_STACKS;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned search(struct desk *desk, enum action action)
{
    if (desk->state.search[0] == '\0')
    {
        snprintf(desk->note, sizeof desk->note, "nothing is searched for yet: / begins");
        return REACTION_TAKEN | REACTION_DRAW;
    }
    unsigned taken = page_list[desk->state.page]->take(current(desk), action);
    if (taken != REACTION_NONE)
        return taken;
    snprintf(desk->note, sizeof desk->note, "no names to search here: pages 1 4 5 7 8 9 list some");
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take_everywhere(struct desk *desk, enum action action)
{
    if (action >= ACTION_PAGE_OVERVIEW && action <= ACTION_PAGE_PROCESSES)
        return open_page(desk, (int)(action - ACTION_PAGE_OVERVIEW));
    switch (action)
    {
    case ACTION_HELP:
        desk->help.is_open = true;
        return REACTION_TAKEN | REACTION_DRAW;
    case ACTION_QUIT:
        desk->is_ended = true;
        return REACTION_TAKEN;
    case ACTION_BACK:
        return go_back(desk);
    case ACTION_PAGE_NEXT:
        return open_page(desk, (int)desk->state.page + 1);
    case ACTION_PAGE_PREVIOUS:
        return open_page(desk, (int)desk->state.page - 1);
    case ACTION_MAXIMISE:
        desk->is_maximised = !desk->is_maximised;
        return REACTION_TAKEN | REACTION_DRAW;
    case ACTION_GOTO:
        prompt_open(&desk->prompt, PROMPT_GOTO, current(desk));
        return REACTION_TAKEN | REACTION_DRAW;
    case ACTION_SEARCH:
        prompt_open(&desk->prompt, PROMPT_SEARCH, current(desk));
        return REACTION_TAKEN | REACTION_DRAW;
    case ACTION_FILTER:
        prompt_open(&desk->prompt, PROMPT_FILTER, current(desk));
        return REACTION_TAKEN | REACTION_DRAW;
    case ACTION_MEASURE:
        return choose_measure(desk);
    case ACTION_WEB:
        return say_address(desk);
    case ACTION_SEARCH_NEXT:
    case ACTION_SEARCH_PREVIOUS:
        return search(desk, action);
    case ACTION_DIFFERENCE:
        return compare(desk);
    case ACTION_REDRAW:
    case ACTION_RESIZE:
        return REACTION_TAKEN | REACTION_DRAW;
    default:
        return REACTION_NONE;
    }
}

static unsigned act(struct desk *desk, enum action action, uint64_t clock_ns)
{
    int first;
    unsigned taken = take_everywhere(desk, action);
    if (taken == REACTION_NONE)
        taken = transport_take(&desk->transport, current(desk), action, timeline_columns(desk->layout.timeline, &first),
                               clock_ns);
    if (taken == REACTION_NONE)
        taken = page_list[desk->state.page]->take(current(desk), action);
    return taken;
}

// ---- keys and mouse

static unsigned type(struct desk *desk, uint32_t key)
{
    enum prompt_kind kind = desk->prompt.kind;
    unsigned taken = prompt_key(&desk->prompt, current(desk), key);
    // With each character from where the page stands: what is found still is not left.
    if (kind == PROMPT_SEARCH && (taken & REACTION_DRAW) && desk->state.search[0] != '\0')
        taken |= search(desk, ACTION_SEARCH);
    return taken | REACTION_DRAW;
}

static void take_said(struct desk *desk)
{
    struct page_view *view = current(desk);
    if (view->said != NULL)
        snprintf(desk->note, sizeof desk->note, "%s", view->said);
    view->said = NULL;
}

unsigned desk_key(struct desk *desk, uint32_t key, uint64_t clock_ns)
{
    unsigned taken;
    enum action action = key == KEY_CODE_RESIZE ? ACTION_RESIZE : keys_action(key);
    bool had_note = desk->note[0] != '\0';
    desk->note[0] = '\0';
    if (key == KEY_CODE_RESIZE)
        return REACTION_TAKEN | REACTION_DRAW;
    if (desk->prompt.kind != PROMPT_NONE)
        taken = type(desk, key);
    else if (desk->help.is_open)
        taken = help_take(&desk->help, action);
    else
        taken = act(desk, action, clock_ns);
    take_said(desk);
    return taken | (had_note ? REACTION_DRAW : 0);
}

static unsigned point_at_time(struct desk *desk, int x)
{
    struct reel_error error = {0};
    uint64_t moment;
    if (timeline_moment_of(current(desk), desk->layout.timeline, x - desk->layout.timeline.x, &moment, &error) !=
        REEL_OK)
        return REACTION_NONE;
    desk->state.moment = moment;
    desk->state.is_following = false;
    desk->transport.is_playing = false;
    return REACTION_TAKEN | REACTION_DRAW | REACTION_MOVE;
}

unsigned desk_mouse(struct desk *desk, const struct terminal_mouse *mouse, uint64_t clock_ns)
{
    const struct layout *layout = &desk->layout;
    bool is_click = mouse->wheel == 0 && mouse->is_pressed;
    if (desk->help.is_open)
        return help_take(&desk->help, mouse->wheel < 0 ? ACTION_UP : mouse->wheel > 0 ? ACTION_DOWN : ACTION_BACK);
    if (area_has(layout->timeline, mouse->x, mouse->y))
    {
        if (mouse->wheel != 0)
            return act(desk, mouse->wheel < 0 ? ACTION_ZOOM : ACTION_UNZOOM, clock_ns);
        return is_click || mouse->is_dragged ? point_at_time(desk, mouse->x) : REACTION_NONE;
    }
    if (mouse->is_dragged)
        return REACTION_NONE;
    if (is_click && area_has(layout->tabs, mouse->x, mouse->y))
    {
        enum page_number page = frame_tab_at(layout->tabs, desk->state.page, mouse->x - layout->tabs.x);
        return page < PAGE_COUNT ? open_page(desk, (int)page) : REACTION_NONE;
    }
    if (is_click && desk->prompt.kind == PROMPT_NONE && area_has(layout->footer, mouse->x, mouse->y))
        return act(desk, frame_key_at(layout->footer, desk->state.page, mouse->x - layout->footer.x), clock_ns);
    if (!area_has(layout->page, mouse->x, mouse->y) || page_list[desk->state.page]->point == NULL)
        return REACTION_NONE;
    const struct page_mouse at = {.x = mouse->x - layout->page.x,
                                  .y = mouse->y - layout->page.y,
                                  .wheel = mouse->wheel,
                                  .is_double = mouse->is_double};
    return page_list[desk->state.page]->point(current(desk), &at);
}

unsigned desk_tick(struct desk *desk, uint64_t clock_ns)
{
    return transport_advance(&desk->transport, current(desk), clock_ns);
}

unsigned desk_refresh(struct desk *desk)
{
    struct reel_error error = {0};
    bool was_live = model_is_live(desk->model);
    bool is_more = false;
    if (model_refresh(desk->model, &is_more, &error) != REEL_OK)
    {
        format_text(desk->note, sizeof desk->note, error.text);
        return REACTION_DRAW;
    }
    if (was_live && !model_is_live(desk->model))
        snprintf(desk->note, sizeof desk->note, "%s",
                 model_summary(desk->model)->is_complete ? "the program has ended, and the recording is complete"
                                                         : "the recording was cut off: this is all that was saved");
    bool is_followed = desk->state.is_following;
    desk->state.is_following = is_followed && model_is_live(desk->model);
    if (!is_more)
        return was_live != model_is_live(desk->model) ? REACTION_DRAW : REACTION_NONE;
    if (!is_followed)
        return REACTION_DRAW;
    desk->state.moment = model_newest(desk->model);
    desk->state.is_following = model_is_live(desk->model);
    return REACTION_DRAW | REACTION_MOVE;
}

// ---- drawing

void desk_move(struct desk *desk)
{
    desk->seek_error = (struct reel_error){0};
    int status = model_seek(desk->model, &desk->state, &desk->seek_error);
    if (status == REEL_OK)
        return;
    desk->seek_error.status = status;
    // Where it stands is as good a moment as any other to be stopped at.
    if (status == REEL_E_CANCELLED)
        desk->state.moment = reel_replay_events(model_replay(desk->model));
}

static void draw_footer(struct desk *desk, struct canvas *canvas)
{
    struct area area = desk->layout.footer;
    char text[sizeof desk->seek_error.text];
    if (area.height <= 0)
        return;
    if (desk->prompt.kind != PROMPT_NONE)
        prompt_draw(&desk->prompt, canvas, area);
    else if (desk->help.is_open)
        canvas_text(canvas, area, 0, 0, ROLE_LABEL, "Esc closes the help; arrows, PgUp and PgDn move it");
    else if (desk->note[0] != '\0')
        canvas_text(canvas, area, 0, 0, ROLE_WARNING, desk->note);
    else if (desk->seek_error.status != REEL_OK && desk->seek_error.status != REEL_E_CANCELLED)
        canvas_text(canvas, area, 0, 0, ROLE_WARNING, format_text(text, sizeof text, desk->seek_error.text));
    else
        frame_draw_keys(canvas, area, desk->state.page);
}

void desk_draw(struct desk *desk, struct canvas *canvas)
{
    struct page_view *view = current(desk);
    desk->layout = layout_of(canvas->width, canvas->height, desk->is_maximised);
    desk_move(desk);
    canvas_clear(canvas, canvas_area(canvas));
    frame_draw_header(view, &desk->transport, canvas, desk->layout.header);
    if (desk->layout.timeline.height > 0)
        timeline_draw(view, canvas, desk->layout.timeline);
    frame_draw_tabs(view, canvas, desk->layout.tabs);
    if (desk->help.is_open)
        help_draw(&desk->help, desk->state.page, canvas, desk->layout.page);
    else if (desk->layout.page.height > 0)
        page_list[desk->state.page]->draw(view, canvas, desk->layout.page);
    draw_footer(desk, canvas);
}

void desk_draw_progress(const struct desk *desk, struct canvas *canvas, const char *what, double fraction)
{
    struct area area = desk->layout.footer;
    if (area.height <= 0)
        return;
    canvas_clear(canvas, area);
    int x = canvas_print(canvas, area, 0, 0, ROLE_TITLE, "%s %d %% ", what, (int)(fraction * 100));
    int width = area.width - x - 20;
    if (width > 8)
        canvas_bar(canvas, area, x, 0, width < 40 ? width : 40, (uint64_t)(fraction * 1000), 1000, ROLE_TITLE);
    canvas_text_right(canvas, area, area.width, 0, ROLE_LABEL, "Esc stops it");
}
