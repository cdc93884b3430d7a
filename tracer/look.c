// SPDX-License-Identifier: MIT
// One turn of the loop: what is final goes into the reel, what has ended is closed. Refuses to wait for anything.
#include "tracer/recording.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_STUCK_MS 1000                                    // busy rings with one state hold the merge this long
#define LOOK_UNSEEN_STORE_MS 10                               // no store buffer keeps a store this long
#define LOOK_SECCOMP_INTERVAL_NS (10 * RECORDING_NS_PER_MS)   // times the number of processes: about 0.2 % of the time
#define LOOK_ORPHANS_INTERVAL_NS (1000 * RECORDING_NS_PER_MS) // between checks for rings of dead threads

static uint64_t clock_of_look(const void *context)
{
    return clock_now(context);
}

// Returns a time W so that each store made before W is visible now.
static uint64_t time_before_barrier(const struct clock_scale *clock)
{
    uint64_t now = clock_now(clock);
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) == 0 ||
        syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0)
        return now;
    uint64_t margin = clock->ticks_per_second / 1000 * LOOK_UNSEEN_STORE_MS;
    return now > margin ? now - margin : 0;
}

static int drain_all(struct recording *recording, struct drain_look *look, uint64_t *bound, struct reel_error *error)
{
    *bound = look->now;
    for (size_t i = 0; i < recording->process_count; i++)
    {
        struct process *process = recording->processes[i];
        if (process->is_ended)
            continue;
        uint64_t own_bound = drain_look(&process->source, look);
        *bound = own_bound < *bound ? own_bound : *bound;
        // After the rings: the log tells of a module before an event names an address in it.
        int status = modules_read(&process->modules, &process->channel, error);
        if (status == REEL_OK && process->row != 0)
            status = emit_modules(&recording->emit, process, error);
        if (status != REEL_OK)
            return status;
    }
    return REEL_OK;
}

struct recycle_context
{
    struct recording *recording;
    int status;
    struct reel_error *error;
};

static void on_thread_end(void *context, struct drain_ring *ring, uint64_t end_time)
{
    struct recycle_context *recycle = context;
    if (recycle->status == REEL_OK)
        recycle->status = emit_end_thread(&recycle->recording->emit, ring, end_time, recycle->error);
}

static bool thread_exists(void *context, int32_t tid)
{
    const struct process *process = context;
    return follow_thread_exists(process->follow.pid, tid);
}

static int recycle_all(struct recording *recording, struct reel_error *error)
{
    struct recycle_context context = {.recording = recording, .error = error};
    uint64_t now_ns = clock_monotonic_ns();
    bool is_orphan_time = now_ns >= recording->next_orphans;
    for (size_t i = 0; i < recording->process_count; i++)
    {
        struct process *process = recording->processes[i];
        drain_spill(&process->source);
        if (process->source.is_dead)
            continue;
        drain_recycle(&process->source, on_thread_end, &context);
        // In another pid namespace thread numbers mean nothing to us.
        if (is_orphan_time && process->follow.pid == process->channel.constants.pid)
            drain_retire_orphans(&process->source, thread_exists, process);
    }
    if (is_orphan_time)
        recording->next_orphans = now_ns + LOOK_ORPHANS_INTERVAL_NS;
    return context.status;
}

int look_once(struct recording *recording, struct reel_error *error)
{
    struct drain_look look = {
        .now = time_before_barrier(&recording->clock),
        .previous = recording->previous_look,
        .stuck_ticks = recording->clock.ticks_per_second / 1000 * LOOK_STUCK_MS,
        .clock = clock_of_look,
        .clock_context = &recording->clock,
    };
    struct merge_sink sink = emit_sink(&recording->emit);
    uint64_t bound;
    int status = watch_accept(recording, error);
    if (status == REEL_OK)
        status = drain_all(recording, &look, &bound, error);
    if (status == REEL_OK)
        status = merge_until(&recording->merge, recording->feeds, recording->process_count, bound, &sink, NULL, error);
    if (status == REEL_OK)
        status = emit_flush(&recording->emit, error);
    if (status == REEL_OK)
        status = recycle_all(recording, error);
    recording->previous_look = look.now;
    recording->last_fresh = look.fresh;
    recording->last_fullest = look.fullest;
    return status;
}

// Prefers what the kernel says over what the process announced.
static void find_end(const struct recording *recording, const struct process *process, enum reel_process_end *how,
                     int *exit_status, int *signal)
{
    int wait_status = 0;
    bool is_known = true;
    if (process->follow.pid == recording->child.pid && process->follow.start == recording->child.start)
        wait_status = recording->child.wait_status;
    else
        is_known = follow_wait_status(&process->follow, &wait_status);
    *how = REEL_END_UNKNOWN;
    *exit_status = -1;
    *signal = 0;
    if (is_known && WIFSIGNALED(wait_status))
    {
        *how = REEL_END_SIGNALLED;
        *signal = WTERMSIG(wait_status);
    }
    else if (is_known && WIFEXITED(wait_status))
    {
        *how = REEL_END_EXITED;
        *exit_status = WEXITSTATUS(wait_status);
    }
    else if (channel_exit_status(&process->channel, exit_status))
        *how = REEL_END_EXITED;
}

static int end_if_gone(struct recording *recording, struct process *process, struct reel_error *error)
{
    bool is_direct = process->follow.pid == recording->child.pid && process->follow.start == recording->child.start;
    enum reel_process_end how;
    int exit_status;
    int signal;
    if (process->is_ended || process->is_replaced || !process->source.is_dead || !process_is_drained(process) ||
        (is_direct && !recording->child.has_ended))
        return REEL_OK;
    find_end(recording, process, &how, &exit_status, &signal);
    process->is_ended = true;
    return emit_end_process(&recording->emit, process, how, exit_status, signal, error);
}

int look_reap(struct recording *recording, struct reel_error *error)
{
    int status = REEL_OK;
    size_t kept = 0;
    for (size_t i = 0; i < recording->process_count; i++)
    {
        struct process *process = recording->processes[i];
        if (status == REEL_OK)
            status = end_if_gone(recording, process, error);
        if (process->is_ended)
        {
            unlinkat(recording->session.directory_fd, process->channel.file_name, 0);
            process_close(process);
            continue;
        }
        recording->processes[kept] = process;
        recording->feeds[kept] = &process->feed;
        kept++;
    }
    recording->process_count = kept;
    return status;
}

static int sample_pages(struct recording *recording, struct process *process, struct reel_error *error)
{
    struct resident_pages *pages = &recording->resident_pages;
    if (!resident_pages_read(process->follow.pid, pages))
        return REEL_OK;
    int status = reel_writer_add_resident_pages(recording->writer, pages->mappings, pages->mapping_count, pages->runs,
                                                pages->run_count, error);
    if (status == REEL_OK && pages->is_cut)
        status =
            reel_writer_set_loss(recording->writer, process->row, "samples with fewer resident pages than there were",
                                 ++process->cut_samples, error);
    return status;
}

static int sample_process(struct recording *recording, struct process *process, uint64_t now_ns,
                          struct reel_error *error)
{
    struct residency_facts facts;
    if (!residency_read(process->follow.pid, &facts))
    {
        residency_pace_next(&process->pace, now_ns, 0);
        return REEL_OK;
    }
    struct reel_residency sample = {.process = process->row,
                                    .t_ns = clock_to_ns(&recording->clock, clock_now(&recording->clock))};
    uint64_t channel_bytes = channel_occupied_bytes(&process->channel, recording->session.directory_fd);
    residency_without_channel(&facts, channel_bytes, &sample);
    if (facts.has_seccomp)
        session_spin(&recording->session);
    int status = reel_writer_add_residency(recording->writer, &sample, error);
    if (status == REEL_OK)
        status = sample_pages(recording, process, error);
    uint64_t after_ns = clock_monotonic_ns();
    residency_pace_next(&process->pace, after_ns, after_ns - now_ns);
    return status;
}

// A waiting thread would die of a strict filter, so one must be noticed before a ring is full.
static void watch_for_seccomp(struct recording *recording)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (recording->session.page->waits_spin != 0 || now_ns < recording->next_seccomp_check)
        return;
    for (size_t i = 0; i < recording->process_count; i++)
        if (!recording->processes[i]->source.is_dead && residency_has_seccomp(recording->processes[i]->follow.pid))
            session_spin(&recording->session);
    recording->next_seccomp_check = now_ns + recording->process_count * LOOK_SECCOMP_INTERVAL_NS;
}

static int sample_all(struct recording *recording, bool is_always, struct reel_error *error)
{
    int status = REEL_OK;
    for (size_t i = 0; status == REEL_OK && i < recording->process_count; i++)
    {
        struct process *process = recording->processes[i];
        uint64_t now_ns = clock_monotonic_ns();
        if (process->row != 0 && !process->source.is_dead && !process->is_ended &&
            (is_always || residency_is_due(&process->pace, now_ns)))
            status = sample_process(recording, process, now_ns, error);
    }
    return status;
}

int look_sample(struct recording *recording, struct reel_error *error)
{
    watch_for_seccomp(recording);
    return sample_all(recording, false, error);
}

int look_sample_last(struct recording *recording, struct reel_error *error)
{
    return sample_all(recording, true, error);
}

int look_commit(struct recording *recording, struct reel_error *error)
{
    int status = emit_flush(&recording->emit, error);
    for (size_t i = 0; status == REEL_OK && i < recording->process_count; i++)
        if (recording->processes[i]->row != 0 && !recording->processes[i]->is_ended)
            status = emit_counters(&recording->emit, recording->processes[i], error);
    return status == REEL_OK ? reel_writer_commit(recording->writer, error) : status;
}
