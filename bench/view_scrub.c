// SPDX-License-Identifier: MIT
// What a frame of the terminal viewer costs while somebody scrubs: view_scrub [--json] [--size WIDTHxHEIGHT] REEL.
// For each page that is asked about: from the middle of the reel one column of the timeline on for each frame, as a key
// held down does, then the same way back; each frame moves the state and draws all there is on the screen. There is no
// terminal. Judges nothing.
#include "replay_figures.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/desk.h"

enum
{
    FRAMES = 50, // of each way
    SIZE_MOST = 1000,
};

#define FRAME_NS UINT64_C(33000000)

struct options
{
    int width;
    int height;
    bool as_json;
};

struct scrub
{
    struct model *model;
    struct desk desk;
    struct canvas canvas;
    uint64_t clock_ns;
};

static void stop_without_memory(void)
{
    fputs("view_scrub: no memory\n", stderr);
    exit(3);
}

static struct spent draw_after(struct scrub *scrub, uint32_t key)
{
    struct spent begin = spent_now();
    desk_key(&scrub->desk, key, scrub->clock_ns);
    desk_draw(&scrub->desk, &scrub->canvas);
    struct spent spent = spent_since(begin);
    stop_if(scrub->desk.seek_error.status, &scrub->desk.seek_error);
    scrub->clock_ns += FRAME_NS;
    return spent;
}

static void measure_way(struct scrub *scrub, struct figures *figures, uint32_t key, const char *way)
{
    struct spent times[FRAMES];
    char name[FIGURE_NAME_BYTES];
    for (int i = 0; i < FRAMES; i++)
        times[i] = draw_after(scrub, key);
    snprintf(name, sizeof name, "%s_%s", page_name(scrub->desk.state.page), way);
    figures_add_spent(figures, name, times, FRAMES);
}

// The first frame at a moment is drawn whole, as after a jump; then the moment moves.
static void measure_page(struct scrub *scrub, struct figures *figures, enum page_number page)
{
    char name[FIGURE_NAME_BYTES];
    scrub->desk.state.page = page;
    scrub->desk.state.moment = model_event_count(scrub->model) / 2;
    model_set_moving(scrub->model, false);
    struct spent whole = draw_after(scrub, KEY_CODE_RESIZE);
    snprintf(name, sizeof name, "%s_whole", page_name(page));
    figures_add_spent(figures, name, &whole, 1);
    model_set_moving(scrub->model, true);
    measure_way(scrub, figures, 'L', "on");
    measure_way(scrub, figures, 'H', "back");
}

static void measure_reel(const char *path, const struct options *options)
{
    struct scrub scrub = {0};
    struct figures figures = {0};
    struct reel_error error;
    stop_if(model_open(&scrub.model, path, &error), &error);
    if (!desk_init(&scrub.desk, scrub.model) ||
        !canvas_init(&scrub.canvas, options->width, options->height, &glyphs_utf8, CANVAS_256))
        stop_without_memory();
    measure_page(&scrub, &figures, PAGE_CLASSES);
    measure_page(&scrub, &figures, PAGE_MAP);
    figures_print(&figures, path, options->as_json);
    canvas_fini(&scrub.canvas);
    desk_fini(&scrub.desk);
    model_close(scrub.model);
}

static bool parse_size(const char *text, struct options *options)
{
    char *end = NULL;
    unsigned long width = strtoul(text, &end, 10);
    if (*end != 'x')
        return false;
    unsigned long height = strtoul(end + 1, &end, 10);
    options->width = (int)(width < SIZE_MOST ? width : SIZE_MOST);
    options->height = (int)(height < SIZE_MOST ? height : SIZE_MOST);
    return *end == '\0' && width != 0 && height != 0;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'}, {"size", required_argument, NULL, 's'}, {0}};
    bool is_sound = true;
    for (int option; is_sound && (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        switch (option)
        {
        case 'j':
            options->as_json = true;
            break;
        case 's':
            is_sound = parse_size(optarg, options);
            break;
        default:
            is_sound = false;
        }
    return is_sound && argc == optind + 1;
}

int main(int argc, char **argv)
{
    struct options options = {.width = 120, .height = 36};
    if (!read_options(argc, argv, &options))
    {
        fputs("usage: view_scrub [--json] [--size WIDTHxHEIGHT] REEL\n", stderr);
        return 2;
    }
    measure_reel(argv[optind], &options);
    return 0;
}
