// SPDX-License-Identifier: MIT
// Which stacks of an advice have live blocks on which pages. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_ADVICE_MARKS_H
#define HEAPREEL_REEL_REPLAY_ADVICE_MARKS_H

#include "reel/blame.h"
#include "reel/intern.h"

static_assert(REEL_ADVICE_MOST <= 64, "a mask has a bit for each row");

struct advice_marks
{
    struct reel_intern pages; // (process, page number)
    uint64_t *masks;          // [id of the page], a bit for each row
    size_t mask_max;
};

int advice_marks_init(struct advice_marks *marks); // REEL_OK or REEL_E_NO_MEMORY
void advice_marks_fini(struct advice_marks *marks);

// The row's stack has a block that ends on the page. REEL_OK or REEL_E_NO_MEMORY.
int advice_marks_add(struct advice_marks *marks, uint32_t process, uint64_t page_number, size_t row);
// 0: none of them has.
uint32_t advice_marks_find(const struct advice_marks *marks, uint32_t process, uint64_t page_number);

#endif
