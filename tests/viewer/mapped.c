// SPDX-License-Identifier: MIT
// Makes the heap and lets a page draw it. Asserts nothing about what is tested, but what the caller names.
#include "mapped.h"

#include <stdlib.h>
#include <string.h>

static void alloc(struct recording *recording, struct reel_writer *writer, uint64_t address, uint64_t bytes,
                  uint32_t stack)
{
    struct reel_writer_totals totals;
    reel_writer_totals(writer, &totals);
    struct reel_event event = recording_alloc((totals.events + 1) * WATCHED_NS, address, bytes);
    event.stack = stack;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
}

static void sample(struct recording *recording, struct reel_writer *writer)
{
    static const struct reel_resident_mapping mappings[] = {
        {MAPPED_HEAP, MAPPED_HEAP + 16 * MAPPED_PAGE, true, false},
        {MAPPED_FAR, MAPPED_FAR + 4 * MAPPED_PAGE, false, false},
    };
    static const struct reel_resident_run runs[] = {
        {MAPPED_HEAP, MAPPED_HEAP + 6 * MAPPED_PAGE},
        {MAPPED_FAR, MAPPED_FAR + MAPPED_PAGE},
    };
    const struct reel_residency added = {.process = 1, .t_ns = 5 * WATCHED_NS + 1};
    struct reel_error *error = &recording->error;
    assert_ok(reel_writer_add_residency(writer, &added, error), *error);
    assert_ok(reel_writer_add_resident_pages(writer, mappings, 2, runs, 2, error), *error);
}

static void make(struct mapped *mapped, struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    mapped->cache = watched_stack(writer, "main", "cache");
    mapped->index = watched_stack(writer, "main", "index");
    alloc(recording, writer, MAPPED_HEAP + 16, 4000, mapped->cache);
    alloc(recording, writer, MAPPED_HEAP + MAPPED_PAGE + 16, 100, mapped->index);
    alloc(recording, writer, MAPPED_HEAP + MAPPED_PAGE + 256, 300, mapped->cache);
    alloc(recording, writer, MAPPED_HEAP + 3 * MAPPED_PAGE + 16, 2040, mapped->cache);
    alloc(recording, writer, MAPPED_FAR + 16, 50, mapped->index);
    sample(recording, writer);
    alloc(recording, writer, MAPPED_HEAP + 9 * MAPPED_PAGE + 16, 1000, mapped->index);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
}

void mapped_open(struct mapped *mapped, struct recording *recording, const struct page *page)
{
    *mapped = (struct mapped){.page = page, .glyphs = &glyphs_ascii};
    make(mapped, recording);
    watched_open_made(&mapped->watched, recording);
    mapped->view = (struct page_view){
        .model = mapped->watched.model, .state = &mapped->watched.state, .own = calloc(1, page->own_bytes)};
    assert_non_null(mapped->view.own);
}

void mapped_close(struct mapped *mapped)
{
    if (mapped->page->fini != NULL)
        mapped->page->fini(mapped->view.own);
    free(mapped->view.own);
    watched_close(&mapped->watched);
}

struct canvas mapped_canvas(struct mapped *mapped, int width, int height)
{
    struct canvas canvas;
    assert_true(canvas_init(&canvas, width, height, mapped->glyphs, mapped->colours));
    mapped->page->draw(&mapped->view, &canvas, canvas_area(&canvas));
    return canvas;
}

char *mapped_draw(struct mapped *mapped, int width, int height)
{
    struct canvas canvas = mapped_canvas(mapped, width, height);
    char *text = canvas_to_text(&canvas);
    assert_non_null(text);
    canvas_fini(&canvas);
    return text;
}

void mapped_assert_draws(struct mapped *mapped, int width, int height, const char *words)
{
    char *text = mapped_draw(mapped, width, height);
    if (strstr(text, words) == NULL)
        fail_msg("\"%s\" is not in\n%s", words, text);
    free(text);
}

void mapped_assert_omits(struct mapped *mapped, int width, int height, const char *words)
{
    char *text = mapped_draw(mapped, width, height);
    if (strstr(text, words) != NULL)
        fail_msg("\"%s\" is in\n%s", words, text);
    free(text);
}

unsigned mapped_take(struct mapped *mapped, enum action action)
{
    return mapped->page->take(&mapped->view, action);
}

unsigned mapped_click(struct mapped *mapped, int x, int y, bool is_double)
{
    const struct page_mouse mouse = {.x = x, .y = y, .is_double = is_double};
    return mapped->page->point(&mapped->view, &mouse);
}
