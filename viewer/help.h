// SPDX-License-Identifier: MIT
// The help: what the page shows and how to read it, and all keys, from the table of keys.
#ifndef HEAPREEL_VIEWER_HELP_H
#define HEAPREEL_VIEWER_HELP_H

#include "viewer/page.h"

struct help
{
    bool is_open;
    int first; // line at the top
    int lines; // in all, when last drawn
    int shown;
};

void help_draw(struct help *help, enum page_number page, struct canvas *canvas, struct area area);
// While it is open it takes all actions: scrolling, or closing.
unsigned help_take(struct help *help, enum action action);

#endif
