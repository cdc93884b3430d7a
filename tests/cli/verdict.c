// SPDX-License-Identifier: MIT
// Asks the judge, and fails the test with its first line.
#include "verdict.h"

#include <string.h>

#include "fixture.h"

static void keep(void *context, const struct reel_violation *violation)
{
    struct verdict *verdict = context;
    if (verdict->count < VERDICT_REPORTED_MAX)
        verdict->reported[verdict->count] = *violation;
    verdict->count++;
}

struct verdict verdict_of(const char *path)
{
    struct verdict verdict = {0};
    struct reel_error error = {0};
    struct reel_reader *reader = fixture_open(path);
    int status = reel_check(reader, VERDICT_REPORTED_MAX, keep, &verdict, NULL, &verdict.result, &error);
    if (status != REEL_OK)
        fail_msg("%s", error.text);
    reel_reader_close(reader);
    return verdict;
}

void verdict_assert_clean(const char *path)
{
    struct verdict verdict = verdict_of(path);
    if (verdict.result.violations != 0)
        fail_msg("%llu violations, the first: %s", (unsigned long long)verdict.result.violations,
                 verdict.reported[0].text);
}

void verdict_assert_one(const char *path, enum reel_violation_kind kind, const char *word)
{
    struct verdict verdict = verdict_of(path);
    if (verdict.result.violations != 1)
        fail_msg("%llu violations, the first: %s", (unsigned long long)verdict.result.violations,
                 verdict.reported[0].text);
    if (strstr(verdict.reported[0].text, word) == NULL)
        fail_msg("%s is not in: %s", word, verdict.reported[0].text);
    assert_int_equal(verdict.reported[0].kind, kind);
}
