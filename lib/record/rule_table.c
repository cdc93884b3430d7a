// SPDX-License-Identifier: MIT
// Rules by return address: a private open-addressing table that is read without locks.
//
// An entry's key is claimed by compare and swap, then its rule is stored; a reader that finds the key without the rule
// reads the call-frame information itself. The key holds the code generation, so that a rule never outlives the code
// that it is about. A table that is three quarters full is left to its readers and a new one begun.
#include "base/memory.h"
#include "record/recorder_internal.h"
#include "record/unwind_rule.h"

enum
{
    TABLE_BITS = 17,
    TABLE_ENTRIES = 1 << TABLE_BITS,
    ADDRESS_BITS = 47,
};

struct entry
{
    uint64_t key;  // atomic: address | generation << 47; 0: free
    uint64_t rule; // atomic: unwind_rule_word; 0: not yet stored
};

struct rule_table
{
    uint32_t used; // atomic
    struct entry entries[TABLE_ENTRIES];
};

static struct rule_table *rules; // atomic

bool unwind_rules_open(void)
{
    rules = base_memory_map(sizeof *rules);
    return rules;
}

// What a plain rule promises.
static struct unwind_rule believable(struct unwind_rule rule)
{
    bool has_frame = rule.cfa_offset >= 8 && rule.cfa_offset <= UNWIND_FRAME_BYTES_MAX && rule.cfa_offset % 8 == 0;
    bool has_rbp = rule.rbp_kind == UNWIND_RBP_SAME ||
                   (rule.rbp_offset % 8 == 0 && rule.rbp_offset < 0 && -rule.rbp_offset <= rule.cfa_offset);
    if (unwind_word_is_plain(unwind_rule_word(rule)) && !(has_frame && has_rbp))
        rule.kind = UNWIND_HARD;
    return rule;
}

static void replace_when_full(struct rule_table *table)
{
    if (__atomic_add_fetch(&table->used, 1, __ATOMIC_RELAXED) != TABLE_ENTRIES / 4 * 3)
        return;
    struct rule_table *fresh = base_memory_map(sizeof *fresh);
    if (fresh)
        __atomic_store_n(&rules, fresh, __ATOMIC_RELEASE);
}

__attribute__((noinline)) static uint64_t learn(struct rule_table *table, struct entry *entry, uint64_t key,
                                                uint64_t return_address)
{
    // The call may be the last instruction of its function: what returns there belongs to the byte before.
    uint64_t rule = unwind_rule_word(believable(unwind_rule_read(return_address - 1)));
    uint64_t expected = 0;
    bool is_room = __atomic_load_n(&table->used, __ATOMIC_RELAXED) < TABLE_ENTRIES / 8 * 7;
    if (is_room && __atomic_compare_exchange_n(&entry->key, &expected, key, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    {
        __atomic_store_n(&entry->rule, rule, __ATOMIC_RELEASE);
        replace_when_full(table);
    }
    return rule;
}

uint64_t unwind_rule_for_return(uint64_t return_address, uint32_t generation)
{
    if (return_address >> ADDRESS_BITS)
        return UNWIND_HARD; // no code stands there
    struct rule_table *table = __atomic_load_n(&rules, __ATOMIC_ACQUIRE);
    uint64_t key = return_address | (uint64_t)generation << ADDRESS_BITS;
    // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4).
    uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - TABLE_BITS);
    for (;; at = (at + 1) % TABLE_ENTRIES)
    {
        struct entry *entry = &table->entries[at];
        uint64_t found = __atomic_load_n(&entry->key, __ATOMIC_RELAXED);
        uint64_t word = __atomic_load_n(&entry->rule, __ATOMIC_ACQUIRE);
        if (found == key && word)
            return word;
        if (found == key || found == 0)
            return learn(table, entry, key, return_address);
    }
}
