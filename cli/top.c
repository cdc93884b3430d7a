// SPDX-License-Identifier: MIT
// heapreel top: call stacks by what they hold at a moment, as text or JSON.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/format.h"
#include "cli/frames.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "reel/moment.h"
#include "reel/top.h"

#define LIMIT_DEFAULT 10
#define MOMENT_DEFAULT "peak"

enum key
{
    KEY_BY = 256,
    KEY_AT,
    KEY_LIMIT,
    KEY_JSON,
};

struct settings
{
    const char *reel;
    const char *measure;
    const char *moment;
    uint64_t limit;
    bool is_json;
};

// An answer of the engine with what is needed to print it.
struct top
{
    struct reel_reader *reader;
    uint64_t events;
    struct reel_top_row *rows;
    size_t count;
    struct reel_top_row total;
};

static const struct argp_option options[] = {
    {"by", KEY_BY, "MEASURE", 0, "What to rank by: live, the bytes of blocks that live then", 0},
    {"at", KEY_AT, "M", 0, "Moment: 12.5s, #1000000, 40%, peak (the default) or end", 0},
    {"limit", KEY_LIMIT, "N", 0, "At most N stacks, 10 by default; 0: all", 0},
    {"json", KEY_JSON, NULL, 0, "Answer in JSON", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case ARGP_KEY_INIT:
        settings->moment = MOMENT_DEFAULT;
        settings->limit = LIMIT_DEFAULT;
        return 0;
    case KEY_BY:
        settings->measure = argument;
        return strcmp(argument, "live") == 0 ? 0 : cli_usage_error(state, "--by %s: there is only live", argument);
    case KEY_AT:
        settings->moment = argument;
        return 0;
    case KEY_LIMIT:
        return cli_take_number(state, "--limit", argument, 0, UINT32_MAX, &settings->limit);
    case KEY_JSON:
        settings->is_json = true;
        return 0;
    default:
        return cli_take_reel(state, key, argument, &settings->reel);
    }
}

static int print_stack(const struct top *top, size_t index, struct reel_error *error)
{
    const struct reel_top_row *row = &top->rows[index];
    char bytes[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    printf("\n%3zu  %10s  %7s  %s block%s\n", index + 1, format_bytes(bytes, row->bytes),
           format_share(share, row->bytes, top->total.bytes), format_count(blocks, row->blocks),
           row->blocks == 1 ? "" : "s");
    return frames_print(stdout, top->reader, row->stack, error);
}

static int print_text(const struct settings *settings, const struct top *top, struct reel_error *error)
{
    char bytes[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    printf("%s live in %s block%s at %s (after %llu events), by allocation stack\n",
           format_bytes(bytes, top->total.bytes), format_count(blocks, top->total.blocks),
           top->total.blocks == 1 ? "" : "s", settings->moment, (unsigned long long)top->events);
    uint64_t shown = 0;
    int status = REEL_OK;
    for (size_t i = 0; i < top->count && status == REEL_OK; i++)
    {
        status = print_stack(top, i, error);
        shown += top->rows[i].bytes;
    }
    if (status == REEL_OK && shown < top->total.bytes)
        printf("\n     %10s  in other stacks; see --limit\n", format_bytes(bytes, top->total.bytes - shown));
    return status;
}

static int print_json(const struct settings *settings, const struct top *top, struct reel_error *error)
{
    cJSON *document = cJSON_CreateObject();
    cJSON *list = cJSON_CreateArray();
    int status = REEL_OK;
    json_add_text(document, "by", "live");
    json_add_text(document, "at", settings->moment);
    json_add_count(document, "after_events", top->events);
    json_add_count(document, "bytes", top->total.bytes);
    json_add_count(document, "blocks", top->total.blocks);
    cJSON_AddItemToObject(document, "stacks", list);
    for (size_t i = 0; i < top->count && status == REEL_OK; i++)
    {
        cJSON *item = cJSON_CreateObject();
        json_add_count(item, "stack", top->rows[i].stack);
        json_add_count(item, "bytes", top->rows[i].bytes);
        json_add_count(item, "blocks", top->rows[i].blocks);
        cJSON_AddItemToArray(list, item);
        status = frames_add_json(item, top->reader, top->rows[i].stack, error);
    }
    if (status == REEL_OK)
        return json_print(document);
    cJSON_Delete(document);
    return status;
}

static int ask(const struct settings *settings, struct top *top, struct reel_error *error)
{
    struct answer_progress progress;
    int status = reel_moment_parse(top->reader, settings->moment, &top->events, error);
    if (status != REEL_OK)
        return status;
    answer_progress_begin(&progress, "replaying");
    status = reel_top_live(top->reader, top->events, settings->limit, &progress.progress, &top->rows, &top->count,
                           &top->total, error);
    answer_progress_end(&progress);
    return status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct top top = {0};
    struct reel_error error = {0};
    int status = answer_open(&top.reader, settings->reel);
    if (status != CLI_OK)
        return status;
    int answered = ask(settings, &top, &error);
    if (answered == REEL_OK)
        answered = settings->is_json ? print_json(settings, &top, &error) : print_text(settings, &top, &error);
    free(top.rows);
    reel_reader_close(top.reader);
    if (answered < 0)
        return cli_complain_error(&error);
    return answered != CLI_OK ? answered : cli_flush_answer(CLI_OK);
}

const struct cli_command cli_top = {
    .name = "top",
    .arguments = "F",
    .purpose = "Rank call stacks by the memory that their blocks hold at a moment",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
