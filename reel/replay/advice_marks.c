// SPDX-License-Identifier: MIT
// Marks on pages: a mask for each that is marked.
#include "reel/replay/advice_marks.h"

#include <stdlib.h>

#define MASKS_LEAST 1024

int advice_marks_init(struct advice_marks *marks)
{
    *marks = (struct advice_marks){.masks = calloc(MASKS_LEAST, sizeof *marks->masks), .mask_max = MASKS_LEAST};
    if (marks->masks != NULL && reel_intern_init(&marks->pages) == REEL_OK)
        return REEL_OK;
    free(marks->masks);
    *marks = (struct advice_marks){0};
    return REEL_E_NO_MEMORY;
}

void advice_marks_fini(struct advice_marks *marks)
{
    reel_intern_fini(&marks->pages);
    free(marks->masks);
    *marks = (struct advice_marks){0};
}

static bool reserve(struct advice_marks *marks, size_t id)
{
    if (id < marks->mask_max)
        return true;
    uint64_t *moved = reallocarray(marks->masks, marks->mask_max, 2 * sizeof *moved);
    if (moved == NULL)
        return false;
    marks->masks = moved;
    marks->mask_max *= 2;
    return true;
}

int advice_marks_add(struct advice_marks *marks, uint32_t process, uint64_t page_number, size_t row)
{
    bool is_new;
    uint32_t id = reel_intern_id(&marks->pages, page_number, process, &is_new);
    if (id == 0 || !reserve(marks, id))
        return REEL_E_NO_MEMORY;
    marks->masks[id] = (is_new ? 0 : marks->masks[id]) | UINT64_C(1) << row;
    return REEL_OK;
}

uint32_t advice_marks_find(const struct advice_marks *marks, uint32_t process, uint64_t page_number)
{
    return reel_intern_find(&marks->pages, page_number, process);
}
