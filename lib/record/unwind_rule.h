// SPDX-License-Identifier: MIT
// How to get from a frame to its caller's, for one place in the code: the x86-64 subset of a DWARF call-frame row that
// nearly all compiled code needs, in 64 bits.
//
//   canonical frame address (CFA)    caller's rsp just before the call
//   return address                   always at CFA - 8 here
//   caller's rbp                     unchanged, or saved in memory
#ifndef HEAPREEL_RECORD_UNWIND_RULE_H
#define HEAPREEL_RECORD_UNWIND_RULE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum unwind_rule_kind
{
    UNWIND_NOT_KNOWN = 0, // as a word: no rule at all
    UNWIND_FROM_RSP = 1,  // CFA = rsp + cfa_offset
    UNWIND_FROM_RBP = 2,  // CFA = rbp + cfa_offset
    UNWIND_AT_RBP = 3,    // CFA = the word at rbp + cfa_offset (functions that realign their stack)
    UNWIND_END = 4,       // outermost frame
    UNWIND_HARD = 5,      // anything else: ask libunwind
};

enum unwind_rbp_kind
{
    UNWIND_RBP_SAME = 0,
    UNWIND_RBP_FROM_CFA = 1, // saved at CFA + rbp_offset
    UNWIND_RBP_FROM_RBP = 2, // saved at rbp + rbp_offset
};

#define UNWIND_FRAME_BYTES_MAX (64 << 20) // a larger frame is taken for a mistake

struct unwind_rule
{
    uint8_t kind;     // enum unwind_rule_kind
    uint8_t rbp_kind; // enum unwind_rbp_kind
    int16_t rbp_offset;
    int32_t cfa_offset;
};

_Static_assert(sizeof(struct unwind_rule) == 8, "a rule is stored and loaded as one word");

// A rule as a number: a table stores and loads it at once, and a walk asks several things by one test.
//   bits 0..7 kind, 8..15 rbp_kind, 16..31 rbp_offset, 32..63 cfa_offset
static inline uint64_t unwind_rule_word(struct unwind_rule rule)
{
    uint64_t word;
    memcpy(&word, &rule, sizeof word);
    return word;
}

static inline uint32_t unwind_word_kind(uint64_t word)
{
    return (uint8_t)word;
}

static inline uint32_t unwind_word_rbp_kind(uint64_t word)
{
    return (uint8_t)(word >> 8);
}

static inline uint64_t unwind_word_cfa_offset(uint64_t word)
{
    return (uint64_t)((int64_t)word >> 32);
}

static inline uint64_t unwind_word_rbp_offset(uint64_t word)
{
    return (uint64_t)(int64_t)(int16_t)(word >> 16);
}

// The frame that the rule leads on from has to tell its rbp.
static inline bool unwind_word_needs_rbp(uint64_t word)
{
    return word & (UNWIND_FROM_RBP | UNWIND_RBP_FROM_RBP << 8);
}
_Static_assert((UNWIND_FROM_RBP & UNWIND_AT_RBP) == 2 && ((UNWIND_FROM_RSP | UNWIND_END | UNWIND_HARD) & 2) == 0,
               "one bit tells that rbp is used");

static inline bool unwind_word_passes_rbp(uint64_t word)
{
    return (word & (UNWIND_RBP_FROM_CFA | UNWIND_RBP_FROM_RBP) << 8) == 0;
}

// CFA by rsp, and rbp not found by rbp: where rsp is a multiple of 8, the places that such a rule leads to are so too,
// and they lie outwards.
static inline bool unwind_word_is_plain(uint64_t word)
{
    return (word & 0xffff & ~(uint64_t)(UNWIND_RBP_FROM_CFA << 8)) == UNWIND_FROM_RSP;
}

// The rule for the code at address, from the call-frame information of the module that it lies in (DWARF 5 section 6.4,
// as .eh_frame of the Linux Standard Base). UNWIND_HARD if there is none or it says more than a rule can hold. Takes no
// lock: the loader's index of modules is asked by _dl_find_object.
struct unwind_rule unwind_rule_read(uint64_t address);

// The rule for the frame that a call returns to, as unwind_rule_word, remembered per process and code generation; read
// once for each return address. Lock-free.
uint64_t unwind_rule_for_return(uint64_t return_address, uint32_t generation);

bool unwind_rules_open(void);

#endif
