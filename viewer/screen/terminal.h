// SPDX-License-Identifier: MIT
// The one door to the terminal, by ncurses: capabilities, keys, mouse, showing a canvas, and leaving the terminal as it
// was, also when the process is ended by a signal or crashes.
#ifndef HEAPREEL_VIEWER_TERMINAL_H
#define HEAPREEL_VIEWER_TERMINAL_H

#include "viewer/keys.h"
#include "viewer/screen/canvas.h"

#include "reel/status.h"

// Of the left button what is pressed and dragged, and the wheel; that a button is let go is not told.
struct terminal_mouse
{
    int x;
    int y;
    int wheel; // -1 up, 1 down, 0: a button
    bool is_pressed;
    bool is_dragged;
    bool is_double;
};

// Takes the terminal. SIGTERM, SIGHUP, SIGINT and SIGWINCH are held back but in terminal_key: a child that is started
// meanwhile would inherit that. stderr is kept until the terminal is given back, if it is one. Without a terminal, or
// with one that cannot move its cursor: REEL_E_ARGUMENT and a line.
int terminal_open(bool is_ascii, bool is_monochrome, bool has_no_mouse, struct reel_error *error);
void terminal_close(void); // also when it is not open
// As it is now.
void terminal_size(int *width, int *height);
const struct glyphs *terminal_glyphs(void);
enum canvas_colours terminal_colours(void);

// The next key (enum key_code or a code point), KEY_CODE_NONE after so many milliseconds without one (-1: waits, 0:
// does not), KEY_CODE_LOST when there is no terminal any more or a signal asks to end. C-z is no key: it
// stops the whole job, as in other programs, and all is drawn anew when that goes on.
uint32_t terminal_key(int timeout_ms);
// Of the last KEY_CODE_MOUSE.
struct terminal_mouse terminal_mouse(void);
// Sends the difference to what is shown. is_anew: all of it.
void terminal_show(const struct canvas *canvas, bool is_anew);

#endif
