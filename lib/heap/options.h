// SPDX-License-Identifier: MIT
// The text that names an allocator, NAME[,option=value...], and what it means. One table of names and options: parser,
// complaints and documents come from it.
//
//   system                                    bump:lifo (also: bump)   bump:fifo   bump:none   splitmerge
//   zoned[,quarantine=fifo|random|none][,quarantine-bytes=N][,guards=on|off][,fill=on|off][,canary=on|off][,zone-bytes=N]
//   with each:  on-misuse=report|abort
//
// N takes the suffixes K, M, G, T (1024 each). quarantine-bytes is the bound per class: as many slots as fit, at
// least 1.
#ifndef HEAPREEL_HEAP_OPTIONS_H
#define HEAPREEL_HEAP_OPTIONS_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define HEAP_ALLOCATOR_VARIABLE "HEAPREEL_ALLOCATOR"

enum heap_kind
{
    HEAP_SYSTEM,
    HEAP_BUMP_LIFO,
    HEAP_BUMP_FIFO,
    HEAP_BUMP_NONE,
    HEAP_ZONED,
    HEAP_SPLITMERGE,
};

enum heap_quarantine
{
    HEAP_QUARANTINE_NONE,
    HEAP_QUARANTINE_FIFO,
    HEAP_QUARANTINE_RANDOM,
};

enum heap_on_misuse
{
    HEAP_ON_MISUSE_DEFAULT, // abort in `zoned` while nothing is recorded, else report
    HEAP_ON_MISUSE_REPORT,
    HEAP_ON_MISUSE_ABORT,
};

struct heap_options
{
    enum heap_kind kind;
    enum heap_on_misuse on_misuse;
    // zoned
    enum heap_quarantine quarantine;
    uint64_t quarantine_bytes;
    uint64_t zone_bytes; // wanted; 0 = as large as limits allow
    bool has_guards;     // every second slab position stays inaccessible
    bool is_filled;      // a freed slot is zeroed, and looked at before its reuse
    bool has_canary;     // the last 8 bytes of a slot are a secret
};

// Text of NULL or "" means `system`. False: *complaint is one line that says what is wrong and what there is.
bool heap_options_parse(struct heap_options *options, const char *text, struct base_text *complaint);

#endif
