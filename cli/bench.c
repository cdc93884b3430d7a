// SPDX-License-Identifier: MIT
// heapreel bench: which allocators and workloads, and what to say meanwhile. The lab measures; the answer is printed
// elsewhere.
#include <stdio.h>
#include <string.h>

#include "cli/bench_print.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"
#include "cli/parse.h"
#include "cli/trial.h"

#define RUNS_DEFAULT 5
#define QUICK_DIVISOR 1000
#define PROGRAM "heapreel/heapreel-workload"
#define BASELINE "glibc"
#define WITH_ALL_CHECKS "zoned,quarantine=fifo,canary=on,fill=on"

enum key
{
    KEY_ALLOCATOR = 256,
    KEY_WORKLOAD,
    KEY_RUNS,
    KEY_QUICK,
    KEY_JSON,
};

struct settings
{
    const char *allocators; // NULL: all
    const char *workloads;  // NULL: all
    uint64_t runs;          // 0: the default
    bool is_quick;
    bool is_json;
};

static const struct argp_option options[] = {
    {"allocator", KEY_ALLOCATOR, "A,B,...", 0,
     "Allocators beside glibc: bump:lifo, bump:fifo, bump:none, zoned (each with its options), splitmerge, jemalloc, "
     "mimalloc, tcmalloc, or the file of a library; all by default",
     0},
    {"workload", KEY_WORKLOAD, "W,...", 0, "Only workloads whose names begin so", 0},
    {"runs", KEY_RUNS, "N", 0, "Rounds, 5 by default", 0},
    {"quick", KEY_QUICK, NULL, 0, "Only see that it works: one short round, whose times mean nothing", 0},
    {"json", KEY_JSON, NULL, 0, "Answer in JSON", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_ALLOCATOR:
        settings->allocators = argument;
        return 0;
    case KEY_WORKLOAD:
        settings->workloads = argument;
        return 0;
    case KEY_RUNS:
        return cli_take_number(state, "--runs", argument, 1, LAB_BENCH_RUNS_MAX, &settings->runs);
    case KEY_QUICK:
        settings->is_quick = true;
        return 0;
    case KEY_JSON:
        settings->is_json = true;
        return 0;
    case ARGP_KEY_ARG:
        return cli_usage_error(state, "%s is one word too many", argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool tell(void *context, const char *workload, uint32_t run, const char *allocator)
{
    (void)context;
    if (!trial_is_interrupted())
        trial_tell("%s, round %u: %s", workload, run + 1, allocator);
    return !trial_is_interrupted();
}

// Adds it unless it is there already.
static int add_allocator(struct lab_bench *bench, const char *name)
{
    struct lab_allocator allocator;
    int status = trial_find_allocator(&allocator, "bench", name);
    if (status != CLI_OK)
        return status;
    if (!allocator.is_installed)
        return cli_complain(CLI_OK, "bench: %s is not installed and left out", name);
    for (size_t i = 0; i < bench->allocator_count; i++)
        if (strcmp(bench->allocators[i].name, allocator.name) == 0)
            return CLI_OK;
    if (bench->allocator_count == LAB_BENCH_ALLOCATORS_MAX)
        return cli_complain(CLI_USAGE, "bench: there is room for %d allocators", LAB_BENCH_ALLOCATORS_MAX);
    bench->allocators[bench->allocator_count++] = allocator;
    return CLI_OK;
}

static int choose_allocators(const struct settings *settings, struct lab_bench *bench)
{
    char name[256];
    const char *list = settings->allocators;
    int status = add_allocator(bench, BASELINE);
    while (status == CLI_OK && list != NULL && lab_allocator_next(&list, name, sizeof name))
        status = add_allocator(bench, name);
    for (size_t i = 0; status == CLI_OK && list == NULL && lab_allocator_names[i] != NULL; i++)
        status = add_allocator(bench, lab_allocator_names[i]);
    if (status == CLI_OK && list == NULL)
        status = add_allocator(bench, WITH_ALL_CHECKS);
    return status;
}

static bool is_wanted(const struct settings *settings, const char *workload)
{
    const char *list = settings->workloads;
    for (size_t length = 0; list != NULL && *list != '\0'; list += length + (list[length] == ',' ? 1 : 0))
    {
        length = strcspn(list, ",");
        if (length != 0 && strncmp(list, workload, length) == 0)
            return true;
    }
    return settings->workloads == NULL;
}

// Keeps those that are wanted.
static int choose_workloads(const struct settings *settings, const struct lab_bench *bench,
                            struct lab_bench_workload workloads[LAB_BENCH_WORKLOADS_MAX], size_t *count)
{
    char complaint[1024];
    size_t all = 0;
    if (!lab_bench_list(bench, workloads, &all, complaint, sizeof complaint))
        return cli_complain(CLI_CANNOT, "bench: %s", complaint);
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (is_wanted(settings, workloads[i].name))
            workloads[(*count)++] = workloads[i];
    return *count != 0 ? CLI_OK : cli_complain(CLI_USAGE, "bench: no workload begins with %s", settings->workloads);
}

// False: a workload failed under an allocator, which is told at once.
static bool tell_failures(const struct lab_bench *bench, const struct lab_bench_workload *workload,
                          const struct lab_bench_row *rows)
{
    bool is_well = true;
    for (size_t i = 0; i < bench->allocator_count; i++)
        if (rows[i].is_failed)
        {
            cli_complain(CLI_CANNOT, "bench: %s failed under %s: %s", workload->name, bench->allocators[i].name,
                         rows[i].why);
            is_well = false;
        }
    return is_well;
}

static int run_workloads(const struct settings *settings, const struct lab_bench *bench,
                         const struct lab_bench_workload *workloads, size_t count)
{
    struct lab_bench_row rows[LAB_BENCH_ALLOCATORS_MAX];
    cJSON *document = settings->is_json ? bench_json_begin(bench) : NULL;
    bool is_well = true;
    bool is_complete = true;
    for (size_t i = 0; i < count && is_complete; i++)
    {
        is_complete = lab_bench_run(bench, &workloads[i], rows);
        trial_tell_no_more();
        is_well = tell_failures(bench, &workloads[i], rows) && is_well;
        if (settings->is_json)
            bench_json_add(document, bench, &workloads[i], rows);
        else
            bench_print_text(bench, &workloads[i], rows);
    }
    if (!is_complete)
        cli_complain(CLI_OK, "bench: interrupted, these are the rounds until then");
    int status = settings->is_json ? bench_json_end(document, is_complete) : cli_flush_answer(CLI_OK);
    return status == CLI_OK && !is_well ? CLI_CANNOT : status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    static struct lab_bench bench;
    static struct lab_bench_workload workloads[LAB_BENCH_WORKLOADS_MAX];
    static char program[4096];
    size_t count = 0;
    if (!installed_library(PROGRAM, program, sizeof program))
        return cli_complain(CLI_CANNOT, "cannot tell where this program lies: /proc is needed");
    bench.program = program;
    bench.runs = settings->runs != 0 ? (uint32_t)settings->runs : settings->is_quick ? 1 : RUNS_DEFAULT;
    bench.divisor = settings->is_quick ? QUICK_DIVISOR : 1;
    bench.tell = tell;
    int status = choose_allocators(settings, &bench);
    if (status == CLI_OK)
        status = choose_workloads(settings, &bench, workloads, &count);
    if (status != CLI_OK)
        return status;
    trial_watch_interrupts();
    return run_workloads(settings, &bench, workloads, count);
}

const struct cli_command cli_bench = {
    .name = "bench",
    .arguments = "",
    .purpose = "Compare allocators, ours and others, on the clock and by their memory",
    .details = "Every workload runs under all allocators in turn. Ratios are taken within a round, and their median "
               "is printed. Exit status: 3 if a workload failed under an allocator.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
