// SPDX-License-Identifier: MIT
// Ranges of pages that are not unmapped although no block needs them, because a hole in a mapping makes two of it and
// the kernel limits mappings. No memory backs them; large blocks are made of them again. Lock-free; each range has an
// entry in the table.
#ifndef HEAPREEL_HEAP_LARGE_KEPT_H
#define HEAPREEL_HEAP_LARGE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Once: how many holes there may be before ranges are kept.
void large_kept_open(uint64_t holes_max);
// Unmaps whole pages, or keeps them. may_be_hole: what lies on both sides may be one mapping with them.
void large_kept_unmap(void *address, uint64_t pages, bool may_be_hole);
// Something was mapped, and the kernel prefers holes.
void large_kept_note_mapped(void);
// Zeroed pages at a multiple of the alignment out of what is kept; looks at the first few ranges alone. NULL: none.
void *large_kept_take(uint64_t pages, size_t alignment);
// Unmaps everything that is kept, as far as the kernel lets it. False: nothing was.
bool large_kept_give_up(void);

#endif
