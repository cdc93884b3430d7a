// SPDX-License-Identifier: MIT
// Lines and items as growing arrays, and the breaking of sentences. Knows no finding.
#include "viewer/pages/findings/findings_lines.h"

#include <stdlib.h>
#include <string.h>

#define NARROWEST 8 // columns to break a sentence into

static void drop_lines(struct findings_lines *lines)
{
    for (size_t i = 0; i < lines->line_count; i++)
        free(lines->lines[i].text);
    lines->line_count = 0;
    lines->item_count = 0;
}

void findings_lines_begin(struct findings_lines *lines, int width)
{
    drop_lines(lines);
    lines->width = width;
    lines->is_lacking = false;
}

void findings_lines_fini(struct findings_lines *lines)
{
    drop_lines(lines);
    free(lines->lines);
    free(lines->items);
    *lines = (struct findings_lines){0};
}

// One more in an array. False: no memory.
static bool reserve(void **array, size_t count, size_t *max, size_t size)
{
    if (count < *max)
        return true;
    size_t bigger = *max * 2 + 32;
    void *moved = reallocarray(*array, bigger, size);
    if (moved == NULL)
        return false;
    *array = moved;
    *max = bigger;
    return true;
}

static void add(struct findings_lines *lines, enum role role, int indent, size_t item, const char *text, size_t bytes)
{
    void *array = lines->lines;
    char *copy = strndup(text, bytes);
    if (copy == NULL || !reserve(&array, lines->line_count, &lines->line_max, sizeof *lines->lines))
    {
        lines->is_lacking = true;
        free(copy);
        return;
    }
    lines->lines = array;
    bool is_first = item != FINDINGS_NO_ITEM && lines->items[item].line_count == 0;
    lines->lines[lines->line_count++] =
        (struct finding_line){.text = copy, .role = role, .indent = indent, .item = item, .is_first = is_first};
    if (item != FINDINGS_NO_ITEM)
        lines->items[item].line_count++;
}

bool findings_add_item(struct findings_lines *lines, enum finding_kind kind, uint32_t number, uint32_t stack)
{
    void *array = lines->items;
    uint64_t key = (uint64_t)kind << 32 | number;
    if (!reserve(&array, lines->item_count, &lines->item_max, sizeof *lines->items))
    {
        lines->is_lacking = true;
        return false;
    }
    lines->items = array;
    lines->items[lines->item_count++] =
        (struct finding_item){.key = key, .stack = stack, .first_line = lines->line_count};
    return findings_is_open(lines, key);
}

static size_t current_item(const struct findings_lines *lines)
{
    return lines->item_count != 0 ? lines->item_count - 1 : FINDINGS_NO_ITEM;
}

void findings_add_line(struct findings_lines *lines, enum role role, int indent, const char *text)
{
    add(lines, role, indent, current_item(lines), text, strlen(text));
}

static void add_broken(struct findings_lines *lines, enum role role, int indent, int hanging, size_t item,
                       const char *text)
{
    while (*text != '\0')
    {
        int columns = lines->width - indent > NARROWEST ? lines->width - indent : NARROWEST;
        size_t bytes = canvas_line_bytes(text, columns);
        add(lines, role, indent, item, text, bytes);
        text += bytes;
        text += *text == ' ';
        indent += hanging;
        hanging = 0;
    }
}

void findings_add_text(struct findings_lines *lines, enum role role, int indent, int hanging, const char *text)
{
    add_broken(lines, role, indent, hanging, current_item(lines), text);
}

void findings_add_heading(struct findings_lines *lines, enum role role, const char *text)
{
    if (lines->line_count != 0)
        add(lines, ROLE_TEXT, 0, FINDINGS_NO_ITEM, "", 0);
    add_broken(lines, role, 0, 0, FINDINGS_NO_ITEM, text);
}

// ---- what is opened

static size_t place_of(const struct findings_lines *lines, uint64_t key)
{
    size_t place = 0;
    while (place < lines->opened_count && lines->opened[place] != key)
        place++;
    return place;
}

bool findings_is_open(const struct findings_lines *lines, uint64_t key)
{
    return place_of(lines, key) < lines->opened_count;
}

void findings_toggle(struct findings_lines *lines, uint64_t key)
{
    size_t place = place_of(lines, key);
    bool was_open = place < lines->opened_count;
    if (!was_open && lines->opened_count == FINDINGS_OPENED_MAX)
        place = 0;
    if (was_open || lines->opened_count == FINDINGS_OPENED_MAX)
    {
        lines->opened_count--;
        memmove(&lines->opened[place], &lines->opened[place + 1],
                (lines->opened_count - place) * sizeof *lines->opened);
    }
    if (!was_open)
        lines->opened[lines->opened_count++] = key;
}
