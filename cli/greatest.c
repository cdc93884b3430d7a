// SPDX-License-Identifier: MIT
// Choosing rows by a sort of their numbers.
#include "cli/greatest.h"

#include <stdlib.h>

struct row
{
    uint64_t weight;
    size_t index;
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

size_t greatest_choose(const uint64_t *weights, size_t count, uint64_t limit, bool *is_shown, bool *is_done)
{
    size_t shown = limit == 0 || limit > count ? count : (size_t)limit;
    struct row *rows = calloc(count + 1, sizeof *rows);
    *is_done = rows != NULL;
    if (rows == NULL)
        return 0;
    for (size_t i = 0; i < count; i++)
    {
        rows[i] = (struct row){weights[i], i};
        is_shown[i] = false;
    }
    qsort(rows, count, sizeof *rows, compare_rows);
    for (size_t i = 0; i < shown; i++)
        is_shown[rows[i].index] = true;
    free(rows);
    return shown;
}
