// SPDX-License-Identifier: MIT
// An allocator to be preloaded beside the recorder: it carves from one reservation, never reuses, and may therefore be
// interrupted anywhere and entered again.
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define RESERVATION_BYTES ((size_t)16 << 30)
#define HEADER_BYTES 16

static _Atomic(char *) next;

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *block, size_t bytes);
void free(void *block);

static void reserve(void)
{
    char *expected = NULL;
    char *made =
        mmap(NULL, RESERVATION_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!atomic_compare_exchange_strong(&next, &expected, made))
        munmap(made, RESERVATION_BYTES);
}

// The exported functions must not call each other: the recorder stands between them.
static void *carve(size_t bytes)
{
    if (atomic_load(&next) == NULL)
        reserve();
    size_t taken = (bytes + HEADER_BYTES + 15) & ~(size_t)15;
    char *slot = atomic_fetch_add(&next, (ptrdiff_t)taken);
    *(size_t *)(void *)slot = bytes;
    return slot + HEADER_BYTES;
}

void *malloc(size_t bytes)
{
    return carve(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return carve(count * bytes); // fresh pages are zero, and nothing is used twice
}

void *realloc(void *block, size_t bytes)
{
    void *moved = carve(bytes);
    if (block != NULL)
    {
        size_t before = *(size_t *)(void *)((char *)block - HEADER_BYTES);
        memcpy(moved, block, before < bytes ? before : bytes);
    }
    return moved;
}

void free(void *block)
{
    (void)block;
}
