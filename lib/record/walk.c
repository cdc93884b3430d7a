// SPDX-License-Identifier: MIT
// The incremental walk. Reads the thread's own stack and nothing else; interns nothing.
#include "record/walk.h"

#include "base/memory.h"
#include "wire/channel.h"

#include <stddef.h>
#include <string.h>

// The words of a stack belong to the functions that run on it: what they write there is none of the sanitizers'
// business.
#define READS_THE_STACK __attribute__((no_sanitize("address", "thread", "undefined")))

// The frame that a walk stands at: what unwinding needs of it, and which words told.
struct position
{
    uint64_t pc;
    uint64_t rsp;
    uint64_t rbp;
    const uint64_t *rbp_slot;
    const uint64_t *cfa_slot;
};

static inline const uint64_t *return_slot_of(const struct position *at)
{
    return (const uint64_t *)(uintptr_t)(at->rsp - 8);
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

// A wrong rule, or a stack that somebody built by hand, may lead off the stack. The page of rsp is there.
static inline bool can_read(struct walk_stack *stack, uintptr_t address, uintptr_t rsp)
{
    uintptr_t page = address / WIRE_PAGE_BYTES;
    return __builtin_expect(page == rsp / WIRE_PAGE_BYTES, 1) || stack->pages[page % WALK_PAGES_MAX] == page ||
           ask_for_page(stack, page);
}

// A step outwards by a plain rule. False: it leads off the stack. The word of rbp lies between rsp and the return
// address.
static inline bool step_plainly(struct walk_stack *stack, uint64_t rule, struct position *at)
{
    uint64_t rsp = at->rsp;
    at->rsp += unwind_word_cfa_offset(rule);
    if (__builtin_expect(!can_read(stack, at->rsp - 8, rsp), 0))
        return false;
    at->pc = word_at(at->rsp - 8);
    at->cfa_slot = at->rbp_slot = NULL;
    if (unwind_word_passes_rbp(rule))
        return true;
    uint64_t saved = at->rsp + unwind_word_rbp_offset(rule);
    if (__builtin_expect(!can_read(stack, saved, at->rsp - 8), 0))
        return false;
    at->rbp_slot = (const uint64_t *)(uintptr_t)saved;
    at->rbp = word_at(saved);
    return true;
}

static inline bool is_outwards(struct walk_stack *stack, uint64_t address, uint64_t rsp)
{
    return address % 8 == 0 && address - rsp <= UNWIND_FRAME_BYTES_MAX && can_read(stack, address, rsp);
}

// By any other. False: it does not lead anywhere believable.
static inline __attribute__((always_inline)) bool step(struct walk_stack *stack, uint64_t rule, struct position *at)
{
    uint64_t rsp = at->rsp;
    uint32_t kind = unwind_word_kind(rule);
    uint64_t cfa = (kind == UNWIND_FROM_RSP ? rsp : at->rbp) + unwind_word_cfa_offset(rule);
    at->cfa_slot = at->rbp_slot = NULL;
    if (kind == UNWIND_HARD)
        return false;
    // A realigned frame keeps its CFA in a word of its own, between rsp and rbp.
    if (kind == UNWIND_AT_RBP)
    {
        if (!is_outwards(stack, cfa, rsp))
            return false;
        at->cfa_slot = (const uint64_t *)(uintptr_t)cfa;
        cfa = word_at(cfa);
    }
    if (!is_outwards(stack, cfa - 8, rsp))
        return false;
    if (!unwind_word_passes_rbp(rule))
    {
        uint64_t base = unwind_word_rbp_kind(rule) == UNWIND_RBP_FROM_CFA ? cfa : at->rbp;
        uint64_t saved = base + unwind_word_rbp_offset(rule);
        if (!is_outwards(stack, saved, rsp))
            return false;
        at->rbp_slot = (const uint64_t *)(uintptr_t)saved;
        at->rbp = word_at(saved);
    }
    at->rsp = cfa;
    at->pc = word_at(cfa - 8);
    return true;
}

static inline uint64_t rule_for(struct walk_stack *stack, uint64_t return_address)
{
    struct walk_rule *entry = &stack->rules[(return_address ^ return_address >> WALK_RULES_BITS) % WALK_RULES_MAX];
    if (__builtin_expect(entry->return_address != return_address, 0))
        *entry = (struct walk_rule){return_address, unwind_rule_for_return(return_address, stack->generation)};
    return entry->word;
}

static inline struct walk_frame *end_of(struct walk_stack *stack)
{
    return &stack->frames[WIRE_DEPTH_LIMIT];
}

static inline bool has_changed(const struct walk_word *word)
{
    return word_at((uintptr_t)word->slot) != word->content;
}

// The first word from there on that does not hold any more what it held; the one at the end never does. None is read
// beyond it: it may belong to a stack that is gone.
static inline const struct walk_word *first_changed(const struct walk_word *word)
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

// Whether the walk stands at a kept frame, and all further out is unchanged. *candidate is the first kept frame that
// may be it, and becomes that frame or the first one that a walk further out may meet.
static inline bool meets_kept(const struct walk_stack *stack, const struct position *at, struct walk_frame **candidate)
{
    const struct walk_word *end = &stack->words[WALK_WORDS_MAX];
    const uint64_t *return_slot = return_slot_of(at);
    struct walk_frame *kept = *candidate;
    while (kept->return_slot < return_slot)
        kept++;
    *candidate = kept;
    if (kept->return_slot != return_slot || kept->return_address != at->pc || (kept->needs_rbp && kept->rbp != at->rbp))
        return false;
    const struct walk_word *changed = first_changed(kept->outer_words);
    if (__builtin_expect(changed == end, 1))
        return true;
    // What stood on the frame that the word led to is gone.
    while (kept->outer_words <= changed)
        kept++;
    *candidate = kept;
    return false;
}

static inline struct walk_word *put_word(struct walk_word *word, const uint64_t *slot, uint64_t content)
{
    *--word = (struct walk_word){slot, content};
    return word;
}

// Notes which words led to the frame, inwards from its outer ones. Returns the first: a word that tells where another
// stands comes before it.
static inline struct walk_word *note_words(const struct walk_frame *frame, const uint64_t *rbp_slot,
                                           const uint64_t *cfa_slot)
{
    struct walk_word *word = frame->outer_words;
    if (frame->needs_rbp && rbp_slot)
        word = put_word(word, rbp_slot, frame->rbp);
    word = put_word(word, frame->return_slot, frame->return_address);
    if (__builtin_expect(cfa_slot != NULL, 0))
        word = put_word(word, cfa_slot, (uintptr_t)(frame->return_slot + 1));
    return word;
}

// Puts the found frames before the kept one that was met, whose words begin there. A frame needs its rbp if the rule
// that leads on from it does, or passes it on to one that does.
static inline void keep_found(struct walk_stack *stack, struct walk_frame *met, struct walk_word *word,
                              const struct walk_found *found_end)
{
    bool outer_needs_rbp = met->needs_rbp;
    for (const struct walk_found *found = found_end; found-- > stack->found;)
    {
        met--;
        met->return_slot = found->return_slot;
        met->return_address = found->return_address;
        met->rbp = found->rbp;
        met->outer_words = word;
        outer_needs_rbp =
            unwind_word_needs_rbp(found->onwards) || (unwind_word_passes_rbp(found->onwards) && outer_needs_rbp);
        met->needs_rbp = outer_needs_rbp;
        word = note_words(met, found->rbp_slot, found->cfa_slot);
    }
    stack->first = met;
}

static enum walk_result give_up(struct walk_stack *stack, enum walk_result result)
{
    stack->first = end_of(stack);
    return result;
}

void walk_begin(struct walk_stack *stack, uint32_t generation, uint32_t root, const uint32_t *is_silent)
{
    static const uint64_t zero;
    memset(stack->rules, 0, sizeof stack->rules);
    memset(stack->pages, 0, sizeof stack->pages);
    *end_of(stack) = (struct walk_frame){.return_slot = (const uint64_t *)UINTPTR_MAX,
                                         .outer_words = stack->words + WALK_WORDS_MAX + 1};
    stack->words[WALK_WORDS_MAX] = (struct walk_word){&zero, 1};
    stack->is_silent = is_silent;
    stack->generation = generation;
    stack->root = root;
    stack->first = end_of(stack);
}

static inline void note_found(struct walk_found *found, const struct position *at, uint64_t onwards)
{
    found->return_slot = return_slot_of(at);
    found->return_address = at->pc;
    found->rbp = at->rbp;
    found->rbp_slot = at->rbp_slot;
    found->cfa_slot = at->cfa_slot;
    found->onwards = onwards;
}

// The walk has come to where the frames are known from `met` outwards.
static inline enum walk_result keep(struct walk_stack *stack, struct walk_frame *met, const struct position *at,
                                    const struct walk_found *found_end, uint32_t depth_max)
{
    uint32_t found_count = (uint32_t)(found_end - stack->found);
    if (__builtin_expect(found_count + walk_depth(stack, met) > depth_max, 0))
        return give_up(stack, WALK_DEEP);
    struct walk_word *word = stack->words + WALK_WORDS_MAX;
    if (__builtin_expect(met != end_of(stack), 1))
        word = note_words(met, at->rbp_slot, at->cfa_slot);
    else if (at->pc == 0)
    {
        const struct walk_frame none = {.return_slot = return_slot_of(at), .outer_words = word};
        word = note_words(&none, NULL, at->cfa_slot);
    }
    keep_found(stack, met, word, found_end);
    return WALK_DONE;
}

enum walk_result walk_outwards(struct walk_stack *stack, const uint64_t *frame, uint32_t depth_max,
                               struct walk_frame **known)
{
    struct position at = {
        .pc = word_at((uintptr_t)(frame + 1)), .rsp = (uintptr_t)(frame + 2), .rbp = word_at((uintptr_t)frame)};
    struct walk_frame *met = stack->first;
    struct walk_found *found = stack->found;
    while (at.pc != 0 && !meets_kept(stack, &at, &met))
    {
        if (__builtin_expect(found == stack->found + depth_max, 0))
            return give_up(stack, WALK_DEEP);
        uint64_t rule = rule_for(stack, at.pc);
        note_found(found++, &at, rule);
        if (__builtin_expect(unwind_word_kind(rule) == UNWIND_END, 0))
        {
            met = end_of(stack);
            break;
        }
        if (__builtin_expect(unwind_word_is_plain(rule), 1) ? !step_plainly(stack, rule, &at) : !step(stack, rule, &at))
            return give_up(stack, WALK_HARD);
    }
    if (__builtin_expect(at.pc == 0, 0))
        met = end_of(stack);
    *known = stack->first = met;
    return found == stack->found ? WALK_DONE : keep(stack, met, &at, found, depth_max);
}
