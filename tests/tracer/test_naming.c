// SPDX-License-Identifier: MIT
// Names in a reel: the same from the thread and without it, whatever the order in which frames come.
#include "tracer/naming.h"
#include "tracer/symbolise.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FRAMES 200
#define TEXT_BYTES 65536

extern const char __executable_start; // by the linker

static char directory[] = "/tmp/heapreel-test-naming-XXXXXX";
static char self[256];

struct reel
{
    struct reel_writer *writer;
    uint32_t self; // module rows
    uint32_t missing;
    char path[128];
};

static void need(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
        fail_msg("%s", error->text);
}

static uint32_t add_module(struct reel *reel, const char *path)
{
    const struct reel_module_info info = {.process = 1, .path = path, .begin = 0x1000, .end = 0x100000};
    struct reel_error error;
    uint32_t row = 0;
    need(reel_writer_add_module(reel->writer, &info, &row, &error), &error);
    return row;
}

static void begin(struct reel *reel, const char *name)
{
    const struct reel_run_info run = {.command = "made", .allocator = "system", .stacks = "on", .when_full = "wait"};
    const struct reel_process_info process = {.pid = 1, .command = "made"};
    struct reel_error error;
    uint32_t row = 0;
    snprintf(reel->path, sizeof reel->path, "%s/%s.reel", directory, name);
    need(reel_writer_open(&reel->writer, reel->path, true, &run, &error), &error);
    need(reel_writer_add_process(reel->writer, &process, &row, &error), &error);
    reel->missing = add_module(reel, "/nonexistent");
    reel->self = add_module(reel, self);
}

// Places all over this program, in no order; some in a file that is not there, some in none.
static void add_frames(struct reel *reel, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
    {
        uint64_t offset = (uint64_t)((const char *)(uintptr_t)need - &__executable_start) + i * 7919 % FRAMES * 64;
        uint32_t module = i % 10 == 0 ? reel->missing : i % 10 == 1 ? 0 : reel->self;
        struct reel_error error;
        uint32_t frame = 0;
        need(reel_writer_intern_frame(reel->writer, module, offset, &frame, &error), &error);
    }
}

// All rows of the table in its own order.
static char *read_symbols(const char *path)
{
    char *text = calloc(1, TEXT_BYTES);
    sqlite3 *database = NULL;
    sqlite3_stmt *rows = NULL;
    size_t used = 0;
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database,
                           "SELECT format('%d %d %s %s %d %d', frame, depth, function, file, line, is_inlined) "
                           "FROM symbol",
                           -1, &rows, NULL),
        SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW)
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%s\n", (const char *)sqlite3_column_text(rows, 0));
    assert_true(used < TEXT_BYTES);
    sqlite3_finalize(rows);
    sqlite3_close(database);
    return text;
}

static char *finish(struct reel *reel, struct naming *naming, bool (*tick)(void *context, uint64_t done), void *context)
{
    struct reel_error error;
    need(naming_finish(naming, reel->writer, tick, context, &error), &error);
    naming_destroy(naming);
    need(reel_writer_finish(reel->writer, 1, &error), &error);
    return read_symbols(reel->path);
}

static char *name_at_the_end(void)
{
    struct reel reel;
    begin(&reel, "end");
    add_frames(&reel, 0, FRAMES);
    return finish(&reel, naming_create(), NULL, NULL);
}

// Gives frames in portions and waits until each has come back.
static char *name_while_recording(uint32_t portion)
{
    struct reel reel;
    struct reel_error error;
    struct naming *naming = naming_create();
    begin(&reel, "thread");
    for (uint32_t first = 0; first < FRAMES; first += portion)
    {
        add_frames(&reel, first, portion);
        need(naming_step(naming, reel.writer, &error), &error);
    }
    return finish(&reel, naming, NULL, NULL);
}

static void thread_and_recorder_give_the_same_names(void **state)
{
    (void)state;
    char *expected = name_at_the_end();
    assert_non_null(strstr(expected, "test_naming.c"));
    for (uint32_t portion = 1; portion <= FRAMES; portion *= 10)
    {
        char *names = name_while_recording(portion);
        assert_string_equal(names, expected);
        free(names);
    }
    free(expected);
}

static void names_come_while_recording(void **state)
{
    struct reel reel;
    struct reel_error error;
    struct naming *naming = naming_create();
    (void)state;
    begin(&reel, "early");
    add_frames(&reel, 0, FRAMES);
    char *names = NULL;
    do
    {
        free(names);
        need(naming_step(naming, reel.writer, &error), &error);
        need(reel_writer_commit(reel.writer, &error), &error);
        names = read_symbols(reel.path);
    } while (names[0] == '\0');
    char *all = finish(&reel, naming, NULL, NULL);
    assert_string_equal(names, all);
    free(names);
    free(all);
}

static bool refuse(void *context, uint64_t done)
{
    uint64_t *last = context;
    *last = done;
    return false;
}

static void what_the_user_does_not_wait_for_stays_unnamed(void **state)
{
    struct reel reel;
    uint64_t done = UINT64_MAX;
    (void)state;
    begin(&reel, "skipped");
    add_frames(&reel, 0, FRAMES);
    char *names = finish(&reel, naming_create(), refuse, &done);
    assert_string_equal(names, "");
    assert_int_equal(done, 0);
    free(names);
}

static void without_memory_or_frames_nothing_is_named(void **state)
{
    struct reel reel;
    struct reel_error error;
    (void)state;
    begin(&reel, "nothing");
    need(naming_step(NULL, reel.writer, &error), &error);
    need(naming_finish(NULL, reel.writer, NULL, NULL, &error), &error);
    char *names = finish(&reel, naming_create(), NULL, NULL);
    assert_string_equal(names, "");
    free(names);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) != NULL && readlink("/proc/self/exe", self, sizeof self - 1) > 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
    static const char *const names[] = {"end", "thread", "early", "skipped", "nothing"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        char path[128];
        snprintf(path, sizeof path, "%s/%s.reel", directory, names[i]);
        unlink(path);
    }
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_and_recorder_give_the_same_names),
        cmocka_unit_test(names_come_while_recording),
        cmocka_unit_test(what_the_user_does_not_wait_for_stays_unnamed),
        cmocka_unit_test(without_memory_or_frames_nothing_is_named),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
