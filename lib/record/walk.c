// SPDX-License-Identifier: MIT
// The incremental walk. Reads the thread's own stack and nothing else; interns nothing.
#include "record/walk.h"

#include <stddef.h>

// The words of a stack belong to the functions that run on it: what they write there is none of the sanitizers'
// business.
#define READS_THE_STACK __attribute__((no_sanitize("address", "thread", "undefined")))

enum
{
    FRAME_BYTES_MAX = 64 << 20, // a larger frame is taken for a mistake
};

struct walk_registers
{
    uint64_t pc;
    uint64_t rsp;
    uint64_t rbp;
};

READS_THE_STACK static inline uint64_t word_at(uint64_t address)
{
    return *(const volatile uint64_t *)(uintptr_t)address;
}

// One step outwards: registers become the caller's. False: the rule does not lead anywhere believable.
READS_THE_STACK static inline bool step(struct unwind_rule rule, struct walk_registers *registers,
                                        struct walk_frame *frame)
{
    uint64_t base = rule.kind == UNWIND_FROM_RSP ? registers->rsp : registers->rbp;
    uint64_t cfa = base + (uint64_t)(int64_t)rule.cfa_offset;
    // A realigned frame keeps its CFA in a word of its own, between rsp and rbp.
    if (rule.kind == UNWIND_AT_RBP)
    {
        if (cfa % 8 || cfa - registers->rsp > FRAME_BYTES_MAX)
            return false;
        cfa = word_at(cfa);
    }
    if (cfa % 8 || cfa - 8 - registers->rsp > FRAME_BYTES_MAX)
        return false;
    frame->return_slot = (const uint64_t *)(uintptr_t)(cfa - 8);
    frame->rbp_slot = frame->return_slot;
    if (rule.rbp_kind != UNWIND_RBP_SAME)
    {
        uint64_t saved =
            (rule.rbp_kind == UNWIND_RBP_FROM_CFA ? cfa : registers->rbp) + (uint64_t)(int64_t)rule.rbp_offset;
        if (saved % 8 || saved - registers->rsp > FRAME_BYTES_MAX)
            return false;
        frame->rbp_slot = (const uint64_t *)(uintptr_t)saved;
        registers->rbp = word_at(saved);
    }
    registers->rsp = cfa;
    registers->pc = word_at(cfa - 8);
    frame->return_address = registers->pc;
    frame->rbp = registers->rbp;
    return true;
}

// Index of the kept frame at that place, looking outwards from the frame before *candidates; *candidates becomes the
// number of frames that are further out than the place.
static inline bool find_kept(const struct walk_stack *stack, const struct walk_frame *frame, uint32_t *candidates)
{
    uint32_t at = *candidates;
    while (at > 0 && stack->frames[at - 1].return_slot < frame->return_slot)
        at--;
    *candidates = at;
    if (at == 0)
        return false;
    const struct walk_frame *kept = &stack->frames[at - 1];
    return kept->return_slot == frame->return_slot && kept->return_address == frame->return_address &&
           (!kept->needs_rbp || kept->rbp == frame->rbp);
}

// Whether all words that led to the frames outside frame number `index` are unchanged; if not, *candidates tells from
// which frame outwards a match is still possible.
READS_THE_STACK static inline bool is_rest_unchanged(const struct walk_stack *stack, uint32_t index,
                                                     uint32_t *candidates)
{
    if (index == 0)
        return true;
    const struct walk_word *first = stack->words;
    const struct walk_word *word = first + stack->frames[index - 1].word_end;
    while (word > first && *(const volatile uint64_t *)word[-1].slot == word[-1].content)
        word--;
    if (word == first)
        return true;
    while (index > 1 && first + stack->frames[index - 2].word_end >= word)
        index--;
    *candidates = index - 1;
    return false;
}

// Frame i uses its rbp outwards if the rule that leads on from it does, or passes it on to one that does.
static inline bool needs_rbp(struct unwind_rule onwards, bool outer_needs_rbp)
{
    if (onwards.kind == UNWIND_FROM_RBP || onwards.kind == UNWIND_AT_RBP || onwards.rbp_kind == UNWIND_RBP_FROM_RBP)
        return true;
    return onwards.rbp_kind == UNWIND_RBP_SAME && outer_needs_rbp;
}

// Notes which words led to frame number `index`, given the rule that did. Without a word of its own, its rbp is that of
// the next inner frame.
static inline void note_words(struct walk_stack *stack, uint32_t index, struct unwind_rule led_by)
{
    struct walk_frame *frame = &stack->frames[index];
    uint32_t end = index > 0 ? stack->frames[index - 1].word_end : 0;
    stack->words[end++] = (struct walk_word){frame->return_slot, frame->return_address};
    if (frame->needs_rbp && led_by.rbp_kind != UNWIND_RBP_SAME)
        stack->words[end++] = (struct walk_word){frame->rbp_slot, frame->rbp};
    frame->word_end = end;
}

// Puts the found frames behind the `kept` unchanged ones. last is the rule that leads on from the outermost found
// frame.
static void keep(struct walk_stack *stack, uint32_t kept, struct unwind_rule last)
{
    bool outer_needs_rbp = kept > 0 && stack->frames[kept - 1].needs_rbp;
    struct unwind_rule onwards = last;
    stack->count = kept + stack->found_count;
    for (uint32_t i = stack->found_count; i-- > 0;)
    {
        uint32_t index = stack->count - 1 - i;
        stack->frames[index] = stack->found[i];
        outer_needs_rbp = stack->frames[index].needs_rbp = needs_rbp(onwards, outer_needs_rbp);
        note_words(stack, index, stack->led_by[i]);
        onwards = stack->led_by[i];
    }
}

// The kept frame was reached by another way than when it was kept: what led to it now counts from now on.
static void refresh(struct walk_stack *stack, uint32_t index, const struct walk_frame *frame, struct unwind_rule led_by)
{
    stack->frames[index].rbp_slot = frame->rbp_slot;
    stack->frames[index].rbp = frame->rbp;
    note_words(stack, index, led_by);
}

static enum walk_result give_up(struct walk_stack *stack, enum walk_result result)
{
    stack->count = 0;
    return result;
}

// Looks whether the walk may end at this frame because the rest is as it was.
static inline bool meets_kept(struct walk_stack *stack, const struct walk_frame *frame, uint32_t depth_max,
                              uint32_t *candidates)
{
    return find_kept(stack, frame, candidates) && *candidates + stack->found_count <= depth_max &&
           is_rest_unchanged(stack, *candidates - 1, candidates);
}

enum walk_result walk_outwards(struct walk_stack *stack, const uint64_t *entry, uint32_t generation, uint32_t depth_max,
                               uint32_t *known)
{
    struct walk_registers registers = {.pc = entry[1], .rsp = (uintptr_t)(entry + 2), .rbp = entry[0]};
    // The first frame is there without a rule. Its rbp has no word of its own that matters: the frame is compared
    // itself.
    struct unwind_rule rule = {.kind = UNWIND_FROM_RBP, .rbp_kind = UNWIND_RBP_SAME};
    struct walk_frame *frame = stack->found;
    *frame = (struct walk_frame){.return_slot = entry + 1, .return_address = registers.pc, .rbp = registers.rbp};
    uint32_t candidates = stack->count;
    stack->found_count = 0;
    *known = 0;
    while (registers.pc != 0)
    {
        if (meets_kept(stack, frame, depth_max, &candidates))
        {
            *known = candidates;
            refresh(stack, candidates - 1, frame, rule);
            break;
        }
        stack->led_by[stack->found_count++] = rule;
        rule = unwind_rule_for_return(registers.pc, generation);
        if (rule.kind == UNWIND_END)
            break;
        if (stack->found_count == depth_max)
            return give_up(stack, WALK_DEEP);
        frame = &stack->found[stack->found_count];
        if (rule.kind == UNWIND_HARD || !step(rule, &registers, frame))
            return give_up(stack, WALK_HARD);
    }
    keep(stack, *known, rule);
    return WALK_DONE;
}
