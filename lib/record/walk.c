// SPDX-License-Identifier: MIT
// The incremental walk. Reads the thread's own stack and nothing else.
#include "record/walk.h"

#include "base/memory.h"
#include "wire/channel.h"

#include <stddef.h>
#include <string.h>

// The words of a stack belong to the functions that run on it: what they write there is none of the sanitizers'
// business.
#define READS_THE_STACK __attribute__((no_sanitize("address", "thread", "undefined")))

// The frame that a walk stands at.
struct position
{
    uint64_t pc;
    uint64_t rsp;
    uint64_t rbp;
    uint64_t page_last; // byte of the page that the return address stands on
};

static inline const uint64_t *return_slot_of(const struct position *at)
{
    return (const uint64_t *)(uintptr_t)(at->rsp - 8);
}

static inline uint64_t last_of_page(uint64_t address)
{
    return address | (WIRE_PAGE_BYTES - 1);
}

READS_THE_STACK static inline uint64_t word_at(uint64_t address)
{
    return *(const volatile uint64_t *)(uintptr_t)address;
}

__attribute__((noinline)) static bool ask_for_page(struct walk_stack *stack, uintptr_t page)
{
    if (!__atomic_load_n(stack->is_silent, __ATOMIC_RELAXED) &&
        !base_memory_is_readable((const void *)(page * WIRE_PAGE_BYTES)))
        return false;
    stack->pages[page % WALK_PAGES_MAX] = page;
    return true;
}

// A wrong rule, or a stack that somebody built by hand, may lead off the stack.
static inline bool can_read(struct walk_stack *stack, uintptr_t address, uint64_t page_last)
{
    uintptr_t page = address / WIRE_PAGE_BYTES;
    return __builtin_expect(page == page_last / WIRE_PAGE_BYTES, 1) || stack->pages[page % WALK_PAGES_MAX] == page ||
           ask_for_page(stack, page);
}

// A step outwards by a plain rule. False: it leads off the stack. The word of rbp lies between rsp and the return
// address: if this one is on the same page as the last, so is that.
static inline bool step_plainly(struct walk_stack *stack, uint64_t rule, struct position *at)
{
    uint64_t rsp = at->rsp + unwind_word_cfa_offset(rule);
    uint64_t saved = rsp + unwind_word_rbp_offset(rule);
    if (__builtin_expect(rsp - 8 > at->page_last, 0))
    {
        if (!can_read(stack, rsp - 8, at->page_last) ||
            (!unwind_word_passes_rbp(rule) && !can_read(stack, saved, at->page_last)))
            return false;
        at->page_last = last_of_page(rsp - 8);
    }
    at->rsp = rsp;
    at->pc = word_at(rsp - 8);
    if (!unwind_word_passes_rbp(rule))
        at->rbp = word_at(saved);
    return true;
}

static inline bool is_outwards(struct walk_stack *stack, uint64_t address, const struct position *at)
{
    return address % 8 == 0 && address - at->rsp <= UNWIND_FRAME_BYTES_MAX && can_read(stack, address, at->page_last);
}

// By any other. False: it does not lead anywhere believable.
static inline __attribute__((always_inline)) bool step(struct walk_stack *stack, uint64_t rule, struct position *at)
{
    uint32_t kind = unwind_word_kind(rule);
    uint64_t cfa = (kind == UNWIND_FROM_RSP ? at->rsp : at->rbp) + unwind_word_cfa_offset(rule);
    if (kind == UNWIND_HARD)
        return false;
    // A realigned frame keeps its CFA in a word of its own, between rsp and rbp.
    if (kind == UNWIND_AT_RBP)
    {
        if (!is_outwards(stack, cfa, at))
            return false;
        cfa = word_at(cfa);
    }
    if (!is_outwards(stack, cfa - 8, at))
        return false;
    if (!unwind_word_passes_rbp(rule))
    {
        uint64_t base = unwind_word_rbp_kind(rule) == UNWIND_RBP_FROM_CFA ? cfa : at->rbp;
        uint64_t saved = base + unwind_word_rbp_offset(rule);
        if (!is_outwards(stack, saved, at))
            return false;
        at->rbp = word_at(saved);
    }
    at->rsp = cfa;
    at->pc = word_at(cfa - 8);
    at->page_last = last_of_page(cfa - 8);
    return true;
}

// No return address ends the stack as an outermost frame does.
__attribute__((noinline)) static uint64_t learn_rule(struct walk_stack *stack, uint64_t return_address,
                                                     struct walk_rule *entry)
{
    uint64_t word = return_address ? unwind_rule_for_return(return_address, stack->generation) : UNWIND_END;
    *entry = (struct walk_rule){return_address, word};
    return word;
}

static inline uint64_t rule_for(struct walk_stack *stack, uint64_t return_address)
{
    struct walk_rule *entry = &stack->rules[return_address % WALK_RULES_MAX];
    if (__builtin_expect(entry->return_address != return_address, 0))
        return learn_rule(stack, return_address, entry);
    return entry->word;
}

static inline bool has_changed(const struct walk_word *word)
{
    return word_at((uintptr_t)word->slot) != word->content;
}

// The first word from there on that does not hold any more what it held; the one at the end never does. None is read
// beyond it: it may belong to a stack that is gone.
static inline struct walk_word *first_changed(struct walk_word *word)
{
    for (;; word += 4)
    {
        if (has_changed(word))
            return word;
        if (has_changed(word + 1))
            return word + 1;
        if (has_changed(word + 2))
            return word + 2;
        if (has_changed(word + 3))
            return word + 3;
    }
}

static inline bool is_reached_with(const struct walk_frame *kept, uint64_t rbp)
{
    return __builtin_expect(kept->kind == WALK_FRAME, 1) || (kept->kind == WALK_FRAME_WITH_RBP && kept->rbp == rbp);
}

// Whether the walk stands at a kept frame, and all further out is unchanged. *candidate is the first kept word that may
// be it, and becomes that of the frame or the first one that a walk further out may meet.
static inline bool meets_kept(struct walk_stack *stack, const struct position *at, struct walk_word **candidate)
{
    const uint64_t *return_slot = return_slot_of(at);
    struct walk_word *kept = *candidate;
    while (kept->slot < return_slot)
        kept++;
    *candidate = kept;
    if (kept->slot != return_slot || kept->content != at->pc || !is_reached_with(walk_frame_of(kept), at->rbp))
        return false;
    struct walk_word *changed = first_changed(kept + 1);
    if (__builtin_expect(changed == walk_end(stack), 1))
        return true;
    *candidate = changed; // what stood on the frame that the word led to is gone
    return false;
}

static inline struct walk_word *put_word(struct walk_word *outer, const uint64_t *slot, uint64_t content)
{
    struct walk_word *word = outer - 1;
    *word = (struct walk_word){slot, content};
    walk_frame_of(word)->kind = WALK_NO_FRAME;
    return word;
}

// Puts the words besides the return address that led from the found frame to the next one, whose word is `outer`: a
// word that tells where another stands comes before it.
static struct walk_word *put_leading_words(struct walk_word *outer, const struct walk_found *found,
                                           bool outer_needs_rbp)
{
    uint64_t rule = found->onwards;
    struct walk_word *word = outer;
    uint64_t cfa = (uintptr_t)found[1].return_slot + 8;
    if (outer_needs_rbp && !unwind_word_passes_rbp(rule))
    {
        uint64_t base = unwind_word_rbp_kind(rule) == UNWIND_RBP_FROM_CFA ? cfa : found->rbp;
        word = put_word(word, (const uint64_t *)(uintptr_t)(base + unwind_word_rbp_offset(rule)), found[1].rbp);
    }
    if (unwind_word_kind(rule) == UNWIND_AT_RBP)
        word = put_word(word, (const uint64_t *)(uintptr_t)(found->rbp + unwind_word_cfa_offset(rule)), cfa);
    return word;
}

// Puts a found frame before the words of the outer one.
static inline struct walk_word *put_frame(struct walk_nodes *nodes, struct walk_word *outer,
                                          const struct walk_found *found, uint32_t parent, uint32_t depth)
{
    struct walk_word *word = outer - 1;
    *word = (struct walk_word){found->return_slot, found->return_address};
    struct walk_frame *frame = walk_frame_of(word);
    frame->node = walk_nodes_child(nodes, parent, found->return_address, depth);
    frame->depth = (uint16_t)depth;
    frame->kind = WALK_FRAME;
    return word;
}

// Puts the found frames before the word that was met, where rbp plays no part.
static inline void keep_simply(struct walk_stack *stack, struct walk_nodes *nodes, struct walk_word *met,
                               const struct walk_found *found_end)
{
    struct walk_word *word = met;
    uint32_t node = walk_frame_of(met)->node;
    uint32_t depth = walk_depth(met);
    stack->first = met - (found_end - stack->found);
    for (const struct walk_found *found = found_end; word > stack->first;)
    {
        word = put_frame(nodes, word, --found, node, ++depth);
        node = walk_frame_of(word)->node;
    }
}

// The same in all other cases. A frame needs its rbp if the rule that leads on from it does, or passes it on to one
// that does.
__attribute__((noinline)) static void keep(struct walk_stack *stack, struct walk_nodes *nodes, struct walk_word *met,
                                           const struct walk_found *found_end)
{
    struct walk_word *word = met;
    uint32_t node = walk_frame_of(met)->node;
    uint32_t depth = walk_depth(met);
    bool needs_rbp = walk_frame_of(met)->kind == WALK_FRAME_WITH_RBP;
    for (const struct walk_found *found = found_end; found-- > stack->found;)
    {
        word = put_leading_words(word, found, needs_rbp);
        word = put_frame(nodes, word, found, node, ++depth);
        struct walk_frame *frame = walk_frame_of(word);
        node = frame->node;
        needs_rbp = unwind_word_needs_rbp(found->onwards) || (unwind_word_passes_rbp(found->onwards) && needs_rbp);
        frame->kind = needs_rbp ? WALK_FRAME_WITH_RBP : WALK_FRAME;
        frame->rbp = found->rbp;
    }
    stack->first = word;
}

static enum walk_result give_up(struct walk_stack *stack, enum walk_result result)
{
    stack->first = walk_end(stack);
    return result;
}

void walk_begin(struct walk_stack *stack, uint32_t generation, uint32_t root, uint32_t depth_max,
                const uint32_t *is_silent)
{
    static const uint64_t zero;
    memset(stack->rules, 0, sizeof stack->rules);
    memset(stack->pages, 0, sizeof stack->pages);
    stack->rules[0].word = UNWIND_END;
    // The first of the two never holds what it says, the other is not passed in search of a place.
    struct walk_word *end = walk_end(stack);
    end[0] = (struct walk_word){&zero, 1};
    end[1] = (struct walk_word){(const uint64_t *)UINTPTR_MAX, 0};
    *walk_frame_of(end) = (struct walk_frame){.node = root, .kind = WALK_NO_FRAME};
    stack->is_silent = is_silent;
    stack->generation = generation;
    stack->depth_max = depth_max;
    stack->first = end;
}

static inline void note_found(struct walk_found *found, const struct position *at)
{
    found->return_slot = return_slot_of(at);
    found->return_address = at->pc;
    found->rbp = at->rbp;
}

// What stands after the last frame of a stack that ends with no return address.
static struct walk_word *put_end(struct walk_stack *stack, const struct position *at)
{
    struct walk_word *end = walk_end(stack);
    struct walk_word *word = put_word(end, return_slot_of(at), 0);
    *walk_frame_of(word) = *walk_frame_of(end);
    return word;
}

enum walk_result walk_outwards(struct walk_stack *stack, struct walk_nodes *nodes, const uint64_t *frame)
{
    struct position at = {.pc = word_at((uintptr_t)(frame + 1)),
                          .rsp = (uintptr_t)(frame + 2),
                          .rbp = word_at((uintptr_t)frame),
                          .page_last = last_of_page((uintptr_t)(frame + 1))};
    struct walk_word *met = stack->first;
    struct walk_found *found = stack->found;
    bool are_plain = true;
    for (; !meets_kept(stack, &at, &met); found++)
    {
        if (__builtin_expect(found == &stack->found[WIRE_DEPTH_LIMIT + 1], 0))
            return give_up(stack, WALK_DEEP);
        uint64_t rule = rule_for(stack, at.pc);
        note_found(found, &at);
        found->onwards = rule;
        if (__builtin_expect(unwind_word_is_plain(rule), 1))
        {
            if (!step_plainly(stack, rule, &at))
                return give_up(stack, WALK_HARD);
            continue;
        }
        are_plain = false;
        if (unwind_word_kind(rule) == UNWIND_END)
        {
            met = at.pc ? walk_end(stack) : put_end(stack, &at);
            found += at.pc != 0;
            break;
        }
        if (!step(stack, rule, &at))
            return give_up(stack, WALK_HARD);
    }
    stack->first = met;
    if (found == stack->found)
        return WALK_DONE;
    if (__builtin_expect((uint32_t)(found - stack->found) + walk_depth(met) > stack->depth_max, 0))
        return give_up(stack, WALK_DEEP);
    if (__builtin_expect(are_plain && walk_frame_of(met)->kind == WALK_FRAME, 1))
        keep_simply(stack, nodes, met, found);
    else
    {
        note_found(found, &at);
        keep(stack, nodes, met, found);
    }
    return WALK_DONE;
}
