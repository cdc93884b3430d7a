// SPDX-License-Identifier: MIT
// Where the allocators get address space and pages: the kernel's calls together with what an observer is told of them.
// Thread-safe without locks, keeps errno.
#ifndef HEAPREEL_HEAP_PAGES_H
#define HEAPREEL_HEAP_PAGES_H

#include "heap/observer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    PAGES_BYTES = 4096,
};

// Address space of at most bytes_wanted, aligned to a page; halves what is wanted down to bytes_min until the limits
// allow it. *bytes: what was got. NULL: not even bytes_min. The observer is told of a zone.
void *pages_reserve(size_t bytes_wanted, size_t bytes_min, uint32_t class_id, enum heap_role role, size_t *bytes);
// Tells the observer of a zone in a reservation that the allocator made and divides itself.
void pages_tell_zone(const void *address, size_t bytes, uint32_t class_id, enum heap_role role);
// Makes pages of a reservation usable, zeroed. False: no memory; nothing has changed.
bool pages_commit(void *address, size_t bytes);
// Their contents are gone and no memory backs them; they stay usable and read as zeros. In a process
// that has locked its memory they stay backed.
void pages_return(void *address, size_t bytes);
// Like pages_return, and any access faults until they are committed again. False: the kernel's limit of mappings; they
// are returned all the same.
bool pages_return_and_protect(void *address, size_t bytes);
void pages_set_read_only(void *address, size_t bytes);

// What this process may still reserve: RLIMIT_AS minus what is in use; SIZE_MAX without a limit.
size_t pages_space_left(void);
// Of the machine.
size_t pages_physical_bytes(void);
// vm.max_map_count; 65530 where it cannot be read.
size_t pages_map_count_max(void);

#endif
