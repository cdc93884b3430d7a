// SPDX-License-Identifier: MIT
// S11, heap corruption: 4000 blocks, half of them freed; then every byte of the live and the freed ones is set to 0xFF
// (with the word `pages`: every byte of every page that holds one, with whatever lies between). After that the program
// goes on: frees, allocates, writes, compares. In a child, which may be killed for it.
// Watch: survived, 1 when it came to its end and all blocks held what was written to them; overlapping, those that did
// not.
// Expect: zoned survives both, as its state is elsewhere. Links and tags between the blocks lead anywhere, or are found
// broken.
#include "sample.h"

#include <malloc.h>
#include <sys/uio.h>

enum
{
    BLOCKS = 4000,
    BYTES_MAX = 3000,
};

static bool is_whole_pages;
static double *overlapping; // shared with the child
static struct
{
    unsigned char *address;
    size_t bytes;
} blocks[BLOCKS];

// By a system call, which skips what cannot be written.
static void scribble(uintptr_t begin, uintptr_t end)
{
    static unsigned char ones[SAMPLE_PAGE];
    memset(ones, 0xff, sizeof ones);
    while (begin < end)
    {
        size_t bytes =
            SAMPLE_PAGE - begin % SAMPLE_PAGE < end - begin ? SAMPLE_PAGE - begin % SAMPLE_PAGE : end - begin;
        struct iovec from = {ones, bytes};
        struct iovec to = {(void *)begin, bytes};
        process_vm_writev(getpid(), &from, 1, &to, 1, 0);
        begin += bytes;
    }
}

static void allocate(size_t at)
{
    size_t bytes = 16 + sample_below(BYTES_MAX);
    blocks[at].address = sample_touch(malloc(bytes), bytes);
    blocks[at].bytes = malloc_usable_size(blocks[at].address);
}

static void corrupt_and_go_on(void)
{
    for (size_t i = 0; i < BLOCKS; i++)
        allocate(i);
    for (size_t i = 0; i < BLOCKS; i += 2)
        free(blocks[i].address);
    for (size_t i = 0; i < BLOCKS; i++)
    {
        uintptr_t begin = (uintptr_t)blocks[i].address;
        uintptr_t end = begin + blocks[i].bytes;
        if (is_whole_pages)
            scribble(begin & -(uintptr_t)SAMPLE_PAGE, (end + SAMPLE_PAGE - 1) & -(uintptr_t)SAMPLE_PAGE);
        else
            scribble(begin, end);
    }
    for (size_t i = 1; i < BLOCKS; i += 2)
        free(blocks[i].address);
    for (size_t i = 0; i < BLOCKS; i++)
    {
        allocate(i);
        memset(blocks[i].address, (int)(i % 251), blocks[i].bytes);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t j = 0; j < blocks[i].bytes; j++)
            if (blocks[i].address[j] != i % 251)
            {
                ++*overlapping;
                break;
            }
}

int main(int argc, char **argv)
{
    sample_begin();
    is_whole_pages = argc > 1 && strcmp(argv[1], "pages") == 0;
    overlapping = sample_memory(sizeof *overlapping);
    int status = sample_bounded(corrupt_and_go_on, 10);
    sample_figure("survived", status == 0 && *overlapping == 0);
    sample_figure("signal", status);
    sample_figure("overlapping", *overlapping);
}
