// SPDX-License-Identifier: MIT
// The state of one recording, shared by the files that make up the loop. One thread uses it.
#ifndef HEAPREEL_TRACER_RECORDING_H
#define HEAPREEL_TRACER_RECORDING_H

#include "tracer/emit.h"
#include "tracer/launch.h"
#include "tracer/progress.h"
#include "tracer/record.h"
#include "tracer/resident_pages.h"
#include "tracer/server.h"
#include "tracer/session.h"
#include "tracer/view.h"

#include <poll.h>
#include <signal.h>

#define RECORDING_NS_PER_MS UINT64_C(1000000)

// Signal dispositions and mask of the caller, put back at the end.
struct recording_signals
{
    int fd; // signalfd
    sigset_t previous_mask;
    struct sigaction previous_chld;
    struct sigaction previous_pipe;
    struct sigaction previous_ttou;
    struct sigaction previous_xfsz;
};

// The program itself. The only other child process is the viewer or the server.
struct recording_child
{
    pid_t pid;
    uint64_t start;   // field 22 of /proc/PID/stat
    uint64_t made_ns; // CLOCK_MONOTONIC, not later than that
    bool has_ended;
    int wait_status;
};

struct recording
{
    const struct tracer_options *options;
    struct tracer_result *result;
    struct program program;
    struct clock_scale clock;
    struct session session;
    struct recording_signals signals;
    struct recording_child child;
    struct reel_writer *writer; // NULL: not yet, or failed
    struct emit emit;
    struct merge merge;
    struct queue_pool queues;
    struct naming *naming;
    struct progress progress;
    struct view view;
    struct server server;
    struct reel_writer_totals totals;     // of the reel, once it is written
    struct resident_pages resident_pages; // of the process that was sampled last

    // Images whose end is not yet in the reel, in the order in which they appeared; feeds[i] is of processes[i].
    struct process **processes;
    struct merge_feed **feeds;
    size_t process_count;
    size_t process_capacity;
    struct pollfd *polls; // process_capacity + 2
    uint64_t channels_seen;
    uint64_t channels_refused;

    // Looks.
    uint64_t previous_look;    // its W
    uint64_t last_fresh;       // events that were committed between the last two
    uint64_t last_fullest;     // percent of the fullest ring that had events, before they were merged
    uint64_t events_committed; // by the last commit and those before

    // Moments of CLOCK_MONOTONIC, ns; 0 = none.
    uint64_t stop_deadline;
    uint64_t relatives_deadline;
    uint64_t next_commit;
    uint64_t next_orphans;
    uint64_t next_alive_check;
    uint64_t next_search;
    uint64_t next_scan;
    uint64_t next_seccomp_check;

    uint32_t interrupt_count;
    bool is_stopping;       // the recording ends before the processes
    bool is_skipping_names; // ^C while symbols are looked up
};

// signals.c
int signals_begin(struct recording *recording, struct reel_error *error);
void signals_end(struct recording *recording);
// As the caller had them, in a child that is about to become another program.
void signals_put_back(void *recording);
// Handles what has arrived, without waiting.
void signals_handle(struct recording *recording);
// Waits for the program to end, passing signals on.
void signals_wait_for_child(struct recording *recording);
// Waits for the viewer to end, if there is one.
void signals_wait_for_viewer(struct recording *recording);
// Waits for the server to end by itself, or for somebody to dismiss it.
void signals_wait_for_server(struct recording *recording);

// watch.c
void watch_end(struct recording *recording);
// Sleeps until something happens, at most timeout_ns, and notes which processes have ended.
void watch_wait(struct recording *recording, uint64_t timeout_ns);
// Takes in the channels whose processes have told of them.
int watch_accept(struct recording *recording, struct reel_error *error);
// Takes in all that are there: a process may have been killed before it could tell.
int watch_scan(struct recording *recording, struct reel_error *error);

// look.c
// One visit to all rings, and the merge of what is final.
int look_once(struct recording *recording, struct reel_error *error);
// Writes the ends of processes that are gone and read to their end, and forgets them.
int look_reap(struct recording *recording, struct reel_error *error);
int look_sample(struct recording *recording, struct reel_error *error); // residency, where it is due
// Residency of all that run, due or not: the recording ends here.
int look_sample_last(struct recording *recording, struct reel_error *error);
int look_commit(struct recording *recording, struct reel_error *error);

// finish.c
// Ends the recording of processes that live on.
int finish_stop(struct recording *recording, struct reel_error *error);
// Names, closing of the file.
int finish_reel(struct recording *recording, struct reel_error *error);
// How it ended, and the closing line: once nobody else has the terminal.
void finish_say(const struct recording *recording);

#endif
