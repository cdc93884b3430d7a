// SPDX-License-Identifier: MIT
// A bar of several parts in a cell of a list, and the heading that names them: a part is told by its character as well
// as by its colour.
#ifndef HEAPREEL_VIEWER_STACKED_BAR_H
#define HEAPREEL_VIEWER_STACKED_BAR_H

#include "viewer/screen/canvas.h"

#include <stddef.h>

struct stacked_part
{
    const char *name;
    int glyph; // of glyphs.parts
    enum role role;
};

#define STACKED_TITLE_BYTES 96

// "# requested + rounding", with the parts' characters. Returns text.
char *stacked_bar_title(char text[STACKED_TITLE_BYTES], const struct glyphs *glyphs, const struct stacked_part *parts,
                        size_t count);
// As wide as the cell, less a column before it, and no wider than is of use.
void stacked_bar_draw(struct canvas *canvas, struct area cell, const struct stacked_part *parts, const uint64_t *bytes,
                      size_t count);

#endif
