// SPDX-License-Identifier: MIT
// S3, permanence: memory that one class has used, no other gets. 64 MiB of 56-byte blocks, all freed; then 64 MiB of
// 4000-byte blocks.
// Watch: resident memory at the end over the 64 MiB that are live.
// Expect: bump more than 2, for ever; split and merge 1; zoned 1, since empty slabs go back to the kernel.
#include "sample.h"

static void allocate(void **blocks, size_t count, size_t bytes)
{
    for (size_t i = 0; i < count; i++)
        blocks[i] = sample_touch(malloc(bytes), bytes);
}

int main(int argc, char **argv)
{
    size_t live_bytes = sample_argument(argc, argv, 1, 64) << 20;
    sample_begin();
    void **blocks = sample_memory(live_bytes / 56 * sizeof *blocks);
    size_t before = sample_resident();
    allocate(blocks, live_bytes / 56, 56);
    sample_figure("resident_first", (double)(sample_resident() - before));
    for (size_t i = 0; i < live_bytes / 56; i++)
        free(blocks[i]);
    sample_figure("resident_freed", (double)(sample_resident() - before));
    allocate(blocks, live_bytes / 4000, 4000);
    sample_figure("resident_ratio", (double)(sample_resident() - before) / (double)live_bytes);
}
