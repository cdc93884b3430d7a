// SPDX-License-Identifier: MIT
// The name of a node of a call tree as a row shows it:
//
//   v main  server.c:88                    opened
//   `v serve  server.c:41                  the one child of the row above: chains of calls are not indented
//      > parse_request  parse.c:12         closed
//        cache_put  cache.c:30  [libc.so]  of another module than its caller
#ifndef HEAPREEL_VIEWER_CALL_DRAW_H
#define HEAPREEL_VIEWER_CALL_DRAW_H

#include "viewer/pages/stacks/call_rows.h"
#include "viewer/screen/canvas.h"

struct call_drawing
{
    const struct call_tree *tree;
    const struct call_rows *rows;
    int indent;         // that all rows in sight have, which is not drawn
    const char *search; // functions with this in their names are underlined; "" = none
};

void call_draw(const struct call_drawing *drawing, struct canvas *canvas, struct area cell, const struct call_row *row);

#endif
