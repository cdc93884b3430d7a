// SPDX-License-Identifier: MIT
// Checks the arguments of the malloc family before an allocator sees them, and gives errno as the C library does.
// Allocates nothing itself.
#include "heap/arguments.h"

#include "heap/misuse.h"
#include "heap/pages.h"

#include <errno.h>

static bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static struct heap_grant invalid_argument(void)
{
    errno = EINVAL;
    return heap_grant_of(NULL, 0, 0);
}

static struct heap_grant allocate_sane(heap_allocate *allocate, size_t alignment, size_t size)
{
    return heap_size_is_sane(size) ? allocate(alignment, size) : heap_no_memory(true);
}

bool heap_size_is_sane(size_t size)
{
    if (__builtin_expect(size <= PTRDIFF_MAX, 1))
        return true;
    errno = ENOMEM;
    heap_misuse_note(HEAP_MISUSE_ABSURD_SIZE, NULL, size, 0);
    return false;
}

struct heap_grant heap_no_memory(bool is_misuse)
{
    errno = ENOMEM;
    return heap_grant_of(NULL, 0, is_misuse ? HEAP_GRANT_MISUSE : 0);
}

struct heap_grant heap_memalign(heap_allocate *allocate, size_t alignment, size_t size)
{
    const size_t alignment_max = SIZE_MAX / 2 + 1;
    if (alignment > alignment_max)
        return invalid_argument();
    size_t rounded = alignment <= 1 ? 1 : (size_t)1 << (64 - __builtin_clzll(alignment - 1));
    return allocate_sane(allocate, rounded, size);
}

struct heap_grant heap_aligned_alloc(heap_allocate *allocate, size_t alignment, size_t size)
{
    return is_power_of_two(alignment) ? allocate_sane(allocate, alignment, size) : invalid_argument();
}

int heap_posix_memalign(heap_allocate *allocate, struct heap_grant *grant, size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0)
        return EINVAL;
    int saved_errno = errno;
    struct heap_grant given = allocate_sane(allocate, alignment, size);
    errno = saved_errno;
    if (!given.block)
        return ENOMEM;
    *grant = given;
    return 0;
}

struct heap_grant heap_valloc(heap_allocate *allocate, size_t size)
{
    return allocate_sane(allocate, PAGES_BYTES, size);
}

struct heap_grant heap_pvalloc(heap_allocate *allocate, size_t size)
{
    size_t rounded = size > PTRDIFF_MAX ? size : (size + PAGES_BYTES - 1) & ~(size_t)(PAGES_BYTES - 1);
    return allocate_sane(allocate, PAGES_BYTES, rounded);
}
