// SPDX-License-Identifier: MIT
// An allocator as the preload library sees it: one table of functions.
//
// Each function means what its namesake in the C library means, errno included; free keeps errno. All may be called
// from any thread, before constructors have run and after destructors have. A backend knows nobody who watches: what
// else there is to know of a call is part of its answer, and what happens to pages goes to an observer (observer.h).
#ifndef HEAPREEL_HEAP_BACKEND_H
#define HEAPREEL_HEAP_BACKEND_H

#include "heap/observer.h"
#include "heap/options.h"

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a call gave, in two registers.
struct heap_grant
{
    void *block;    // NULL: nothing was given, errno tells why
    uint64_t about; // usable bytes << HEAP_GRANT_SHIFT | enum heap_grant_bit
};

enum heap_grant_bit
{
    HEAP_GRANT_CARVED = 1, // the slot was carved for this block: it has never been handed out before
    HEAP_GRANT_MISUSE = 2, // heap_misuse_take has something to tell, also when block is NULL
    HEAP_GRANT_SHIFT = 2,
};

// Usable bytes of 0: ask usable_size (`system`, which does not ask for what nobody may want to know).
static inline struct heap_grant heap_grant_of(void *block, size_t usable_bytes, uint32_t bits)
{
    return (struct heap_grant){block, (uint64_t)usable_bytes << HEAP_GRANT_SHIFT | bits};
}

static inline size_t heap_grant_usable(struct heap_grant grant)
{
    return (size_t)(grant.about >> HEAP_GRANT_SHIFT);
}

struct heap_backend
{
    const char *name;
    struct heap_grant (*malloc)(size_t size);
    struct heap_grant (*calloc)(size_t count, size_t size);
    struct heap_grant (*realloc)(void *block, size_t size); // block may be NULL
    struct heap_grant (*memalign)(size_t alignment, size_t size);
    struct heap_grant (*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(struct heap_grant *grant, size_t alignment, size_t size); // *grant is left alone on failure
    struct heap_grant (*valloc)(size_t size);
    struct heap_grant (*pvalloc)(size_t size);
    // True: heap_misuse_take has something to tell. A block that is not live is left alone.
    bool (*free)(void *block);
    // The caller claims that the block was asked for with that size (and alignment; 0 = none).
    bool (*free_sized)(void *block, size_t size, size_t alignment);
    size_t (*usable_size)(void *block); // 0 for what is no live block
    int (*trim)(size_t pad);
    struct mallinfo2 (*mallinfo2)(void);

    // NULL in `system` from here on.
    // Called once before any other function, by one thread. False: no address space; one line was written.
    bool (*open)(const struct heap_options *options);
    // Tells everything there is now: classes, zones, committed ranges. Consistent per class with what the observer is
    // told by other threads meanwhile.
    void (*describe)(const struct heap_observer *observer);
    // Counts of every class, as the allocator's own books say.
    void (*census)(const struct heap_observer *observer);
    // Around fork, in the forking thread. NULL where nothing is needed.
    void (*fork_prepare)(void);
    void (*fork_parent)(void);
    void (*fork_child)(void);
};

// Pass-through to the malloc that the program would have used.
extern const struct heap_backend heap_system;
extern const struct heap_backend heap_bump_lifo;
extern const struct heap_backend heap_bump_fifo;
extern const struct heap_backend heap_bump_none;
extern const struct heap_backend heap_zoned;
extern const struct heap_backend heap_splitmerge;

// The backend that the options name, opened. NULL: it could not be opened. Once in a process.
const struct heap_backend *heap_open(const struct heap_options *options);

#endif
