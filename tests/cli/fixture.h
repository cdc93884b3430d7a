// SPDX-License-Identifier: MIT
// Reels made for tests, changed behind the writer's back, and programs that are run to their end.
//
// Everything lies in one directory that is made at first use and removed when the test program exits. Failures of the
// fixture itself end the test program.
#ifndef HEAPREEL_TESTS_CLI_FIXTURE_H
#define HEAPREEL_TESTS_CLI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "reel/reader.h"
#include "reel/writer.h"

#define FIXTURE_PATH_BYTES 160

// A path in the directory, in a static buffer that the next 15 calls leave alone.
const char *fixture_path(const char *name);

// A writer with one process of one thread (both number 1), whose events are appended one by one, 100 ns apart. Each
// process's counters of committed events are kept right.
struct fixture_reel
{
    struct reel_writer *writer;
    char path[FIXTURE_PATH_BYTES];
    uint64_t t_ns;
    uint64_t committed[8]; // [process]
};

void fixture_begin(struct fixture_reel *reel, const char *name);
// A stack of one function, which is given a name.
uint32_t fixture_stack(struct fixture_reel *reel, const char *function);
uint32_t fixture_thread(struct fixture_reel *reel, uint32_t process);
// A child, copied from begin_ns to end_ns; serial 0: not announced.
uint32_t fixture_fork_of(struct fixture_reel *reel, uint32_t parent, uint32_t serial, uint64_t begin_ns,
                         uint64_t end_ns);
// Of process 1.
uint32_t fixture_fork(struct fixture_reel *reel, uint32_t serial, uint64_t begin_ns, uint64_t end_ns);
void fixture_append(struct fixture_reel *reel, const struct reel_event *event);
void fixture_alloc(struct fixture_reel *reel, uint64_t address, uint64_t requested, uint64_t usable);
void fixture_free(struct fixture_reel *reel, uint64_t address);
void fixture_resize(struct fixture_reel *reel, uint64_t address, uint64_t requested, uint64_t usable);
// The same in another process, by its thread.
void fixture_alloc_in(struct fixture_reel *reel, uint32_t process, uint32_t thread, uint64_t address, uint64_t bytes);
void fixture_free_in(struct fixture_reel *reel, uint32_t process, uint32_t thread, uint64_t address);
void fixture_end_process(struct fixture_reel *reel, uint32_t process);
// Ends process 1 and all others that run, and the reel.
void fixture_finish(struct fixture_reel *reel);
// Leaves it as a killed tracer would: committed, not finished.
void fixture_abandon(struct fixture_reel *reel);

// Runs SQL that changes the reel.
void fixture_tamper(const char *path, const char *sql);
// Replaces the events of a chunk by others, encoded in order.
void fixture_replace_events(const char *path, uint64_t first_event, const struct reel_event *events, size_t count);
struct reel_reader *fixture_open(const char *path);

struct fixture_run
{
    int status; // as a shell says it
    char out[65536];
    char err[8192];
};

// Runs argv (ended by NULL, the program by its path or found in PATH) with this text as its input, at most 60 s.
void fixture_run(struct fixture_run *run, const char *input, const char *const *argv);
#define FIXTURE_RUN(run, ...) fixture_run((run), "", (const char *const[]){__VA_ARGS__, NULL})
// heapreel with these words.
#define FIXTURE_HEAPREEL(run, ...) FIXTURE_RUN(run, HEAPREEL_PROGRAM, __VA_ARGS__)

// The number of that name in an answer in JSON; anything else fails the test.
int64_t fixture_number(const cJSON *object, const char *name);

// One line on stderr that begins with "heapreel: " and holds the word; nothing on stdout.
void fixture_assert_refused(const struct fixture_run *run, int status, const char *word);

#endif
