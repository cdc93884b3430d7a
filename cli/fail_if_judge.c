// SPDX-License-Identifier: MIT
// The figures of --fail-if, and what is said when they are beyond their bounds.
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/fail_if.h"
#include "cli/fail_if_terms.h"
#include "text/format.h"

#define LINE_BYTES 2048

#define FIGURE(member) offsetof(struct fail_if_figures, member)
#define PART(name, member)                                                                                             \
    {                                                                                                                  \
        name, true, true, FIGURE(member), FIGURE(identity.resident_bytes), "resident"                                  \
    }
#define RUN(name, is_bytes)                                                                                            \
    {                                                                                                                  \
#name, false, is_bytes, FIGURE(run.name), 0, NULL                                                              \
    }

static const struct fail_if_term terms[] = {
    {"live_bytes", true, true, FIGURE(heap.requested_bytes), FIGURE(run.peak_live_bytes), "peak_live_bytes"},
    {"live_blocks", true, false, FIGURE(heap.live_blocks), 0, NULL},
    {"occupied_pages", true, false, FIGURE(heap.occupied_pages), 0, NULL},
    {"resident_bytes", true, true, FIGURE(identity.resident_bytes), 0, NULL},
    PART("requested_bytes", identity.requested_bytes),
    PART("rounding_bytes", identity.rounding_bytes),
    PART("pinned_bytes", identity.pinned_bytes),
    PART("retained_bytes", identity.retained_bytes),
    PART("metadata_bytes", identity.metadata_bytes),
    {"untouched_bytes", true, true, FIGURE(identity.untouched_bytes), 0, NULL},
    {"leaked_bytes", false, true, FIGURE(run.leaked_bytes), FIGURE(run.total_requested_bytes), "total_requested_bytes"},
    {"leaked_blocks", false, false, FIGURE(run.leaked_blocks), FIGURE(run.allocations), "allocations"},
    {"temporary_allocations", false, false, FIGURE(run.temporary_allocations), FIGURE(run.allocations), "allocations"},
    RUN(peak_live_bytes, true),
    RUN(peak_resident_bytes, true),
    RUN(total_requested_bytes, true),
    RUN(allocations, false),
    RUN(frees, false),
    RUN(resizes, false),
    RUN(events, false),
    RUN(lost_events, false),
    RUN(unknown_frees, false),
    {"findings", false, false, FIGURE(findings), 0, NULL},
};

const struct fail_if_term *fail_if_find_term(const char *name, size_t name_bytes)
{
    static const char suffix[] = "_bytes";
    for (size_t i = 0; name_bytes != 0 && i < sizeof terms / sizeof terms[0]; i++)
    {
        const char *rest = terms[i].name + name_bytes;
        if (strlen(terms[i].name) >= name_bytes && memcmp(terms[i].name, name, name_bytes) == 0 &&
            (*rest == '\0' || strcmp(rest, suffix) == 0))
            return &terms[i];
    }
    return NULL;
}

static uint64_t figure_at(const struct fail_if_figures *figures, size_t offset)
{
    uint64_t value = 0;
    memcpy(&value, (const char *)figures + offset, sizeof value);
    return value;
}

static bool is_true(const struct fail_if_comparison *comparison, const struct fail_if_figures *figures)
{
    uint64_t figure = figure_at(figures, comparison->term->offset);
    uint64_t whole = comparison->is_share ? figure_at(figures, comparison->term->whole_offset) : 0;
    // Both sides times the whole: no division rounds a figure over its bound.
    long double value = comparison->is_share ? (long double)figure * 100 : (long double)figure;
    long double limit = comparison->is_share ? comparison->limit * (long double)whole : comparison->limit;
    switch (comparison->operation)
    {
    case FAIL_IF_LESS:
        return value < limit;
    case FAIL_IF_LESS_OR_EQUAL:
        return value <= limit;
    case FAIL_IF_GREATER:
        return value > limit;
    case FAIL_IF_GREATER_OR_EQUAL:
        return value >= limit;
    case FAIL_IF_EQUAL:
        return value == limit;
    case FAIL_IF_NOT_EQUAL:
        return value != limit;
    }
    return false;
}

// One past the last of the comparisons that are joined with it by `and`.
static size_t end_of_alternative(const struct fail_if *fail_if, size_t first)
{
    size_t end = first + 1;
    while (end < fail_if->count && !fail_if->comparisons[end].begins_alternative)
        end++;
    return end;
}

// "12.5 MiB (13 107 200 B)": the exact number beside the readable one, for a bound may lie between.
static void print_amount(char *text, size_t size, uint64_t amount, bool is_bytes)
{
    char readable[FORMAT_BYTES];
    char exact[FORMAT_BYTES];
    format_count(exact, amount);
    if (is_bytes && amount >= 1024)
        snprintf(text, size, "%s (%s B)", format_bytes(readable, amount), exact);
    else
        snprintf(text, size, "%s%s", exact, is_bytes ? " B" : "");
}

static size_t tell(char *line, size_t size, const struct fail_if *fail_if, const struct fail_if_comparison *comparison,
                   const struct fail_if_figures *figures)
{
    const struct fail_if_term *term = comparison->term;
    char amount[2 * FORMAT_BYTES];
    char whole[2 * FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char of[4 * FORMAT_BYTES] = "";
    uint64_t figure = figure_at(figures, term->offset);
    print_amount(amount, sizeof amount, figure, term->is_bytes);
    if (comparison->is_share)
    {
        uint64_t all = figure_at(figures, term->whole_offset);
        bool is_unsampled = term->whole_offset == FIGURE(identity.resident_bytes) && !figures->identity.is_sampled;
        print_amount(whole, sizeof whole, all, term->is_bytes);
        snprintf(of, sizeof of, ", %s of %s %s", format_share(share, figure, all), whole,
                 is_unsampled ? "on pages with blocks (residency was not sampled)" : term->whole_name);
    }
    int length = snprintf(line, size, "%s is %s%s (%.*s)", term->name, amount, of, (int)comparison->text_bytes,
                          fail_if->text + comparison->begin);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

static int judge(const struct fail_if *fail_if, const struct fail_if_figures *figures, int status)
{
    for (size_t first = 0, end; first < fail_if->count; first = end)
    {
        size_t held = first;
        end = end_of_alternative(fail_if, first);
        while (held < end && is_true(&fail_if->comparisons[held], figures))
            held++;
        if (held < end)
            continue;
        char line[LINE_BYTES];
        size_t length = 0;
        for (size_t i = first; i < end && length + 8 < sizeof line; i++)
        {
            length += (size_t)snprintf(line + length, sizeof line - length, "%s", i > first ? " and " : "");
            length += tell(line + length, sizeof line - length, fail_if, &fail_if->comparisons[i], figures);
        }
        return cli_complain(CLI_FINDING, "--fail-if: %s", line);
    }
    return status;
}

static int read_run(struct fail_if_figures *figures, struct reel_reader *reader, uint32_t process,
                    struct reel_error *error)
{
    struct reel_summary *summary = NULL;
    int status = reel_summary_read(&summary, reader, error);
    if (status != REEL_OK)
        return status;
    figures->run = summary->figures;
    figures->findings = summary->finding_count;
    for (size_t i = 0; process != 0 && i < summary->process_count; i++)
        if (summary->processes[i].process == process)
            figures->run = summary->processes[i].figures;
    reel_summary_destroy(summary);
    return REEL_OK;
}

int fail_if_judge(const struct fail_if *fail_if, struct reel_reader *reader, struct reel_replay *replay,
                  uint32_t process, int status)
{
    struct fail_if_figures figures = {0};
    struct reel_error error = {0};
    if (status != CLI_OK || fail_if->count == 0)
        return status;
    int answered = read_run(&figures, reader, process, &error);
    if (answered == REEL_OK && replay != NULL)
        answered = reel_replay_heap(replay, process, &figures.heap, &error);
    if (answered == REEL_OK && replay != NULL)
        answered = reel_replay_identity(replay, process, &figures.identity, &error);
    return answered == REEL_OK ? judge(fail_if, &figures, status) : cli_complain_error(&error);
}
