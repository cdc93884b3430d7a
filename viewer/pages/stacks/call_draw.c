// SPDX-License-Identifier: MIT
// The marker, the function, its place and its module, in the room that there is.
#include "viewer/pages/stacks/call_draw.h"

#include "text/format.h"
#include "text/stack.h"
#include "viewer/pages/stacks/call_search.h"

#include <string.h>

enum
{
    MARKER_COLUMNS = 2,
    INDENT_COLUMNS = 2,
};

static void draw_marker(const struct call_drawing *drawing, struct canvas *canvas, struct area cell,
                        const struct call_row *row)
{
    const struct glyphs *glyphs = canvas->glyphs;
    const struct call_node *node = &drawing->tree->nodes[row->node];
    if (row->is_only)
        canvas_put(canvas, cell, 0, 0, glyphs->is_utf8 ? 0x2514 : '`', ROLE_DIM, ROLE_TEXT);
    if (node->first_child != 0)
        canvas_put(canvas, cell, 1, 0,
                   call_rows_is_open(drawing->rows, drawing->tree, row->node) ? glyphs->expanded : glyphs->collapsed,
                   ROLE_LABEL, ROLE_TEXT);
}

static void name_place(char text[STACK_TEXT_BYTES], const struct call_node *node)
{
    const struct reel_frame frame = {.file = node->file, .line = node->line};
    text_place(text, &frame);
}

// The module is told where it is another than the caller's, or all that is known.
static void name_module(char text[STACK_TEXT_BYTES], const struct call_tree *tree, const struct call_node *node)
{
    const char *around = tree->nodes[node->parent].module;
    text[0] = '\0';
    bool is_known =
        node->function != NULL && around != NULL && node->module != NULL && strcmp(around, node->module) == 0;
    if (node->module == NULL || is_known)
        return;
    text[0] = '[';
    format_text(text + 1, STACK_TEXT_BYTES - 2, text_base_name(node->module));
    strcat(text, "]");
}

// The function gives way to its place: a long name is cut, a line number never.
static void draw_names(const struct call_drawing *drawing, struct canvas *canvas, struct area cell,
                       const struct call_row *row)
{
    const struct call_node *node = &drawing->tree->nodes[row->node];
    char function[STACK_TEXT_BYTES];
    char place[STACK_TEXT_BYTES];
    char module[STACK_TEXT_BYTES];
    format_text(function, sizeof function, node->function != NULL ? node->function : "(no name)");
    name_place(place, node);
    name_module(module, drawing->tree, node);
    int wanted = canvas_columns(function);
    int beside = place[0] != '\0' ? canvas_columns(place) + 1 : 0;
    int room = cell.width - beside >= wanted || cell.width < 2 * beside ? cell.width : cell.width - beside;
    bool is_found = call_search_matches(drawing->tree, row->node, drawing->search);
    canvas_text(canvas, area_left(cell, room), 0, 0, ROLE_TITLE, function);
    int x = wanted < room ? wanted : room;
    canvas_style(canvas, cell, 0, 0, is_found ? x : 0, CELL_UNDERLINE | CELL_BOLD);
    if (beside != 0 && x < cell.width)
        x = canvas_text(canvas, cell, x + 1, 0, ROLE_LABEL, place);
    if (module[0] != '\0' && x + 2 < cell.width)
        canvas_text(canvas, cell, x + 1, 0, ROLE_DIM, module);
}

void call_draw(const struct call_drawing *drawing, struct canvas *canvas, struct area cell, const struct call_row *row)
{
    int most = cell.width / 2;
    int indent = (row->indent - drawing->indent) * INDENT_COLUMNS;
    cell = area_right_of(cell, indent < most ? indent : most);
    draw_marker(drawing, canvas, cell, row);
    draw_names(drawing, canvas, area_right_of(cell, MARKER_COLUMNS + 1), row);
}
