// SPDX-License-Identifier: MIT
// Draws bars of parts.
#include "viewer/screen/stacked_bar.h"

#include "viewer/screen/utf8.h"

#include <stdio.h>

#define COLUMNS_MOST 60

char *stacked_bar_title(char text[STACKED_TITLE_BYTES], const struct glyphs *glyphs, const struct stacked_part *parts,
                        size_t count)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
    {
        char character[UTF8_BYTES_MAX + 1] = {0};
        utf8_put(character, glyphs->parts[parts[i].glyph]);
        int more = snprintf(text + length, STACKED_TITLE_BYTES - length, " %s %s", character, parts[i].name);
        if (more < 0 || (size_t)more >= STACKED_TITLE_BYTES - length)
            break;
        length += (size_t)more;
    }
    text[length] = '\0';
    return text;
}

// Rounded where a part ends, so that the whole is as long as it should be.
void stacked_bar_draw(struct canvas *canvas, struct area cell, const struct stacked_part *parts, const uint64_t *bytes,
                      size_t count)
{
    int width = cell.width - 1 < COLUMNS_MOST ? cell.width - 1 : COLUMNS_MOST;
    double whole = 0;
    double before = 0;
    int x = 0;
    for (size_t i = 0; i < count; i++)
        whole += (double)bytes[i];
    for (size_t i = 0; i < count && whole > 0; i++)
    {
        before += (double)bytes[i];
        int end = (int)(before / whole * width + 0.5);
        for (; x < end; x++)
            canvas_put(canvas, cell, 1 + x, 0, canvas->glyphs->parts[parts[i].glyph], parts[i].role, ROLE_TEXT);
    }
}
