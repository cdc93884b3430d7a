// SPDX-License-Identifier: MIT
// Makes the reel of many blocks, and draws a page of it.
#include "numerous.h"

#include <stdlib.h>
#include <string.h>

uint64_t numerous_size(uint64_t block)
{
    return block * 7919 % 5000 + 1;
}

static void append(struct reel_writer *writer, struct reel_event event, uint32_t stack)
{
    struct reel_error error = {0};
    event.stack = stack;
    assert_ok(reel_writer_append(writer, &event, 1, &error), error);
}

static void make(struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t often = watched_stack(writer, "outer", "often");
    uint32_t rare = watched_stack(writer, "outer", "rare");
    uint64_t t_ns = 0;
    for (uint64_t n = 0; n < NUMEROUS_BLOCKS; n++)
        append(writer, recording_alloc(t_ns += WATCHED_NS, NUMEROUS_ADDRESS + n * NUMEROUS_STRIDE, numerous_size(n)),
               n % 1000 == 999 ? rare : often);
    for (uint64_t n = 1; n <= 3; n++)
    {
        append(writer, recording_alloc(t_ns += WATCHED_NS, NUMEROUS_SHARED, n * 1024), rare);
        if (n < 3)
            append(writer, recording_free(t_ns += WATCHED_NS, NUMEROUS_SHARED), often);
    }
    assert_ok(reel_writer_finish(writer, t_ns + WATCHED_NS, &recording->error), recording->error);
}

void numerous_open(struct numerous *numerous, struct recording *recording, const struct page *page)
{
    *numerous = (struct numerous){.page = page};
    make(recording);
    watched_open_made(&numerous->watched, recording);
    numerous->view = (struct page_view){.model = numerous->watched.model, .state = &numerous->watched.state};
    numerous->view.own = calloc(1, page->own_bytes);
    assert_non_null(numerous->view.own);
}

void numerous_close(struct numerous *numerous)
{
    if (numerous->page->fini != NULL)
        numerous->page->fini(numerous->view.own);
    free(numerous->view.own);
    free(numerous->text);
    watched_close(&numerous->watched);
}

const char *numerous_draw(struct numerous *numerous, int width, int height)
{
    struct canvas canvas;
    struct reel_error error = {0};
    assert_ok(model_seek(numerous->watched.model, &numerous->watched.state, &error), error);
    assert_true(canvas_init(&canvas, width, height, &glyphs_ascii, CANVAS_MONOCHROME));
    numerous->page->draw(&numerous->view, &canvas, canvas_area(&canvas));
    free(numerous->text);
    numerous->text = canvas_to_text(&canvas);
    assert_non_null(numerous->text);
    canvas_fini(&canvas);
    return numerous->text;
}

const char *numerous_type(struct numerous *numerous, int width, int height, const char *text)
{
    uint32_t keys[64];
    size_t count = keys_type(text, keys, 64);
    assert_true(count <= 64);
    numerous_draw(numerous, width, height);
    for (size_t i = 0; i < count; i++)
    {
        numerous->page->take(&numerous->view, keys_action(keys[i]));
        numerous_draw(numerous, width, height);
    }
    return numerous->text;
}

void numerous_assert_shows(const struct numerous *numerous, const char *words)
{
    if (strstr(numerous->text, words) == NULL)
        fail_msg("\"%s\" is not in:\n%s", words, numerous->text);
}
