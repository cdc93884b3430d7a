// SPDX-License-Identifier: MIT
// Pages one by one, as a map shows them.
#include "reel/replay/replay_internal.h"

#include "reel/error.h"

int reel_replay_pages(struct reel_replay *replay, uint32_t process, uint64_t address, size_t page_count,
                      struct reel_page *pages, struct reel_error *error)
{
    const struct replay_heap *heap = replay_heap_of(replay, process);
    if (process == 0 || process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    for (size_t i = 0; i < page_count; i++)
    {
        uint32_t page = heap != NULL ? replay_pages_at(&heap->pages, address / REEL_REPLAY_PAGE_BYTES + i) : 0;
        pages[i] = (struct reel_page){.live_bytes = (uint16_t)replay_page_bytes(page),
                                      .blocks = (uint16_t)replay_page_blocks(page),
                                      .class_number = replay_page_class(page)};
    }
    return REEL_OK;
}
