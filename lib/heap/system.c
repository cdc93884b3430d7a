// SPDX-License-Identifier: MIT
// The backend `system`: hands every request unchanged to the malloc that the program would have used without us,
// glibc's or another preloaded allocator's. Adds no header, no rounding, no state to a block.
//
// The next allocator is looked up by dlsym at the first call. A failing dlsym allocates; such calls, which arrive while
// the lookup is under way, are served from a small static arena whose blocks are never reused.
#define _GNU_SOURCE
#include "heap/backend.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum
{
    ARENA_BYTES = 65536,
    ARENA_ALIGNMENT = 16,
};

// glibc's own names: they need no lookup, and tell whether the next malloc is glibc's. Absent in other C libraries.
extern void *__libc_malloc(size_t size) __attribute__((weak));
extern void __libc_free(void *block) __attribute__((weak));
extern void *__libc_calloc(size_t count, size_t size) __attribute__((weak));
extern void *__libc_realloc(void *block, size_t size) __attribute__((weak));
extern void *__libc_memalign(size_t alignment, size_t size) __attribute__((weak));
extern void *__libc_valloc(size_t size) __attribute__((weak));
extern void *__libc_pvalloc(size_t size) __attribute__((weak));

static struct
{
    struct heap_backend next; // constant once is_ready
    atomic_bool is_ready;
    atomic_size_t arena_used;
    alignas(ARENA_ALIGNMENT) unsigned char arena[ARENA_BYTES];
} system_heap;

static __thread bool is_resolving __attribute__((tls_model("initial-exec")));

// A block of the arena keeps its size in the 16 bytes before it. Memory is zero: nothing is reused.
static void *arena_allocate(size_t size)
{
    if (size > ARENA_BYTES)
        return NULL;
    size_t bytes = ARENA_ALIGNMENT + ((size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1));
    size_t at = atomic_fetch_add(&system_heap.arena_used, bytes);
    if (at + bytes > ARENA_BYTES)
        return NULL;
    memcpy(system_heap.arena + at, &size, sizeof size);
    return system_heap.arena + at + ARENA_ALIGNMENT;
}

static bool is_in_arena(const void *block)
{
    return (uintptr_t)block - (uintptr_t)system_heap.arena < ARENA_BYTES;
}

static size_t arena_size(const void *block)
{
    size_t size;
    memcpy(&size, (const unsigned char *)block - ARENA_ALIGNMENT, sizeof size);
    return size;
}

// dlsym gives an object pointer; POSIX promises that it can hold a function.
static void find(void *slot, const char *name, void *fallback)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        symbol = fallback;
    memcpy(slot, &symbol, sizeof symbol);
}

static void use_libc(struct heap_backend *next)
{
    next->malloc = __libc_malloc;
    next->free = __libc_free;
    next->calloc = __libc_calloc;
    next->realloc = __libc_realloc;
    next->memalign = __libc_memalign;
    next->valloc = __libc_valloc;
    next->pvalloc = __libc_pvalloc;
}

static void resolve(void)
{
    struct heap_backend next = {.name = "system"};
    is_resolving = true;
    find(&next.malloc, "malloc", NULL);
    find(&next.free, "free", NULL);
    find(&next.calloc, "calloc", NULL);
    find(&next.realloc, "realloc", NULL);
    find(&next.memalign, "memalign", NULL);
    find(&next.aligned_alloc, "aligned_alloc", NULL);
    find(&next.posix_memalign, "posix_memalign", NULL);
    find(&next.valloc, "valloc", NULL);
    find(&next.pvalloc, "pvalloc", NULL);
    find(&next.usable_size, "malloc_usable_size", NULL);
    find(&next.trim, "malloc_trim", NULL);
    find(&next.mallinfo2, "mallinfo2", NULL);
    if (next.malloc == __libc_malloc)
        use_libc(&next);
    is_resolving = false;
    // Two threads may get here at once; both write the same values.
    system_heap.next = next;
    atomic_store_explicit(&system_heap.is_ready, true, memory_order_release);
}

// NULL while this very thread is inside the lookup.
static const struct heap_backend *next_heap(void)
{
    if (__builtin_expect(!atomic_load_explicit(&system_heap.is_ready, memory_order_acquire), 0))
    {
        if (is_resolving)
            return NULL;
        int saved_errno = errno;
        resolve();
        errno = saved_errno;
    }
    return &system_heap.next;
}

static void *out_of_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

static void *early_allocate(size_t size)
{
    void *block = arena_allocate(size);
    return block ? block : out_of_memory();
}

static void *system_malloc(size_t size)
{
    const struct heap_backend *next = next_heap();
    return next ? next->malloc(size) : early_allocate(size);
}

static void system_free(void *block)
{
    if (is_in_arena(block))
        return;
    const struct heap_backend *next = next_heap();
    if (next)
        next->free(block);
}

static void *system_calloc(size_t count, size_t size)
{
    const struct heap_backend *next = next_heap();
    if (next)
        return next->calloc(count, size);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return out_of_memory();
    return early_allocate(bytes);
}

static void *move_out_of_arena(void *block, size_t size)
{
    void *moved = system_malloc(size);
    if (moved)
    {
        size_t old_size = arena_size(block);
        memcpy(moved, block, old_size < size ? old_size : size);
    }
    return moved;
}

static void *system_realloc(void *block, size_t size)
{
    if (block && is_in_arena(block))
        return move_out_of_arena(block, size);
    const struct heap_backend *next = next_heap();
    return next ? next->realloc(block, size) : early_allocate(size);
}

static void *system_memalign(size_t alignment, size_t size)
{
    const struct heap_backend *next = next_heap();
    return next && next->memalign ? next->memalign(alignment, size) : out_of_memory();
}

static void *system_aligned_alloc(size_t alignment, size_t size)
{
    const struct heap_backend *next = next_heap();
    return next && next->aligned_alloc ? next->aligned_alloc(alignment, size) : out_of_memory();
}

static int system_posix_memalign(void **block, size_t alignment, size_t size)
{
    const struct heap_backend *next = next_heap();
    return next && next->posix_memalign ? next->posix_memalign(block, alignment, size) : ENOMEM;
}

static void *system_valloc(size_t size)
{
    const struct heap_backend *next = next_heap();
    return next && next->valloc ? next->valloc(size) : out_of_memory();
}

static void *system_pvalloc(size_t size)
{
    const struct heap_backend *next = next_heap();
    return next && next->pvalloc ? next->pvalloc(size) : out_of_memory();
}

static size_t system_usable_size(void *block)
{
    if (is_in_arena(block))
        return arena_size(block);
    const struct heap_backend *next = next_heap();
    return next && next->usable_size ? next->usable_size(block) : 0;
}

static int system_trim(size_t pad)
{
    const struct heap_backend *next = next_heap();
    return next && next->trim ? next->trim(pad) : 0;
}

static struct mallinfo2 system_mallinfo2(void)
{
    const struct heap_backend *next = next_heap();
    return next && next->mallinfo2 ? next->mallinfo2() : (struct mallinfo2){0};
}

const struct heap_backend heap_system = {
    .name = "system",
    .malloc = system_malloc,
    .free = system_free,
    .calloc = system_calloc,
    .realloc = system_realloc,
    .memalign = system_memalign,
    .aligned_alloc = system_aligned_alloc,
    .posix_memalign = system_posix_memalign,
    .valloc = system_valloc,
    .pvalloc = system_pvalloc,
    .usable_size = system_usable_size,
    .trim = system_trim,
    .mallinfo2 = system_mallinfo2,
};
