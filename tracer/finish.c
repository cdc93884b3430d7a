// SPDX-License-Identifier: MIT
// Ends a recording: processes that live on, names, the file, the closing line. Refuses to wait for the program.
#include "tracer/recording.h"

#include "text/format.h"
#include "tracer/naming.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int finish_stop(struct recording *recording, struct reel_error *error)
{
    // While what the programs do is still recorded.
    int status = look_sample_last(recording, error);
    session_stop(&recording->session);
    for (size_t i = 0; i < recording->process_count; i++)
        drain_wake_all(&recording->processes[i]->source);
    if (status == REEL_OK)
        status = look_once(recording, error);
    for (size_t i = 0; status == REEL_OK && i < recording->process_count; i++)
    {
        struct process *process = recording->processes[i];
        if (process->row == 0 || process->is_ended || process->is_replaced)
            continue;
        // What is left came after the moment at which the recording ends; it is no loss, it was never part of it.
        process->discarded += drain_discard(&process->source);
        process->is_ended = true;
        status = emit_end_process(&recording->emit, process, REEL_END_STOPPED, -1, 0, error);
    }
    return status;
}

static bool tick_names(void *context, uint64_t done)
{
    struct recording *recording = context;
    char count[FORMAT_BYTES];
    signals_handle(recording);
    if (progress_is_due(&recording->progress, false, clock_monotonic_ns()))
        progress_draw(&recording->progress, "heapreel: naming addresses: %s (^C skips the rest)",
                      format_count(count, done));
    return !recording->is_skipping_names;
}

static int name_addresses(struct recording *recording, struct reel_error *error)
{
    recording->is_skipping_names = false;
    return naming_finish(recording->naming, recording->writer, tick_names, recording, error);
}

static uint64_t file_bytes(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
}

static void say_how_it_ended(const struct recording *recording)
{
    const char *name = recording->options->argv[0];
    if (recording->channels_seen == 0)
        fprintf(stderr,
                "heapreel: %s: nothing was recorded: the preload library did not come to life in it (heapreel doctor "
                "tells what is missing)\n",
                name);
    if (recording->channels_refused != 0)
        fprintf(stderr, "heapreel: %llu processes could not be recorded: their channels were damaged\n",
                (unsigned long long)recording->channels_refused);
    if (recording->is_stopping && !recording->child.has_ended)
        fprintf(stderr, "heapreel: recording has ended; %s (pid %d) runs on\n", name, recording->child.pid);
}

static void say_closing_line(const struct recording *recording, const struct reel_writer_totals *totals, uint64_t lost)
{
    char events[FORMAT_BYTES];
    char peak[FORMAT_BYTES];
    char missing[FORMAT_BYTES];
    char size[FORMAT_BYTES];
    const char *path = recording->result->reel_path;
    const char *log_path = recording->view.log_path;
    fprintf(stderr, "heapreel: %s events, peak %s%s%s%s, in %s (%s)%s%s; next: heapreel summary %s\n",
            format_count(events, totals->events), format_bytes(peak, totals->peak_live_bytes), lost != 0 ? ", " : "",
            lost != 0 ? format_count(missing, lost) : "", lost != 0 ? " events LOST" : "", path,
            format_bytes(size, file_bytes(path)), log_path[0] != '\0' ? "; what the program wrote is in " : "",
            log_path, path);
}

int finish_reel(struct recording *recording, struct reel_error *error)
{
    uint64_t end_ns = clock_to_ns(&recording->clock, clock_now(&recording->clock));
    int status = REEL_OK;
    if (recording->channels_refused != 0)
        status = reel_writer_set_loss(recording->writer, 0, "processes whose channels were damaged",
                                      recording->channels_refused, error);
    if (status == REEL_OK)
        status = name_addresses(recording, error);
    if (status != REEL_OK)
        return status;
    reel_writer_totals(recording->writer, &recording->totals);
    status = reel_writer_finish(recording->writer, end_ns > recording->emit.last_ns ? end_ns : recording->emit.last_ns,
                                error);
    recording->writer = NULL; // freed in any case
    progress_clear(&recording->progress);
    if (status != REEL_OK)
        return status;
    recording->result->is_written = true;
    return REEL_OK;
}

void finish_say(const struct recording *recording)
{
    if (!recording->result->is_written || recording->options->quiet)
        return;
    say_how_it_ended(recording);
    say_closing_line(recording, &recording->totals, recording->emit.lost_events);
}
