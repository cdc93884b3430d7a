// SPDX-License-Identifier: MIT
// S10, mappings: blocks of 8 bytes until there are ten million or malloc gives NULL. Guards between slabs split the
// address space, and the kernel allows a process 65 530 mappings.
// Watch: objects, and maps at the end.
// Expect: all ten million. An allocator that wants a guard beside every slab stops at 8.4 million with most memory
// left; ours gives up the guards, not the memory.
#include "sample.h"

int main(int argc, char **argv)
{
    static char text[65536];
    size_t wanted = sample_argument(argc, argv, 1, 10000000);
    size_t objects = 0;
    size_t maps = 0;
    while (objects < wanted && malloc(8) != NULL)
        objects++;
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    for (ssize_t length; (length = read(file, text, sizeof text)) > 0;)
        for (ssize_t i = 0; i < length; i++)
            maps += text[i] == '\n';
    close(file);
    sample_figure("objects", (double)objects);
    sample_figure("refused", (double)(wanted - objects));
    sample_figure("maps", (double)maps);
}
