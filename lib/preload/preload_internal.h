// SPDX-License-Identifier: MIT
// What the files of lib/preload share.
#ifndef HEAPREEL_PRELOAD_PRELOAD_INTERNAL_H
#define HEAPREEL_PRELOAD_PRELOAD_INTERNAL_H

#include "heap/backend.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// --- choose.c: the allocator ---

// NULL until the first call, then constant.
extern const struct heap_backend *preload_chosen_heap __attribute__((visibility("hidden")));
extern struct heap_options preload_heap_options; // of the same

// Chooses and opens the allocator that the environment names; while another thread is at it, waits for that. Ends the
// process where it cannot: a program must not run under another allocator than it was told to.
const struct heap_backend *preload_choose_heap(void);

// The allocator of this process.
static inline const struct heap_backend *preload_heap(void)
{
    const struct heap_backend *heap = __atomic_load_n(&preload_chosen_heap, __ATOMIC_ACQUIRE);
    return __builtin_expect(heap != NULL, 1) ? heap : preload_choose_heap();
}

// --- family.c: the exported functions of that name, whoever else defines one ---

void preload_free_sized(void *block, size_t size);
void preload_free_aligned_sized(void *block, size_t alignment, size_t size);

// --- delete.c ---

// Looks up the C++ library's deletes, if there is one: later that could wait for the loader's lock.
void preload_find_deletes(void);

// --- tell.c: what the allocator tells, into the recording ---

// Before the allocator is opened, if it is one that tells.
void preload_tell_begin(void);
// What the allocator's books say at the end.
void preload_tell_census(void);

// --- misuse.c: what the program did wrong ---

// frame: of the exported function that it called. Both keep errno.
// The allocator's answer was that there is something to tell. flags: of the event, enum wire_event_flag.
void preload_misuse(uint32_t flags, const void *frame);
// A request for size bytes was refused, or a realloc gave nothing: tells what the allocator noticed, and of a size that
// could never have been served. With `system` that goes into the recording alone.
void preload_refusal(size_t size, uint32_t flags, const void *frame);

// --- process.c ---

// A thread that has events: arranges that its ring is given back when it ends.
void preload_note_thread(void);

// --- environment.c ---

// The environment for a program that is about to be started, with our variables in it: environment itself if they are
// there, else a copy in storage, which holds at least preload_environment_bytes(environment). No allocation: it runs in
// children of vfork.
size_t preload_environment_bytes(char *const *environment);
char *const *preload_environment(char *const *environment, void *storage);

// Reads the variables that preload_environment will restore; once, in the constructor.
void preload_environment_remember(char *const *environment);

#endif
