// SPDX-License-Identifier: MIT
// S13, physical use of a zone is bounded by its peak, and pages belong to one class: eight sizes, each with up to 4000
// live blocks that come and go at random.
// Watch: shared_pages, pages that held blocks of two classes; pages_of_packed, pages that ever held a block of a class
// over the pages of its peak, packed.
// Expect: zoned 0 and little above 1. Bump carves all classes from one pointer: nearly every page is shared.
#include "sample.h"

#include <malloc.h>

enum
{
    SIZES = 8,
    LIVE = 4000,
    EVENTS = 400000,
};

static const size_t bytes_of[SIZES] = {16, 48, 96, 160, 320, 512, 1000, 2000};

static struct
{
    void *blocks[LIVE];
    size_t count;
    size_t peak;
    size_t usable_bytes;
} * classes;

static struct sample_set pages;
static struct sample_set pages_of_classes; // page and class in one number

static void allocate(size_t class)
{
    size_t bytes = bytes_of[class];
    unsigned char *block = sample_touch(malloc(bytes), bytes);
    classes[class].blocks[classes[class].count++] = block;
    classes[class].usable_bytes = malloc_usable_size(block);
    if (classes[class].count > classes[class].peak)
        classes[class].peak = classes[class].count;
    sample_set_add_pages(&pages, block, bytes);
    for (uintptr_t page = (uintptr_t)block / SAMPLE_PAGE; page <= (uintptr_t)(block + bytes - 1) / SAMPLE_PAGE; page++)
        sample_set_add(&pages_of_classes, page * SIZES + class);
}

static void release(size_t class)
{
    size_t at = sample_below(classes[class].count);
    free(classes[class].blocks[at]);
    classes[class].blocks[at] = classes[class].blocks[--classes[class].count];
}

int main(void)
{
    size_t packed = 0;
    sample_begin();
    classes = sample_memory(SIZES * sizeof *classes);
    pages = sample_set_create(1 << 18);
    pages_of_classes = sample_set_create(1 << 20);
    for (size_t i = 0; i < EVENTS; i++)
    {
        size_t class = sample_below(SIZES);
        // The set wanders between empty and full.
        bool is_wanted = sample_below(LIVE) >= classes[class].count / (1 + (i / 50000) % 2);
        if (classes[class].count == 0 || (is_wanted && classes[class].count < LIVE))
            allocate(class);
        else
            release(class);
    }
    for (size_t i = 0; i < SIZES; i++)
        packed += (classes[i].peak * classes[i].usable_bytes + SAMPLE_PAGE - 1) / SAMPLE_PAGE;
    sample_figure("shared_pages", (double)(pages_of_classes.count - pages.count));
    sample_figure("pages_of_packed", (double)pages_of_classes.count / (double)packed);
}
