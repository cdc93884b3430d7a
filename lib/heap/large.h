// SPDX-License-Identifier: MIT
// Large blocks: each has a mapping of its own, with an inaccessible page on either side while vm.max_map_count lets us.
// Found by address in a radix table of atomic words, never by anything that lies near the block. No lock anywhere:
// usable in signal handlers, in forked children, and while any thread is stopped. Some freed blocks are kept,
// inaccessible, for the next ones.
//
// Address and usable size are multiples of the page; the usable size is the mapping's.
#ifndef HEAPREEL_HEAP_LARGE_H
#define HEAPREEL_HEAP_LARGE_H

#include "heap/misuse.h"

#include <stdbool.h>
#include <stddef.h>

enum
{
    LARGE_PAGE_BYTES = 4096,
};

// Once, before anything else here. Reads vm.max_map_count.
void large_open(void);
// Fresh zeroed memory; NULL and ENOMEM. alignment: a power of two, any size the address space holds; 0 or up to a page
// means a page. size of 0 is served like 1.
void *large_allocate(size_t size, size_t alignment);
// What there is at the address: usable bytes of a live large block, 0 for anything else.
size_t large_usable_size(const void *block);
// 0: done. Otherwise enum heap_misuse_kind and nothing has changed: double free, no block, or an address inside one.
int large_free(void *block);
// Shrinks or grows, moving the pages and not their contents. NULL and ENOMEM: nothing has changed.
void *large_resize(void *block, size_t size);
// Gives back what was kept of freed blocks. False: there was nothing.
bool large_trim(void);
// Live blocks and their usable bytes.
void large_count(size_t *blocks, size_t *bytes);

#endif
