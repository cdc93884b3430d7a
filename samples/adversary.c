// SPDX-License-Identifier: MIT
// S2 at its worst: each class in turn allocates 4 MiB and frees it all. Never is more than that live, and a heap in
// which a class keeps what it had needs it once for every class.
// Watch: stranding, pages that ever held a block over the peak of live bytes; resident_stranding, the most that was
// resident after a class was done, likewise.
// Expect: bump both near 36, the number of classes; zoned the first too (addresses are not shared) and the second near
// 1 (it gives pages back); an allocator that merges near 1.
#include "sample.h"

enum
{
    LIVE_BYTES = 4 << 20,
    CLASSES = 36,
    BLOCKS_MAX = LIVE_BYTES / 16,
};

// Sizes 16, 32 ... 128, then four to each doubling up to 16 KiB.
static size_t size_of_class(size_t at)
{
    size_t doubling = at < 8 ? 0 : (at - 8) / 4;
    return at < 8 ? (at + 1) * 16 : ((size_t)32 << doubling) * (5 + at % 4);
}

int main(void)
{
    sample_begin();
    void **blocks = sample_memory(BLOCKS_MAX * sizeof *blocks);
    struct sample_set pages = sample_set_create(1 << 19);
    size_t resident_before = sample_resident();
    size_t resident_max = 0;
    for (size_t class = 0; class < CLASSES; class ++)
    {
        size_t bytes = size_of_class(class);
        size_t count = LIVE_BYTES / bytes;
        for (size_t i = 0; i < count; i++)
        {
            blocks[i] = sample_touch(malloc(bytes), bytes);
            sample_set_add_pages(&pages, blocks[i], bytes);
        }
        size_t resident = sample_resident() - resident_before;
        resident_max = resident > resident_max ? resident : resident_max;
        for (size_t i = 0; i < count; i++)
            free(blocks[i]);
    }
    sample_figure("classes", CLASSES);
    sample_figure("stranding", (double)(pages.count * SAMPLE_PAGE) / LIVE_BYTES);
    sample_figure("resident_stranding", (double)resident_max / LIVE_BYTES);
}
