// SPDX-License-Identifier: MIT
// Findings as lines of text: items with their evidence below them, and headings. Made whole for each drawing; what is
// opened is remembered by what an item is about.
#ifndef HEAPREEL_VIEWER_FINDINGS_LINES_H
#define HEAPREEL_VIEWER_FINDINGS_LINES_H

#include "viewer/page.h"

#define FINDINGS_NO_ITEM SIZE_MAX
#define FINDINGS_OPENED_MAX 64

struct finding_line
{
    char *text;
    enum role role;
    int indent;
    size_t item; // FINDINGS_NO_ITEM: a heading
    bool is_first;
};

enum finding_kind
{
    FINDING_MISUSE = 1,
    FINDING_ADVICE,
    FINDING_GROWTH,
    FINDING_DIFFERENCE,
};

struct finding_item
{
    uint64_t key; // of what it is about: the same whenever it is found again
    uint32_t stack;
    size_t first_line;
    size_t line_count;
};

struct findings_lines
{
    struct finding_line *lines;
    size_t line_count, line_max;
    struct finding_item *items;
    size_t item_count, item_max;
    uint64_t opened[FINDINGS_OPENED_MAX]; // keys; the oldest gives way
    size_t opened_count;
    int width;
    bool is_lacking; // memory
};

void findings_lines_begin(struct findings_lines *lines, int width); // empty, but for what is opened
void findings_lines_fini(struct findings_lines *lines);             // also of one that is all zero

// Headings and sentences are broken into as many lines as they need.
void findings_add_heading(struct findings_lines *lines, enum role role, const char *text);
// The next lines are of this item; true: it is opened.
bool findings_add_item(struct findings_lines *lines, enum finding_kind kind, uint32_t number, uint32_t stack);
// Those lines after the first have `hanging` more blanks before them.
void findings_add_text(struct findings_lines *lines, enum role role, int indent, int hanging, const char *text);
// A line that is cut instead.
void findings_add_line(struct findings_lines *lines, enum role role, int indent, const char *text);

bool findings_is_open(const struct findings_lines *lines, uint64_t key);
void findings_toggle(struct findings_lines *lines, uint64_t key);

#endif
