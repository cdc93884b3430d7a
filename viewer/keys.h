// SPDX-License-Identifier: MIT
// The table of keys: what a key does, the footer, the help and the manual come from it.
#ifndef HEAPREEL_VIEWER_KEYS_H
#define HEAPREEL_VIEWER_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action
{
    ACTION_NONE = 0,
#define KEY(action, keys, label, help, scope, rank, pages) ACTION_##action,
#include "viewer/keys.def"
#undef KEY
    ACTION_RESIZE, // no key has these
    ACTION_COUNT,
};

enum key_scope
{
    KEY_GLOBAL,
    KEY_LIST,
    KEY_TIME,
};

struct key_row
{
    enum action action;
    const char *keys;
    const char *label;
    const char *help;
    enum key_scope scope;
    int rank; // in the footer, from 1; 0: not there
    const char *pages;
};

// A heading for its keys.
const char *keys_scope_title(enum key_scope scope);

extern const struct key_row key_rows[];
extern const size_t key_row_count;

// A key as a number: a Unicode code point, or one of these.
enum key_code
{
    KEY_CODE_NONE = 0,
    KEY_CODE_FIRST = 0x200000,    // beyond Unicode
    KEY_CODE_F1 = KEY_CODE_FIRST, // to F12
    KEY_CODE_UP = KEY_CODE_FIRST + 16,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_SHIFT_LEFT,
    KEY_CODE_SHIFT_RIGHT,
    KEY_CODE_CONTROL_LEFT,
    KEY_CODE_CONTROL_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_SHIFT_TAB,
    KEY_CODE_DELETE,
    KEY_CODE_RESIZE,
    KEY_CODE_MOUSE,
    KEY_CODE_LOST, // the terminal has gone
    // Control characters are themselves: Esc 27, Enter 13, Tab 9, Backspace 127, C-c 3.
};

// What a key does where the screen is not taking text. ACTION_NONE: nothing.
enum action keys_action(uint32_t key);
// The number of a key's name, as the table has them; 0: no such name. *length: of what was read.
uint32_t keys_parse(const char *name, size_t *length);
// Turns "P4<Enter>j<Esc>" into keys, names in angle brackets; returns how many, at most capacity. SIZE_MAX: a name that
// no key has.
size_t keys_type(const char *text, uint32_t *keys, size_t capacity);

#endif
