// SPDX-License-Identifier: MIT
// What the judge says of a reel that a test has made.
#ifndef HEAPREEL_TESTS_CLI_VERDICT_H
#define HEAPREEL_TESTS_CLI_VERDICT_H

#include "reel/check.h"

#define VERDICT_REPORTED_MAX 16

struct verdict
{
    struct reel_check_result result;
    struct reel_violation reported[VERDICT_REPORTED_MAX];
    size_t count;
};

struct verdict verdict_of(const char *path);
void verdict_assert_clean(const char *path);
// One violation alone, of this kind; its text must hold the word.
void verdict_assert_one(const char *path, enum reel_violation_kind kind, const char *word);

#endif
