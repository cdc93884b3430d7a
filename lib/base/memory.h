// SPDX-License-Identifier: MIT
// The one door to the kernel's memory calls. Thread-safe, keeps errno, never allocates.
#ifndef HEAPREEL_BASE_MEMORY_H
#define HEAPREEL_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

// Zeroed private pages, committed by the kernel when first touched. NULL on failure.
void *base_memory_map(size_t bytes);
// The same, but the kernel holds it against what it has to give, as it does the C library's: absurd sizes are refused.
// Unusable pages are held against it once they are committed.
void *base_memory_map_charged(size_t bytes, bool is_usable);
// Address space alone, which no limit of the program's data counts. NULL on failure.
void *base_memory_reserve(size_t bytes);
// Makes whole pages around [address, address + bytes) of a reservation usable, zeroed where they are new. False: a
// limit.
bool base_memory_commit(void *address, size_t bytes);
// One zeroed page that reads as zeros again in every child made by any kind of fork. NULL on failure.
void *base_memory_map_wiped_on_fork(size_t bytes);
// A file from its start, shared; the descriptor may be closed afterwards. NULL on failure.
void *base_memory_map_file(int descriptor, size_t bytes, bool is_writable);
// Puts new, private memory in place of what is mapped there.
bool base_memory_replace(void *address, size_t bytes);
// False: the limit of mappings, which a hole in the middle of one needs one more of. Nothing has changed.
bool base_memory_unmap(void *address, size_t bytes);
// Whole pages that no access reaches any more; their contents stay. False: the limit of mappings.
bool base_memory_protect(void *address, size_t bytes);
bool base_memory_set_read_only(void *address, size_t bytes);
// Makes a mapping longer where it is; the new pages are zeroed. False: nothing has changed.
bool base_memory_extend(void *address, size_t bytes, size_t new_bytes);
// Moves whole pages with their contents to where other pages are, which they replace; new ones are zeroed. 0: done.
// -ENOMEM: nothing has changed. Another negative errno number: nothing was moved, and the other pages are gone.
long base_memory_move(void *address, size_t bytes, void *to, size_t new_bytes);
// Backs whole pages around [address, address + bytes) with memory now, so that no later touch can fail. False: no
// memory.
bool base_memory_populate(void *address, size_t bytes);
// Private pages read as zeros again. False: the program has locked its memory, and nothing has changed.
bool base_memory_clear(void *address, size_t bytes);
// Whether a read of the 8 bytes there would succeed.
bool base_memory_is_readable(const void *address);

#endif
