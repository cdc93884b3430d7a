// SPDX-License-Identifier: MIT
// The summary as JSON. Names are stable: one may be added, none may go.
#include "cli/json.h"
#include "cli/summary_print.h"

#include <stdio.h>

#include "cli/complain.h"
#include "reel/words.h"
#include "text/format.h"

static void add_figures(cJSON *object, const struct reel_figures *figures)
{
    const struct
    {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"events", figures->events},
        {"allocations", figures->allocations},
        {"frees", figures->frees},
        {"resizes", figures->resizes},
        {"temporary_allocations", figures->temporary_allocations},
        {"leaked_blocks", figures->leaked_blocks},
        {"leaked_bytes", figures->leaked_bytes},
        {"peak_live_bytes", figures->peak_live_bytes},
        {"peak_t_ns", figures->peak_t_ns},
        {"peak_resident_bytes", figures->peak_resident_bytes},
        {"total_requested_bytes", figures->total_requested_bytes},
        {"lost_events", figures->lost_events},
        {"waits", figures->waits},
        {"wait_ns", figures->wait_ns},
        {"late_events", figures->late_events},
        {"unknown_frees", figures->unknown_frees},
        {"inherited_frees", figures->inherited_frees},
        {"threads", figures->threads},
        {"committed_events", figures->committed_events},
        {"verify_count", figures->verify_count},
        {"verify_differences", figures->verify_differences},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_add_count(object, counts[i].name, counts[i].value);
    char moment[FORMAT_BYTES];
    snprintf(moment, sizeof moment, "#%llu", (unsigned long long)figures->peak_event);
    json_add_text(object, "peak_moment", figures->peak_live_bytes != 0 ? moment : NULL);
    json_add_seconds(object, "duration_s", figures->duration_ns);
}

static void add_number_or_null(cJSON *object, const char *name, bool is_number, int number)
{
    if (is_number)
        json_add_integer(object, name, number);
    else
        cJSON_AddNullToObject(object, name);
}

static cJSON *process_object(const struct reel_process_summary *process)
{
    cJSON *object = cJSON_CreateObject();
    json_add_count(object, "process", process->process);
    json_add_integer(object, "pid", process->pid);
    json_add_integer(object, "parent_pid", process->parent_pid);
    cJSON_AddBoolToObject(object, "is_fork", process->is_fork);
    json_add_text(object, "command", process->command);
    json_add_text(object, "end", reel_words_of_end(process->end));
    add_number_or_null(object, "exit_status", process->exit_status >= 0, process->exit_status);
    add_number_or_null(object, "signal", process->signal != 0, process->signal);
    add_figures(object, &process->figures);
    return object;
}

static cJSON *loss_object(const struct reel_loss *loss)
{
    cJSON *object = cJSON_CreateObject();
    json_add_count(object, "process", loss->process);
    json_add_text(object, "kind", loss->kind);
    json_add_count(object, "count", loss->count);
    return object;
}

int summary_print_json(const struct reel_summary *summary, struct reel_reader *reader)
{
    struct reel_error error = {0};
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "command", summary->command);
    json_add_text(document, "allocator", summary->allocator);
    json_add_text(document, "stacks", summary->stacks);
    json_add_text(document, "host", summary->host);
    json_add_text(document, "version", summary->version);
    json_add_integer(document, "start_unix_ns", summary->start_unix_ns);
    cJSON_AddBoolToObject(document, "is_complete", summary->is_complete);
    json_add_count(document, "file_bytes", summary->file_bytes);
    add_figures(document, &summary->figures);
    cJSON *processes = cJSON_AddArrayToObject(document, "processes");
    for (size_t i = 0; i < summary->process_count; i++)
        cJSON_AddItemToArray(processes, process_object(&summary->processes[i]));
    cJSON *losses = cJSON_AddArrayToObject(document, "losses");
    for (size_t i = 0; i < summary->loss_count; i++)
        cJSON_AddItemToArray(losses, loss_object(&summary->losses[i]));
    if (summary_add_heaps(document, summary, reader, &error) == REEL_OK &&
        summary_add_differences(document, summary, reader, &error) == REEL_OK)
        return json_print(document);
    cJSON_Delete(document);
    return cli_complain_error(&error);
}
