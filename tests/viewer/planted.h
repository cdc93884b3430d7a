// SPDX-License-Identifier: MIT
// A reel with a planted culprit, and a page of it that is drawn as text and given keys.
//
//   _start > __libc_start_call_main > main (server.c:10) > serve (server.c:20) > remember (cache.c:33) > malloc CULPRIT
//                                                                              > parse (parse.c:44) > malloc REQUEST
//                                   main (server.c:11) > load (table.c:55) > calloc                               TABLE
//
// malloc and calloc are Heapreel's. On each of PLANTED_PAGES pages a block of 64 bytes of the culprit lies among 7 of
// 512 of requests, which are freed afterwards; before them all, the table takes a block of many whole pages.
#ifndef HEAPREEL_TESTS_VIEWER_PLANTED_H
#define HEAPREEL_TESTS_VIEWER_PLANTED_H

#include "tests/reel/recording.h"
#include "viewer/page.h"

#define PLANTED_PAGES 32
#define PLANTED_TABLE_BYTES 262144
#define PLANTED_CULPRIT_BYTES 64
#define PLANTED_FULL_EVENTS (1 + PLANTED_PAGES * 8) // when all requests live

enum planted_stack
{
    PLANTED_NONE,
    PLANTED_CULPRIT,
    PLANTED_REQUEST,
    PLANTED_TABLE,
    PLANTED_STACKS,
};

struct planted
{
    struct recording *recording;
    struct model *model;
    struct state state; // at the end
    struct page_view view;
    const struct page *page;
    struct canvas canvas;
    char *text; // of the page as it was drawn last
    uint32_t stacks[PLANTED_STACKS];
    struct reel_error error;
};

void planted_open(struct planted *planted, struct recording *recording, const struct page *page, int width, int height);
void planted_close(struct planted *planted);
void planted_resize(struct planted *planted, int width, int height);
// Draws; the text is valid until the next call.
const char *planted_draw(struct planted *planted);
// Types keys as keys_type takes them, to the page alone, drawing before each; then draws.
const char *planted_type(struct planted *planted, const char *keys);
// The line of the drawn text that has a part, in a static buffer; fails the test if there is none.
const char *planted_line(const struct planted *planted, const char *part);
bool planted_has(const struct planted *planted, const char *part);
// At sizes from 200x60 to 1x1 the part is drawn, but where there are less than 20 columns; rows are opened and closed.
void planted_use_at_every_size(struct planted *planted, const char *part);

#endif
