// SPDX-License-Identifier: MIT
// S14, giving memory back: 64 MiB in blocks of 16 bytes to 2 KiB; all but one in 64 are freed, then those too.
// Watch: pinned and freed, resident memory after each of these steps over what it was when all were live.
// Expect: zoned gives all of an empty slab back: freed near 0, pinned near 1 for small blocks. Bump never gives
// anything back: 1 and 1. Glibc gives back what lies at the top, once the last survivor there is gone.
#include "sample.h"

enum
{
    BLOCKS_PER_MIB = 1024,
    KEPT_ONE_IN = 64,
};

int main(int argc, char **argv)
{
    size_t live_bytes = sample_argument(argc, argv, 1, 64) << 20;
    size_t count = 0;
    sample_begin();
    void **blocks = sample_memory((live_bytes >> 20) * BLOCKS_PER_MIB * 64 * sizeof *blocks);
    size_t before = sample_resident();
    for (size_t used = 0; used < live_bytes; count++)
    {
        size_t bytes = (size_t)16 << sample_below(7);
        bytes += sample_below(bytes);
        blocks[count] = sample_touch(malloc(bytes), bytes);
        used += bytes;
    }
    double full = (double)(sample_resident() - before);
    for (size_t i = 0; i < count; i++)
        if (i % KEPT_ONE_IN != 0)
            free(blocks[i]);
    double pinned = (double)sample_resident() - (double)before;
    for (size_t i = 0; i < count; i += KEPT_ONE_IN)
        free(blocks[i]);
    double freed = (double)sample_resident() - (double)before;
    sample_figure("full_bytes", full);
    sample_figure("pinned", pinned / full);
    sample_figure("freed", freed / full);
}
