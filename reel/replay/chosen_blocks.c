// SPDX-License-Identifier: MIT
// Chosen blocks page by page and class by class: a pass over the tables of blocks that adds up what each of them takes.
#include "reel/chosen_blocks.h"

#include "reel/error.h"
#include "reel/replay/block_walk.h"

struct chosen
{
    const struct reel_block_choice *choice;
    size_t stack_count;
    struct reel_chosen_class *classes;
    uint64_t first; // number of a page
    size_t page_count;
    uint16_t *bytes;
};

static bool is_chosen(const struct chosen *chosen, const struct reel_block *block)
{
    const struct reel_block_choice *choice = chosen->choice;
    return (choice->stacks == NULL || choice->stacks[block->stack < chosen->stack_count ? block->stack : 0]) &&
           (choice->class_number < 0 || (uint32_t)choice->class_number == block->size_class) &&
           block->requested_bytes >= choice->least_bytes &&
           (choice->most_bytes == 0 || block->requested_bytes <= choice->most_bytes);
}

// Blocks that lie over each other, as in a reel that lies, fill a page and no more.
static void add_bytes(uint16_t *bytes, uint64_t added)
{
    uint64_t sum = *bytes + added;
    *bytes = (uint16_t)(sum < REEL_REPLAY_PAGE_BYTES ? sum : REEL_REPLAY_PAGE_BYTES);
}

static void add_to_pages(void *context, const struct reel_block *block)
{
    const struct chosen *chosen = context;
    uint64_t first, last, end;
    if (!is_chosen(chosen, block) ||
        !replay_block_span(block->address, replay_usable_bytes(block), &first, &last, &end) || last < chosen->first)
        return;
    for (uint64_t at = first > chosen->first ? first - chosen->first : 0;
         at < chosen->page_count && at <= last - chosen->first; at++)
        add_bytes(&chosen->bytes[at], replay_bytes_on_page(block->address, end, chosen->first + at));
}

int reel_chosen_pages(const struct reel_replay *replay, uint32_t process, const struct reel_block_choice *choice,
                      uint64_t address, size_t page_count, uint16_t *bytes, const struct reel_progress *progress,
                      struct reel_error *error)
{
    struct chosen chosen = {.choice = choice,
                            .stack_count = replay->state.stack_count,
                            .first = address / REEL_REPLAY_PAGE_BYTES,
                            .page_count = page_count,
                            .bytes = bytes};
    if (process == 0 || process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    for (size_t i = 0; i < page_count; i++)
        bytes[i] = 0;
    return replay_walk_blocks(replay, process, add_to_pages, &chosen, progress, error);
}

static void add_to_classes(void *context, const struct reel_block *block)
{
    const struct chosen *chosen = context;
    if (!is_chosen(chosen, block))
        return;
    struct reel_chosen_class *class = &chosen->classes[block->size_class];
    class->live_blocks++;
    class->live_bytes += block->requested_bytes;
    class->usable_bytes += replay_usable_bytes(block);
}

int reel_chosen_classes(const struct reel_replay *replay, uint32_t process, const struct reel_block_choice *choice,
                        struct reel_chosen_class classes[REEL_CLASS_NUMBERS], const struct reel_progress *progress,
                        struct reel_error *error)
{
    struct chosen chosen = {.choice = choice, .stack_count = replay->state.stack_count, .classes = classes};
    if (process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        classes[i] = (struct reel_chosen_class){0};
    return replay_walk_blocks(replay, process, add_to_classes, &chosen, progress, error);
}
