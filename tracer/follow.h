// SPDX-License-Identifier: MIT
// Following a process: does it live, and how did it end.
#ifndef HEAPREEL_TRACER_FOLLOW_H
#define HEAPREEL_TRACER_FOLLOW_H

#include "reel/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct follow
{
    pid_t pid;       // in our pid namespace; 0: not found
    pid_t inner_pid; // its own word: in a pid namespace of its own it does not know the number that we see
    uint64_t start;  // field 22 of /proc/PID/stat: tells apart two processes with one pid
    int pidfd;       // -1: none could be had, the process is looked for in /proc
};

// A process whose descendants are sought.
struct follow_root
{
    pid_t pid;
    uint64_t start;   // field 22 of /proc/PID/stat
    uint64_t made_ns; // CLOCK_MONOTONIC, not later than that; 0: not known
};

struct follow_stat
{
    char state;
    uint64_t start;
    int exit_status; // as waitpid gives it; of a zombie, where the kernel shows it
};

// False when there is no such process.
bool follow_read_stat(pid_t pid, struct follow_stat *out);
// Finds a process that lives in our pid namespace. False: it has gone already, or lives in an inner one.
bool follow_open(struct follow *follow, pid_t inner_pid, uint64_t start);
// Looks through all processes, once for all that follow_open did not find. Those that live in inner pid namespaces are
// found, the others have gone.
void follow_search(struct follow *const *sought, size_t count);
// The same without a start time to compare.
bool follow_open_child(struct follow *follow, pid_t pid);
void follow_close(struct follow *follow);
// Asks /proc; for processes without pidfd.
bool follow_is_alive(const struct follow *follow);
// How a dead process ended, if the kernel can still tell. Returns a status as waitpid gives it.
bool follow_wait_status(const struct follow *follow, int *wait_status);
// True while a process exists that was started since the root and carries the session's directory in its environment or
// its maps: one that may still make a channel.
bool follow_has_relatives(const char *session_directory, const struct follow_root *root);
bool follow_thread_exists(pid_t pid, int32_t tid);

#endif
