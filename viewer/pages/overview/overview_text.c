// SPDX-License-Identifier: MIT
// Text in lines as long as the area is wide, the last one cut.
#include "viewer/pages/overview/overview.h"

#include <stdio.h>
#include <string.h>

int overview_draw_text(struct canvas *canvas, struct area area, int row, int rows, enum role role, const char *text)
{
    char line[OVERVIEW_TEXT_BYTES];
    int taken = 0;
    while (*text != '\0' && taken < rows)
    {
        bool is_last = taken + 1 == rows;
        size_t length = is_last ? strlen(text) : canvas_line_bytes(text, area.width);
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        canvas_text(canvas, area, 0, row + taken, role, line);
        text += length;
        text += strspn(text, " ");
        taken++;
    }
    return taken;
}
