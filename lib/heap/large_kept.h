// SPDX-License-Identifier: MIT
// Ranges of pages that the kernel would not unmap, because a hole in a mapping needs one mapping more and the limit is
// reached. No memory backs them; large blocks are made of them again. Lock-free; each range has an entry in the table.
#ifndef HEAPREEL_HEAP_LARGE_KEPT_H
#define HEAPREEL_HEAP_LARGE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Unmaps whole pages, or keeps them.
void large_kept_unmap(void *address, uint64_t pages);
// Zeroed pages at a multiple of the alignment out of what is kept; looks at no more than so many ranges. NULL: none.
void *large_kept_take(uint64_t pages, size_t alignment, size_t looks);

#endif
