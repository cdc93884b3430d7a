// SPDX-License-Identifier: MIT
// An allocator with known faults, so that those who look for faults can be seen to find them: free changes errno, and
// one realloc in a hundred changes a byte that it should keep.
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

extern void __libc_free(void *block);
extern void *__libc_realloc(void *block, size_t size);
void free(void *block);
void *realloc(void *block, size_t size);

static atomic_uint count;

void free(void *block)
{
    __libc_free(block);
    errno = EBADF;
}

void *realloc(void *block, size_t size)
{
    unsigned char *moved = __libc_realloc(block, size);
    if (block && moved && size > 0 && size < 64 && atomic_fetch_add(&count, 1) % 100 == 99)
        moved[0] ^= 1;
    return moved;
}
