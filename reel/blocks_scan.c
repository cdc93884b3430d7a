// SPDX-License-Identifier: MIT
// Which entries of a table of blocks are vacant.
#include "reel/blocks_scan.h"

#include <stdlib.h>

#include "reel/status.h"

int reel_blocks_scan_begin(struct reel_blocks_scan *scan, const struct reel_blocks *blocks)
{
    *scan = (struct reel_blocks_scan){.blocks = blocks, .next = 1};
    scan->is_vacant = calloc(blocks->pool_end / 64 + (size_t)1, sizeof *scan->is_vacant);
    if (scan->is_vacant == NULL)
        return REEL_E_NO_MEMORY;
    for (uint32_t i = 0; i < blocks->vacant_count; i++)
        scan->is_vacant[blocks->vacant[i] / 64] |= UINT64_C(1) << (blocks->vacant[i] % 64);
    return REEL_OK;
}

void reel_blocks_scan_end(struct reel_blocks_scan *scan)
{
    free(scan->is_vacant);
    scan->is_vacant = NULL;
}
