// SPDX-License-Identifier: MIT
// Runs one recording from the checks before the start to the exit status at the end. Refuses to print what goes wrong:
// the caller does.
#include "tracer/record.h"

#include "text/format.h"
#include "tracer/failure.h"
#include "tracer/naming.h"
#include "tracer/recording.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define RECORD_COMMIT_INTERVAL_NS (250 * RECORDING_NS_PER_MS)
#define RECORD_COMMIT_EVENTS 262144 // four chunks
#define RECORD_POLL_BUSY_NS (2 * RECORDING_NS_PER_MS)
#define RECORD_POLL_IDLE_NS (4 * RECORDING_NS_PER_MS)    // less than the fastest thread needs to fill its ring
#define RECORD_POLL_ASLEEP_NS (20 * RECORDING_NS_PER_MS) // nothing for a while
#define RECORD_IDLE_LOOKS_MAX 500
#define RECORD_FULL_PERCENT 25 // look again at once
#define RECORD_RELATIVES_GRACE_NS (1000 * RECORDING_NS_PER_MS)
#define RECORD_COMMAND_BYTES 4096
#define RECORD_MAPPED_BYTES_MIN (1 << 20)
#define RECORD_KEPT_BYTES (16 << 20)
#define RECORD_GROWTH_BYTES (256 << 10)

static const char *const stacks_names[] = {
    [WIRE_STACKS_OFF] = "off", [WIRE_STACKS_ALLOC] = "alloc", [WIRE_STACKS_ON] = "on", [WIRE_STACKS_VERIFY] = "verify"};

// As the user would type it: what a shell would take apart is quoted.
static void quote_command(char *const *argv, char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; argv[i] != NULL && used + 1 < bytes; i++)
    {
        bool is_plain = argv[i][0] != '\0' && strpbrk(argv[i], " \t\n'\"\\$`*?[]{}()<>|&;~#!") == NULL;
        const char *quote = is_plain ? "" : strchr(argv[i], '\'') == NULL ? "'" : "\"";
        int length = snprintf(text + used, bytes - used, "%s%s%s%s", i > 0 ? " " : "", quote, argv[i], quote);
        used += length > 0 ? (size_t)length : 0;
    }
}

static void name_output(const struct tracer_options *options, pid_t pid, char *path, size_t bytes)
{
    if (options->output != NULL)
    {
        snprintf(path, bytes, "%s", options->output);
        return;
    }
    const char *slash = strrchr(options->argv[0], '/');
    snprintf(path, bytes, "%s.%d.reel", slash != NULL ? slash + 1 : options->argv[0], pid);
}

// In the process that becomes the program, of which the recorder's tables here know nothing yet.
static bool leave_terminal(void *context)
{
    const struct tracer_options *options = context;
    char reel_path[PATH_MAX];
    char log_path[PATH_MAX];
    name_output(options, getpid(), reel_path, sizeof reel_path);
    return view_name_log(reel_path, log_path) && view_redirect(log_path);
}

static const char *allocator_of(const struct tracer_options *options)
{
    return options->allocator != NULL ? options->allocator : "system";
}

// Ours, and empty: the program was not run.
static void remove_reel(struct recording *recording)
{
    reel_writer_close(recording->writer);
    recording->writer = NULL;
    unlink(recording->result->reel_path);
    view_remove_log(&recording->view);
}

// The reel's time begins. Returns when that is.
static int64_t begin_time(struct recording *recording)
{
    struct timespec now;
    clock_settle(&recording->clock);
    clock_gettime(CLOCK_REALTIME, &now);
    clock_set_origin(&recording->clock);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int open_reel(struct recording *recording, struct reel_error *error)
{
    const struct tracer_options *options = recording->options;
    char command[RECORD_COMMAND_BYTES];
    char host[512];
    struct utsname system = {0};
    uname(&system);
    snprintf(host, sizeof host, "%s, %s %s %s", system.nodename, system.sysname, system.release, system.machine);
    quote_command(options->argv, command, sizeof command);
    name_output(options, recording->child.pid, recording->result->reel_path, sizeof recording->result->reel_path);
    struct reel_run_info info = {
        .command = command,
        .allocator = allocator_of(options),
        .stacks = stacks_names[options->stacks],
        .when_full = options->when_full == WIRE_WHEN_FULL_DROP ? "drop" : "wait",
        .host = host,
        .version = HEAPREEL_VERSION,
        .start_unix_ns = begin_time(recording),
        .ticks_per_second = recording->clock.ticks_per_second,
    };
    int status = reel_writer_open(&recording->writer, recording->result->reel_path, options->force, &info, error);
    recording->emit.writer = recording->writer;
    if (status != REEL_OK)
        return status;
    session_name_reel(&recording->session, recording->result->reel_path);
    if (options->viewer_path == NULL)
        return REEL_OK;
    status = view_make_log(&recording->view, recording->result->reel_path, options->force, error);
    if (status != REEL_OK)
        remove_reel(recording);
    return status;
}

static int create_session(struct recording *recording, struct reel_error *error)
{
    const struct tracer_options *options = recording->options;
    struct session_config config = {
        .shared_dir = options->shared_dir,
        .clock = recording->clock.kind,
        .stacks = options->stacks,
        .when_full = options->when_full,
        .depth_max = options->depth_max,
        .ring_records = options->ring_records,
    };
    return session_create(&recording->session, &config, error);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
        limit.rlim_cur = limit.rlim_max; // one pidfd for each process
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void note_child(struct recording *recording, const struct launch *launch)
{
    struct follow_stat about;
    recording->child.pid = launch->pid;
    if (follow_read_stat(launch->pid, &about))
        recording->child.start = about.start;
}

// What the program writes goes elsewhere, so that the progress line may be drawn once the viewer has been quit.
static void start_viewer(struct recording *recording)
{
    const char *viewer_path = recording->options->viewer_path;
    if (viewer_path == NULL)
        return;
    view_start(&recording->view, viewer_path, recording->result->reel_path, signals_put_back, recording);
    recording->progress.is_during_run = true;
    recording->progress.is_hidden = recording->view.pid != 0;
}

// It opens the reel, so this comes after that, and takes part of a second, so time begins anew.
static int start_server(struct recording *recording, struct reel_error *error)
{
    if (recording->options->serve == NULL)
        return REEL_OK;
    int status = server_start(&recording->server, recording->options, recording->result, recording->signals.fd,
                              signals_put_back, recording, error);
    if (status == REEL_OK)
        status = reel_writer_set_start(recording->writer, begin_time(recording), error);
    if (status != REEL_OK)
        remove_reel(recording);
    return status;
}

// Everything that can fail comes before the program runs.
static int start_program(struct recording *recording, struct reel_error *error)
{
    const struct tracer_options *options = recording->options;
    struct launch launch;
    int status = program_find(&recording->program, options->argv[0], error);
    if (status == REEL_OK)
        status = launch_check_preload(options->preload_path, error);
    if (status == REEL_OK)
        status = create_session(recording, error);
    if (status != REEL_OK)
        return status;
    struct launch_plan plan = {.program = &recording->program,
                               .argv = options->argv,
                               .preload_path = options->preload_path,
                               .session_directory = recording->session.directory,
                               .allocator = allocator_of(options),
                               .enter = options->viewer_path != NULL ? leave_terminal : NULL,
                               .context = (void *)(uintptr_t)options};
    recording->child.made_ns = clock_monotonic_ns();
    status = launch_fork(&launch, &plan, error);
    if (status != REEL_OK)
        return status;
    note_child(recording, &launch);
    status = signals_begin(recording, error);
    if (status == REEL_OK)
        status = open_reel(recording, error);
    if (status == REEL_OK)
        status = start_server(recording, error);
    if (status != REEL_OK)
    {
        launch_cancel(&launch);
        return status;
    }
    raise_descriptor_limit();
    status = launch_go(&launch, options->argv[0], error);
    recording->result->is_started = status == REEL_OK;
    if (status == REEL_OK)
        start_viewer(recording);
    else
        remove_reel(recording);
    return status;
}

// True when nothing can come any more: the program has ended, so have all recorded processes, and no other carries the
// session with it.
static bool is_over(struct recording *recording)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (!recording->child.has_ended || recording->process_count != 0)
    {
        recording->relatives_deadline = 0;
        return false;
    }
    if (recording->relatives_deadline == 0)
        recording->relatives_deadline = now_ns + RECORD_RELATIVES_GRACE_NS;
    const struct recording_child *child = &recording->child;
    const struct follow_root root = {.pid = child->pid, .start = child->start, .made_ns = child->made_ns};
    return now_ns >= recording->relatives_deadline || !follow_has_relatives(recording->session.directory, &root);
}

static uint64_t count_events(const struct recording *recording)
{
    struct reel_writer_totals totals;
    reel_writer_totals(recording->writer, &totals);
    return totals.events;
}

// By time for readers that follow, by events so that a disk that fills up costs little of what was recorded.
static bool is_commit_due(const struct recording *recording)
{
    return clock_monotonic_ns() >= recording->next_commit ||
           count_events(recording) - recording->events_committed >= RECORD_COMMIT_EVENTS;
}

// What a long recording frees it soon needs again: it stays, and is not faulted in page by page once more. The record
// of a chunk, the blocks that a resting thread fills are less than this; tables that outgrow it go at once. Not from
// the start: a short recording has large tables that it hardly touches, which must not be cleared.
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, RECORD_MAPPED_BYTES_MIN);
    mallopt(M_TRIM_THRESHOLD, RECORD_KEPT_BYTES);
    mallopt(M_TOP_PAD, RECORD_GROWTH_BYTES);
}

static int commit(struct recording *recording, struct reel_error *error)
{
    int status = look_commit(recording, error);
    if (recording->events_committed == 0)
        keep_memory();
    recording->next_commit = clock_monotonic_ns() + RECORD_COMMIT_INTERVAL_NS;
    recording->events_committed = count_events(recording);
    return status;
}

static int do_turn(struct recording *recording, struct reel_error *error)
{
    int status = look_once(recording, error);
    if (status == REEL_OK)
        status = look_reap(recording, error);
    if (status == REEL_OK)
        status = look_sample(recording, error);
    if (status == REEL_OK)
        status = naming_step(recording->naming, recording->writer, error);
    if (status == REEL_OK && is_commit_due(recording))
        status = commit(recording, error);
    return status;
}

static void draw_progress(struct recording *recording)
{
    struct reel_writer_totals totals;
    char events[FORMAT_BYTES];
    char live[FORMAT_BYTES];
    char peak[FORMAT_BYTES];
    if (!progress_is_due(&recording->progress, !recording->child.has_ended, clock_monotonic_ns()))
        return;
    reel_writer_totals(recording->writer, &totals);
    progress_draw(&recording->progress, "heapreel: %s events, %s live, peak %s", format_count(events, totals.events),
                  format_bytes(live, totals.live_bytes), format_bytes(peak, totals.peak_live_bytes));
}

// A look interrupts all processors and costs as much as hundreds of events, so that those that find some are kept
// apart. look_ns: the time that the last one took.
static uint64_t choose_timeout(const struct recording *recording, uint32_t idle_looks, uint64_t look_ns)
{
    if (recording->child.has_ended && recording->process_count == 0 && recording->relatives_deadline == 0)
        return 0; // it may be over
    if (recording->last_fullest > RECORD_FULL_PERCENT)
        return 0;
    if (idle_looks == 0)
        return look_ns < RECORD_POLL_BUSY_NS ? RECORD_POLL_BUSY_NS - look_ns : 0;
    if (idle_looks > RECORD_IDLE_LOOKS_MAX)
        return RECORD_POLL_ASLEEP_NS;
    return RECORD_POLL_IDLE_NS;
}

static int run_loop(struct recording *recording, struct reel_error *error)
{
    uint32_t idle_looks = 0;
    recording->next_commit = clock_monotonic_ns() + RECORD_COMMIT_INTERVAL_NS;
    for (;;)
    {
        uint64_t began_ns = clock_monotonic_ns();
        // Before the turn: what appeared before this was true is seen by the turn.
        bool was_over = is_over(recording);
        int status = was_over ? watch_scan(recording, error) : REEL_OK;
        if (status == REEL_OK)
            status = do_turn(recording, error);
        if (status != REEL_OK || (was_over && recording->process_count == 0))
            return status;
        if (recording->stop_deadline != 0 && clock_monotonic_ns() >= recording->stop_deadline)
            recording->is_stopping = true;
        if (recording->is_stopping)
            return finish_stop(recording, error);
        draw_progress(recording);
        idle_looks = recording->last_fresh > 0 ? 0 : idle_looks + 1;
        watch_wait(recording, choose_timeout(recording, idle_looks, clock_monotonic_ns() - began_ns));
    }
}

// The reel cannot be written any more. The program must not notice.
static void abandon(struct recording *recording)
{
    progress_clear(&recording->progress);
    session_stop(&recording->session);
    for (size_t i = 0; i < recording->process_count; i++)
        drain_wake_all(&recording->processes[i]->source);
    naming_destroy(recording->naming); // before the writer, whose texts it reads
    recording->naming = NULL;
    reel_writer_close(recording->writer);
    recording->writer = NULL;
}

static void clean_up(struct recording *recording)
{
    naming_destroy(recording->naming);
    reel_writer_close(recording->writer);
    watch_end(recording);
    merge_clean_up(&recording->merge);
    queue_pool_fini(&recording->queues);
    resident_pages_fini(&recording->resident_pages);
    emit_clean_up(&recording->emit);
    session_destroy(&recording->session);
    server_end(&recording->server);
    signals_end(recording);
    free(recording);
}

static void advise(struct reel_error *error, const char *reel_path)
{
    char reason[sizeof error->text];
    if (error == NULL)
        return;
    memcpy(reason, error->text, sizeof reason);
    int length = snprintf(error->text, sizeof error->text,
                          "%.600s: recording has ended early and the program ran on; what was written before is in "
                          "%.300s",
                          reason, reel_path);
    if (error->status == REEL_E_FULL && length > 0 && (size_t)length < sizeof error->text)
        snprintf(error->text + length, sizeof error->text - (size_t)length, "; make room or choose another place (-o)");
}

// After the program. What the server's connections left beside the reel is put into it.
static void end_serving(struct recording *recording)
{
    if (recording->options->serve == NULL || !recording->result->is_written)
        return;
    if (server_stay(&recording->server, recording->options->argv[0], recording->child.wait_status))
        signals_wait_for_server(recording);
    server_end(&recording->server);
    reel_writer_fold_log(recording->result->reel_path);
}

int tracer_record(const struct tracer_options *options, struct tracer_result *result, struct reel_error *error)
{
    struct recording *recording = calloc(1, sizeof *recording);
    *result = (struct tracer_result){0};
    if (recording == NULL)
        return failure_set(error, REEL_E_NO_MEMORY, "out of memory");
    recording->options = options;
    recording->result = result;
    recording->session.directory_fd = recording->session.lock_fd = -1;
    recording->signals.fd = recording->session.news_fd = -1;
    recording->emit.clock = &recording->clock;
    queue_pool_init(&recording->queues, QUEUE_POOL_BLOCKS);
    recording->naming = naming_create();
    clock_begin(&recording->clock, clock_tsc_is_trusted() ? WIRE_CLOCK_TSC : WIRE_CLOCK_MONOTONIC);
    progress_begin(&recording->progress, options->quiet);
    int status = start_program(recording, error);
    if (status != REEL_OK)
    {
        clean_up(recording);
        return status;
    }
    status = run_loop(recording, error);
    if (status == REEL_OK)
        status = finish_reel(recording, error);
    if (status != REEL_OK)
    {
        abandon(recording);
        advise(error, result->reel_path);
    }
    // Gone before we wait: processes that live on have nothing of ours any more.
    session_destroy(&recording->session);
    signals_wait_for_viewer(recording);
    if (result->is_written && options->viewer_path != NULL)
        reel_writer_fold_log(result->reel_path);
    finish_say(recording);
    signals_wait_for_child(recording);
    result->wait_status = recording->child.wait_status;
    end_serving(recording);
    clean_up(recording);
    return status;
}
