// SPDX-License-Identifier: MIT
// A directory of its own for a test, and reels made in it.
#ifndef HEAPREEL_TESTS_REEL_RECORDING_H
#define HEAPREEL_TESTS_REEL_RECORDING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reel/reader.h"
#include "reel/writer.h"
#include "stream.h"

struct recording
{
    char directory[64];
    char path[96]; // of the reel in it
    struct reel_error error;
};

// cmocka's set-up and tear-down; *state becomes a struct recording.
int recording_set_up(void **state);
int recording_tear_down(void **state);
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, recording_set_up, recording_tear_down)

#define assert_ok(status, error)                                                                                       \
    do                                                                                                                 \
    {                                                                                                                  \
        if ((status) != REEL_OK)                                                                                       \
            fail_msg("%s", (error).text);                                                                              \
    } while (0)

// A writer with process_count processes that have STREAM_THREADS_PER_PROCESS threads each.
struct reel_writer *recording_begin(struct recording *recording, uint32_t process_count);
// A finished reel of that many events of a stream.
void recording_make(struct recording *recording, struct stream *stream, size_t event_count);

struct reel_event recording_alloc(uint64_t t_ns, uint64_t address, uint64_t bytes);
struct reel_event recording_free(uint64_t t_ns, uint64_t address);

void recording_copy_file(const char *from, const char *to);
// Runs a statement on a file, by a connection of its own.
void recording_change(const char *path, const char *sql);
// A reader of the recording.
struct reel_reader *recording_open(struct recording *recording);
// One integer of a query on a file, by a connection of its own.
int64_t recording_query(const char *path, const char *sql);

int recording_run_tests(const char *filter, const struct CMUnitTest *tests, size_t test_count);

#endif
