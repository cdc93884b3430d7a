// SPDX-License-Identifier: MIT
// The claims about the designs of allocators, each a sample program with figures, and what each design of ours is
// expected to show. A claim is worded as the property that one would like to have; a design that cannot have it is
// expected to fail, and to show by how much.
#ifndef HEAPREEL_LAB_CLAIMS_H
#define HEAPREEL_LAB_CLAIMS_H

#include "lab/allocator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    LAB_MEASURES_MAX = 3,
    LAB_ARGUMENTS_MAX = 16,
};

// Those of which something is expected.
enum lab_design
{
    LAB_BUMP_LIFO,
    LAB_BUMP_FIFO,
    LAB_BUMP_NONE,
    LAB_ZONED,         // without options
    LAB_ZONED_GUARDED, // LAB_ZONED_GUARDED_NAME
    LAB_SPLITMERGE,
    LAB_DESIGN_COUNT,
    LAB_DESIGN_OTHER = LAB_DESIGN_COUNT,
};

#define LAB_ZONED_GUARDED_NAME "zoned,quarantine=fifo,guards=on,canary=on,fill=on"

enum lab_expects
{
    LAB_EXPECTS_NOTHING, // measured for comparison
    LAB_EXPECTS_TO_HOLD,
    LAB_EXPECTS_TO_FAIL,
    LAB_EXPECTS_NO_MEANING, // the claim says nothing about this design: it is not run
};

// The figure lies in min..max.
struct lab_expectation
{
    enum lab_expects expects;
    double min;
    double max;
};

enum lab_unit
{
    LAB_UNIT_COUNT,
    LAB_UNIT_RATIO,
    LAB_UNIT_PERCENT,
    LAB_UNIT_BYTES,
};

struct lab_measure
{
    const char *figure;   // as the sample prints it; NULL: there are no more
    const char *quantity; // in words
    enum lab_unit unit;
    struct lab_expectation expectations[LAB_DESIGN_COUNT];
};

struct lab_claim
{
    const char *id; // S1, S2.threads ...
    const char *title;
    const char *sample;
    const char *arguments[LAB_ARGUMENTS_MAX];       // ended by NULL
    const char *quick_arguments[LAB_ARGUMENTS_MAX]; // likewise
    uint64_t address_space_bytes;                   // limit for the sample, 0 = none
    bool is_floor_wanted; // figure floor_bytes: the least limit of address space with which the sample still runs
    struct lab_measure measures[LAB_MEASURES_MAX + 1];
};

extern const struct lab_claim lab_claims[]; // ended by an id of NULL

enum lab_verdict
{
    LAB_HOLDS,
    LAB_FAILS_AS_DESIGNED,
    LAB_VIOLATED,
    LAB_REFERENCE,
    LAB_NOT_APPLICABLE,
    LAB_SKIPPED,
    LAB_VERDICT_COUNT,
};

struct lab_result
{
    struct lab_expectation expected;
    enum lab_verdict verdict;
    bool is_measured;
    double measured; // infinite: what was waited for never came
    char why[128];   // why nothing was measured, else empty
};

struct lab_claims_run
{
    const char *samples_folder;
    bool is_quick;
};

enum lab_design lab_design_of(const struct lab_allocator *allocator);
const char *lab_verdict_text(enum lab_verdict verdict);

// The verdict on what was measured, or on that nothing was.
enum lab_verdict lab_judge(const struct lab_expectation *expected, bool is_measured, double measured);

// One sample under one allocator: a result for each measure of the claim. Takes seconds. False: interrupted from the
// terminal.
bool lab_claim_run(const struct lab_claims_run *run, const struct lab_claim *claim,
                   const struct lab_allocator *allocator, struct lab_result results[LAB_MEASURES_MAX]);

#endif
