// SPDX-License-Identifier: MIT
// Memory of tables that may become large. A small one comes from malloc; a large one is a mapping of its own, in huge
// pages, since lookups go anywhere in it; it grows by moving its pages, without a copy.
//
// Some large ones that were freed are kept for the next that are asked for: the kernel takes as long to clear pages as
// a table takes to be filled.
//
// All functions are given the bytes that were asked for last. Alignment is at least a cache line. Thread safe.
#ifndef HEAPREEL_REEL_TABLE_MEMORY_H
#define HEAPREEL_REEL_TABLE_MEMORY_H

#include <stddef.h>

// NULL: no memory. The second kind is all zero.
void *table_memory_allocate(size_t bytes);
void *table_memory_allocate_zeroed(size_t bytes);
// What was there stays, as far as it fits; the rest is undefined. NULL: no memory, nothing changed. memory is not NULL,
// bytes no less than old_bytes.
void *table_memory_grow(void *memory, size_t old_bytes, size_t bytes);
void table_memory_free(void *memory, size_t bytes); // NULL: nothing

#endif
