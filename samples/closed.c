// SPDX-License-Identifier: MIT
// S1, no progressive fragmentation: where a sequence has succeeded once, any part of it can be freed and allocated
// again in another order without new memory. 20 000 objects of 16 bytes to 8 KiB; each round frees a random half and
// allocates the same sizes again, shuffled.
// Watch: fresh_blocks, addresses that no block had before, after the first round; growth_pages, growth_resident: the
// last round against the first.
// Expect: bump exactly 0 and 1 (bump:none: every block is fresh); zoned new addresses in pages that it has; split
// and merge and caches grow by some percent and keep growing.
#include "sample.h"

enum
{
    OBJECTS = 20000,
    PAGES_MAX = 1 << 17, // half a GiB is enough to have seen it
};

static struct
{
    void *address;
    size_t bytes;
} * objects;

static struct sample_set addresses;
static struct sample_set pages;

static void allocate(size_t at)
{
    objects[at].address = sample_touch(malloc(objects[at].bytes), objects[at].bytes);
    sample_set_add(&addresses, (uintptr_t)objects[at].address);
    sample_set_add_pages(&pages, objects[at].address, objects[at].bytes);
}

static void swap_sizes(size_t a, size_t b)
{
    size_t bytes = objects[a].bytes;
    objects[a].bytes = objects[b].bytes;
    objects[b].bytes = bytes;
}

static void play_round(size_t *freed)
{
    size_t count = 0;
    for (size_t i = 0; i < OBJECTS; i++)
        if (sample_random() >> 63 != 0)
        {
            free(objects[i].address);
            freed[count++] = i;
        }
    for (size_t i = count; i > 1; i--)
        swap_sizes(freed[i - 1], freed[sample_below(i)]);
    for (size_t i = 0; i < count; i++)
        allocate(freed[i]);
}

int main(int argc, char **argv)
{
    size_t rounds = sample_argument(argc, argv, 1, 100);
    size_t played = 1;
    sample_begin();
    objects = sample_memory(OBJECTS * sizeof *objects);
    addresses = sample_set_create(1 << 22);
    pages = sample_set_create(1 << 20);
    size_t *freed = sample_memory(OBJECTS * sizeof *freed);
    for (size_t i = 0; i < OBJECTS; i++)
    {
        size_t least = (size_t)16 << sample_below(9);
        objects[i].bytes = least + sample_below(least + 1);
        allocate(i);
    }
    play_round(freed);
    size_t first_addresses = addresses.count;
    size_t first_pages = pages.count;
    size_t first_resident = sample_resident();
    for (; played < rounds && pages.count < PAGES_MAX; played++)
        play_round(freed);
    sample_figure("rounds", (double)played);
    sample_figure("fresh_blocks", (double)(addresses.count - first_addresses));
    sample_figure("growth_pages", (double)pages.count / (double)first_pages);
    sample_figure("growth_resident", (double)sample_resident() / (double)first_resident);
}
