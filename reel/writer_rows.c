// SPDX-License-Identifier: MIT
// The rows about processes, threads, modules, memory and losses, and the figures that are kept in them.
#include "reel/writer_internal.h"

#include "reel/error.h"
#include "reel/words.h"

// The child's blocks: the copy that was kept when the parent announced the fork, or none.
static int inherit_blocks(struct reel_writer *writer, const struct reel_process_info *info,
                          struct writer_process *process, struct writer_fork *fork)
{
    *fork = (struct writer_fork){.event = UINT64_MAX};
    if (info->is_fork && info->fork_serial != 0 &&
        writer_take_fork(writer, info->parent_process, info->fork_serial, fork))
    {
        process->blocks = fork->blocks;
        process->heap = fork->heap;
        process->totals = fork->totals;
        return REEL_OK;
    }
    process->is_blind_fork = info->is_fork;
    return reel_blocks_init(&process->blocks);
}

int reel_writer_add_process(struct reel_writer *writer, const struct reel_process_info *info, uint32_t *process,
                            struct reel_error *error)
{
    struct writer_process added = {
        .is_running = true, .is_changed = true, .begin_ns = info->t_ns, .begin_event = writer->ledger.figures.events};
    struct writer_fork fork;
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    if (!WRITER_RESERVE(writer, process, processes) || inherit_blocks(writer, info, &added, &fork) != REEL_OK)
        return writer_fail_memory(writer, error);
    writer->processes[writer->process_count++] = added;
    *process = (uint32_t)writer->process_count;
    writer_saw_time(writer, info->t_ns);
    return writer_run(writer, error, WRITER_INSERT_PROCESS, "iiiiiiiiittiiii", (int64_t)*process, (int64_t)info->pid,
                      (int64_t)info->parent_pid, (int64_t)info->parent_process, (int64_t)info->is_fork,
                      (int64_t)info->fork_serial, (int64_t)fork.event, (int64_t)info->fork_begin_ns,
                      (int64_t)info->fork_end_ns, info->command, info->executable, (int64_t)info->t_ns,
                      (int64_t)writer->ledger.figures.events, (int64_t)added.blocks.count, (int64_t)fork.live_bytes);
}

// What still lives has leaked, and leaves the run's live totals together with the process.
static void settle(struct reel_writer *writer, struct writer_process *ended, uint64_t t_ns)
{
    struct writer_ledger *ledger = &ended->ledger;
    ledger->figures.leaked_blocks = ledger->live_blocks;
    ledger->figures.leaked_bytes = ledger->live_bytes;
    ledger->figures.duration_ns = t_ns > ended->begin_ns ? t_ns - ended->begin_ns : 0;
    writer->ledger.figures.leaked_blocks += ledger->live_blocks;
    writer->ledger.figures.leaked_bytes += ledger->live_bytes;
    writer->ledger.live_blocks -= ledger->live_blocks;
    writer->ledger.live_bytes -= ledger->live_bytes;
    writer->resident_bytes -= ended->resident_bytes;
    ledger->live_blocks = 0;
    ledger->live_bytes = 0;
    ended->resident_bytes = 0;
    ended->is_running = false;
    ended->end_event = writer->ledger.figures.events;
    ended->is_changed = true;
    reel_blocks_fini(&ended->blocks);
}

int reel_writer_end_process(struct reel_writer *writer, uint32_t process, const struct reel_process_end_info *info,
                            struct reel_error *error)
{
    struct writer_process *ended = writer_process(writer, process, error);
    if (ended == NULL)
        return REEL_E_ARGUMENT;
    if (!ended->is_running)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: process %u has ended before", writer->path, process);
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    settle(writer, ended, info->t_ns);
    writer_saw_time(writer, info->t_ns);
    return writer_run(writer, error, WRITER_END_PROCESS, "iitiii", (int64_t)info->t_ns,
                      (int64_t)writer->ledger.figures.events, reel_words_of_end(info->how),
                      (int64_t)(info->how == REEL_END_EXITED ? info->exit_status : -1),
                      (int64_t)(info->how == REEL_END_SIGNALLED ? info->signal : 0), (int64_t)process);
}

int reel_writer_set_counters(struct reel_writer *writer, uint32_t process, const struct reel_process_counters *counters,
                             struct reel_error *error)
{
    struct writer_process *changed = writer_process(writer, process, error);
    if (changed == NULL)
        return REEL_E_ARGUMENT;
#define SET_COUNTER(name)                                                                                              \
    writer->ledger.figures.name += counters->name - changed->ledger.figures.name;                                      \
    changed->ledger.figures.name = counters->name;
    SET_COUNTER(committed_events)
    SET_COUNTER(lost_events)
    SET_COUNTER(waits)
    SET_COUNTER(wait_ns)
    SET_COUNTER(late_events)
    SET_COUNTER(verify_count)
    SET_COUNTER(verify_differences)
#undef SET_COUNTER
    changed->is_changed = true;
    return writer_check(writer, error);
}

int reel_writer_mark_fork(struct reel_writer *writer, uint32_t process, uint32_t fork_serial, struct reel_error *error)
{
    struct writer_process *parent = writer_process(writer, process, error);
    if (parent == NULL)
        return REEL_E_ARGUMENT;
    if (!parent->is_running)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: process %u has ended before", writer->path, process);
    if (writer_keep_fork(writer, process, fork_serial) != REEL_OK)
        return writer_fail_memory(writer, error);
    return writer_check(writer, error);
}

int reel_writer_set_start(struct reel_writer *writer, int64_t start_unix_ns, struct reel_error *error)
{
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    return writer_run(writer, error, WRITER_UPDATE_START, "i", start_unix_ns);
}

int reel_writer_set_loss(struct reel_writer *writer, uint32_t process, const char *kind, uint64_t count,
                         struct reel_error *error)
{
    if (process != 0 && writer_process(writer, process, error) == NULL)
        return REEL_E_ARGUMENT;
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    return writer_run(writer, error, WRITER_REPLACE_LOSS, "iti", (int64_t)process, kind, (int64_t)count);
}

int reel_writer_add_thread(struct reel_writer *writer, uint32_t process, int32_t tid, const char *name, uint64_t t_ns,
                           uint32_t *thread, struct reel_error *error)
{
    struct writer_process *owner = writer_process(writer, process, error);
    if (owner == NULL)
        return REEL_E_ARGUMENT;
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    if (!WRITER_RESERVE(writer, thread, threads))
        return writer_fail_memory(writer, error);
    writer->threads[writer->thread_count++] = (struct writer_thread){.process = process};
    *thread = (uint32_t)writer->thread_count;
    owner->ledger.figures.threads++;
    owner->is_changed = true;
    writer->ledger.figures.threads++;
    writer_saw_time(writer, t_ns);
    return writer_run(writer, error, WRITER_INSERT_THREAD, "iiiti", (int64_t)*thread, (int64_t)process, (int64_t)tid,
                      name, (int64_t)t_ns);
}

int reel_writer_end_thread(struct reel_writer *writer, uint32_t thread, uint64_t t_ns, struct reel_error *error)
{
    if (thread == 0 || thread > writer->thread_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: there is no thread %u", writer->path, thread);
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    writer_saw_time(writer, t_ns);
    return writer_run(writer, error, WRITER_END_THREAD, "ii", (int64_t)t_ns, (int64_t)thread);
}

int reel_writer_add_residency(struct reel_writer *writer, const struct reel_residency *sample, struct reel_error *error)
{
    struct writer_process *process = writer_process(writer, sample->process, error);
    if (process == NULL)
        return REEL_E_ARGUMENT;
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    struct reel_figures *own = &process->ledger.figures;
    struct reel_figures *run = &writer->ledger.figures;
    uint64_t peak_bytes =
        sample->peak_resident_bytes > sample->resident_bytes ? sample->peak_resident_bytes : sample->resident_bytes;
    own->peak_resident_bytes = peak_bytes > own->peak_resident_bytes ? peak_bytes : own->peak_resident_bytes;
    if (process->is_running)
    {
        writer->resident_bytes += sample->resident_bytes - process->resident_bytes;
        process->resident_bytes = sample->resident_bytes;
    }
    run->peak_resident_bytes = peak_bytes > run->peak_resident_bytes ? peak_bytes : run->peak_resident_bytes;
    if (writer->resident_bytes > run->peak_resident_bytes)
        run->peak_resident_bytes = writer->resident_bytes;
    process->is_changed = true;
    writer_saw_time(writer, sample->t_ns);
    int status =
        writer_run(writer, error, WRITER_INSERT_RESIDENCY, "iiiiiii", (int64_t)sample->process, (int64_t)sample->t_ns,
                   (int64_t)sample->resident_bytes, (int64_t)sample->anonymous_bytes, (int64_t)sample->file_bytes,
                   (int64_t)sample->swapped_bytes, (int64_t)sample->peak_resident_bytes);
    if (status == REEL_OK)
        writer->sample = (struct writer_sample){
            .row = sqlite3_last_insert_rowid(writer->database), .process = sample->process, .t_ns = sample->t_ns};
    return status;
}

void writer_saw_time(struct reel_writer *writer, uint64_t t_ns)
{
    if (t_ns > writer->now_ns)
        writer->now_ns = t_ns;
}

// A peak of nothing has no event: NULL.
static int store_ledger(struct reel_writer *writer, struct reel_error *error, enum writer_statement statement,
                        const struct writer_ledger *ledger, uint32_t row)
{
    struct sqlite3_stmt *prepared = writer_statement(writer, error, statement);
    if (prepared == NULL)
        return writer->failure.status;
    int parameter = 0;
#define BIND_FIGURE(name) sqlite3_bind_int64(prepared, ++parameter, (int64_t)ledger->figures.name);
    REEL_FIGURE_LIST(BIND_FIGURE)
#undef BIND_FIGURE
    if (ledger->figures.peak_live_bytes != 0)
        sqlite3_bind_int64(prepared, ++parameter, (int64_t)ledger->figures.peak_event);
    else
        sqlite3_bind_null(prepared, ++parameter);
    sqlite3_bind_int64(prepared, ++parameter, (int64_t)ledger->live_blocks);
    sqlite3_bind_int64(prepared, ++parameter, (int64_t)ledger->live_bytes);
    sqlite3_bind_int64(prepared, ++parameter, row);
    return writer_step(writer, error, prepared);
}

int writer_store_figures(struct reel_writer *writer, struct reel_error *error)
{
    int status = REEL_OK;
    for (size_t i = 0; i < writer->process_count && status == REEL_OK; i++)
    {
        struct writer_process *process = &writer->processes[i];
        if (process->is_running && writer->now_ns > process->begin_ns)
            process->ledger.figures.duration_ns = writer->now_ns - process->begin_ns;
        if (process->is_running || process->is_changed)
            status = store_ledger(writer, error, WRITER_UPDATE_PROCESS, &process->ledger, (uint32_t)i + 1);
        if (status == REEL_OK && process->heap != NULL && (process->is_running || process->is_changed))
            status = writer_store_heap(writer, error, process->heap, (uint32_t)i + 1);
        process->is_changed = false;
        if (!process->is_running)
        {
            writer_heap_destroy(process->heap);
            process->heap = NULL;
        }
    }
    writer->ledger.figures.duration_ns = writer->now_ns;
    return status == REEL_OK ? store_ledger(writer, error, WRITER_UPDATE_RUN, &writer->ledger, 1) : status;
}
