// SPDX-License-Identifier: MIT
// S12, 32 bits and no MMU: how much of a limited address space can one class have? Blocks of 64 KiB until malloc gives
// NULL, under the limit that the program was started with (`ulimit -v`); without one it refuses to start.
// Watch: share, what was got over the limit.
// Expect: bump and split and merge nearly all of it. Zones that are cut for all classes in advance give one of them a
// 48th, unless they can grow elsewhere when they are full.
#include "sample.h"

#include <sys/resource.h>

int main(void)
{
    struct rlimit limit;
    size_t bytes = 0;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    {
        fprintf(stderr, "limits: set a limit of address space first, for instance ulimit -v 1048576\n");
        return 2;
    }
    while (malloc(65536) != NULL)
        bytes += 65536;
    sample_figure("bytes", (double)bytes);
    sample_figure("share", (double)bytes / (double)limit.rlim_cur);
}
