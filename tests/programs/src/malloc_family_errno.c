// SPDX-License-Identifier: MIT
// What the malloc family does to errno, and that it refuses what is too large.
#define _GNU_SOURCE
#include "expect.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

static volatile size_t huge = SIZE_MAX, beyond = (size_t)PTRDIFF_MAX + 1, half = SIZE_MAX / 2 + 2;

#define EXPECT_NO_MEMORY(call)                                                                                         \
    do                                                                                                                 \
    {                                                                                                                  \
        errno = 0;                                                                                                     \
        void *volatile refused = (call);                                                                               \
        EXPECT(refused == NULL && errno == ENOMEM);                                                                    \
    } while (0)

static void refuse_too_much(void)
{
    EXPECT_NO_MEMORY(malloc(huge));
    EXPECT_NO_MEMORY(malloc(beyond));
    EXPECT_NO_MEMORY(calloc(half, 2));
    EXPECT_NO_MEMORY(calloc(2, half));
    EXPECT_NO_MEMORY(memalign(64, huge));
    EXPECT_NO_MEMORY(aligned_alloc(64, beyond));
    EXPECT_NO_MEMORY(valloc(huge));
    EXPECT_NO_MEMORY(pvalloc(huge));
}

// A realloc that fails leaves the block alive, which the compiler does not believe: hence the volatile copies.
static void keep_block(void)
{
    char *volatile block = malloc(10);
    char *volatile same = block;
    *block = 'k';
    EXPECT_NO_MEMORY(realloc(block, beyond));
    EXPECT_NO_MEMORY(reallocarray(same, half, 2));
    EXPECT(*same == 'k');
    free(same);
}

static void keep_errno(void)
{
    void *small = malloc(10), *big = malloc(1 << 22);
    errno = 4711;
    free(small);
    free(big);
    free(NULL);
    EXPECT(errno == 4711);
    free(malloc(100));
    free(calloc(3, 100));
    free(realloc(malloc(10), 100000));
    EXPECT(errno == 4711);
}

static void leave_pointer(void)
{
    void *const before = &failures;
    void *block = before;
    errno = 4711;
    EXPECT(posix_memalign(&block, 3, 10) == EINVAL && block == before);
    EXPECT(posix_memalign(&block, 4, 10) == EINVAL && block == before);
    EXPECT(errno == 4711);
    EXPECT(posix_memalign(&block, 64, huge) == ENOMEM && block == before);
}

int main(void)
{
    refuse_too_much();
    keep_block();
    keep_errno();
    leave_pointer();
    printf("%d failures\n", failures);
    return failures != 0;
}
