// SPDX-License-Identifier: MIT
// Text in lines: as long as the area is wide, broken at blanks, never inside a character.
#include "viewer/pages/overview/overview.h"

#include <stdio.h>
#include <string.h>

// The end of the line that begins here: at most so many columns, broken at a blank where there is one.
static size_t line_length(const char *text, int columns)
{
    char part[OVERVIEW_TEXT_BYTES];
    size_t blank = 0;
    size_t length = 0;
    while (text[length] != '\0' && length + 1 < sizeof part)
    {
        part[length] = text[length];
        part[length + 1] = '\0';
        bool is_character_end = ((unsigned char)text[length + 1] & 0xc0) != 0x80;
        if (is_character_end && canvas_columns(part) > columns)
            break;
        if (text[length] == ' ')
            blank = length;
        length++;
    }
    if (text[length] == '\0')
        return length;
    while (length > 0 && blank == 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return blank != 0 ? blank : length != 0 ? length : 1;
}

int overview_draw_text(struct canvas *canvas, struct area area, int row, int rows, enum role role, const char *text)
{
    char line[OVERVIEW_TEXT_BYTES];
    int taken = 0;
    while (*text != '\0' && taken < rows)
    {
        bool is_last = taken + 1 == rows;
        size_t length = is_last ? strlen(text) : line_length(text, area.width);
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        canvas_text(canvas, area, 0, row + taken, role, line);
        text += length;
        text += strspn(text, " ");
        taken++;
    }
    return taken;
}
