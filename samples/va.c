// SPDX-License-Identifier: MIT
// S9, address space: the program uses 1 MiB in blocks of many sizes. How much address space must it be allowed?
// Watch: reserved_bytes, all that is mapped; run it under `ulimit -v` to find the least with which it prints served 1.
// Expect: zoned maps about 48 times as much as it could ever hold; all others little beyond what they use or one
// region.
#include "sample.h"

enum
{
    LIVE_BYTES = 1 << 20,
};

int main(void)
{
    char text[128] = "";
    size_t used = 0;
    for (size_t bytes = 16; used < LIVE_BYTES; bytes = bytes < 100000 ? bytes * 5 / 4 : 16)
    {
        used += bytes;
        sample_touch(malloc(bytes), bytes);
    }
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (read(file, text, sizeof text - 1) <= 0)
        return 3;
    close(file);
    sample_figure("served", 1);
    sample_figure("reserved_bytes", strtod(text, NULL) * SAMPLE_PAGE);
}
