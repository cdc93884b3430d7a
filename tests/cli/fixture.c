// SPDX-License-Identifier: MIT
// Makes and breaks reels, runs programs. Asserts nothing about what is tested.
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reel/codec.h"

#define STEP_NS 100
#define RUN_SECONDS_MAX 60

static char directory[64];

static void fail_fixture(const char *what, const char *why)
{
    fprintf(stderr, "fixture: %s: %s\n", what, why);
    exit(99);
}

static void need(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
        fail_fixture("reel", error->text);
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *walk)
{
    (void)about, (void)type, (void)walk;
    return remove(path);
}

static void remove_directory(void)
{
    nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define PATHS_KEPT 16

const char *fixture_path(const char *name)
{
    static char paths[PATHS_KEPT][FIXTURE_PATH_BYTES];
    static unsigned next;
    if (directory[0] == '\0')
    {
        strcpy(directory, "/tmp/heapreel-test.XXXXXX");
        if (mkdtemp(directory) == NULL)
            fail_fixture(directory, strerror(errno));
        atexit(remove_directory);
    }
    char *path = paths[next++ % PATHS_KEPT];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

void fixture_begin(struct fixture_reel *reel, const char *name)
{
    const struct reel_run_info run = {.command = "made for a test",
                                      .allocator = "system",
                                      .stacks = "on",
                                      .when_full = "wait",
                                      .host = "nowhere",
                                      .version = "0",
                                      .start_unix_ns = 1000000000,
                                      .ticks_per_second = 1000000000};
    const struct reel_process_info process = {.pid = 100, .parent_pid = 1, .command = "parent", .executable = "/p"};
    struct reel_error error = {0};
    uint32_t id = 0;
    *reel = (struct fixture_reel){0};
    snprintf(reel->path, sizeof reel->path, "%s", fixture_path(name));
    need(reel_writer_open(&reel->writer, reel->path, true, &run, &error), &error);
    need(reel_writer_add_process(reel->writer, &process, &id, &error), &error);
    fixture_thread(reel, 1);
}

uint32_t fixture_stack(struct fixture_reel *reel, const char *function)
{
    static uint64_t offset = 0x1000;
    const struct reel_symbol symbol = {.function = function, .file = "/src/made.c", .line = 7};
    struct reel_error error = {0};
    uint32_t frame = 0;
    uint32_t stack = 0;
    need(reel_writer_intern_frame(reel->writer, 0, offset += 16, &frame, &error), &error);
    need(reel_writer_set_symbols(reel->writer, frame, &symbol, 1, &error), &error);
    need(reel_writer_intern_stack(reel->writer, 0, frame, &stack, &error), &error);
    return stack;
}

uint32_t fixture_thread(struct fixture_reel *reel, uint32_t process)
{
    struct reel_error error = {0};
    uint32_t thread = 0;
    need(reel_writer_add_thread(reel->writer, process, 100, "thread", reel->t_ns, &thread, &error), &error);
    return thread;
}

uint32_t fixture_fork_of(struct fixture_reel *reel, uint32_t parent, uint32_t serial, uint64_t begin_ns,
                         uint64_t end_ns)
{
    const struct reel_process_info info = {.pid = 100 + (int32_t)parent,
                                           .parent_pid = 99 + (int32_t)parent,
                                           .parent_process = parent,
                                           .is_fork = true,
                                           .fork_serial = serial,
                                           .t_ns = end_ns,
                                           .fork_begin_ns = begin_ns,
                                           .fork_end_ns = end_ns,
                                           .command = "child"};
    struct reel_error error = {0};
    uint32_t process = 0;
    need(reel_writer_add_process(reel->writer, &info, &process, &error), &error);
    return process;
}

uint32_t fixture_fork(struct fixture_reel *reel, uint32_t serial, uint64_t begin_ns, uint64_t end_ns)
{
    return fixture_fork_of(reel, 1, serial, begin_ns, end_ns);
}

void fixture_append(struct fixture_reel *reel, const struct reel_event *event)
{
    struct reel_error error = {0};
    struct reel_event timed = *event;
    timed.t_ns = reel->t_ns += STEP_NS;
    need(reel_writer_append(reel->writer, &timed, 1, &error), &error);
    reel->committed[event->process]++;
}

void fixture_alloc(struct fixture_reel *reel, uint64_t address, uint64_t requested, uint64_t usable)
{
    fixture_append(reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                              .address = address,
                                              .requested_bytes = requested,
                                              .usable_bytes = usable,
                                              .thread = 1,
                                              .process = 1});
}

void fixture_free(struct fixture_reel *reel, uint64_t address)
{
    fixture_free_in(reel, 1, 1, address);
}

void fixture_resize(struct fixture_reel *reel, uint64_t address, uint64_t requested, uint64_t usable)
{
    fixture_append(reel, &(struct reel_event){.kind = REEL_EVENT_RESIZE,
                                              .address = address,
                                              .requested_bytes = requested,
                                              .usable_bytes = usable,
                                              .thread = 1,
                                              .process = 1});
}

void fixture_alloc_in(struct fixture_reel *reel, uint32_t process, uint32_t thread, uint64_t address, uint64_t bytes)
{
    fixture_append(reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                              .address = address,
                                              .requested_bytes = bytes,
                                              .usable_bytes = bytes,
                                              .thread = thread,
                                              .process = process});
}

void fixture_free_in(struct fixture_reel *reel, uint32_t process, uint32_t thread, uint64_t address)
{
    fixture_append(
        reel, &(struct reel_event){.kind = REEL_EVENT_FREE, .address = address, .thread = thread, .process = process});
}

void fixture_end_process(struct fixture_reel *reel, uint32_t process)
{
    const struct reel_process_counters counters = {.committed_events = reel->committed[process]};
    const struct reel_process_end_info end = {.t_ns = reel->t_ns, .how = REEL_END_EXITED};
    struct reel_error error = {0};
    need(reel_writer_set_counters(reel->writer, process, &counters, &error), &error);
    need(reel_writer_end_process(reel->writer, process, &end, &error), &error);
    reel->committed[process] = UINT64_MAX;
}

void fixture_finish(struct fixture_reel *reel)
{
    struct reel_error error = {0};
    for (uint32_t process = 1; process < 8; process++)
        if (process == 1 || (reel->committed[process] != 0 && reel->committed[process] != UINT64_MAX))
            fixture_end_process(reel, process);
    need(reel_writer_finish(reel->writer, reel->t_ns, &error), &error);
}

void fixture_abandon(struct fixture_reel *reel)
{
    struct reel_error error = {0};
    need(reel_writer_commit(reel->writer, &error), &error);
    reel_writer_close(reel->writer);
}

static sqlite3 *open_for_change(const char *path)
{
    sqlite3 *database = NULL;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        fail_fixture(path, sqlite3_errmsg(database));
    return database;
}

void fixture_tamper(const char *path, const char *sql)
{
    sqlite3 *database = open_for_change(path);
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_fixture(sql, sqlite3_errmsg(database));
    if (sqlite3_changes(database) == 0)
        fail_fixture(sql, "changed nothing");
    sqlite3_close(database);
}

void fixture_replace_events(const char *path, uint64_t first_event, const struct reel_event *events, size_t count)
{
    struct reel_codec *codec = NULL;
    const void *data = NULL;
    size_t bytes = 0;
    sqlite3_stmt *statement = NULL;
    sqlite3 *database = open_for_change(path);
    need(reel_codec_create(&codec), &(struct reel_error){.text = "no codec"});
    need(reel_codec_encode(codec, first_event, events, NULL, count, &data, &bytes),
         &(struct reel_error){.text = "cannot encode"});
    sqlite3_prepare_v2(database, "UPDATE chunk_data SET data = ? WHERE first_event = ?", -1, &statement, NULL);
    sqlite3_bind_blob64(statement, 1, data, bytes, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (int64_t)first_event);
    if (sqlite3_step(statement) != SQLITE_DONE || sqlite3_changes(database) != 1)
        fail_fixture("replace", sqlite3_errmsg(database));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    reel_codec_destroy(codec);
}

struct reel_reader *fixture_open(const char *path)
{
    struct reel_reader *reader = NULL;
    struct reel_error error = {0};
    need(reel_reader_open(&reader, path, &error), &error);
    return reader;
}

static void become(const char *const *argv, const char *input, const char *out, const char *err)
{
    const struct rlimit time = {RUN_SECONDS_MAX, RUN_SECONDS_MAX};
    char *words[32] = {0};
    for (size_t i = 0; i < 31 && argv[i] != NULL; i++)
        words[i] = strdup(argv[i]);
    if (freopen(input, "r", stdin) == NULL || freopen(out, "w", stdout) == NULL || freopen(err, "w", stderr) == NULL)
        _exit(98);
    setrlimit(RLIMIT_CPU, &time);
    alarm(RUN_SECONDS_MAX);
    if (words[0] != NULL)
        execvp(words[0], words);
    _exit(98);
}

static void read_into(char *buffer, size_t size, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t count = file != NULL ? fread(buffer, 1, size - 1, file) : 0;
    buffer[count] = '\0';
    if (file != NULL)
        fclose(file);
}

void fixture_run(struct fixture_run *run, const char *input, const char *const *argv)
{
    static const char *in;
    static const char *out;
    static const char *err;
    if (in == NULL)
    {
        in = strdup(fixture_path("stdin"));
        out = strdup(fixture_path("stdout"));
        err = strdup(fixture_path("stderr"));
    }
    FILE *file = fopen(in, "w");
    if (file == NULL || fputs(input, file) < 0 || fclose(file) != 0)
        fail_fixture(in, strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        become(argv, in, out, err);
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        fail_fixture(argv[0], strerror(errno));
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_into(run->out, sizeof run->out, out);
    read_into(run->err, sizeof run->err, err);
}

int64_t fixture_number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);
    if (!cJSON_IsNumber(item))
        fail_msg("%s is no number", name);
    return (int64_t)item->valuedouble;
}

void fixture_assert_refused(const struct fixture_run *run, int status, const char *word)
{
    assert_string_equal(run->out, "");
    assert_true(strncmp(run->err, "heapreel: ", 10) == 0);
    const char *end = strchr(run->err, '\n');
    assert_true(end != NULL && end[1] == '\0');
    if (strstr(run->err, word) == NULL)
        fail_msg("%s is not in: %s", word, run->err);
    assert_int_equal(run->status, status);
}
