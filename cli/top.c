// SPDX-License-Identifier: MIT
// heapreel top: call stacks by one of the measures at a moment, as text or JSON.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "cli/question.h"
#include "cli/ranking.h"
#include "reel/measure.h"
#include "text/format.h"

#define LIMIT_DEFAULT 10
#define KEY_BY 256

struct settings
{
    struct question question; // its moment NULL: the measure's own
    enum reel_measure measure;
};

// An answer of the engine with what is needed to print it.
struct top
{
    struct question_heap heap;
    struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
};

// "1.1 KiB VERB 3 blocks WHEN peak (...)"
struct wording
{
    const char *verb;
    const char *when;
    const char *moment; // where nobody names one
};

static const struct argp_option options[] = {
    {"by", KEY_BY, "MEASURE", 0, "What to rank by: " RANKING_MEASURES, 0},
    {"at", QUESTION_KEY_AT, "M", 0,
     "Moment: 12.5s, #1000000, 40%, peak, worst or end; by default end for what adds up over the run, else peak", 0},
    {"process", QUESTION_KEY_PROCESS, "N", 0, "Process number N of the reel alone; without it all", 0},
    QUESTION_LIMIT("At most N stacks, 10 by default; 0: all"),
    QUESTION_JSON,
    QUESTION_FAIL_IF,
    {0},
};

static const struct wording *wording_of(enum reel_measure measure)
{
    static const struct wording wordings[REEL_MEASURE_COUNT] = {
        [REEL_MEASURE_LIVE] = {"live in", "at", "peak"},
        [REEL_MEASURE_PEAK] = {"live at the greatest, in", "up to", "end"},
        [REEL_MEASURE_ALLOCATED] = {"allocated in", "up to", "end"},
        [REEL_MEASURE_TEMPORARY] = {"temporary, in", "up to", "end"},
        [REEL_MEASURE_LEAKED] = {"leaked in", "up to", "end"},
        [REEL_MEASURE_PINNED] = {"pinned by", "at", "peak"},
        [REEL_MEASURE_ROUNDING] = {"lost to rounding in", "at", "peak"},
    };
    return &wordings[measure];
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    error_t error = 0;
    switch (key)
    {
    case KEY_BY:
        return ranking_take_measure(state, argument, &settings->measure);
    case ARGP_KEY_INIT:
        settings->measure = REEL_MEASURE_LIVE;
        settings->question.limit = LIMIT_DEFAULT;
        return 0;
    case ARGP_KEY_END:
        error = question_take(key, argument, state, &settings->question);
        if (settings->question.moment == NULL)
            settings->question.moment = wording_of(settings->measure)->moment;
        return error;
    default:
        return question_take(key, argument, state, &settings->question);
    }
}

static int print_text(const struct settings *settings, const struct top *top, const struct ranking *ranking,
                      struct reel_error *error)
{
    const struct wording *wording = wording_of(settings->measure);
    char bytes[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    printf("%s %s %s block%s %s %s (after %llu events), by allocation stack\n",
           format_bytes(bytes, (uint64_t)top->total.bytes), wording->verb,
           format_count(blocks, (uint64_t)top->total.blocks), top->total.blocks == 1 ? "" : "s", wording->when,
           settings->question.moment, (unsigned long long)top->heap.events);
    return ranking_print(ranking, error);
}

static int print_json(const struct settings *settings, const struct top *top, const struct ranking *ranking,
                      struct reel_error *error)
{
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "by", reel_measure_name(settings->measure));
    json_add_text(document, "at", settings->question.moment);
    json_add_count(document, "after_events", top->heap.events);
    int status = ranking_add_json(document, ranking, error);
    if (status == REEL_OK)
        return json_print(document);
    cJSON_Delete(document);
    return status;
}

static int ask(const struct settings *settings, struct top *top, struct reel_error *error)
{
    struct answer_progress progress;
    answer_progress_begin(&progress, "replaying");
    int status = reel_measure_at(top->heap.replay, top->heap.process, settings->measure, top->heap.events,
                                 &progress.progress, &top->rows, &top->count, &top->total, error);
    answer_progress_end(&progress);
    return status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct top top = {0};
    struct reel_error error = {0};
    int status = question_open_without_seeking(&top.heap, &settings->question);
    if (status != CLI_OK)
        return status;
    int answered = ask(settings, &top, &error);
    if (answered == REEL_OK)
    {
        uint64_t limit = settings->question.limit;
        const struct ranking ranking = {.reader = top.heap.reader,
                                        .rows = top.rows,
                                        .count = limit != 0 && top.count > limit ? limit : top.count,
                                        .total = top.total};
        answered = settings->question.is_json ? print_json(settings, &top, &ranking, &error)
                                              : print_text(settings, &top, &ranking, &error);
    }
    free(top.rows);
    return question_end(&top.heap, &settings->question, answered, &error);
}

const struct cli_command cli_top = {
    .name = "top",
    .arguments = "F",
    .purpose = "Rank call stacks by the memory that their blocks hold, pin or have asked for",
    .details = FAIL_IF_HELP,
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
