// SPDX-License-Identifier: MIT
// The help over a page. One column of text, wrapped to the width, scrolled as a list.
#include "viewer/help.h"

#include <stdio.h>
#include <string.h>

#define KEYS_COLUMNS 18
#define LINE_BYTES 1024

// Draws text from a column on, wrapped at blanks; gives the line after it. Lines above and below the area are not seen.
static int draw_wrapped(struct canvas *canvas, struct area area, int line, int column, enum role role, const char *text)
{
    int width = area.width - column > 8 ? area.width - column : 8;
    while (*text != '\0')
    {
        char part[LINE_BYTES];
        size_t taken = canvas_line_bytes(text, width);
        snprintf(part, sizeof part, "%.*s", (int)taken, text);
        canvas_text(canvas, area, column, line++, role, part);
        text += taken;
        text += strspn(text, " ");
    }
    return line;
}

static int draw_keys(struct canvas *canvas, struct area area, int line, enum key_scope scope)
{
    canvas_text(canvas, area, 0, line++, ROLE_TITLE, keys_scope_title(scope));
    int column = area.width >= 3 * KEYS_COLUMNS ? KEYS_COLUMNS : 10;
    for (size_t i = 0; i < key_row_count; i++)
    {
        if (key_rows[i].scope != scope)
            continue;
        canvas_text(canvas, area, 2, line, ROLE_KEY, key_rows[i].keys);
        int after = 2 + canvas_columns(key_rows[i].keys) + 1;
        line = draw_wrapped(canvas, area, line, after > column ? after : column, ROLE_TEXT, key_rows[i].help);
    }
    return line + 1;
}

void help_draw(struct help *help, enum page_number page, struct canvas *canvas, struct area area)
{
    canvas_clear(canvas, area);
    help->shown = area.height;
    int line = -help->first; // what is scrolled away lies above the area, where nothing is drawn
    canvas_text(canvas, area, 0, line++, ROLE_TITLE, page_title(page));
    line = draw_wrapped(canvas, area, line, 2, ROLE_TEXT, page_list[page]->explanation) + 1;
    for (int scope = KEY_GLOBAL; scope <= KEY_TIME; scope++)
        line = draw_keys(canvas, area, line, (enum key_scope)scope);
    canvas_text(canvas, area, 0, line++, ROLE_LABEL,
                "Mouse: rows, headings, tabs, keys and the timeline; the wheel scrolls.");
    help->lines = line + help->first;
}

unsigned help_take(struct help *help, enum action action)
{
    int step = 0;
    int last = help->lines > help->shown ? help->lines - help->shown : 0;
    switch (action)
    {
    case ACTION_UP:
        step = -1;
        break;
    case ACTION_DOWN:
        step = 1;
        break;
    case ACTION_PAGE_UP:
        step = -help->shown;
        break;
    case ACTION_PAGE_DOWN:
    case ACTION_PLAY:
        step = help->shown;
        break;
    case ACTION_FIRST:
        step = -help->first;
        break;
    case ACTION_LAST:
        step = last - help->first;
        break;
    case ACTION_NONE:
        return REACTION_TAKEN;
    default:
        *help = (struct help){0};
        return REACTION_TAKEN | REACTION_DRAW;
    }
    help->first += step;
    help->first = help->first > last ? last : help->first;
    help->first = help->first < 0 ? 0 : help->first;
    return REACTION_TAKEN | REACTION_DRAW;
}
