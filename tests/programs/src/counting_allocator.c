// SPDX-License-Identifier: MIT
// A second judge, to be preloaded beside the recorder: counts what reaches the allocator below it, per process image,
// in a file of the directory COUNTS_DIRECTORY. The counters live in a shared mapping, so they outlive any death.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *block);

struct counts
{
    atomic_ulong allocations;
    atomic_ulong frees;
    atomic_ulong resizes;
};

static struct counts early;             // before the file can be opened
static struct counts **counts_or_wiped; // in a page that the kernel clears in a forked child
static struct counts ignored;

static struct counts *open_counts(void)
{
    char path[512];
    const char *directory = getenv("COUNTS_DIRECTORY");
    int file = -1;
    if (strcmp(program_invocation_short_name, "heapreel") == 0)
        return &ignored; // the recorder itself, and its child until it becomes the program
    for (int serial = 0; directory != NULL && serial < 1000; serial++)
    {
        snprintf(path, sizeof path, "%s/%d.%d", directory, getpid(), serial);
        file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0 || errno != EEXIST)
            break;
    }
    if (file < 0 || ftruncate(file, sizeof(struct counts)) != 0)
        return &ignored;
    void *mapped = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return mapped == MAP_FAILED ? &ignored : mapped;
}

static struct counts *counts(void)
{
    if (counts_or_wiped == NULL)
        return &early;
    if (*counts_or_wiped == NULL)
    {
        int kept = errno;
        *counts_or_wiped = open_counts();
        errno = kept;
    }
    return *counts_or_wiped;
}

__attribute__((constructor)) static void begin(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || madvise(page, 4096, MADV_WIPEONFORK) != 0)
        return;
    counts_or_wiped = page;
    atomic_store(&counts()->allocations, early.allocations);
    atomic_store(&counts()->frees, early.frees);
    atomic_store(&counts()->resizes, early.resizes);
}

static void *counted(void *block)
{
    if (block != NULL)
        counts()->allocations++;
    return block;
}

void *malloc(size_t bytes)
{
    return counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return counted(__libc_calloc(count, bytes));
}

void *memalign(size_t alignment, size_t bytes)
{
    return counted(__libc_memalign(alignment, bytes));
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return counted(__libc_memalign(alignment, bytes)); // not by memalign: the recorder stands between them
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    int kept = errno;
    void *made = counted(__libc_memalign(alignment, bytes));
    errno = kept;
    if (made == NULL)
        return ENOMEM;
    *block = made;
    return 0;
}

void free(void *block)
{
    if (block != NULL)
        counts()->frees++;
    __libc_free(block);
}

void *realloc(void *block, size_t bytes)
{
    uintptr_t before = (uintptr_t)block;
    void *after = __libc_realloc(block, bytes);
    struct counts *now = counts();
    now->resizes += before != 0 && before == (uintptr_t)after;
    now->allocations += after != NULL && before != (uintptr_t)after;
    now->frees += before != 0 && before != (uintptr_t)after && (after != NULL || bytes == 0);
    return after;
}
