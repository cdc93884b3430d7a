// SPDX-License-Identifier: MIT
// The table of keys, and the names of keys in it.
#include "viewer/keys.h"

#include "viewer/screen/utf8.h"

#include <string.h>

const struct key_row key_rows[] = {
#define KEY(action, keys, label, help, scope, rank, pages)                                                             \
    {ACTION_##action, keys, label, help, KEY_##scope, rank, pages},
#include "viewer/keys.def"
#undef KEY
};
const size_t key_row_count = sizeof key_rows / sizeof *key_rows;

// Of keys that have no character of their own.
static const struct
{
    const char *name;
    uint32_t key;
} names[] = {
    {"Esc", 27},
    {"Enter", 13},
    {"Space", ' '},
    {"Tab", 9},
    {"Backspace", 127},
    {"S-Tab", KEY_CODE_SHIFT_TAB},
    {"Up", KEY_CODE_UP},
    {"Down", KEY_CODE_DOWN},
    {"Left", KEY_CODE_LEFT},
    {"Right", KEY_CODE_RIGHT},
    {"S-Left", KEY_CODE_SHIFT_LEFT},
    {"S-Right", KEY_CODE_SHIFT_RIGHT},
    {"C-Left", KEY_CODE_CONTROL_LEFT},
    {"C-Right", KEY_CODE_CONTROL_RIGHT},
    {"PgUp", KEY_CODE_PAGE_UP},
    {"PgDn", KEY_CODE_PAGE_DOWN},
    {"Home", KEY_CODE_HOME},
    {"End", KEY_CODE_END},
    {"Delete", KEY_CODE_DELETE},
};

static bool is_called(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && memcmp(name, text, length) == 0;
}

// "F1" to "F12"; 0: not one.
static uint32_t function_key(const char *text, size_t length)
{
    uint32_t number = 0;
    if (length < 2 || length > 3 || text[0] != 'F' || text[1] == '0')
        return 0;
    for (size_t i = 1; i < length; i++)
    {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number <= 12 ? KEY_CODE_F1 + number - 1 : 0;
}

static uint32_t key_called(const char *text, size_t length)
{
    const char *end = text;
    uint32_t character = utf8_next(&end);
    if (length != 0 && (size_t)(end - text) == length)
        return character;
    if (length == 3 && text[0] == 'C' && text[1] == '-' && text[2] >= 'a' && text[2] <= 'z')
        return (uint32_t)(text[2] - 'a' + 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_called(names[i].name, text, length))
            return names[i].key;
    return function_key(text, length);
}

uint32_t keys_parse(const char *name, size_t *length)
{
    *length = strcspn(name, " ");
    return key_called(name, *length);
}

const char *keys_scope_title(enum key_scope scope)
{
    static const char *const titles[] = {
        [KEY_GLOBAL] = "Everywhere", [KEY_LIST] = "Lists, trees and maps", [KEY_TIME] = "Time"};
    return titles[scope];
}

enum action keys_action(uint32_t key)
{
    for (size_t i = 0; key != KEY_CODE_NONE && i < key_row_count; i++)
    {
        size_t length = 0;
        for (const char *at = key_rows[i].keys; *at != '\0'; at += strspn(at, " "))
        {
            if (keys_parse(at, &length) == key)
                return key_rows[i].action;
            at += length;
        }
    }
    return ACTION_NONE;
}

// The key at *text, which moves behind it. 0: a name that no key has.
static uint32_t next_key(const char **text)
{
    if (**text != '<')
        return utf8_next(text);
    const char *name = *text + 1;
    const char *end = *name == '\0' ? NULL : strchr(name + 1, '>'); // a name has a character, be it '>'
    if (end == NULL)
        return 0;
    *text = end + 1;
    return key_called(name, (size_t)(end - name));
}

size_t keys_type(const char *text, uint32_t *keys, size_t capacity)
{
    size_t count = 0;
    while (*text != '\0')
    {
        uint32_t key = next_key(&text);
        if (key == 0)
            return SIZE_MAX;
        if (count == capacity)
            break;
        keys[count++] = key;
    }
    return count;
}
