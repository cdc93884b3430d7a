// SPDX-License-Identifier: MIT
// heapreel pages: the regions of the heap at a moment, how full their pages are, and a map of them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/age.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/greatest.h"
#include "cli/identity.h"
#include "cli/json.h"
#include "cli/page_map.h"
#include "cli/question.h"
#include "cli/region_table.h"
#include "cli/terminal.h"
#include "reel/words.h"
#include "text/format.h"

#define LIMIT_DEFAULT 20
#define PROCESSES_SHOWN 8
#define BAR_COLUMNS 30

struct process_pages
{
    uint32_t process;
    struct reel_heap_state state;
    struct reel_identity identity;
    struct reel_region *regions;
    uint64_t *births_ns; // of the oldest block of each that is shown; else REEL_OLDEST_NONE
    bool *is_shown;
    size_t count;
    size_t shown;
};

static const struct argp_option options[] = {
    QUESTION_AT,
    QUESTION_PROCESS,
    QUESTION_LIMIT("Only the N regions of a process with the most bytes in use, 20 by default; 0: all"),
    QUESTION_JSON,
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct question *question = state->input;
    if (key == ARGP_KEY_INIT)
        question->limit = LIMIT_DEFAULT;
    return question_take(key, argument, state, question);
}

static void fini(struct process_pages *pages)
{
    free(pages->regions);
    free(pages->births_ns);
    free(pages->is_shown);
    *pages = (struct process_pages){0};
}

static int choose(struct process_pages *pages, uint64_t limit, struct reel_error *error)
{
    uint64_t *weights = calloc(pages->count + 1, sizeof *weights);
    bool is_done = false;
    pages->is_shown = calloc(pages->count + 1, sizeof *pages->is_shown);
    for (size_t i = 0; weights != NULL && i < pages->count; i++)
        weights[i] =
            (pages->regions[i].occupied_pages > pages->regions[i].resident_pages ? pages->regions[i].occupied_pages
                                                                                 : pages->regions[i].resident_pages);
    if (weights != NULL && pages->is_shown != NULL)
        pages->shown = greatest_choose(weights, pages->count, limit, pages->is_shown, &is_done);
    free(weights);
    return is_done ? REEL_OK : question_fail_memory(error);
}

static int find_births(struct process_pages *pages, struct reel_reader *reader, struct reel_error *error)
{
    struct answer_progress progress;
    uint64_t *births = calloc(pages->count + 1, sizeof *births);
    pages->births_ns = calloc(pages->count + 1, sizeof *pages->births_ns);
    if (births == NULL || pages->births_ns == NULL)
    {
        free(births);
        return question_fail_memory(error);
    }
    for (size_t i = 0; i < pages->count; i++)
        births[i] = pages->is_shown[i] ? pages->regions[i].oldest_birth_event : REEL_OLDEST_NONE;
    answer_progress_begin(&progress, "looking for births");
    int status = reel_oldest_times(reader, births, pages->count, pages->births_ns, &progress.progress, error);
    answer_progress_end(&progress);
    free(births);
    return status;
}

// On failure there is nothing to free.
static int ask(struct process_pages *pages, struct reel_replay *replay, uint32_t process, uint64_t limit,
               struct reel_error *error)
{
    *pages = (struct process_pages){.process = process};
    int status = reel_replay_heap(replay, process, &pages->state, error);
    if (status == REEL_OK)
        status = reel_replay_identity(replay, process, &pages->identity, error);
    if (status == REEL_OK)
        status = reel_replay_regions(replay, process, &pages->regions, &pages->count, error);
    if (status == REEL_OK)
        status = choose(pages, limit, error);
    if (status == REEL_OK)
        status = find_births(pages, reel_replay_reader(replay), error);
    if (status != REEL_OK)
        fini(pages);
    return status;
}

static void print_regions(const struct process_pages *pages, const struct reel_replay *replay)
{
    const struct region_table table = {.replay = replay,
                                       .regions = pages->regions,
                                       .births_ns = pages->births_ns,
                                       .is_shown = pages->is_shown,
                                       .count = pages->count,
                                       .width = terminal_width(stdout)};
    printf("\n");
    region_table_print(&table);
    if (pages->shown < pages->count)
        printf("  ... and %zu regions with less in use; see --limit\n", pages->count - pages->shown);
}

static void print_fill(const struct reel_heap_state *state)
{
    char count[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    uint64_t most = 1;
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
        most = state->pages_by_fill[i] > most ? state->pages_by_fill[i] : most;
    printf("\n  %s pages with live blocks, by how much of a page these take\n",
           format_count(count, state->occupied_pages));
    for (unsigned i = 0; i < REEL_FILL_STEPS; i++)
    {
        uint64_t pages = state->pages_by_fill[i];
        int columns = (int)((double)pages * BAR_COLUMNS / (double)most + 0.5);
        columns = columns == 0 && pages != 0 ? 1 : columns;
        printf("  up to %3u %% %13s %7s  %.*s\n", (i + 1) * 100 / REEL_FILL_STEPS, format_count(count, pages),
               format_share(share, pages, state->occupied_pages), columns, "##############################");
    }
}

static int print_text(const struct process_pages *pages, struct reel_replay *replay, struct reel_error *error)
{
    identity_print(&pages->identity);
    if (pages->count == 0)
    {
        printf("  there are no regions\n");
        return REEL_OK;
    }
    print_regions(pages, replay);
    print_fill(&pages->state);
    printf("\n");
    return page_map_print(replay, pages->process, pages->regions, pages->is_shown, pages->count, error);
}

static cJSON *region_object(const struct process_pages *pages, size_t index, const struct reel_replay *replay)
{
    const struct reel_region *region = &pages->regions[index];
    char address[FORMAT_BYTES];
    cJSON *object = cJSON_CreateObject();
    snprintf(address, sizeof address, "%#llx", (unsigned long long)region->begin_address);
    json_add_text(object, "begin_address", address);
    json_add_count(object, "region_bytes", region->region_bytes);
    json_add_text(object, "kind", reel_words_of_region(region->kind));
    json_add_count(object, "class_number", region->class_number);
    json_add_count(object, "live_blocks", region->live_blocks);
    json_add_count(object, "live_bytes", region->live_bytes);
    json_add_count(object, "occupied_pages", region->occupied_pages);
    json_add_count(object, "resident_pages", region->resident_pages);
    json_add_count(object, "pinned_bytes", region->pinned_bytes);
    json_add_count(object, "retained_bytes", region->retained_bytes);
    age_add_json(object, replay, region->oldest_birth_event, pages->births_ns[index]);
    return object;
}

static void add_json(cJSON *processes, const struct process_pages *pages, const struct reel_replay *replay)
{
    char number[FORMAT_BYTES];
    cJSON *object = cJSON_CreateObject();
    json_add_count(object, "process", pages->process);
    identity_add_json(object, &pages->identity);
    json_add_count(object, "occupied_pages", pages->state.occupied_pages);
    cJSON *fill = cJSON_AddArrayToObject(object, "pages_by_fill");
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
    {
        snprintf(number, sizeof number, "%llu", (unsigned long long)pages->state.pages_by_fill[i]);
        cJSON_AddItemToArray(fill, cJSON_CreateRaw(number));
    }
    json_add_count(object, "region_count", pages->count);
    cJSON *regions = cJSON_AddArrayToObject(object, "regions");
    for (size_t i = 0; i < pages->count; i++)
        if (pages->is_shown[i])
            cJSON_AddItemToArray(regions, region_object(pages, i, replay));
    cJSON_AddItemToArray(processes, object);
}

static bool is_asked(const struct question *question, const struct reel_replay_process *process)
{
    return question->process != 0 ? process->process == question->process : process->is_running;
}

// Each process has an address space of its own.
static int each_process(const struct question_heap *heap, const struct question *question, cJSON *list,
                        struct reel_error *error)
{
    size_t count = 0;
    size_t told = 0;
    int status = REEL_OK;
    const struct reel_replay_process *processes = reel_replay_processes(heap->replay, &count);
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        struct process_pages pages;
        if (!is_asked(question, &processes[i]) || (list == NULL && told++ >= PROCESSES_SHOWN))
            continue;
        status = ask(&pages, heap->replay, processes[i].process, question->limit, error);
        if (status != REEL_OK)
            return status;
        if (list != NULL)
            add_json(list, &pages, heap->replay);
        else
        {
            printf("\nprocess %u%s: ", pages.process, processes[i].is_fork ? ", a fork" : "");
            status = print_text(&pages, heap->replay, error);
        }
        fini(&pages);
    }
    if (list == NULL && told > PROCESSES_SHOWN)
        printf("\n... and %zu more processes; see --process\n", told - PROCESSES_SHOWN);
    if (list == NULL && told == 0)
        printf("  no process runs then\n");
    return status;
}

static int run(void *context)
{
    const struct question *question = context;
    struct question_heap heap;
    struct reel_error error = {0};
    int status = question_open(&heap, question);
    if (status != CLI_OK)
        return status;
    if (!question->is_json)
    {
        printf("pages at %s (after %llu events)\n", question->moment, (unsigned long long)heap.events);
        return question_end(&heap, question, each_process(&heap, question, NULL, &error), &error);
    }
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "at", question->moment);
    json_add_count(document, "after_events", heap.events);
    int answered = each_process(&heap, question, cJSON_AddArrayToObject(document, "processes"), &error);
    if (answered == REEL_OK)
        answered = json_print(document);
    else
        cJSON_Delete(document);
    return question_end(&heap, question, answered, &error);
}

const struct cli_command cli_pages = {
    .name = "pages",
    .arguments = "F",
    .purpose = "Print the regions of the heap at a moment, how full their pages are, and a map of them",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct question),
    .run = run,
};
