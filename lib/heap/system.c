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
    SIZES_COMPARED = 1024, // before the word in front of a block is believed
};

// glibc's malloc keeps in the word before a block what the block takes with this word (malloc/malloc.c, "chunks").
enum
{
    CHUNK_IS_MAPPED = 2,
    CHUNK_FLAGS = 7,
};

// glibc's own names: they need no lookup, and tell whether the next malloc is glibc's. Absent in other C libraries.
extern void *__libc_malloc(size_t size) __attribute__((weak));
extern void __libc_free(void *block) __attribute__((weak));
extern void *__libc_calloc(size_t count, size_t size) __attribute__((weak));
extern void *__libc_realloc(void *block, size_t size) __attribute__((weak));
extern void *__libc_memalign(size_t alignment, size_t size) __attribute__((weak));
extern void *__libc_valloc(size_t size) __attribute__((weak));
extern void *__libc_pvalloc(size_t size) __attribute__((weak));

// The next allocator's functions, as the C library declares them. NULL: it has none.
struct next_functions
{
    void *(*malloc)(size_t size);
    void (*free)(void *block);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void *(*memalign)(size_t alignment, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(void **block, size_t alignment, size_t size);
    void *(*valloc)(size_t size);
    void *(*pvalloc)(size_t size);
    size_t (*usable_size)(void *block);
    int (*trim)(size_t pad);
    struct mallinfo2 (*mallinfo2)(void);
};

static struct
{
    struct next_functions next; // constant once is_ready
    atomic_bool is_ready;
    atomic_uint sizes_compared; // above SIZES_COMPARED: one was not what it should have been
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

static void use_libc(struct next_functions *next)
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
    struct next_functions next = {0};
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
__attribute__((noinline, cold)) static const struct next_functions *find_next_heap(void)
{
    if (is_resolving)
        return NULL;
    int saved_errno = errno;
    resolve();
    errno = saved_errno;
    return &system_heap.next;
}

static inline const struct next_functions *next_heap(void)
{
    bool is_ready = atomic_load_explicit(&system_heap.is_ready, memory_order_acquire);
    return __builtin_expect(is_ready, 1) ? &system_heap.next : find_next_heap();
}

static inline size_t word_before(const void *block)
{
    return ((const size_t *)block)[-1];
}

static inline size_t usable_by_word(size_t word)
{
    return (word & ~(size_t)CHUNK_FLAGS) - sizeof word;
}

// malloc_usable_size reads the block after this one too, often the first to do so. What it would say is in the word
// before the block, once that has been seen to be so of many.
static inline struct heap_grant grant(void *block)
{
    if (!block || atomic_load_explicit(&system_heap.sizes_compared, memory_order_relaxed) != SIZES_COMPARED)
        return heap_grant_of(block, 0, 0);
    size_t word = word_before(block);
    return heap_grant_of(block, word & CHUNK_IS_MAPPED ? 0 : usable_by_word(word), 0);
}

// A mapped block's word tells nothing of the others'.
static void compare_sizes(const void *block, size_t usable)
{
    unsigned int compared = atomic_load_explicit(&system_heap.sizes_compared, memory_order_relaxed);
    if (compared >= SIZES_COMPARED || word_before(block) & CHUNK_IS_MAPPED)
        return;
    bool is_right = usable_by_word(word_before(block)) == usable;
    atomic_store_explicit(&system_heap.sizes_compared, is_right ? compared + 1 : SIZES_COMPARED + 1,
                          memory_order_relaxed);
}

static struct heap_grant out_of_memory(void)
{
    errno = ENOMEM;
    return grant(NULL);
}

static struct heap_grant early_allocate(size_t size)
{
    void *block = arena_allocate(size);
    return block ? heap_grant_of(block, 0, 0) : out_of_memory();
}

static struct heap_grant system_malloc(size_t size)
{
    const struct next_functions *next = next_heap();
    return next ? grant(next->malloc(size)) : early_allocate(size);
}

static bool system_free(void *block)
{
    const struct next_functions *next = is_in_arena(block) ? NULL : next_heap();
    if (next)
        next->free(block);
    return false;
}

static bool system_free_sized(void *block, size_t size, size_t alignment)
{
    (void)size;
    (void)alignment;
    return system_free(block);
}

static struct heap_grant system_calloc(size_t count, size_t size)
{
    const struct next_functions *next = next_heap();
    if (next)
        return grant(next->calloc(count, size));
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return out_of_memory();
    return early_allocate(bytes);
}

static struct heap_grant move_out_of_arena(void *block, size_t size)
{
    struct heap_grant moved = system_malloc(size);
    if (moved.block)
    {
        size_t old_size = arena_size(block);
        memcpy(moved.block, block, old_size < size ? old_size : size);
    }
    return moved;
}

static struct heap_grant system_realloc(void *block, size_t size)
{
    if (block && is_in_arena(block))
        return move_out_of_arena(block, size);
    const struct next_functions *next = next_heap();
    return next ? grant(next->realloc(block, size)) : early_allocate(size);
}

static struct heap_grant system_memalign(size_t alignment, size_t size)
{
    const struct next_functions *next = next_heap();
    return next && next->memalign ? grant(next->memalign(alignment, size)) : out_of_memory();
}

static struct heap_grant system_aligned_alloc(size_t alignment, size_t size)
{
    const struct next_functions *next = next_heap();
    return next && next->aligned_alloc ? grant(next->aligned_alloc(alignment, size)) : out_of_memory();
}

static int system_posix_memalign(struct heap_grant *given, size_t alignment, size_t size)
{
    void *block = NULL;
    const struct next_functions *next = next_heap();
    int result = next && next->posix_memalign ? next->posix_memalign(&block, alignment, size) : ENOMEM;
    if (result == 0)
        *given = grant(block);
    return result;
}

static struct heap_grant system_valloc(size_t size)
{
    const struct next_functions *next = next_heap();
    return next && next->valloc ? grant(next->valloc(size)) : out_of_memory();
}

static struct heap_grant system_pvalloc(size_t size)
{
    const struct next_functions *next = next_heap();
    return next && next->pvalloc ? grant(next->pvalloc(size)) : out_of_memory();
}

static size_t system_usable_size(void *block)
{
    if (is_in_arena(block))
        return arena_size(block);
    const struct next_functions *next = next_heap();
    size_t usable = next && next->usable_size ? next->usable_size(block) : 0;
    if (next && next->malloc == __libc_malloc)
        compare_sizes(block, usable);
    return usable;
}

static int system_trim(size_t pad)
{
    const struct next_functions *next = next_heap();
    return next && next->trim ? next->trim(pad) : 0;
}

static struct mallinfo2 system_mallinfo2(void)
{
    const struct next_functions *next = next_heap();
    return next && next->mallinfo2 ? next->mallinfo2() : (struct mallinfo2){0};
}

const struct heap_backend heap_system = {
    .name = "system",
    .malloc = system_malloc,
    .calloc = system_calloc,
    .realloc = system_realloc,
    .memalign = system_memalign,
    .aligned_alloc = system_aligned_alloc,
    .posix_memalign = system_posix_memalign,
    .valloc = system_valloc,
    .pvalloc = system_pvalloc,
    .free = system_free,
    .free_sized = system_free_sized,
    .usable_size = system_usable_size,
    .trim = system_trim,
    .mallinfo2 = system_mallinfo2,
};
