// SPDX-License-Identifier: MIT
// Runs workloads under allocators in turn and takes medians. What a workload is, the program that is run knows alone.
#include "lab/bench.h"

#include "lab/launch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define NEVER_REUSES "bump:none"
#define ALLOCATED_BYTES_LIMIT ((uint64_t)8 << 30) // what an allocator may take that never reuses
#define TIME_LIMIT_MS 120000

enum figure
{
    FIGURE_NS,
    FIGURE_ALONE_NS,
    FIGURE_SCALING,
    FIGURE_RESIDENT_BYTES,
    FIGURE_LIVE_BYTES,
    FIGURE_COUNT,
};

static const char *const figure_names[FIGURE_COUNT] = {
    "ns_per_operation", "alone_ns_per_operation", "scaling", "resident_bytes", "live_bytes",
};

// Of each allocator and round; 0: there is none.
struct samples
{
    double figures[FIGURE_COUNT][LAB_BENCH_ALLOCATORS_MAX][LAB_BENCH_RUNS_MAX];
};

// What went wrong, with what the program said of it; false: nothing did.
static bool tell_failure(const struct lab_outcome *outcome, char *why, size_t why_bytes)
{
    int length = 0;
    if (outcome->is_timed_out)
        length = snprintf(why, why_bytes, "not done after %d s", TIME_LIMIT_MS / 1000);
    else if (WIFSIGNALED(outcome->wait_status))
        length = snprintf(why, why_bytes, "killed by signal %d", WTERMSIG(outcome->wait_status));
    else if (outcome->wait_status != 0)
        length = snprintf(why, why_bytes, "exit status %d", WEXITSTATUS(outcome->wait_status));
    int line = (int)strcspn(outcome->errors, "\n");
    if (length > 0 && line > 0)
        snprintf(why + length, why_bytes - (size_t)length, ": %.*s", line, outcome->errors);
    return length > 0;
}

// Of all workloads where none is named. False: the program did not do its work, and why.
static bool launch(const struct lab_bench *bench, const struct lab_allocator *allocator, const char *workload,
                   struct lab_outcome *outcome, char *why, size_t why_bytes)
{
    char program[4096];
    char divisor[16];
    char name[sizeof((struct lab_bench_workload *)NULL)->name];
    char *argv[] = {program, divisor, workload != NULL ? name : NULL, NULL};
    const struct lab_launch launch = {.allocator = allocator, .argv = argv, .time_limit_ms = TIME_LIMIT_MS};
    snprintf(program, sizeof program, "%s", bench->program);
    snprintf(divisor, sizeof divisor, "%" PRIu32, bench->divisor);
    snprintf(name, sizeof name, "%s", workload != NULL ? workload : "");
    return lab_launch(&launch, outcome, why, why_bytes) && !tell_failure(outcome, why, why_bytes);
}

// One line of the program's list: name, bytes, purpose.
static void read_workload(const char *line, struct lab_bench_workload *workload)
{
    char *rest = NULL;
    size_t name_length = strcspn(line, " \n");
    snprintf(workload->name, sizeof workload->name, "%.*s", (int)name_length, line);
    workload->allocated_bytes_max = strtoull(line + name_length, &rest, 10);
    rest += *rest == ' ' ? 1 : 0;
    snprintf(workload->purpose, sizeof workload->purpose, "%.*s", (int)strcspn(rest, "\n"), rest);
}

bool lab_bench_list(const struct lab_bench *bench, struct lab_bench_workload workloads[LAB_BENCH_WORKLOADS_MAX],
                    size_t *count, char *complaint, size_t complaint_bytes)
{
    static struct lab_outcome outcome;
    const struct lab_allocator plain = {.name = "glibc"};
    *count = 0;
    if (!launch(bench, &plain, NULL, &outcome, complaint, complaint_bytes))
        return false;
    for (const char *line = outcome.output; *line != '\0' && *count < LAB_BENCH_WORKLOADS_MAX;)
    {
        read_workload(line, &workloads[(*count)++]);
        line += strcspn(line, "\n");
        line += *line == '\n' ? 1 : 0;
    }
    snprintf(complaint, complaint_bytes, "%s names no workloads", bench->program);
    return *count > 0;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

// Of those that are above 0; changes their order. 0: there are none.
static double median(double *values, size_t count)
{
    qsort(values, count, sizeof values[0], compare_doubles);
    size_t first = 0;
    while (first < count && values[first] <= 0)
        first++;
    size_t left = count - first;
    return left == 0 ? 0 : (values[first + left / 2] + values[first + (left - 1) / 2]) / 2;
}

// Round by round, so that both saw the same machine.
static double median_ratio(const double *values, const double *others, size_t count)
{
    double ratios[LAB_BENCH_RUNS_MAX];
    for (size_t i = 0; i < count; i++)
        ratios[i] = others[i] > 0 ? values[i] / others[i] : 0;
    return median(ratios, count);
}

static void summarise(struct samples *samples, size_t allocators, size_t runs, struct lab_bench_row *rows)
{
    for (size_t i = 0; i < allocators; i++)
    {
        rows[i].time_ratio = median_ratio(samples->figures[FIGURE_NS][i], samples->figures[FIGURE_NS][0], runs);
        rows[i].resident_ratio =
            median_ratio(samples->figures[FIGURE_RESIDENT_BYTES][i], samples->figures[FIGURE_RESIDENT_BYTES][0], runs);
    }
    for (size_t i = 0; i < allocators; i++)
    {
        rows[i].ns = median(samples->figures[FIGURE_NS][i], runs);
        rows[i].alone_ns = median(samples->figures[FIGURE_ALONE_NS][i], runs);
        rows[i].scaling = median(samples->figures[FIGURE_SCALING][i], runs);
        rows[i].resident_bytes = median(samples->figures[FIGURE_RESIDENT_BYTES][i], runs);
        rows[i].live_bytes = median(samples->figures[FIGURE_LIVE_BYTES][i], runs);
    }
}

// Why there is nothing to run, where that is so.
static void excuse(const struct lab_bench *bench, const struct lab_bench_workload *workload, size_t allocator,
                   struct lab_bench_row *row)
{
    const char *name = bench->allocators[allocator].name;
    *row = (struct lab_bench_row){0};
    if (workload->allocated_bytes_max == 0 && allocator != 0)
        snprintf(row->why, sizeof row->why, "does not allocate");
    else if (strcmp(name, NEVER_REUSES) == 0 && workload->allocated_bytes_max > ALLOCATED_BYTES_LIMIT)
        snprintf(row->why, sizeof row->why, "never reuses: could take %" PRIu64 " GiB",
                 workload->allocated_bytes_max >> 30);
}

// False: somebody at the terminal ended the program.
static bool measure(const struct lab_bench *bench, const struct lab_bench_workload *workload, size_t allocator,
                    uint32_t run, struct samples *samples, struct lab_bench_row *row)
{
    static struct lab_outcome outcome;
    outcome.wait_status = 0;
    row->is_failed = !launch(bench, &bench->allocators[allocator], workload->name, &outcome, row->why, sizeof row->why);
    if (lab_was_interrupted(&outcome))
    {
        row->is_failed = false;
        row->why[0] = '\0';
        return false;
    }
    if (row->is_failed)
        return true;
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        lab_figure(&outcome, figure_names[i], &samples->figures[i][allocator][run]);
    row->runs++;
    return true;
}

bool lab_bench_run(const struct lab_bench *bench, const struct lab_bench_workload *workload,
                   struct lab_bench_row rows[LAB_BENCH_ALLOCATORS_MAX])
{
    static struct samples samples;
    bool is_wanted = true;
    memset(&samples, 0, sizeof samples);
    for (size_t i = 0; i < bench->allocator_count; i++)
        excuse(bench, workload, i, &rows[i]);
    for (uint32_t run = 0; run < bench->runs; run++)
        for (size_t turn = 0; turn < bench->allocator_count && is_wanted; turn++)
        {
            size_t i = (turn + run) % bench->allocator_count;
            if (rows[i].why[0] == '\0')
                is_wanted = bench->tell(bench->context, workload->name, run, bench->allocators[i].name) &&
                            measure(bench, workload, i, run, &samples, &rows[i]);
        }
    summarise(&samples, bench->allocator_count, bench->runs, rows);
    return is_wanted;
}
