// SPDX-License-Identifier: MIT
// What the summary says of an allocator of ours: slots, pages, and what the program did wrong with its memory.
#include "cli/summary_print.h"

#include <stdio.h>

#include "cli/frames.h"
#include "cli/json.h"
#include "reel/words.h"
#include "text/advice.h"
#include "text/format.h"

#define FINDINGS_SHOWN 5
#define LABEL_AT "       "

// ---- for people

// The greatest heap alone: heaps of forked processes are copies of each other for the most part.
void summary_print_heaps(const struct reel_summary *summary)
{
    char value[FORMAT_BYTES];
    char other[FORMAT_BYTES];
    if (summary->heap_count == 0)
        return;
    const struct reel_heap_summary *heap = &summary->heaps[0];
    printf("\n");
    if (summary->heap_count > 1)
        printf("  the heap of process %u, the greatest of %zu\n", heap->process, summary->heap_count);
    if (heap->class_count != 0)
    {
        summary_print_row("carved", format_bytes(value, heap->carved_bytes), "%s slots of %zu size classes",
                          format_count(other, heap->carved_slots), heap->class_count);
        summary_print_row("bound", format_bytes(value, heap->bound_bytes), "each class at its own peak");
    }
    if (heap->peak_slot_bytes != 0)
        summary_print_row("peak of slots", format_bytes(value, heap->peak_slot_bytes),
                          "all classes together: stranding %.2f",
                          (double)heap->bound_bytes / (double)heap->peak_slot_bytes);
    summary_print_row("committed", format_bytes(value, heap->peak_committed_bytes), "at the most, %s at the end",
                      format_bytes(other, heap->committed_bytes));
    if (heap->peak_metadata_bytes != 0)
        summary_print_row("metadata", format_bytes(value, heap->peak_metadata_bytes), "of the allocator, %s at the end",
                          format_bytes(other, heap->metadata_bytes));
}

static int print_stacks(const struct reel_finding_summary *finding, struct reel_reader *reader,
                        struct reel_error *error)
{
    int status = frames_print_line(stdout, LABEL_AT "noticed in    ", reader, finding->stack, error);
    if (status == REEL_OK && finding->alloc_stack != 0)
        status = frames_print_line(stdout, LABEL_AT "allocated by  ", reader, finding->alloc_stack, error);
    if (status == REEL_OK && finding->first_free_stack != 0)
        status = frames_print_line(stdout, LABEL_AT "freed by      ", reader, finding->first_free_stack, error);
    return status;
}

int summary_print_findings(const struct reel_summary *summary, struct reel_reader *reader, struct reel_error *error)
{
    char number[FORMAT_BYTES];
    char text[ADVICE_BYTES];
    int status = REEL_OK;
    if (summary->finding_count == 0)
        return REEL_OK;
    printf("\n  MISUSE: %s\n", advice_misuses(text, summary->finding_counts));
    size_t shown = summary->first_finding_count < FINDINGS_SHOWN ? summary->first_finding_count : FINDINGS_SHOWN;
    for (size_t i = 0; i < shown && status == REEL_OK; i++)
    {
        printf("\n  %s\n", advice_misuse(text, &summary->first_findings[i]));
        status = print_stacks(&summary->first_findings[i], reader, error);
    }
    if (shown < summary->finding_count)
        printf("\n  ... and %s more; see: heapreel sql F \"SELECT * FROM finding\"\n",
               format_count(number, summary->finding_count - shown));
    return status;
}

// ---- for programs

static cJSON *class_object(const struct reel_class_summary *class)
{
    cJSON *object = cJSON_CreateObject();
    json_add_count(object, "class_id", class->class_id);
    json_add_count(object, "slot_bytes", class->slot_bytes);
    cJSON_AddBoolToObject(object, "is_aligned", class->is_aligned);
    json_add_count(object, "carved_slots", class->carved_slots);
    json_add_count(object, "live_slots", class->live_slots);
    json_add_count(object, "peak_live_slots", class->peak_live_slots);
    return object;
}

static cJSON *heap_object(const struct reel_heap_summary *heap)
{
    cJSON *object = cJSON_CreateObject();
    json_add_count(object, "process", heap->process);
    json_add_count(object, "carved_slots", heap->carved_slots);
    json_add_count(object, "carved_bytes", heap->carved_bytes);
    json_add_count(object, "bound_bytes", heap->bound_bytes);
    json_add_count(object, "live_slot_bytes", heap->live_slot_bytes);
    json_add_count(object, "peak_slot_bytes", heap->peak_slot_bytes);
    if (heap->peak_slot_bytes != 0)
        cJSON_AddNumberToObject(object, "stranding", (double)heap->bound_bytes / (double)heap->peak_slot_bytes);
    else
        cJSON_AddNullToObject(object, "stranding");
    json_add_count(object, "committed_bytes", heap->committed_bytes);
    json_add_count(object, "peak_committed_bytes", heap->peak_committed_bytes);
    json_add_count(object, "metadata_bytes", heap->metadata_bytes);
    json_add_count(object, "peak_metadata_bytes", heap->peak_metadata_bytes);
    cJSON *classes = cJSON_AddArrayToObject(object, "classes");
    for (size_t i = 0; i < heap->class_count; i++)
        cJSON_AddItemToArray(classes, class_object(&heap->classes[i]));
    return object;
}

static int add_finding(cJSON *list, const struct reel_finding_summary *finding, struct reel_reader *reader,
                       struct reel_error *error)
{
    char address[FORMAT_BYTES];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(list, object);
    snprintf(address, sizeof address, "0x%llx", (unsigned long long)finding->address);
    json_add_text(object, "kind", reel_words_of_misuse(finding->misuse));
    json_add_count(object, "process", finding->process);
    json_add_count(object, "thread", finding->thread);
    json_add_count(object, "event", finding->event);
    json_add_count(object, "t_ns", finding->t_ns);
    json_add_text(object, "address", finding->address != 0 ? address : NULL);
    json_add_count(object, "size_bytes", finding->size_bytes);
    json_add_count(object, "true_size_bytes", finding->true_size_bytes);
    int status = frames_add_stack(object, "noticed", reader, finding->stack, error);
    if (status == REEL_OK)
        status = frames_add_stack(object, "allocated", reader, finding->alloc_stack, error);
    return status == REEL_OK ? frames_add_stack(object, "first_freed", reader, finding->first_free_stack, error)
                             : status;
}

int summary_add_heaps(cJSON *document, const struct reel_summary *summary, struct reel_reader *reader,
                      struct reel_error *error)
{
    int status = REEL_OK;
    cJSON *heaps = cJSON_AddArrayToObject(document, "heaps");
    for (size_t i = 0; i < summary->heap_count; i++)
        cJSON_AddItemToArray(heaps, heap_object(&summary->heaps[i]));
    json_add_count(document, "findings", summary->finding_count);
    cJSON *counts = cJSON_AddObjectToObject(document, "findings_by_kind");
    for (int i = 1; i < REEL_MISUSE_COUNT; i++)
        json_add_count(counts, reel_words_of_misuse((enum reel_misuse)i), summary->finding_counts[i]);
    cJSON *list = cJSON_AddArrayToObject(document, "first_findings");
    for (size_t i = 0; i < summary->first_finding_count && status == REEL_OK; i++)
        status = add_finding(list, &summary->first_findings[i], reader, error);
    return status;
}
