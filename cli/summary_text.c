// SPDX-License-Identifier: MIT
// The summary as one screen: what ran, what is missing, the figures, the processes.
#include "cli/summary_print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/complain.h"
#include "cli/terminal.h"
#include "text/advice.h"
#include "text/format.h"
#include "text/process_end.h"

#define TEXT_BYTES 1024
#define PROCESSES_SHOWN 20
#define EVENTS_FOR_SIZE_MIN 10000 // below, the file is all names and no events
#define COMMAND_AT 58             // column where the commands of processes begin

void summary_print_row(const char *name, const char *value, const char *format, ...)
{
    char remark[TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(remark, sizeof remark, format, arguments);
    va_end(arguments);
    printf("  %-15s %14s%s%s\n", name, value, remark[0] != '\0' ? "  " : "", remark);
}

static void print_head(const struct reel_summary *summary)
{
    char text[TEXT_BYTES];
    char duration[FORMAT_BYTES];
    char when[64] = "";
    struct tm parts;
    time_t start = (time_t)(summary->start_unix_ns / 1000000000);
    if (localtime_r(&start, &parts) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &parts);
    printf("%s\n", format_text(text, sizeof text, summary->command));
    printf("  %s for %s", when, format_duration(duration, summary->figures.duration_ns));
    printf(" on %s\n", format_text(text, sizeof text, summary->host));
    printf("  allocator %s", format_text(text, sizeof text, summary->allocator));
    printf(", stacks %s", format_text(text, sizeof text, summary->stacks));
    printf(", heapreel %s\n\n", format_text(text, sizeof text, summary->version));
}

// Losses come before the figures, because they change what the figures mean.
static void print_losses(const struct reel_summary *summary)
{
    char text[ADVICE_BYTES];
    const struct reel_figures *figures = &summary->figures;
    bool is_whole = summary->is_complete && figures->lost_events == 0 && figures->verify_differences == 0;
    if (!summary->is_complete)
        printf("  " ADVICE_NOT_COMPLETE "\n");
    if (figures->lost_events != 0)
        printf("  %s\n", advice_lost(text, figures->lost_events));
    if (figures->verify_differences != 0)
        printf("  %s\n", advice_wrong_stacks(text, figures->verify_differences, figures->verify_count));
    for (size_t i = 0; i < summary->loss_count; i++)
        printf("  %s\n", advice_missing(text, &summary->losses[i]));
    if (!is_whole || summary->loss_count != 0)
        printf("\n");
}

static void print_memory(const struct reel_figures *figures)
{
    char value[FORMAT_BYTES];
    char other[FORMAT_BYTES];
    format_bytes(value, figures->peak_live_bytes);
    if (figures->peak_live_bytes != 0)
        summary_print_row("peak live", value, "at #%llu, %s", (unsigned long long)figures->peak_event,
                          format_time(other, figures->peak_t_ns));
    else
        summary_print_row("peak live", value, "nothing was allocated");
    if (figures->peak_resident_bytes != 0)
        summary_print_row("peak resident", format_bytes(value, figures->peak_resident_bytes), "of the whole process");
    summary_print_row(
        "requested", format_bytes(value, figures->total_requested_bytes), "in all, %s an allocation",
        format_bytes(other, figures->allocations != 0 ? figures->total_requested_bytes / figures->allocations : 0));
    summary_print_row("leaked", format_bytes(value, figures->leaked_bytes), "%s block%s not freed at the end",
                      format_count(other, figures->leaked_blocks), figures->leaked_blocks == 1 ? "" : "s");
}

static void print_counts(const struct reel_summary *summary)
{
    const struct reel_figures *figures = &summary->figures;
    char value[FORMAT_BYTES];
    char other[FORMAT_BYTES];
    summary_print_row("events", format_count(value, figures->events), "%s", "");
    summary_print_row("allocations", format_count(value, figures->allocations),
                      "%s temporary: freed by the thread's next event",
                      format_share(other, figures->temporary_allocations, figures->allocations));
    summary_print_row("frees", format_count(value, figures->frees), "%s", "");
    if (figures->inherited_frees != 0)
        summary_print_row("", format_count(value, figures->inherited_frees), "of blocks that came with a fork");
    if (figures->unknown_frees != 0)
        summary_print_row("", format_count(value, figures->unknown_frees), "%s",
                          summary->finding_count == 0 ? "of blocks from before the recording"
                                                      : "of blocks from before the recording, or misused");
    summary_print_row("resizes", format_count(value, figures->resizes), "reallocations in place");
    summary_print_row("threads", format_count(value, figures->threads), "in %zu process%s", summary->process_count,
                      summary->process_count == 1 ? "" : "es");
    if (figures->waits != 0)
        summary_print_row("waits", format_count(value, figures->waits), "for the recording, %s in all",
                          format_duration(other, figures->wait_ns));
    if (figures->late_events != 0)
        summary_print_row("late", format_count(value, figures->late_events), "events whose time was moved forward");
    if (figures->verify_count != 0)
        summary_print_row("verified", format_count(value, figures->verify_count), "stacks captured both ways");
    format_bytes(value, summary->file_bytes);
    if (figures->events >= EVENTS_FOR_SIZE_MIN)
        summary_print_row("file", value, "%.1f bytes an event", (double)summary->file_bytes / (double)figures->events);
    else
        summary_print_row("file", value, "%s", "");
}

static void print_process(const struct reel_process_summary *process)
{
    char end[PROCESS_END_BYTES];
    char events[FORMAT_BYTES];
    char peak[FORMAT_BYTES];
    char leaked[FORMAT_BYTES];
    char command[TEXT_BYTES];
    format_text(command, sizeof command, process->command);
    size_t width = terminal_width(stdout);
    terminal_cut(command, width > COMMAND_AT ? width - COMMAND_AT : 0);
    printf("  %8d %-9s %13s %10s %10s  %s\n", process->pid, process_end(end, process),
           format_count(events, process->figures.events), format_bytes(peak, process->figures.peak_live_bytes),
           format_bytes(leaked, process->figures.leaked_bytes), command);
}

static void print_processes(const struct reel_summary *summary)
{
    if (summary->process_count < 2)
        return;
    printf("\n  %8s %-9s %13s %10s %10s  %s\n", "PID", "END", "EVENTS", "PEAK LIVE", "LEAKED", "COMMAND");
    size_t shown = summary->process_count <= PROCESSES_SHOWN + 1 ? summary->process_count : PROCESSES_SHOWN;
    for (size_t i = 0; i < shown; i++)
        print_process(&summary->processes[i]);
    if (shown < summary->process_count)
        printf("  ... and %zu more; see --json\n", summary->process_count - shown);
}

int summary_print_text(const struct reel_summary *summary, struct reel_reader *reader)
{
    struct reel_error error = {0};
    print_head(summary);
    print_losses(summary);
    print_memory(&summary->figures);
    printf("\n");
    print_counts(summary);
    summary_print_heaps(summary);
    print_processes(summary);
    if (summary_print_findings(summary, reader, &error) != REEL_OK ||
        summary_print_differences(summary, reader, &error) != REEL_OK)
        return cli_complain_error(&error);
    return cli_flush_answer(0);
}
