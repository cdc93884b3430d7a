// SPDX-License-Identifier: MIT
// Writes the reel by the writer, and stands in for the loop around a page.
#include "planted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(4096)
#define BASE UINT64_C(0x10000000)
#define REQUESTS_A_PAGE 7
#define REQUEST_BYTES 512
#define STEP_NS 10000000
#define KEYS_MAX 64

struct call
{
    const char *function;
    const char *file;
    int line;
    int module; // number of add_modules
};

enum module
{
    SERVER,
    LIBC,
    OWN,
    MODULES,
};

static const struct call calls[PLANTED_STACKS][8] = {
    [PLANTED_CULPRIT] = {{"_start", NULL, 0, SERVER},
                         {"__libc_start_call_main", "libc_start_call_main.h", 58, LIBC},
                         {"main", "/src/server.c", 10, SERVER},
                         {"serve", "/src/server.c", 20, SERVER},
                         {"remember", "/src/cache.c", 33, SERVER},
                         {"malloc", "/own/preload.c", 1, OWN}},
    [PLANTED_REQUEST] = {{"_start", NULL, 0, SERVER},
                         {"__libc_start_call_main", "libc_start_call_main.h", 58, LIBC},
                         {"main", "/src/server.c", 10, SERVER},
                         {"serve", "/src/server.c", 21, SERVER},
                         {"parse", "/src/parse.c", 44, SERVER},
                         {"malloc", "/own/preload.c", 1, OWN}},
    [PLANTED_TABLE] = {{"_start", NULL, 0, SERVER},
                       {"__libc_start_call_main", "libc_start_call_main.h", 58, LIBC},
                       {"main", "/src/server.c", 11, SERVER},
                       {"load", "/src/table.c", 55, SERVER},
                       {"calloc", "/own/preload.c", 2, OWN}},
};

static void add_modules(struct reel_writer *writer, uint32_t modules[MODULES], struct reel_error *error)
{
    static const char *const paths[MODULES] = {"/bin/server", "/lib/libc.so.6", "/lib/libheapreel.so"};
    for (uint32_t i = 0; i < MODULES; i++)
    {
        const struct reel_module_info info = {
            .process = 1, .path = paths[i], .begin = (i + 1) * 0x100000, .end = (i + 2) * 0x100000};
        assert_ok(reel_writer_add_module(writer, &info, &modules[i], error), *error);
    }
}

// A frame of its own for each call, as return addresses are.
static uint32_t add_stack(struct reel_writer *writer, const struct call *call, const uint32_t modules[MODULES],
                          struct reel_error *error)
{
    static uint64_t offset;
    uint32_t stack = 0;
    for (; call->function != NULL; call++)
    {
        const struct reel_symbol symbol = {.function = call->function, .file = call->file, .line = call->line};
        uint32_t frame = 0;
        offset = (offset + 16) % 0x10000;
        assert_ok(reel_writer_intern_frame(writer, modules[call->module], offset, &frame, error), *error);
        assert_ok(reel_writer_set_symbols(writer, frame, &symbol, 1, error), *error);
        assert_ok(reel_writer_intern_stack(writer, stack, frame, &stack, error), *error);
    }
    return stack;
}

static void append(struct reel_writer *writer, uint64_t *t_ns, struct reel_event event, struct reel_error *error)
{
    event.t_ns = *t_ns += STEP_NS;
    assert_ok(reel_writer_append(writer, &event, 1, error), *error);
}

static void alloc(struct planted *planted, struct reel_writer *writer, uint64_t *t_ns, uint64_t address, uint64_t bytes,
                  enum planted_stack stack)
{
    struct reel_event event = recording_alloc(0, address, bytes);
    event.usable_bytes = bytes;
    event.stack = planted->stacks[stack];
    append(writer, t_ns, event, &planted->error);
}

static void write_reel(struct planted *planted)
{
    struct reel_writer *writer = recording_begin(planted->recording, 1);
    uint32_t modules[MODULES];
    uint64_t t_ns = 0;
    add_modules(writer, modules, &planted->error);
    for (int stack = PLANTED_CULPRIT; stack < PLANTED_STACKS; stack++)
        planted->stacks[stack] = add_stack(writer, calls[stack], modules, &planted->error);
    alloc(planted, writer, &t_ns, BASE + PLANTED_PAGES * PAGE, PLANTED_TABLE_BYTES, PLANTED_TABLE);
    for (uint64_t page = BASE; page < BASE + PLANTED_PAGES * PAGE; page += PAGE)
    {
        for (uint64_t i = 1; i <= REQUESTS_A_PAGE; i++)
            alloc(planted, writer, &t_ns, page + i * REQUEST_BYTES, REQUEST_BYTES, PLANTED_REQUEST);
        alloc(planted, writer, &t_ns, page, PLANTED_CULPRIT_BYTES, PLANTED_CULPRIT);
    }
    for (uint64_t page = BASE; page < BASE + PLANTED_PAGES * PAGE; page += PAGE)
        for (uint64_t i = 1; i <= REQUESTS_A_PAGE; i++)
            append(writer, &t_ns, recording_free(0, page + i * REQUEST_BYTES), &planted->error);
    assert_ok(reel_writer_finish(writer, t_ns + STEP_NS, &planted->error), planted->error);
}

void planted_open(struct planted *planted, struct recording *recording, const struct page *page, int width, int height)
{
    *planted = (struct planted){.recording = recording, .page = page};
    write_reel(planted);
    assert_ok(model_open(&planted->model, recording->path, &planted->error), planted->error);
    state_init(&planted->state);
    planted->state.moment = model_event_count(planted->model);
    planted->view =
        (struct page_view){.model = planted->model, .state = &planted->state, .own = calloc(1, page->own_bytes + 1)};
    assert_non_null(planted->view.own);
    assert_true(canvas_init(&planted->canvas, width, height, &glyphs_utf8, CANVAS_MONOCHROME));
}

void planted_close(struct planted *planted)
{
    if (planted->page->fini != NULL)
        planted->page->fini(planted->view.own);
    free(planted->view.own);
    free(planted->text);
    canvas_fini(&planted->canvas);
    model_close(planted->model);
}

void planted_resize(struct planted *planted, int width, int height)
{
    const struct glyphs *glyphs = planted->canvas.glyphs;
    canvas_fini(&planted->canvas);
    assert_true(canvas_init(&planted->canvas, width, height, glyphs, CANVAS_MONOCHROME));
}

const char *planted_draw(struct planted *planted)
{
    struct area area = canvas_area(&planted->canvas);
    assert_ok(model_seek(planted->model, &planted->state, &planted->error), planted->error);
    canvas_clear(&planted->canvas, area);
    planted->page->draw(&planted->view, &planted->canvas, area);
    free(planted->text);
    planted->text = canvas_to_text(&planted->canvas);
    assert_non_null(planted->text);
    return planted->text;
}

const char *planted_type(struct planted *planted, const char *keys)
{
    uint32_t codes[KEYS_MAX];
    size_t count = keys_type(keys, codes, KEYS_MAX);
    assert_true(count <= KEYS_MAX);
    for (size_t i = 0; i < count; i++)
    {
        planted_draw(planted);
        planted->page->take(&planted->view, keys_action(codes[i]));
    }
    return planted_draw(planted);
}

bool planted_has(const struct planted *planted, const char *part)
{
    return strstr(planted->text, part) != NULL;
}

const char *planted_line(const struct planted *planted, const char *part)
{
    static char line[1024];
    const char *found = strstr(planted->text, part);
    if (found == NULL)
    {
        fail_msg("there is no \"%s\" in\n%s", part, planted->text);
        return line;
    }
    while (found > planted->text && found[-1] != '\n')
        found--;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(found, "\n"), found);
    return line;
}

void planted_use_at_every_size(struct planted *planted, const char *part)
{
    static const int sizes[][2] = {{200, 60}, {120, 36}, {80, 24}, {40, 10}, {20, 5}, {3, 2}, {1, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        planted_resize(planted, sizes[i][0], sizes[i][1]);
        planted_draw(planted);
        if (sizes[i][0] >= 20)
            assert_true(planted_has(planted, part));
        planted_type(planted, "<Enter><Down>");
        planted_type(planted, "<Esc>");
    }
}
