// SPDX-License-Identifier: MIT
// S4, one object of each class: 48 sizes from 16 bytes to 128 KiB, the first byte of each written.
// Watch: small_pages, pages that hold the 20 blocks of up to 1 KiB; resident_pages, what all 48 cost; maps.
// Expect: bump packs the small ones, 6400 bytes, into 2 or 3 pages; zoned needs one for each class, 20 and 48.
#include "sample.h"

enum
{
    CLASSES = 48,
    SMALL = 20,
};

// Sizes 16, 32 ... 128, then four to each doubling up to 128 KiB.
static size_t size_of_class(size_t at)
{
    size_t doubling = at < 8 ? 0 : (at - 8) / 4;
    return at < 8 ? (at + 1) * 16 : ((size_t)32 << doubling) * (5 + at % 4);
}

static size_t count_maps(void)
{
    static char text[65536];
    size_t lines = 0;
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    for (ssize_t length; (length = read(file, text, sizeof text)) > 0;)
        for (ssize_t i = 0; i < length; i++)
            lines += text[i] == '\n';
    close(file);
    return lines;
}

int main(void)
{
    sample_begin();
    struct sample_set small_pages = sample_set_create(256);
    size_t maps = count_maps();
    size_t resident = sample_resident();
    for (size_t class = 0; class < CLASSES; class ++)
    {
        char *block = sample_touch(malloc(size_of_class(class)), 1);
        if (class < SMALL)
            sample_set_add_pages(&small_pages, block, size_of_class(class));
    }
    sample_figure("small_pages", (double)small_pages.count);
    sample_figure("resident_pages", (double)(sample_resident() - resident) / SAMPLE_PAGE);
    sample_figure("maps", (double)(count_maps() - maps));
}
