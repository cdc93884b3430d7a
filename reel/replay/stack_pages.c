// SPDX-License-Identifier: MIT
// The pages of a stack's blocks: a pass over the tables of blocks that adds up, page by page, what each of them takes.
#include "reel/stack_pages.h"

#include "reel/error.h"
#include "reel/replay/block_walk.h"

struct pages_asked
{
    uint32_t stack;
    size_t stack_count;
    uint64_t first; // number of a page
    size_t count;
    uint16_t *bytes;
};

// Blocks that lie over each other, as in a reel that lies, fill a page and no more.
static void add_bytes(uint16_t *bytes, uint64_t added)
{
    uint64_t sum = *bytes + added;
    *bytes = (uint16_t)(sum < REEL_REPLAY_PAGE_BYTES ? sum : REEL_REPLAY_PAGE_BYTES);
}

static void take_block(void *context, const struct reel_block *block)
{
    const struct pages_asked *asked = context;
    uint64_t first, last, end;
    if ((block->stack < asked->stack_count ? block->stack : 0) != asked->stack ||
        !replay_block_span(block->address, replay_usable_bytes(block), &first, &last, &end) || last < asked->first)
        return;
    for (uint64_t at = first > asked->first ? first - asked->first : 0; at < asked->count && at <= last - asked->first;
         at++)
        add_bytes(&asked->bytes[at], replay_bytes_on_page(block->address, end, asked->first + at));
}

int reel_stack_pages(const struct reel_replay *replay, uint32_t process, uint32_t stack, uint64_t address,
                     size_t page_count, uint16_t *bytes, const struct reel_progress *progress, struct reel_error *error)
{
    struct pages_asked asked = {stack, replay->state.stack_count, address / REEL_REPLAY_PAGE_BYTES, page_count, bytes};
    if (process == 0 || process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    for (size_t i = 0; i < page_count; i++)
        bytes[i] = 0;
    return replay_walk_blocks(replay, process, take_block, &asked, progress, error);
}
