// SPDX-License-Identifier: MIT
// Runs the sample of a claim under an allocator and judges its figures. Knows no claim by name; clocks judge nothing.
#include "lab/claims.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lab/launch.h"

enum
{
    FLOOR_STEPS_OF_DOUBLING = 4,
    FLOOR_STEPS = 25 * FLOOR_STEPS_OF_DOUBLING, // from 4 MiB to 128 TiB, all that a process can have
    PATH_BYTES = 4096,
};

enum lab_design lab_design_of(const struct lab_allocator *allocator)
{
    static const char *const names[LAB_DESIGN_COUNT] = {
        [LAB_BUMP_LIFO] = "bump:lifo", [LAB_BUMP_FIFO] = "bump:fifo",   [LAB_BUMP_NONE] = "bump:none",
        [LAB_ZONED] = "zoned",         [LAB_SPLITMERGE] = "splitmerge", [LAB_ZONED_GUARDED] = LAB_ZONED_GUARDED_NAME,
    };
    if (strcmp(allocator->spec, "bump") == 0)
        return LAB_BUMP_LIFO;
    enum lab_design design = 0;
    while (design < LAB_DESIGN_COUNT && strcmp(allocator->spec, names[design]) != 0)
        design++;
    return design;
}

const char *lab_verdict_text(enum lab_verdict verdict)
{
    static const char *const texts[LAB_VERDICT_COUNT] = {
        [LAB_HOLDS] = "holds",       [LAB_FAILS_AS_DESIGNED] = "fails as designed",
        [LAB_VIOLATED] = "VIOLATED", [LAB_REFERENCE] = "reference",
        [LAB_SKIPPED] = "skipped",   [LAB_NOT_APPLICABLE] = "not applicable",
    };
    return texts[verdict];
}

enum lab_verdict lab_judge(const struct lab_expectation *expected, bool is_measured, double measured)
{
    if (expected->expects == LAB_EXPECTS_NO_MEANING)
        return LAB_NOT_APPLICABLE;
    if (expected->expects == LAB_EXPECTS_NOTHING)
        return LAB_REFERENCE;
    // Written so that what is no number is a violation.
    if (!(is_measured && measured >= expected->min && measured <= expected->max))
        return LAB_VIOLATED;
    return expected->expects == LAB_EXPECTS_TO_HOLD ? LAB_HOLDS : LAB_FAILS_AS_DESIGNED;
}

static struct lab_expectation expectation_of(const struct lab_measure *measure, enum lab_design design)
{
    return design < LAB_DESIGN_COUNT ? measure->expectations[design] : (struct lab_expectation){0};
}

static bool has_meaning(const struct lab_claim *claim, enum lab_design design)
{
    for (const struct lab_measure *measure = claim->measures; measure->figure != NULL; measure++)
        if (expectation_of(measure, design).expects != LAB_EXPECTS_NO_MEANING)
            return true;
    return false;
}

// Nothing was measured, for the same reason everywhere.
static void tell_all(const struct lab_claim *claim, enum lab_design design, const char *why, bool is_skipped,
                     struct lab_result *results)
{
    for (const struct lab_measure *measure = claim->measures; measure->figure != NULL; measure++, results++)
    {
        *results = (struct lab_result){.expected = expectation_of(measure, design)};
        results->verdict = is_skipped ? LAB_SKIPPED : lab_judge(&results->expected, false, 0);
        snprintf(results->why, sizeof results->why, "%s", why);
    }
}

static bool launch_sample(const struct lab_claims_run *run, const struct lab_claim *claim,
                          const struct lab_allocator *allocator, uint64_t address_space_bytes,
                          struct lab_outcome *outcome, char *why, size_t why_bytes)
{
    char path[PATH_BYTES];
    char *argv[LAB_ARGUMENTS_MAX + 2] = {path};
    const char *const *arguments = run->is_quick ? claim->quick_arguments : claim->arguments;
    for (size_t i = 0; i < LAB_ARGUMENTS_MAX && arguments[i] != NULL; i++)
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    snprintf(path, sizeof path, "%s/%s", run->samples_folder, claim->sample);
    const struct lab_launch launch = {.allocator = allocator, .argv = argv, .address_space_bytes = address_space_bytes};
    if (!lab_launch(&launch, outcome, why, why_bytes))
        return false;
    if (outcome->wait_status == 0)
        return true;
    if (outcome->is_timed_out)
        snprintf(why, why_bytes, "hung");
    else if (WIFSIGNALED(outcome->wait_status))
        snprintf(why, why_bytes, "killed by SIG%s", sigabbrev_np(WTERMSIG(outcome->wait_status)));
    else
        snprintf(why, why_bytes, "ended with %d: %.*s", WEXITSTATUS(outcome->wait_status),
                 (int)strcspn(outcome->errors, "\n"), outcome->errors);
    return false;
}

static uint64_t floor_step_bytes(size_t step)
{
    uint64_t whole = (uint64_t)4 << 20 << step / FLOOR_STEPS_OF_DOUBLING;
    return whole + whole / FLOOR_STEPS_OF_DOUBLING * (step % FLOOR_STEPS_OF_DOUBLING);
}

// The least limit of address space that lets the sample run, to a quarter of a doubling, written as its last figure.
static void add_floor(const struct lab_claims_run *run, const struct lab_claim *claim,
                      const struct lab_allocator *allocator, struct lab_outcome *outcome)
{
    static struct lab_outcome tried;
    char why[sizeof((struct lab_result *)NULL)->why];
    size_t too_little = 0; // 4 MiB hold no process
    size_t enough = FLOOR_STEPS;
    while (enough - too_little > 1 && !lab_was_interrupted(outcome))
    {
        size_t middle = (too_little + enough) / 2;
        if (launch_sample(run, claim, allocator, floor_step_bytes(middle), &tried, why, sizeof why))
            enough = middle;
        else
            too_little = middle;
        if (lab_was_interrupted(&tried))
            outcome->wait_status = tried.wait_status;
    }
    size_t length = strlen(outcome->output);
    snprintf(outcome->output + length, sizeof outcome->output - length, "floor_bytes %llu\n",
             (unsigned long long)floor_step_bytes(enough));
}

bool lab_claim_run(const struct lab_claims_run *run, const struct lab_claim *claim,
                   const struct lab_allocator *allocator, struct lab_result results[LAB_MEASURES_MAX])
{
    static struct lab_outcome outcome;
    enum lab_design design = lab_design_of(allocator);
    char why[sizeof results->why] = "";
    if (!allocator->is_installed || !has_meaning(claim, design))
    {
        tell_all(claim, design, allocator->is_installed ? "" : "not installed", !allocator->is_installed, results);
        return true;
    }
    bool is_run = launch_sample(run, claim, allocator, claim->address_space_bytes, &outcome, why, sizeof why);
    if (is_run && claim->is_floor_wanted)
        add_floor(run, claim, allocator, &outcome);
    tell_all(claim, design, why, false, results);
    for (size_t i = 0; is_run && claim->measures[i].figure != NULL; i++)
    {
        results[i].is_measured = lab_figure(&outcome, claim->measures[i].figure, &results[i].measured);
        results[i].verdict = lab_judge(&results[i].expected, results[i].is_measured, results[i].measured);
        if (!results[i].is_measured)
            snprintf(results[i].why, sizeof results[i].why, "no such figure");
    }
    return !lab_was_interrupted(&outcome);
}
