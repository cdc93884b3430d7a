// SPDX-License-Identifier: MIT
// The map's colours and characters. Reads nothing from the reel.
#include "viewer/pages/map/map_paint.h"

#include "reel/words.h"
#include "text/class_size.h"
#include "viewer/pages/classes/fill_histogram.h"

#define STEPS (GLYPHS_FILLS - 2) // of what is there; below them retained, and nothing
#define OTHER_CHARACTER 'o'

bool map_paint_has_halves(const struct canvas *canvas)
{
    return canvas->colours != CANVAS_MONOCHROME && canvas->glyphs->upper_half != 0;
}

static const char *colour_name(enum map_colour colour)
{
    static const char *const names[MAP_COLOURS] = {"fill", "class", "zone", "age", "selected"};
    return names[colour];
}

static bool holds_more(const struct reel_class_state *a, const struct reel_class_state *b)
{
    return a->usable_bytes > b->usable_bytes;
}

void map_paint_choose_classes(struct map_palette *palette, const struct reel_class_state *classes, size_t count)
{
    const struct reel_class_state *chosen[ROLE_CATEGORIES];
    int chosen_count = 0;
    for (size_t i = 0; i < count; i++)
    {
        int at = chosen_count;
        if (at == ROLE_CATEGORIES && !holds_more(&classes[i], chosen[at - 1]))
            continue;
        at -= at == ROLE_CATEGORIES;
        chosen_count = at + 1;
        for (; at > 0 && holds_more(&classes[i], chosen[at - 1]); at--)
            chosen[at] = chosen[at - 1];
        chosen[at] = &classes[i];
    }
    for (int i = 0; i < chosen_count; i++)
        palette->classes[i] = chosen[i]->number;
    palette->class_count = chosen_count;
    palette->has_classes = true;
}

static int category_of(const struct map_palette *palette, uint32_t class_number)
{
    for (int i = 0; i < palette->class_count; i++)
        if (palette->classes[i] == class_number)
            return i;
    return -1;
}

// part / whole in the characters of what is there.
static struct map_ink magnitude(const struct glyphs *glyphs, uint64_t part, uint64_t whole)
{
    uint64_t step = whole != 0 ? (uint64_t)((double)part * STEPS / (double)whole) : 0;
    step = step < STEPS ? step : STEPS - 1;
    return (struct map_ink){.character = glyphs->fills[2 + step], .role = fill_role(part, whole)};
}

static struct map_ink category(int number)
{
    return (struct map_ink){.character = number < 0 ? OTHER_CHARACTER : 'a' + (uint32_t)number,
                            .role = number < 0 ? ROLE_DIM : (enum role)(ROLE_CATEGORY + number)};
}

static struct map_ink chosen(const struct glyphs *glyphs)
{
    return (struct map_ink){.character = glyphs->fills[GLYPHS_FILLS - 1], .role = fill_role(1, 1)};
}

static struct map_ink beside(const struct glyphs *glyphs)
{
    return (struct map_ink){.character = glyphs->fills[2], .role = ROLE_DIM};
}

static struct map_ink retained(const struct glyphs *glyphs)
{
    return (struct map_ink){.character = glyphs->fills[1], .role = ROLE_RETAINED};
}

enum role map_paint_region(size_t region)
{
    return (enum role)(ROLE_CATEGORY + region % ROLE_CATEGORIES);
}

struct map_ink map_paint_tile(const struct map_palette *palette, const struct glyphs *glyphs,
                              const struct map_tile *tile, const struct map_mark *mark, size_t region)
{
    if (tile->occupied_pages == 0)
        return tile->resident_pages != 0 ? retained(glyphs)
                                         : (struct map_ink){.is_blank = true, .character = glyphs->fills[0]};
    if (palette->is_filtered && !mark->passes)
        return beside(glyphs);
    switch (palette->colour)
    {
    case MAP_CLASS:
        return category(category_of(palette, tile->class_number));
    case MAP_ZONE:
        return category((int)(region % ROLE_CATEGORIES));
    case MAP_AGE:
        return magnitude(glyphs, mark->oldest_birth < palette->moment ? palette->moment - mark->oldest_birth : 0,
                         palette->moment);
    case MAP_CHOSEN:
        return mark->is_chosen ? chosen(glyphs) : beside(glyphs);
    case MAP_FILL:
    case MAP_COLOURS:
        break;
    }
    return magnitude(glyphs, tile->live_bytes, tile->page_count * REEL_REPLAY_PAGE_BYTES);
}

// --- legend ---

struct pen
{
    struct canvas *canvas;
    struct area area;
    int x;
};

// A sample of what a tile looks like.
static void draw_swatch(struct pen *pen, struct map_ink ink)
{
    bool has_halves = map_paint_has_halves(pen->canvas);
    canvas_put(pen->canvas, pen->area, pen->x++, 0,
               has_halves ? pen->canvas->glyphs->widths[GLYPHS_HEIGHTS - 1] : ink.character, ink.role, ROLE_TEXT);
}

static void draw_words(struct pen *pen, const char *before, const char *words)
{
    pen->x = canvas_print(pen->canvas, pen->area, pen->x, 0, ROLE_LABEL, "%s%s", before, words);
}

static void draw_entry(struct pen *pen, struct map_ink ink, const char *words)
{
    pen->x += 2;
    draw_swatch(pen, ink);
    draw_words(pen, " ", words);
}

static void draw_ramp(struct pen *pen, const char *least, const char *greatest)
{
    draw_words(pen, least, " ");
    for (uint64_t i = 0; i < STEPS; i++)
        draw_swatch(pen, magnitude(pen->canvas->glyphs, i, STEPS - 1));
    draw_words(pen, " ", greatest);
}

static void draw_classes(struct pen *pen, const struct map_palette *palette, const struct reel_replay *replay)
{
    char size[CLASS_SIZE_BYTES];
    for (int i = 0; i < palette->class_count; i++)
    {
        struct reel_class_state class = reel_replay_class(replay, palette->classes[i]);
        draw_entry(pen, category(i), class_size(size, &class));
    }
    draw_entry(pen, category(-1), "others");
}

static void draw_zones(struct pen *pen, const struct reel_replay *replay, const struct map_rows *rows)
{
    char size[CLASS_SIZE_BYTES];
    for (size_t i = 0; i < rows->count && i < ROLE_CATEGORIES; i++)
    {
        const struct reel_region *region = &rows->regions[i];
        struct reel_class_state class = reel_replay_class(replay, region->class_number);
        draw_entry(pen, category((int)i),
                   region->class_number != 0 ? class_size(size, &class) : reel_words_of_region(region->kind));
    }
    if (rows->count > ROLE_CATEGORIES)
        draw_words(pen, " ", "and so on");
}

void map_paint_legend(const struct map_palette *palette, struct canvas *canvas, struct area area,
                      const struct reel_replay *replay, const struct map_rows *rows)
{
    struct pen pen = {canvas, area, 0};
    pen.x = canvas_text(canvas, area, 0, 0, ROLE_KEY, "c");
    pen.x = canvas_print(canvas, area, pen.x, 0, ROLE_TEXT, " %s ", colour_name(palette->colour));
    if (palette->colour == MAP_FILL)
        draw_ramp(&pen, "0 %", "100 %");
    else if (palette->colour == MAP_AGE)
        draw_ramp(&pen, "oldest block born just now", "at the beginning");
    else if (palette->colour == MAP_CLASS)
        draw_classes(&pen, palette, replay);
    else if (palette->colour == MAP_ZONE)
        draw_zones(&pen, replay, rows);
    else
    {
        draw_words(&pen, "", palette->chosen);
        draw_entry(&pen, chosen(canvas->glyphs), "its blocks");
        draw_entry(&pen, beside(canvas->glyphs), "others");
    }
    draw_entry(&pen, retained(canvas->glyphs), "retained");
    if (palette->is_filtered)
        draw_entry(&pen, beside(canvas->glyphs), "filtered out");
    draw_words(&pen, "", "  blank: not resident");
}
