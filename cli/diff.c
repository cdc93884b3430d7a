// SPDX-License-Identifier: MIT
// heapreel diff: what stacks hold at one moment more, or less, than at another.
#include <stdio.h>
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "cli/question.h"
#include "cli/ranking.h"
#include "reel/measure.h"
#include "reel/moment.h"
#include "text/format.h"

#define LIMIT_DEFAULT 10
#define KEY_BY 256

struct settings
{
    struct question question; // its moment is the second
    const char *first_moment;
    enum reel_measure measure;
    unsigned moments;
};

struct difference
{
    struct question_heap heap;
    uint64_t first_events;
    struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
    struct
    {
        uint64_t bytes;
        uint64_t stacks;
    } grown, shrunk;
};

static const struct argp_option options[] = {
    {"by", KEY_BY, "MEASURE", 0, "What to compare: " RANKING_MEASURES, 0},
    {"process", QUESTION_KEY_PROCESS, "N", 0, "Process number N of the reel alone; without it all", 0},
    QUESTION_LIMIT("At most N stacks, 10 by default; 0: all"),
    QUESTION_JSON,
    {0},
};

static error_t take_word(struct settings *settings, char *argument, struct argp_state *state)
{
    if (settings->question.reel == NULL)
        return question_take(ARGP_KEY_ARG, argument, state, &settings->question);
    if (settings->moments == 2)
        return cli_usage_error(state, "%s is one word too many", argument);
    *(settings->moments == 0 ? &settings->first_moment : &settings->question.moment) = argument;
    settings->moments++;
    return 0;
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_BY:
        return ranking_take_measure(state, argument, &settings->measure);
    case ARGP_KEY_ARG:
        return take_word(settings, argument, state);
    case ARGP_KEY_INIT:
        settings->measure = REEL_MEASURE_LIVE;
        settings->question.limit = LIMIT_DEFAULT;
        return 0;
    case ARGP_KEY_END:
        if (settings->question.reel != NULL && settings->moments != 2)
            return cli_usage_error(state, "two moments are to be compared, M1 and M2");
        return question_take(key, argument, state, &settings->question);
    default:
        return question_take(key, argument, state, &settings->question);
    }
}

static int print_text(const struct settings *settings, const struct difference *difference,
                      const struct ranking *ranking, struct reel_error *error)
{
    char change[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    int64_t more = difference->total.blocks;
    printf("%s %s and %s%s block%s from %s (after %llu events) to %s (after %llu events), by allocation stack\n",
           ranking_format_change(change, difference->total.bytes), reel_measure_name(settings->measure),
           more > 0   ? "+"
           : more < 0 ? "-"
                      : "",
           format_count(blocks, more < 0 ? 0 - (uint64_t)more : (uint64_t)more), more == 1 || more == -1 ? "" : "s",
           settings->first_moment, (unsigned long long)difference->first_events, settings->question.moment,
           (unsigned long long)difference->heap.events);
    printf("  more by %s in %s stack%s, ", format_bytes(change, difference->grown.bytes),
           format_count(blocks, difference->grown.stacks), difference->grown.stacks == 1 ? "" : "s");
    printf("less by %s in %s\n", format_bytes(change, difference->shrunk.bytes),
           format_count(blocks, difference->shrunk.stacks));
    return ranking_print(ranking, error);
}

static int print_json(const struct settings *settings, const struct difference *difference,
                      const struct ranking *ranking, struct reel_error *error)
{
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "by", reel_measure_name(settings->measure));
    json_add_text(document, "from", settings->first_moment);
    json_add_count(document, "from_after_events", difference->first_events);
    json_add_text(document, "to", settings->question.moment);
    json_add_count(document, "to_after_events", difference->heap.events);
    json_add_count(document, "grown_bytes", difference->grown.bytes);
    json_add_count(document, "shrunk_bytes", difference->shrunk.bytes);
    int status = ranking_add_json(document, ranking, error);
    if (status == REEL_OK)
        return json_print(document);
    cJSON_Delete(document);
    return status;
}

static void split(struct difference *difference)
{
    for (size_t i = 0; i < difference->count; i++)
    {
        int64_t bytes = difference->rows[i].bytes;
        difference->grown.bytes += bytes > 0 ? (uint64_t)bytes : 0;
        difference->grown.stacks += bytes > 0;
        difference->shrunk.bytes += bytes < 0 ? 0 - (uint64_t)bytes : 0;
        difference->shrunk.stacks += bytes < 0;
    }
}

static int ask(const struct settings *settings, struct difference *difference, struct reel_error *error)
{
    struct answer_progress progress;
    int status = reel_moment_parse(difference->heap.reader, settings->first_moment, &difference->first_events, error);
    if (status != REEL_OK)
        return status;
    answer_progress_begin(&progress, "replaying");
    status = reel_measure_difference(difference->heap.replay, difference->heap.process, settings->measure,
                                     difference->first_events, difference->heap.events, &progress.progress,
                                     &difference->rows, &difference->count, &difference->total, error);
    answer_progress_end(&progress);
    split(difference);
    return status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct difference difference = {0};
    struct reel_error error = {0};
    int status = question_open_without_seeking(&difference.heap, &settings->question);
    if (status != CLI_OK)
        return status;
    int answered = ask(settings, &difference, &error);
    if (answered == REEL_OK)
    {
        uint64_t limit = settings->question.limit;
        const struct ranking ranking = {.reader = difference.heap.reader,
                                        .rows = difference.rows,
                                        .count = limit != 0 && difference.count > limit ? limit : difference.count,
                                        .total = difference.total,
                                        .has_signs = true};
        answered = settings->question.is_json ? print_json(settings, &difference, &ranking, &error)
                                              : print_text(settings, &difference, &ranking, &error);
    }
    free(difference.rows);
    return question_end(&difference.heap, &settings->question, answered, &error);
}

const struct cli_command cli_diff = {
    .name = "diff",
    .arguments = "F M1 M2",
    .purpose = "Rank call stacks by what they hold more, or less, at moment M2 than at M1",
    .details = "Moments: 12.5s, #1000000, 40%, peak, worst or end. The greatest changes come first.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
