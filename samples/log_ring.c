// SPDX-License-Identifier: MIT
// Planted culprit: a log ring that keeps old entries. In a rush many jobs are in flight at once, each with 31 blocks
// and a line in the log; then it is quiet, and the ring, which drops its oldest line only for a new one, still holds
// most of the lines of the rush, each on a page that is otherwise free. Watch: old_lines, lines of the rush that are
// left. Expect: under every allocator `blame` at the end names log_append first.
#include "sample.h"

enum
{
    RING = 4096,
    RUSH_JOBS = 4096, // in flight at once
    QUIET_JOBS = 1000,
    JOB_BLOCKS = 31,
    BYTES = 120, // a slot or chunk of 128
    SETTINGS = 4096,
    SETTING_BYTES = 1000,
};

static void *(*jobs)[JOB_BLOCKS];
static void *ring[RING];
static void **settings;
static size_t line_count;

static __attribute__((noinline)) void log_append(void)
{
    void *oldest = ring[line_count % RING];
    ring[line_count++ % RING] = sample_touch(malloc(BYTES), BYTES);
    free(oldest);
}

static __attribute__((noinline)) void load_settings(void)
{
    for (size_t i = 0; i < SETTINGS; i++)
        settings[i] = sample_touch(malloc(SETTING_BYTES), SETTING_BYTES);
}

static __attribute__((noinline)) void begin_job(size_t job)
{
    for (size_t i = 0; i < JOB_BLOCKS; i++)
        jobs[job][i] = sample_touch(malloc(BYTES), BYTES);
}

static __attribute__((noinline)) void end_job(size_t job)
{
    for (size_t i = 0; i < JOB_BLOCKS; i++)
        free(jobs[job][i]);
}

int main(void)
{
    sample_begin();
    jobs = sample_memory(RUSH_JOBS * sizeof *jobs);
    settings = sample_memory(SETTINGS * sizeof *settings);
    load_settings();
    for (size_t i = 0; i < RUSH_JOBS; i++)
    {
        begin_job(i);
        log_append();
    }
    for (size_t i = 0; i < RUSH_JOBS; i++)
        end_job(i);
    for (size_t i = 0; i < QUIET_JOBS; i++)
    {
        begin_job(0);
        log_append();
        end_job(0);
    }
    sample_figure("old_lines", RING - QUIET_JOBS);
}
