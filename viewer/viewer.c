// SPDX-License-Identifier: MIT
// The viewer's life: opens the reel and the terminal, waits for keys, draws when something has changed, and at most 30
// times a second. Or prints one page as text.
#include "viewer/viewer.h"

#include "reel/error.h"
#include "viewer/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    FRAME_MS = 33,
    REFRESH_MS = 250, // the recorder commits as often
    IDLE_MS = 1000,   // after which samples, names and the time are seen though no event has come
    REST_MS = 150,    // after which what was left out while moving is drawn
    PATIENCE_MS = 200,
    KEYS_MAX = 1024,
    WAITING_MAX = 64,
};

#define MS_NS UINT64_C(1000000)

const struct page *const page_list[PAGE_COUNT] = {
    [PAGE_OVERVIEW] = &page_overview, [PAGE_CLASSES] = &page_classes,   [PAGE_MAP] = &page_map,
    [PAGE_STACKS] = &page_stacks,     [PAGE_SITES] = &page_sites,       [PAGE_LIFETIMES] = &page_lifetimes,
    [PAGE_BLOCKS] = &page_blocks,     [PAGE_FINDINGS] = &page_findings, [PAGE_PROCESSES] = &page_processes,
};

struct viewer
{
    const struct viewer_options *options;
    struct model *model;
    struct desk desk;
    struct canvas canvas;
    uint32_t waiting[WAITING_MAX]; // keys typed while the engine worked
    size_t waiting_count;
    bool is_interrupted;    // an answer gave way to the first of them, and is wanted after it
    uint64_t work_began_ns; // of the answer or seek under way
    bool is_seeking;
    bool is_on_terminal;
    uint64_t moved_ns;     // when the moment moved last
    uint64_t looked_ns;    // at the recording, whether it has grown
    uint64_t refreshed_ns; // when all that has come was taken in
    uint64_t drawn_ns;
    bool is_moving;
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory to show the reel: make the terminal smaller");
}

static uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 * MS_NS + (uint64_t)now.tv_nsec;
}

// ---- while the engine works

// A key ends an answer, which is asked again when the key is done with; a seek is ended by Esc alone, or holding a key
// down would never get anywhere.
static bool is_stopping(const struct viewer *viewer, uint32_t key)
{
    enum action action = keys_action(key);
    return action == ACTION_BACK || action == ACTION_QUIT || key == KEY_CODE_LOST || !viewer->is_seeking;
}

static bool watch(void *context, const char *what, double fraction)
{
    struct viewer *viewer = context;
    uint64_t now = clock_now();
    if (!viewer->is_on_terminal)
        return false;
    uint32_t key = viewer->waiting_count < WAITING_MAX ? terminal_key(0) : KEY_CODE_NONE;
    bool is_stopped = key != KEY_CODE_NONE && is_stopping(viewer, key);
    if (key != KEY_CODE_NONE && !(is_stopped && keys_action(key) == ACTION_BACK))
    {
        viewer->waiting[viewer->waiting_count++] = key;
        viewer->is_interrupted |= is_stopped;
    }
    if (viewer->work_began_ns == 0)
        viewer->work_began_ns = now;
    if (now - viewer->work_began_ns > PATIENCE_MS * MS_NS)
    {
        desk_draw_progress(&viewer->desk, &viewer->canvas, what, fraction);
        terminal_show(&viewer->canvas, false);
    }
    return is_stopped;
}

static uint32_t next_key(struct viewer *viewer, int timeout_ms)
{
    if (viewer->waiting_count == 0)
        return terminal_key(timeout_ms);
    uint32_t key = viewer->waiting[0];
    viewer->waiting_count--;
    memmove(viewer->waiting, viewer->waiting + 1, viewer->waiting_count * sizeof *viewer->waiting);
    return key;
}

// ---- on the terminal

static bool fit(struct viewer *viewer)
{
    int width;
    int height;
    terminal_size(&width, &height);
    if (viewer->canvas.cells != NULL && width == viewer->canvas.width && height == viewer->canvas.height)
        return true;
    canvas_fini(&viewer->canvas);
    return canvas_init(&viewer->canvas, width, height, terminal_glyphs(), terminal_colours());
}

static bool show(struct viewer *viewer, bool is_anew)
{
    if (!fit(viewer))
        return false;
    model_set_moving(viewer->model, viewer->is_moving);
    viewer->work_began_ns = 0;
    viewer->is_seeking = true;
    desk_move(&viewer->desk);
    viewer->is_seeking = false;
    viewer->work_began_ns = 0;
    desk_draw(&viewer->desk, &viewer->canvas);
    terminal_show(&viewer->canvas, is_anew);
    viewer->drawn_ns = clock_now();
    return true;
}

// How long to wait for a key: until the next frame, the next look at the recording, or the end of a movement.
static int patience(const struct viewer *viewer, uint64_t now, bool is_due)
{
    uint64_t wait = UINT64_MAX;
    uint64_t frame = viewer->drawn_ns + FRAME_MS * MS_NS;
    if (is_due || viewer->desk.transport.is_playing)
        wait = frame > now ? frame - now : 0;
    if (model_is_live(viewer->model))
    {
        uint64_t look = viewer->looked_ns + REFRESH_MS * MS_NS;
        uint64_t until = look > now ? look - now : 0;
        wait = until < wait ? until : wait;
    }
    if (viewer->is_moving)
    {
        uint64_t rest = viewer->moved_ns + REST_MS * MS_NS;
        uint64_t until = rest > now ? rest - now : 0;
        wait = until < wait ? until : wait;
    }
    return wait == UINT64_MAX ? -1 : (int)((wait + MS_NS - 1) / MS_NS);
}

// A step by itself is drawn whole; steps that follow each other are a movement, and so is playing.
static void note_move(struct viewer *viewer, uint64_t now)
{
    viewer->is_moving = now - viewer->moved_ns < REST_MS * MS_NS;
    viewer->moved_ns = now;
}

// Who follows has not seen all as long as the moment is not the newest.
static bool is_refresh_due(const struct viewer *viewer, uint64_t now)
{
    const struct state *state = &viewer->desk.state;
    return now - viewer->refreshed_ns >= IDLE_MS * MS_NS || model_has_grown(viewer->model) ||
           (state->is_following && state->moment < model_event_count(viewer->model));
}

static unsigned look(struct viewer *viewer, uint64_t now)
{
    unsigned taken = REACTION_NONE;
    if (!model_is_live(viewer->model) || now - viewer->looked_ns < REFRESH_MS * MS_NS)
        return taken;
    if (is_refresh_due(viewer, now))
    {
        taken = desk_refresh(&viewer->desk);
        viewer->refreshed_ns = clock_now();
    }
    viewer->looked_ns = clock_now();
    return taken;
}

static unsigned pass_time(struct viewer *viewer, uint64_t now)
{
    unsigned taken = desk_tick(&viewer->desk, now) | look(viewer, now);
    if (taken & REACTION_MOVE)
        note_move(viewer, now);
    else if (viewer->is_moving && now - viewer->moved_ns >= REST_MS * MS_NS)
    {
        viewer->is_moving = false;
        taken |= REACTION_DRAW;
    }
    return taken;
}

static unsigned take_key(struct viewer *viewer, uint32_t key, uint64_t now)
{
    unsigned taken;
    bool is_asked_again = viewer->is_interrupted || keys_action(key) == ACTION_OPEN;
    if (is_asked_again)
        model_ask_again(viewer->model);
    viewer->is_interrupted = false;
    if (key == KEY_CODE_MOUSE)
    {
        struct terminal_mouse mouse = terminal_mouse();
        taken = desk_mouse(&viewer->desk, &mouse, now);
    }
    else
        taken = desk_key(&viewer->desk, key, now);
    if (taken & REACTION_MOVE)
        note_move(viewer, now);
    return taken | (is_asked_again ? REACTION_DRAW : 0);
}

static int run_on_terminal(struct viewer *viewer, struct reel_error *error)
{
    unsigned due = REACTION_DRAW;
    bool is_anew = false;
    bool has_memory = true;
    viewer->is_on_terminal = true;
    while (!viewer->desk.is_ended && has_memory)
    {
        uint64_t now = clock_now();
        due |= pass_time(viewer, now);
        if ((due & REACTION_DRAW) && viewer->waiting_count == 0 && now - viewer->drawn_ns >= FRAME_MS * MS_NS)
        {
            has_memory = show(viewer, is_anew);
            due = 0;
            is_anew = false;
        }
        uint32_t key = next_key(viewer, patience(viewer, clock_now(), due & REACTION_DRAW));
        if (key == KEY_CODE_LOST)
            break;
        if (key == KEY_CODE_NONE)
            continue;
        due |= take_key(viewer, key, clock_now());
        is_anew |= key == KEY_CODE_RESIZE || keys_action(key) == ACTION_REDRAW;
    }
    viewer->is_on_terminal = false;
    return has_memory ? REEL_OK : fail_memory(error);
}

// ---- as text

static int dump(struct viewer *viewer, struct reel_error *error)
{
    const struct viewer_options *options = viewer->options;
    const struct glyphs *glyphs = options->is_ascii ? &glyphs_ascii : &glyphs_utf8;
    char *text = NULL;
    if (canvas_init(&viewer->canvas, options->dump_width, options->dump_height, glyphs, CANVAS_MONOCHROME))
    {
        desk_draw(&viewer->desk, &viewer->canvas);
        text = canvas_to_text(&viewer->canvas);
    }
    if (text == NULL)
        return fail_memory(error);
    fputs(text, stdout);
    free(text);
    return REEL_OK;
}

// ---- beginning and end

// A state may have been written over another reel, which had more processes.
static int read_state(struct viewer *viewer, struct reel_error *error)
{
    struct state *state = &viewer->desk.state;
    size_t count = model_summary(viewer->model)->process_count;
    int status = state_parse(state, model_reader(viewer->model), viewer->options->state, error);
    if (status == REEL_OK && state->process > count)
        status = reel_error_set(error, REEL_E_ARGUMENT,
                                "state: process=%u: write the number of a process, up to %zu in this reel, 0 for all",
                                state->process, count);
    return status;
}

static int set_state(struct viewer *viewer, struct reel_error *error)
{
    const struct viewer_options *options = viewer->options;
    struct state *state = &viewer->desk.state;
    state->is_following = options->is_following || (model_is_live(viewer->model) && options->state == NULL);
    state->moment = state->is_following ? model_event_count(viewer->model) : model_peak(viewer->model);
    int status = options->state != NULL ? read_state(viewer, error) : REEL_OK;
    if (status != REEL_OK || options->dump == NULL || page_parse(options->dump, &state->page))
        return status;
    int length = 0;
    for (int page = 0; page < PAGE_COUNT; page++)
        length +=
            snprintf(error->text + length, sizeof error->text - (size_t)length, "%s%s",
                     page == 0 ? "there is no such page; the pages are " : ", ", page_name((enum page_number)page));
    return error->status = REEL_E_ARGUMENT;
}

// The keys see the screen as a user does: drawn before the first, and after each.
static int type_keys(struct viewer *viewer, struct reel_error *error)
{
    const struct viewer_options *options = viewer->options;
    static uint32_t keys[KEYS_MAX];
    struct canvas canvas;
    size_t count = options->keys != NULL ? keys_type(options->keys, keys, KEYS_MAX) : 0;
    if (count == SIZE_MAX)
        return reel_error_set(error, REEL_E_ARGUMENT, "--keys names a key that there is not; write P4<Enter>");
    if (count == 0)
        return REEL_OK;
    int width = options->dump != NULL ? options->dump_width : 80;
    int height = options->dump != NULL ? options->dump_height : 24;
    if (!canvas_init(&canvas, width, height, &glyphs_ascii, CANVAS_MONOCHROME))
        return fail_memory(error);
    for (size_t i = 0; i < count && !viewer->desk.is_ended; i++)
    {
        desk_draw(&viewer->desk, &canvas);
        desk_key(&viewer->desk, keys[i], i * FRAME_MS * MS_NS);
    }
    canvas_fini(&canvas);
    return REEL_OK;
}

static int run(struct viewer *viewer, struct reel_error *error)
{
    const struct viewer_options *options = viewer->options;
    int status = set_state(viewer, error);
    if (status == REEL_OK)
        status = type_keys(viewer, error);
    if (status != REEL_OK)
        return status;
    if (options->dump != NULL)
        return dump(viewer, error);
    status = terminal_open(options->is_ascii, options->is_monochrome, options->has_no_mouse, error);
    if (status != REEL_OK)
        return status;
    status = run_on_terminal(viewer, error);
    terminal_close();
    return status;
}

int viewer_run(const struct viewer_options *options, struct reel_error *error)
{
    struct viewer viewer = {.options = options};
    int status = model_open(&viewer.model, options->path, error);
    if (status != REEL_OK)
        return status;
    model_watch(viewer.model, (struct model_watcher){.tick = watch, .context = &viewer});
    if (desk_init(&viewer.desk, viewer.model))
    {
        status = run(&viewer, error);
        desk_fini(&viewer.desk);
    }
    else
        status = fail_memory(error);
    canvas_fini(&viewer.canvas);
    model_close(viewer.model);
    return status;
}
