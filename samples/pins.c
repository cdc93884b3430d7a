// SPDX-License-Identifier: MIT
// S3' and S15, pins: as `permanence`, but every k-th small block stays. One run for each k, each in a process of its
// own. A few survivors hold whole pages: no page of slots with one left can serve another class, and a hole between two
// survivors serves only what fits.
// Watch: ratio_K, resident over live bytes at the end; waste_max, the worst of them; cliff, the least k of the sweep
// from which on the ratio stays under 1.2.
// Expect: slabs near 2 for every k up to 64. Split and merge is a cliff: with glibc's chunks of 64 bytes 63 of them
// hold a chunk of 4016, 62 do not, so k = 64 needs half the memory of k = 63.
#include "sample.h"

#define COUNT_MAX 64

static size_t mebibytes, k;
static double *ratio; // shared with the children

static void pin(void)
{
    size_t small = (mebibytes << 20) / 56;
    size_t large = (mebibytes << 20) / 4000;
    size_t live_bytes = large * 4000;
    void **blocks = sample_memory(small * sizeof *blocks);
    size_t before = sample_resident();
    for (size_t i = 0; i < small; i++)
        blocks[i] = sample_touch(malloc(56), 56);
    for (size_t i = 0; i < small; i++)
    {
        if (i % k != 0)
            free(blocks[i]);
        live_bytes += i % k == 0 ? 56 : 0;
    }
    for (size_t i = 0; i < large; i++)
        sample_touch(malloc(4000), 4000);
    *ratio = (double)(sample_resident() - before) / (double)live_bytes;
}

int main(int argc, char **argv)
{
    char name[32];
    double waste_max = 0;
    size_t cliff = 0;
    sample_begin();
    mebibytes = sample_argument(argc, argv, 1, 64);
    ratio = sample_memory(sizeof *ratio);
    for (int i = 2; i < argc; i++)
    {
        k = sample_argument(argc, argv, i, 0);
        *ratio = 0;
        if (k == 0 || sample_bounded(pin, 30) != 0)
            return 3;
        snprintf(name, sizeof name, "ratio_%zu", k);
        sample_figure(name, *ratio);
        waste_max = *ratio > waste_max ? *ratio : waste_max;
        cliff = *ratio >= 1.2 ? 0 : cliff == 0 ? k : cliff;
    }
    sample_figure("waste_max", waste_max);
    sample_figure("cliff", cliff != 0 ? (double)cliff : __builtin_inf());
}
