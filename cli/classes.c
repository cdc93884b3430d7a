// SPDX-License-Identifier: MIT
// heapreel classes: the size classes of the heap at a moment, what they hold and what is lost in them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/age.h"
#include "cli/answer.h"
#include "cli/class_table.h"
#include "cli/command.h"
#include "cli/greatest.h"
#include "cli/identity.h"
#include "cli/json.h"
#include "cli/question.h"
#include "cli/terminal.h"
#include "reel/blame.h"
#include "text/class_size.h"
#include "text/format.h"

struct classes
{
    struct question_heap heap;
    struct reel_identity identity;
    struct reel_heap_state state;
    struct reel_blame *blame;
    struct reel_class_state *rows;
    size_t count;
    bool is_shown[REEL_CLASS_NUMBERS];
    size_t shown;
    uint64_t births[REEL_CLASS_NUMBERS]; // of the oldest block of each
    uint64_t births_ns[REEL_CLASS_NUMBERS];
};

static const struct argp_option options[] = {
    QUESTION_AT,   QUESTION_PROCESS, QUESTION_LIMIT("Only the N classes that hold the most bytes; without it all"),
    QUESTION_JSON, QUESTION_FAIL_IF, {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    return question_take(key, argument, state, state->input);
}

static bool has_slots(const struct reel_class_state *class)
{
    return class->class_id != UINT32_MAX;
}

static uint64_t pinned_of(const struct classes *classes, const struct reel_class_state *class)
{
    size_t count = 0;
    const struct reel_blame_share *shares = reel_blame_classes(classes->blame, &count);
    return class->number < count ? shares[class->number].pinned_bytes : 0;
}

static int find_oldest(struct classes *classes, struct reel_error *error)
{
    struct answer_progress progress;
    struct reel_oldest oldest;
    const struct question_heap *heap = &classes->heap;
    answer_progress_begin(&progress, "looking for births");
    int status = reel_oldest_find(&oldest, heap->replay, heap->process, &progress.progress, error);
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        classes->births[i] = oldest.classes[i];
    reel_oldest_fini(&oldest);
    if (status == REEL_OK)
        status = reel_oldest_times(heap->reader, classes->births, REEL_CLASS_NUMBERS, classes->births_ns,
                                   &progress.progress, error);
    answer_progress_end(&progress);
    return status;
}

static int ask(struct classes *classes, uint64_t limit, struct reel_error *error)
{
    struct answer_progress progress;
    const struct question_heap *heap = &classes->heap;
    uint64_t weights[REEL_CLASS_NUMBERS];
    int status = reel_replay_heap(heap->replay, heap->process, &classes->state, error);
    if (status == REEL_OK)
        status = reel_replay_identity(heap->replay, heap->process, &classes->identity, error);
    if (status == REEL_OK)
        status = reel_replay_classes(heap->replay, heap->process, &classes->rows, &classes->count, error);
    if (status != REEL_OK)
        return status;
    answer_progress_begin(&progress, "blaming");
    status = reel_blame_make(&classes->blame, heap->replay, heap->process, &progress.progress, error);
    answer_progress_end(&progress);
    if (status == REEL_OK)
        status = find_oldest(classes, error);
    if (status != REEL_OK)
        return status;
    bool is_done = true;
    classes->count = classes->count < REEL_CLASS_NUMBERS ? classes->count : REEL_CLASS_NUMBERS;
    for (size_t i = 0; i < classes->count; i++)
        weights[i] = classes->rows[i].usable_bytes;
    classes->shown = greatest_choose(weights, classes->count, limit, classes->is_shown, &is_done);
    if (!is_done)
        return question_fail_memory(error);
    return REEL_OK;
}

static void print_class(const struct classes *classes, const struct class_table *table,
                        const struct reel_class_state *class)
{
    char size[CLASS_SIZE_BYTES];
    const struct class_line line = {.size = class_size(size, class),
                                    .state = class,
                                    .is_told = has_slots(class),
                                    .is_peak_told = has_slots(class),
                                    .pinned_bytes = pinned_of(classes, class),
                                    .birth_ns = classes->births_ns[class->number]};
    class_table_print(table, &line);
}

// All births in damaged chunks are as if they were none.
static uint64_t first_birth(const struct classes *classes)
{
    uint64_t first = REEL_OLDEST_NONE;
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        first = classes->births_ns[i] < first ? classes->births_ns[i] : first;
    return first;
}

static void print_sum(const struct classes *classes, const struct class_table *table)
{
    const struct reel_heap_state *state = &classes->state;
    const struct reel_class_state sum = {.number = REEL_CLASS_NUMBERS,
                                         .live_blocks = state->live_blocks + state->inherited_blocks,
                                         .requested_bytes = state->requested_bytes + state->inherited_requested_bytes,
                                         .usable_bytes = state->usable_bytes + state->inherited_usable_bytes,
                                         .carved_slots = state->carved_slots};
    char bound[FORMAT_BYTES];
    char peak[FORMAT_BYTES];
    const struct class_line line = {.size = "all",
                                    .state = &sum,
                                    .is_told = true,
                                    .pinned_bytes = reel_blame_total(classes->blame).pinned_bytes,
                                    .birth_ns = first_birth(classes)};
    class_table_print(table, &line);
    if (state->carved_slots != 0 && state->peak_slot_bytes != 0)
        printf("\n  each class at its own peak: %s, all together at most %s; stranding %.2f\n",
               format_bytes(bound, state->class_peak_bytes), format_bytes(peak, state->peak_slot_bytes),
               (double)state->class_peak_bytes / (double)state->peak_slot_bytes);
}

static size_t size_width(const struct classes *classes)
{
    char text[CLASS_SIZE_BYTES];
    size_t longest = strlen("SIZE");
    for (size_t i = 0; i < classes->count; i++)
    {
        size_t length = classes->is_shown[i] ? strlen(class_size(text, &classes->rows[i])) : 0;
        longest = length > longest ? length : longest;
    }
    return longest;
}

static void print_text(const struct question *question, const struct classes *classes)
{
    struct class_table table;
    printf("size classes at %s (after %llu events)\n", question->moment, (unsigned long long)classes->heap.events);
    identity_print(&classes->identity);
    printf("\n");
    class_table_begin(&table, classes->heap.replay, classes->state.carved_slots != 0, size_width(classes),
                      terminal_width(stdout));
    for (size_t i = 0; i < classes->count; i++)
        if (classes->is_shown[i])
            print_class(classes, &table, &classes->rows[i]);
    if (classes->shown < classes->count)
        printf("  %13s and %zu classes that hold less; see --limit\n", "...", classes->count - classes->shown);
    print_sum(classes, &table);
}

static void add_told(cJSON *object, const char *name, bool is_told, uint64_t count)
{
    if (is_told)
        json_add_count(object, name, count);
    else
        cJSON_AddNullToObject(object, name);
}

static cJSON *class_object(const struct classes *classes, const struct reel_class_state *class)
{
    cJSON *object = cJSON_CreateObject();
    bool is_told = has_slots(class);
    json_add_count(object, "class_number", class->number);
    add_told(object, "class_id", is_told, class->class_id);
    add_told(object, "slot_bytes", is_told, class->slot_bytes);
    cJSON_AddBoolToObject(object, "is_aligned", class->is_aligned);
    json_add_count(object, "least_bytes", class->least_bytes);
    json_add_count(object, "greatest_bytes", class->greatest_bytes);
    json_add_count(object, "live_blocks", class->live_blocks);
    json_add_count(object, "requested_bytes", class->requested_bytes);
    json_add_count(object, "usable_bytes", class->usable_bytes);
    json_add_count(object, "rounding_bytes", class->usable_bytes - class->requested_bytes);
    add_told(object, "carved_slots", is_told, class->carved_slots);
    add_told(object, "peak_live_slots", is_told, class->peak_live_slots);
    json_add_count(object, "pinned_bytes", pinned_of(classes, class));
    age_add_json(object, classes->heap.replay, classes->births[class->number], classes->births_ns[class->number]);
    return object;
}

static int print_json(const struct question *question, const struct classes *classes)
{
    const struct reel_heap_state *state = &classes->state;
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "at", question->moment);
    json_add_count(document, "after_events", classes->heap.events);
    identity_add_json(document, &classes->identity);
    json_add_count(document, "live_blocks", state->live_blocks);
    json_add_count(document, "live_bytes", state->requested_bytes);
    json_add_count(document, "usable_bytes", state->usable_bytes);
    json_add_count(document, "inherited_blocks", state->inherited_blocks);
    json_add_count(document, "inherited_bytes", state->inherited_requested_bytes);
    json_add_count(document, "carved_slots", state->carved_slots);
    json_add_count(document, "carved_bytes", state->carved_bytes);
    json_add_count(document, "class_peak_bytes", state->class_peak_bytes);
    json_add_count(document, "peak_slot_bytes", state->peak_slot_bytes);
    json_add_count(document, "live_slot_bytes", state->live_slot_bytes);
    json_add_count(document, "pinned_bytes", reel_blame_total(classes->blame).pinned_bytes);
    cJSON *list = cJSON_AddArrayToObject(document, "classes");
    for (size_t i = 0; i < classes->count; i++)
        if (classes->is_shown[i])
            cJSON_AddItemToArray(list, class_object(classes, &classes->rows[i]));
    return json_print(document);
}

static int run(void *context)
{
    const struct question *question = context;
    struct classes classes = {0};
    struct reel_error error = {0};
    int status = question_open(&classes.heap, question);
    if (status != CLI_OK)
        return status;
    int answered = ask(&classes, question->limit, &error);
    if (answered == REEL_OK && question->is_json)
        answered = print_json(question, &classes);
    else if (answered == REEL_OK)
        print_text(question, &classes);
    free(classes.rows);
    reel_blame_destroy(classes.blame);
    return question_end(&classes.heap, question, answered, &error);
}

const struct cli_command cli_classes = {
    .name = "classes",
    .arguments = "F",
    .purpose = "Print the size classes of the heap at a moment: what they hold, and what is lost in them",
    .details = "SIZE is that of a slot, marked a where slots are aligned to it; where the allocator tells no classes, "
               "a range of usable sizes. " FAIL_IF_HELP,
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct question),
    .run = run,
};
