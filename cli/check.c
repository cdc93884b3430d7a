// SPDX-License-Identifier: MIT
// heapreel check: what cannot have happened, one line each, and a verdict.
#include <stdio.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "reel/check.h"
#include "text/format.h"

#define LIMIT_DEFAULT 20
#define KEY_JSON 256
#define KEY_LIMIT 257

struct settings
{
    const char *reel;
    bool is_json;
    bool has_limit;
    uint64_t limit;
};

struct reporting
{
    cJSON *list; // NULL: print lines
};

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Answer in JSON", 0},
    {"limit", KEY_LIMIT, "N", 0, "Report the first N violations, 20 by default; all are counted", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_JSON:
        settings->is_json = true;
        return 0;
    case KEY_LIMIT:
        settings->has_limit = true;
        return cli_take_number(state, "--limit", argument, 0, UINT32_MAX, &settings->limit);
    default:
        return cli_take_reel(state, key, argument, &settings->reel);
    }
}

static const char *kind_text(enum reel_violation_kind kind)
{
    static const char *const texts[] = {
        [REEL_VIOLATION_OVERLAP] = "overlap",     [REEL_VIOLATION_UNKNOWN_FREE] = "unknown free",
        [REEL_VIOLATION_RESIZE] = "resize",       [REEL_VIOLATION_ORDER] = "order",
        [REEL_VIOLATION_REFERENCE] = "reference", [REEL_VIOLATION_TOTALS] = "totals",
        [REEL_VIOLATION_COUNT] = "count",         [REEL_VIOLATION_CHUNK] = "chunk",
        [REEL_VIOLATION_PLACE] = "place",         [REEL_VIOLATION_SLOT] = "slot",
        [REEL_VIOLATION_CLASS_LAW] = "class law", [REEL_VIOLATION_CENSUS] = "census",
    };
    return texts[kind];
}

static bool concerns_event(enum reel_violation_kind kind)
{
    return kind != REEL_VIOLATION_TOTALS && kind != REEL_VIOLATION_COUNT && kind != REEL_VIOLATION_CLASS_LAW;
}

static void report(void *context, const struct reel_violation *violation)
{
    struct reporting *reporting = context;
    char text[sizeof violation->text];
    format_text(text, sizeof text, violation->text);
    if (reporting->list != NULL)
    {
        cJSON *item = cJSON_CreateObject();
        json_add_text(item, "kind", kind_text(violation->kind));
        if (concerns_event(violation->kind))
            json_add_count(item, "event", violation->event);
        json_add_count(item, "process", violation->process);
        json_add_text(item, "text", text);
        cJSON_AddItemToArray(reporting->list, item);
    }
    else if (concerns_event(violation->kind))
        printf("%s at #%llu: %s\n", kind_text(violation->kind), (unsigned long long)violation->event, text);
    else
        printf("%s: %s\n", kind_text(violation->kind), text);
}

static void print_count(const char *what, uint64_t count)
{
    char number[FORMAT_BYTES];
    if (count != 0)
        printf("%s %s\n", format_count(number, count), what);
}

static int print_verdict(const struct reel_check_result *result, uint64_t limit)
{
    char events[FORMAT_BYTES];
    char violations[FORMAT_BYTES];
    if (result->violations > limit)
        print_count("further violations; see --limit", result->violations - limit);
    printf("%s: %s events, %s violation%s\n", result->violations == 0 ? "clean" : "NOT CLEAN",
           format_count(events, result->events), format_count(violations, result->violations),
           result->violations == 1 ? "" : "s");
    print_count("frees or resizes of blocks from before the recording", result->before_recording);
    print_count("events on blocks that a fork caught in mid-call", result->fork_uncertain);
    print_count("events that only lost ones can explain", result->loss_uncertain);
    print_count("frees of what was not live that the allocator noticed: the program's fault", result->misuse_excused);
    print_count("heaps whose law of the classes was not judged: something of their past is in doubt",
                result->unjudged_heaps);
    print_count("findings of misuse of memory; see summary", result->findings);
    if (result->is_partial)
        printf("figures were not compared: the reel is not whole\n");
    return cli_flush_answer(result->violations == 0 ? CLI_OK : CLI_FINDING);
}

static int print_json(const struct reel_check_result *result, cJSON *list)
{
    cJSON *document = cJSON_CreateObject();
    json_add_count(document, "events", result->events);
    json_add_count(document, "violations", result->violations);
    json_add_count(document, "before_recording", result->before_recording);
    json_add_count(document, "fork_uncertain", result->fork_uncertain);
    json_add_count(document, "loss_uncertain", result->loss_uncertain);
    json_add_count(document, "misuse_excused", result->misuse_excused);
    json_add_count(document, "unjudged_heaps", result->unjudged_heaps);
    json_add_count(document, "findings", result->findings);
    cJSON_AddBoolToObject(document, "are_figures_compared", !result->is_partial);
    cJSON_AddItemToObject(document, "reported", list);
    int status = json_print(document);
    return status == CLI_OK && result->violations != 0 ? CLI_FINDING : status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct reel_reader *reader = NULL;
    struct reporting reporting = {0};
    struct reel_check_result result;
    struct reel_error error = {0};
    struct answer_progress progress;
    uint64_t limit = settings->has_limit ? settings->limit : LIMIT_DEFAULT;
    int status = answer_open(&reader, settings->reel);
    if (status != CLI_OK)
        return status;
    if (settings->is_json)
        reporting.list = cJSON_CreateArray();
    answer_progress_begin(&progress, "checking");
    int checked = reel_check(reader, limit, report, &reporting, &progress.progress, &result, &error);
    answer_progress_end(&progress);
    reel_reader_close(reader);
    if (checked == REEL_OK)
        return settings->is_json ? print_json(&result, reporting.list) : print_verdict(&result, limit);
    cJSON_Delete(reporting.list);
    return cli_complain_error(&error);
}

const struct cli_command cli_check = {
    .name = "check",
    .arguments = "F",
    .purpose = "Replay every event of a reel and report what cannot have happened",
    .details = "Violations: blocks that overlap, frees of what was not live, times that go backwards, names of what is "
               "not in the reel, figures that differ from the events; of allocators of ours: blocks outside their zone "
               "or slot, more slots carved than the peak of a class explains, books that differ from the events. Exit "
               "status 1 if there is one. What the program did wrong is no violation: it is counted.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
