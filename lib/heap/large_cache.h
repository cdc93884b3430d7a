// SPDX-License-Identifier: MIT
// Freed large blocks that keep their pages for the next ones: the kernel takes half a microsecond to give a page anew,
// and a program that allocates the same buffer again and again would pay that each time. Bounded, lock-free, and not to
// be reached while nobody owns them: a use after free faults as if they were gone. Knows only blocks between guards.
#ifndef HEAPREEL_HEAP_LARGE_CACHE_H
#define HEAPREEL_HEAP_LARGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

// What leaves the cache unused goes there, with its guards. Called once, before the others; without it nothing is kept.
void large_cache_open(void (*unmap)(char *block, uint64_t pages));
// Takes over a block that nobody uses any more. False: it is not worth it, and the block is as it was.
bool large_cache_put(char *block, uint64_t pages);
// A block of at least so many pages, usable, zeroed as far as it is wanted, and not much longer: *pages becomes what it
// has. NULL: none fits.
char *large_cache_take(uint64_t *pages);
// Unmaps all. False: there was nothing.
bool large_cache_give_up(void);

#endif
