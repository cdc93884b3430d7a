// SPDX-License-Identifier: MIT
// What the writer leaves in the file: events, totals, forks, and a file that is whole after each commit.
#include "recording.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reel/summary.h"
#include "reel/writer_internal.h"

#define BATCH 997

static struct stream *new_stream(uint64_t seed, uint32_t process_count)
{
    struct stream *stream = malloc(sizeof *stream);
    assert_non_null(stream);
    stream_init(stream, seed, process_count);
    return stream;
}

static struct reel_summary *read_summary(const char *path)
{
    struct reel_reader *reader;
    struct reel_summary *summary;
    struct reel_error error;
    assert_ok(reel_reader_open(&reader, path, &error), error);
    assert_ok(reel_summary_read(&summary, reader, &error), error);
    reel_reader_close(reader);
    return summary;
}

static void assert_same_figures(const struct reel_figures *stored, const struct stream_process *naive)
{
    assert_int_equal(stored->events, naive->figures.events);
    assert_int_equal(stored->allocations, naive->figures.allocations);
    assert_int_equal(stored->frees, naive->figures.frees);
    assert_int_equal(stored->resizes, naive->figures.resizes);
    assert_int_equal(stored->temporary_allocations, naive->figures.temporary_allocations);
    assert_int_equal(stored->total_requested_bytes, naive->figures.total_requested_bytes);
    assert_int_equal(stored->unknown_frees, naive->figures.unknown_frees);
    assert_int_equal(stored->peak_live_bytes, naive->figures.peak_live_bytes);
    assert_int_equal(stored->peak_event, naive->figures.peak_event);
    assert_int_equal(stored->peak_t_ns, naive->figures.peak_t_ns);
    assert_int_equal(stored->leaked_blocks, naive->live_blocks);
    assert_int_equal(stored->leaked_bytes, naive->live_bytes);
}

// Reads event_count events of a reel and compares them with those that the same seed gives once more.
static void assert_same_events(const char *path, struct stream *again, uint64_t event_count)
{
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    struct reel_error error;
    const struct reel_event *events;
    size_t count;
    uint64_t first, seen = 0;
    assert_ok(reel_reader_open(&reader, path, &error), error);
    assert_int_equal(reel_reader_event_count(reader), event_count);
    assert_ok(reel_cursor_open(&cursor, reader, 0, UINT64_MAX, &error), error);
    do
    {
        assert_ok(reel_cursor_next(cursor, &events, &count, &first, &error), error);
        assert_int_equal(first, seen);
        for (size_t i = 0; i < count; i++)
        {
            struct reel_event expected;
            stream_next(again, &expected, 1);
            assert_int_equal(events[i].t_ns, expected.t_ns);
            assert_int_equal(events[i].address, expected.address);
            assert_int_equal(events[i].requested_bytes, expected.requested_bytes);
            assert_int_equal(events[i].usable_bytes, expected.usable_bytes);
            assert_int_equal(events[i].thread, expected.thread);
            assert_int_equal(events[i].process, expected.process);
            assert_int_equal(events[i].stack, expected.stack);
            assert_int_equal(events[i].kind, expected.kind);
            assert_int_equal(events[i].flags, expected.flags);
        }
        seen += count;
    } while (count > 0);
    assert_int_equal(seen, event_count);
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}

static void a_reel_holds_what_was_appended(void **state)
{
    struct recording *recording = *state;
    struct stream *stream = new_stream(3, 3);
    struct stream *again = new_stream(3, 3);
    recording_make(recording, stream, 200000);
    assert_same_events(recording->path, again, 200000);
    free(stream);
    free(again);
}

static void stored_totals_equal_naive_ones(void **state)
{
    struct recording *recording = *state;
    for (uint64_t seed = 1; seed <= 5; seed++)
    {
        struct stream *stream = new_stream(seed, (uint32_t)(1 + seed % 3));
        recording_make(recording, stream, 70000);
        struct reel_summary *summary = read_summary(recording->path);
        assert_true(summary->is_complete);
        assert_int_equal(summary->process_count, stream->process_count);
        assert_same_figures(&summary->figures, &stream->run);
        for (uint32_t i = 0; i < stream->process_count; i++)
            assert_same_figures(&summary->processes[i].figures, &stream->processes[i]);
        assert_int_equal(summary->figures.threads, stream->process_count * STREAM_THREADS_PER_PROCESS);
        reel_summary_destroy(summary);
        unlink(recording->path);
        free(stream);
    }
}

static void chunk_rows_tell_what_happened_in_the_chunk(void **state)
{
    struct recording *recording = *state;
    struct stream *stream = new_stream(21, 1);
    struct stream *again = new_stream(21, 1);
    recording_make(recording, stream, 100000);
    uint64_t least = UINT64_MAX, greatest = 0;
    for (uint64_t i = 0; i < 100000; i++)
    {
        struct reel_event event;
        stream_next(again, &event, 1);
        if (i < 65536)
            continue;
        least = again->run.live_bytes < least ? again->run.live_bytes : least;
        greatest = again->run.live_bytes > greatest ? again->run.live_bytes : greatest;
    }
    const char *path = recording->path;
    assert_int_equal(recording_query(path, "SELECT count(*) FROM chunk"), 2);
    assert_int_equal(recording_query(path, "SELECT events FROM chunk WHERE first_event = 65536"), 34464);
    assert_int_equal(recording_query(path, "SELECT live_bytes_min FROM chunk WHERE first_event = 65536"), least);
    assert_int_equal(recording_query(path, "SELECT live_bytes_max FROM chunk WHERE first_event = 65536"), greatest);
    assert_int_equal(recording_query(path, "SELECT live_bytes FROM chunk WHERE first_event = 65536"),
                     stream->run.live_bytes);
    assert_int_equal(recording_query(path, "SELECT live_blocks FROM chunk WHERE first_event = 65536"),
                     stream->run.live_blocks);
    assert_int_equal(recording_query(path, "SELECT sum(allocations) FROM chunk"), stream->run.figures.allocations);
    assert_int_equal(recording_query(path, "SELECT sum(frees) FROM chunk"), stream->run.figures.frees);
    assert_int_equal(recording_query(path, "SELECT sum(resizes) FROM chunk"), stream->run.figures.resizes);
    assert_int_equal(recording_query(path, "SELECT sum(requested_bytes) FROM chunk"),
                     stream->run.figures.total_requested_bytes);
    free(stream);
    free(again);
}

static void append_stream(struct recording *recording, struct reel_writer *writer, struct stream *stream, size_t count)
{
    struct reel_event events[BATCH];
    for (size_t done = 0; done < count;)
    {
        size_t batch = count - done < BATCH ? count - done : BATCH;
        stream_next(stream, events, batch);
        assert_ok(reel_writer_append(writer, events, batch, &recording->error), recording->error);
        done += batch;
    }
}

static void readers_see_each_commit_while_writing_goes_on(void **state)
{
    struct recording *recording = *state;
    struct stream *stream = new_stream(5, 1);
    struct reel_writer *writer = recording_begin(recording, 1);
    for (int round = 0; round < 30; round++)
    {
        append_stream(recording, writer, stream, 5001);
        assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
        struct reel_summary *summary = read_summary(recording->path);
        assert_false(summary->is_complete);
        assert_int_equal(summary->figures.events, stream->event_count);
        assert_int_equal(summary->figures.peak_live_bytes, stream->run.figures.peak_live_bytes);
        reel_summary_destroy(summary);
    }
    struct stream *again = new_stream(5, 1);
    assert_same_events(recording->path, again, stream->event_count);
    assert_ok(reel_writer_finish(writer, stream->t_ns, &recording->error), recording->error);
    stream_init(again, 5, 1);
    assert_same_events(recording->path, again, stream->event_count);
    free(stream);
    free(again);
}

// What a killed tracer leaves: the files as they are at some moment, with events after the last commit missing.
// By a process of its own: a lock is not in the way of who has it.
static bool is_locked(const char *path)
{
    int wait_status = -1;
    pid_t pid = fork();
    if (pid == 0)
    {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int file = open(path, O_RDONLY | O_CLOEXEC);
        _exit(file >= 0 && fcntl(file, F_GETLK, &lock) == 0 ? lock.l_type != F_UNLCK : 2);
    }
    assert_int_equal(waitpid(pid, &wait_status, 0), pid);
    assert_true(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) < 2);
    return WEXITSTATUS(wait_status) == 1;
}

static void others_know_of_a_writer_from_its_beginning_to_its_end(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = NULL;
    const struct reel_run_info run = {.command = "test", .ticks_per_second = 1};
    assert_ok(reel_writer_open(&writer, recording->path, true, &run, &recording->error), recording->error);
    assert_true(is_locked(recording->path));
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    assert_true(is_locked(recording->path));
    reel_writer_close(writer);
    assert_false(is_locked(recording->path));
}

static void a_reel_that_was_cut_off_is_complete_to_its_last_commit(void **state)
{
    struct recording *recording = *state;
    char copy[128], copy_log[160], log[160];
    struct stream *stream = new_stream(6, 2);
    struct reel_writer *writer = recording_begin(recording, 2);
    append_stream(recording, writer, stream, 150000);
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    append_stream(recording, writer, stream, 90000);
    snprintf(copy, sizeof copy, "%s/copy.reel", recording->directory);
    snprintf(copy_log, sizeof copy_log, "%s-wal", copy);
    snprintf(log, sizeof log, "%s-wal", recording->path);
    recording_copy_file(recording->path, copy);
    recording_copy_file(log, copy_log);
    reel_writer_close(writer);
    struct stream *again = new_stream(6, 2);
    assert_same_events(copy, again, 150000);
    struct reel_summary *summary = read_summary(copy);
    assert_false(summary->is_complete);
    assert_int_equal(summary->figures.peak_live_bytes, again->run.figures.peak_live_bytes);
    reel_summary_destroy(summary);
    free(stream);
    free(again);
}

static void a_finished_reel_is_one_file(void **state)
{
    struct recording *recording = *state;
    char log[160];
    struct stat status;
    struct stream *stream = new_stream(9, 1);
    recording_make(recording, stream, 10);
    snprintf(log, sizeof log, "%s-wal", recording->path);
    assert_int_equal(stat(log, &status), -1);
    assert_int_equal(recording_query(recording->path, "SELECT is_complete FROM run"), 1);
    assert_int_equal(recording_query(recording->path, "PRAGMA page_size"), 4096);
    free(stream);
}

static void a_full_disk_keeps_what_was_committed(void **state)
{
    struct recording *recording = *state;
    struct stream *stream = new_stream(8, 1);
    struct reel_event events[BATCH];
    struct reel_writer *writer = recording_begin(recording, 1);
    uint64_t committed = 0;
    int status = REEL_OK;
    sqlite3_exec(writer->database, "PRAGMA max_page_count = 60", NULL, NULL, NULL);
    while (status == REEL_OK && stream->event_count < 2000000)
    {
        stream_next(stream, events, BATCH);
        status = reel_writer_append(writer, events, BATCH, &recording->error);
        if (status == REEL_OK && stream->event_count % (20 * BATCH) == 0)
        {
            status = reel_writer_commit(writer, &recording->error);
            committed = status == REEL_OK ? stream->event_count : committed;
        }
    }
    assert_int_equal(status, REEL_E_FULL);
    assert_true(committed > 0);
    assert_non_null(strstr(recording->error.text, recording->path));
    assert_int_equal(reel_writer_append(writer, events, 1, &recording->error), REEL_E_FULL);
    assert_int_equal(reel_writer_commit(writer, &recording->error), REEL_E_FULL);
    reel_writer_close(writer);
    struct stream *again = new_stream(8, 1);
    assert_same_events(recording->path, again, committed);
    free(stream);
    free(again);
}

static uint32_t fork_child(struct recording *recording, struct reel_writer *writer, uint32_t serial, uint32_t *thread)
{
    uint32_t child;
    const struct reel_process_info info = {
        .pid = 200, .parent_pid = 101, .parent_process = 1, .is_fork = true, .fork_serial = serial};
    assert_ok(reel_writer_add_process(writer, &info, &child, &recording->error), recording->error);
    assert_ok(reel_writer_add_thread(writer, child, 200, NULL, 0, thread, &recording->error), recording->error);
    return child;
}

static struct reel_event in_child(struct reel_event event, uint32_t process, uint32_t thread)
{
    event.process = process;
    event.thread = thread;
    return event;
}

static void a_forked_child_frees_blocks_of_its_parent(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_error *error = &recording->error;
    const struct reel_event before[] = {recording_alloc(1, 0x1000, 100), recording_alloc(2, 0x2000, 50)};
    uint32_t thread;
    assert_ok(reel_writer_append(writer, before, 2, error), *error);
    assert_ok(reel_writer_mark_fork(writer, 1, 77, error), *error);
    const struct reel_event parents_own[] = {recording_free(3, 0x1000), recording_alloc(4, 0x3000, 7)};
    assert_ok(reel_writer_append(writer, parents_own, 2, error), *error);
    uint32_t child = fork_child(recording, writer, 77, &thread);
    const struct reel_event childs[] = {
        in_child(recording_free(5, 0x1000), child, thread),     // inherited
        in_child(recording_free(6, 0x3000), child, thread),     // the parent got it after the fork
        in_child(recording_alloc(7, 0x1000, 9), child, thread), // leaks
    };
    assert_ok(reel_writer_append(writer, childs, 3, error), *error);
    assert_ok(reel_writer_finish(writer, 10, error), *error);
    struct reel_summary *summary = read_summary(recording->path);
    const struct reel_figures *figures = &summary->processes[1].figures;
    assert_int_equal(figures->inherited_frees, 1);
    assert_int_equal(figures->unknown_frees, 1);
    assert_int_equal(figures->leaked_blocks, 1);
    assert_int_equal(figures->leaked_bytes, 9);
    assert_int_equal(summary->processes[0].figures.leaked_bytes, 57);
    assert_int_equal(summary->figures.leaked_bytes, 66);
    assert_int_equal(summary->figures.peak_live_bytes, 150);
    assert_true(summary->processes[1].is_fork);
    assert_int_equal(recording_query(recording->path, "SELECT inherited_blocks FROM process WHERE process = 2"), 2);
    assert_int_equal(recording_query(recording->path, "SELECT inherited_bytes FROM process WHERE process = 2"), 150);
    assert_int_equal(recording_query(recording->path, "SELECT fork_event FROM process WHERE process = 2"), 2);
    reel_summary_destroy(summary);
}

static void unknown_frees_after_an_unannounced_fork_are_inherited_ones(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t thread;
    uint32_t child = fork_child(recording, writer, 0, &thread);
    const struct reel_event event = in_child(recording_free(5, 0x1000), child, thread);
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 10, &recording->error), recording->error);
    struct reel_summary *summary = read_summary(recording->path);
    assert_int_equal(summary->figures.inherited_frees, 1);
    assert_int_equal(summary->figures.unknown_frees, 0);
    reel_summary_destroy(summary);
}

static void a_process_that_ends_leaks_what_it_holds(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 2);
    struct reel_error *error = &recording->error;
    struct reel_writer_totals totals;
    const struct reel_process_end_info exec = {.t_ns = 5, .how = REEL_END_EXEC, .exit_status = -1};
    struct reel_event event = recording_alloc(1, 0x1000, 100);
    assert_ok(reel_writer_append(writer, &event, 1, error), *error);
    assert_ok(reel_writer_end_process(writer, 1, &exec, error), *error);
    reel_writer_totals(writer, &totals);
    assert_int_equal(totals.live_bytes, 0);
    assert_int_equal(totals.peak_live_bytes, 100);
    event.t_ns = 6;
    assert_int_equal(reel_writer_append(writer, &event, 1, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_writer_end_process(writer, 1, &exec, error), REEL_E_ARGUMENT);
    assert_ok(reel_writer_finish(writer, 10, error), *error);
    struct reel_summary *summary = read_summary(recording->path);
    assert_int_equal(summary->processes[0].figures.leaked_bytes, 100);
    assert_int_equal(summary->processes[0].end, REEL_END_EXEC);
    assert_int_equal(summary->processes[0].exit_status, -1);
    assert_int_equal(summary->processes[0].figures.duration_ns, 5);
    assert_int_equal(summary->processes[1].end, REEL_END_STOPPED);
    reel_summary_destroy(summary);
}

static void events_that_cannot_be_are_refused(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_event wrong[6];
    for (int i = 0; i < 6; i++)
        wrong[i] = recording_alloc(10, 0x1000, 1);
    wrong[0].kind = 0;
    wrong[1].flags = 16;
    wrong[2].thread = 99;
    wrong[3].process = 2;
    wrong[4].kind = REEL_EVENT_FREE;
    wrong[4].flags = REEL_EVENT_CARVED;
    for (int i = 0; i < 5; i++)
        assert_int_equal(reel_writer_append(writer, &wrong[i], 1, &recording->error), REEL_E_ARGUMENT);
    assert_ok(reel_writer_append(writer, &wrong[5], 1, &recording->error), recording->error);
    wrong[5].t_ns = 9;
    assert_int_equal(reel_writer_append(writer, &wrong[5], 1, &recording->error), REEL_E_ARGUMENT);
    assert_ok(reel_writer_finish(writer, 10, &recording->error), recording->error);
    assert_int_equal(recording_query(recording->path, "SELECT events FROM run"), 1);
}

static void an_existing_file_is_replaced_only_by_force(void **state)
{
    struct recording *recording = *state;
    const struct reel_run_info info = {.command = "x"};
    struct reel_writer *writer;
    FILE *file = fopen(recording->path, "wb");
    assert_non_null(file);
    fputs("precious", file);
    fclose(file);
    assert_int_equal(reel_writer_open(&writer, recording->path, false, &info, &recording->error), REEL_E_EXISTS);
    assert_non_null(strstr(recording->error.text, "--force"));
    assert_ok(reel_writer_open(&writer, recording->path, true, &info, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 0, &recording->error), recording->error);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM run"), 1);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
    struct recording *recording = *state;
    const struct reel_run_info info = {.command = "x"};
    struct reel_writer *writer;
    assert_int_equal(reel_writer_open(&writer, "/nonexistent/x.reel", false, &info, &recording->error), REEL_E_OPEN);
    assert_non_null(strstr(recording->error.text, "/nonexistent/x.reel"));
    assert_int_equal(reel_writer_open(&writer, recording->directory, true, &info, &recording->error), REEL_E_EXISTS);
}

static void counters_losses_and_samples_reach_the_summary(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 2);
    struct reel_error *error = &recording->error;
    struct reel_process_counters counters = {.committed_events = 5, .lost_events = 1, .waits = 2, .wait_ns = 30};
    struct reel_residency sample = {.process = 1, .t_ns = 4, .resident_bytes = 100, .peak_resident_bytes = 120};
    assert_ok(reel_writer_set_counters(writer, 1, &counters, error), *error);
    counters.waits = 7;
    assert_ok(reel_writer_set_counters(writer, 1, &counters, error), *error);
    assert_ok(reel_writer_set_counters(writer, 2, &counters, error), *error);
    assert_ok(reel_writer_add_residency(writer, &sample, error), *error);
    sample.process = 2;
    assert_ok(reel_writer_add_residency(writer, &sample, error), *error);
    assert_ok(reel_writer_set_start(writer, 77, error), *error);
    assert_ok(reel_writer_set_loss(writer, 0, "children_unrecorded", 3, error), *error);
    assert_ok(reel_writer_set_loss(writer, 0, "children_unrecorded", 4, error), *error);
    assert_ok(reel_writer_set_loss(writer, 1, "stacks_refused", 0, error), *error);
    assert_ok(reel_writer_finish(writer, 9, error), *error);
    struct reel_summary *summary = read_summary(recording->path);
    assert_int_equal(summary->figures.waits, 14);
    assert_int_equal(summary->figures.lost_events, 2);
    assert_int_equal(summary->figures.peak_resident_bytes, 200);
    assert_int_equal(summary->processes[0].figures.peak_resident_bytes, 120);
    assert_int_equal(summary->figures.duration_ns, 9);
    assert_int_equal(summary->loss_count, 1);
    assert_int_equal(summary->losses[0].count, 4);
    assert_string_equal(summary->losses[0].kind, "children_unrecorded");
    assert_string_equal(summary->command, "program --option");
    assert_int_equal(summary->start_unix_ns, 77);
    reel_summary_destroy(summary);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_reel_holds_what_was_appended),
        IN_DIRECTORY(stored_totals_equal_naive_ones),
        IN_DIRECTORY(chunk_rows_tell_what_happened_in_the_chunk),
        IN_DIRECTORY(readers_see_each_commit_while_writing_goes_on),
        IN_DIRECTORY(others_know_of_a_writer_from_its_beginning_to_its_end),
        IN_DIRECTORY(a_reel_that_was_cut_off_is_complete_to_its_last_commit),
        IN_DIRECTORY(a_finished_reel_is_one_file),
        IN_DIRECTORY(a_full_disk_keeps_what_was_committed),
        IN_DIRECTORY(a_forked_child_frees_blocks_of_its_parent),
        IN_DIRECTORY(unknown_frees_after_an_unannounced_fork_are_inherited_ones),
        IN_DIRECTORY(a_process_that_ends_leaks_what_it_holds),
        IN_DIRECTORY(events_that_cannot_be_are_refused),
        IN_DIRECTORY(an_existing_file_is_replaced_only_by_force),
        IN_DIRECTORY(a_place_that_cannot_be_written_is_named),
        IN_DIRECTORY(counters_losses_and_samples_reach_the_summary),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
