// SPDX-License-Identifier: MIT
// Tables of blocks, and what is resident. Asks the kernel with plain calls: stdio would allocate.
#include "lab/workloads/blocks.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_size_t table_bytes;

void blocks_fail(const char *what)
{
    dprintf(STDERR_FILENO, "heapreel-workload: %s\n", what);
    _exit(1);
}

void *blocks_table(size_t bytes)
{
    size_t rounded = (bytes + 4095) & ~(size_t)4095;
    void *table = mmap(NULL, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (table == MAP_FAILED)
        blocks_fail("out of memory for its own tables");
    table_bytes += rounded;
    return table;
}

void blocks_init(struct blocks *blocks, size_t count, struct workload_sizes sizes, uint64_t seed)
{
    *blocks = (struct blocks){.held = blocks_table(count * sizeof(char *)),
                              .count = count,
                              .random = {seed * 0x9e3779b97f4a7c15 + 1},
                              .sizes = sizes};
}

void blocks_fill(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        blocks->held[i] = block_allocate(blocks_draw_size(blocks));
}

void blocks_stir(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        blocks_replace_one(blocks);
}

uint64_t blocks_live_bytes(const struct blocks *blocks)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->held[i] != NULL)
            bytes += *(const uint64_t *)(const void *)blocks->held[i];
    return bytes;
}

uint64_t blocks_resident_bytes(void)
{
    char status[4096];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, status, sizeof status - 1) : -1;
    if (length <= 0)
        blocks_fail("cannot read /proc/self/status");
    close(file);
    status[length] = '\0';
    const char *line = strstr(status, "RssAnon:");
    if (line == NULL)
        blocks_fail("/proc/self/status tells nothing of anonymous memory");
    uint64_t resident = strtoull(line + strlen("RssAnon:"), NULL, 10) * 1024;
    return resident > table_bytes ? resident - table_bytes : 0;
}
