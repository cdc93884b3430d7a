// SPDX-License-Identifier: MIT
// Which columns are shown, and lines of them. Knows no table.
#include "cli/columns.h"

static size_t line_width(const struct column *columns, size_t count)
{
    size_t width = COLUMNS_INDENT;
    for (size_t i = 0; i < count; i++)
        width += columns[i].is_hidden ? 0 : (size_t)columns[i].width + 1;
    return width - 1; // no blank after the last one
}

// The last one of those with the greatest rank; false: none may be left out.
static bool hide_one(struct column *columns, size_t count)
{
    struct column *least = NULL;
    for (size_t i = 0; i < count; i++)
        if (!columns[i].is_hidden && columns[i].rank != 0 && (least == NULL || columns[i].rank >= least->rank))
            least = &columns[i];
    if (least != NULL)
        least->is_hidden = true;
    return least != NULL;
}

void columns_fit(struct column *columns, size_t count, size_t width)
{
    if (width == 0 || line_width(columns, count) <= width)
        return;
    for (size_t i = 0; i < count; i++)
        columns[i].width = columns[i].narrow_width;
    while (line_width(columns, count) > width)
        if (!hide_one(columns, count))
            return;
}

void columns_print(FILE *out, const struct column *columns, size_t count, const char *const *cells)
{
    int blanks = COLUMNS_INDENT;
    for (size_t i = 0; i < count; i++)
    {
        if (columns[i].is_hidden)
            continue;
        fprintf(out, "%*s%*s", blanks, "", columns[i].is_left ? -columns[i].width : columns[i].width, cells[i]);
        blanks = 1;
    }
    fputc('\n', out);
}

void columns_print_titles(FILE *out, const struct column *columns, size_t count)
{
    int blanks = COLUMNS_INDENT;
    for (size_t i = 0; i < count; i++)
    {
        if (columns[i].is_hidden)
            continue;
        fprintf(out, "%*s%*s", blanks, "", columns[i].is_left ? -columns[i].width : columns[i].width, columns[i].title);
        blanks = 1;
    }
    fputc('\n', out);
}
