// SPDX-License-Identifier: MIT
// heapreel address: the blocks that an address has belonged to, with the stacks that allocated and freed each.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/frames.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "cli/question.h"
#include "reel/history.h"
#include "text/format.h"

#define LIMIT_DEFAULT 10
#define MOMENT_DEFAULT "end"

struct settings
{
    struct question question;
    const char *text; // of the address
    uint64_t address;
};

struct history
{
    struct question_heap heap;
    struct reel_tenant *tenants;
    size_t count;
    size_t first; // of those to show: the last ones
};

static const struct argp_option options[] = {
    {"at", QUESTION_KEY_AT, "M", 0, "Up to the moment: 12.5s, #1000000, 40%, peak, worst or end (the default)", 0},
    {"process", QUESTION_KEY_PROCESS, "N", 0, "In process number N of the reel alone; without it in any", 0},
    QUESTION_LIMIT("At most the last N blocks, 10 by default; 0: all"),
    QUESTION_JSON,
    {0},
};

static error_t take_address(struct settings *settings, char *argument, struct argp_state *state)
{
    char *end = NULL;
    errno = 0;
    settings->text = argument;
    settings->address = strtoull(argument, &end, 0);
    if (argument[0] < '0' || argument[0] > '9' || *end != '\0' || errno != 0)
        return cli_usage_error(state, "%s is no address; write 0x55d0c0ffee10", argument);
    return 0;
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    if (key == ARGP_KEY_ARG && settings->question.reel != NULL && settings->text == NULL)
        return take_address(settings, argument, state);
    if (key == ARGP_KEY_END && settings->question.reel != NULL && settings->text == NULL)
        return cli_usage_error(state, "no address is named");
    error_t error = question_take(key, argument, state, &settings->question);
    if (key == ARGP_KEY_INIT)
    {
        settings->question.moment = MOMENT_DEFAULT;
        settings->question.limit = LIMIT_DEFAULT;
    }
    return error;
}

static bool is_freed(const struct reel_tenant *tenant)
{
    return tenant->free_event != UINT64_MAX;
}

static int print_tenant(const struct history *history, size_t index, struct reel_error *error)
{
    const struct reel_tenant *tenant = &history->tenants[index];
    char requested[FORMAT_BYTES];
    char usable[FORMAT_BYTES];
    char when[FORMAT_BYTES];
    char lived[FORMAT_BYTES];
    printf("\n%3zu  %s B, usable %s B, at %#llx of process %u\n", index + 1,
           format_count(requested, tenant->requested_bytes), format_count(usable, tenant->usable_bytes),
           (unsigned long long)tenant->address, tenant->process);
    printf("     allocated by thread %u at #%llu, %s\n", tenant->alloc_thread, (unsigned long long)tenant->birth_event,
           format_time(when, tenant->birth_ns));
    int status = frames_print(stdout, history->heap.reader, tenant->alloc_stack, error);
    if (status != REEL_OK || !is_freed(tenant))
    {
        printf("     not freed by then\n");
        return status;
    }
    printf("     freed by thread %u at #%llu, %s, after %s\n", tenant->free_thread,
           (unsigned long long)tenant->free_event, format_time(when, tenant->free_ns),
           format_duration(lived, tenant->free_ns - tenant->birth_ns));
    return frames_print(stdout, history->heap.reader, tenant->free_stack, error);
}

static int print_text(const struct settings *settings, const struct history *history, struct reel_error *error)
{
    char count[FORMAT_BYTES];
    int status = REEL_OK;
    printf("%#llx belonged to %s block%s up to %s (after %llu events)\n", (unsigned long long)settings->address,
           format_count(count, history->count), history->count == 1 ? "" : "s", settings->question.moment,
           (unsigned long long)history->heap.events);
    if (history->first != 0)
        printf("  not shown: the first %s; see --limit\n", format_count(count, history->first));
    for (size_t i = history->first; i < history->count && status == REEL_OK; i++)
        status = print_tenant(history, i, error);
    return status;
}

static int add_tenant(cJSON *list, const struct history *history, const struct reel_tenant *tenant,
                      struct reel_error *error)
{
    char address[FORMAT_BYTES];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(list, item);
    snprintf(address, sizeof address, "%#llx", (unsigned long long)tenant->address);
    json_add_text(item, "address", address);
    json_add_count(item, "process", tenant->process);
    json_add_count(item, "requested_bytes", tenant->requested_bytes);
    json_add_count(item, "usable_bytes", tenant->usable_bytes);
    json_add_count(item, "birth_event", tenant->birth_event);
    json_add_count(item, "birth_ns", tenant->birth_ns);
    json_add_count(item, "alloc_thread", tenant->alloc_thread);
    if (is_freed(tenant))
    {
        json_add_count(item, "free_event", tenant->free_event);
        json_add_count(item, "free_ns", tenant->free_ns);
        json_add_count(item, "free_thread", tenant->free_thread);
    }
    else
    {
        cJSON_AddNullToObject(item, "free_event");
        cJSON_AddNullToObject(item, "free_ns");
        cJSON_AddNullToObject(item, "free_thread");
    }
    int status = frames_add_stack(item, "allocated", history->heap.reader, tenant->alloc_stack, error);
    if (status == REEL_OK)
        status =
            frames_add_stack(item, "freed", history->heap.reader, is_freed(tenant) ? tenant->free_stack : 0, error);
    return status;
}

static int print_json(const struct settings *settings, const struct history *history, struct reel_error *error)
{
    char address[FORMAT_BYTES];
    int status = REEL_OK;
    cJSON *document = cJSON_CreateObject();
    snprintf(address, sizeof address, "%#llx", (unsigned long long)settings->address);
    json_add_text(document, "address", address);
    json_add_text(document, "at", settings->question.moment);
    json_add_count(document, "after_events", history->heap.events);
    json_add_count(document, "block_count", history->count);
    json_add_count(document, "damaged_events", question_damaged_events(&history->heap));
    cJSON *list = cJSON_AddArrayToObject(document, "blocks");
    for (size_t i = history->first; i < history->count && status == REEL_OK; i++)
        status = add_tenant(list, history, &history->tenants[i], error);
    if (status == REEL_OK)
        return json_print(document);
    cJSON_Delete(document);
    return status;
}

static int ask(const struct settings *settings, struct history *history, struct reel_error *error)
{
    struct answer_progress progress;
    uint64_t limit = settings->question.limit;
    answer_progress_begin(&progress, "reading");
    int status =
        reel_history_of_address(history->heap.reader, history->heap.process, settings->address, history->heap.events,
                                &progress.progress, &history->tenants, &history->count, error);
    answer_progress_end(&progress);
    history->first = limit != 0 && history->count > limit ? history->count - (size_t)limit : 0;
    return status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct history history = {0};
    struct reel_error error = {0};
    int status = question_open_without_seeking(&history.heap, &settings->question);
    if (status != CLI_OK)
        return status;
    int answered = ask(settings, &history, &error);
    if (answered == REEL_OK)
        answered = settings->question.is_json ? print_json(settings, &history, &error)
                                              : print_text(settings, &history, &error);
    free(history.tenants);
    return question_end(&history.heap, &settings->question, answered, &error);
}

const struct cli_command cli_address = {
    .name = "address",
    .arguments = "F ADDRESS",
    .purpose = "Tell the blocks that an address has belonged to, with who allocated and who freed each",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
