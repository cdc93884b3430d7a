// SPDX-License-Identifier: MIT
// What ncurses calls a key, as enum key_code, and the mouse.
#ifndef HEAPREEL_VIEWER_TERMINAL_KEYS_H
#define HEAPREEL_VIEWER_TERMINAL_KEYS_H

#include "viewer/screen/terminal.h"

// Sequences that terminals send and their descriptions lack. After keypad().
void terminal_keys_begin(bool has_mouse);
// The next key that has come; KEY_CODE_NONE: none, or one that means nothing. Does not wait.
uint32_t terminal_keys_next(struct terminal_mouse *mouse);

// Presses and drags of the left button, and the wheel, in cells from 1 up to any number.
#define TERMINAL_MOUSE_ON "\033[?1000h\033[?1002h\033[?1006h"
#define TERMINAL_MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"

#endif
