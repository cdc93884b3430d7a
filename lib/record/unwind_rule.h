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

struct unwind_rule
{
    uint8_t kind;     // enum unwind_rule_kind
    uint8_t rbp_kind; // enum unwind_rbp_kind
    int16_t rbp_offset;
    int32_t cfa_offset;
};

_Static_assert(sizeof(struct unwind_rule) == 8, "a rule is stored and loaded as one word");

// The rule for the code at address, from the call-frame information of the module that it lies in (DWARF 5 section 6.4,
// as .eh_frame of the Linux Standard Base). UNWIND_HARD if there is none or it says more than a rule can hold. Takes no
// lock: the loader's index of modules is asked by _dl_find_object.
struct unwind_rule unwind_rule_read(uint64_t address);

// The rule for the frame that a call returns to, remembered per process and code generation; read once for each return
// address. Lock-free.
struct unwind_rule unwind_rule_for_return(uint64_t return_address, uint32_t generation);

bool unwind_rules_open(void);

#endif
