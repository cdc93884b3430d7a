// SPDX-License-Identifier: MIT
// The session: the private directory on shared memory and the page that tells processes how to record.
#ifndef HEAPREEL_TRACER_SESSION_H
#define HEAPREEL_TRACER_SESSION_H

#include "reel/status.h"
#include "wire/session.h"

#include <limits.h>

#define SESSION_DEFAULT_DIR "/dev/shm"
#define SESSION_PREFIX "heapreel-" // of a directory's name, before six characters that tell it from others
#define SESSION_REEL_LINK "reel"   // in it: a symbolic link to the reel

struct session_config
{
    const char *shared_dir; // NULL: SESSION_DEFAULT_DIR
    enum wire_clock clock;
    enum wire_stacks stacks;
    enum wire_when_full when_full;
    uint32_t depth_max;    // 0: as deep as the format allows
    uint32_t ring_records; // 0: chosen by the free space; else rounded up to a power of two
};

struct session
{
    char directory[PATH_MAX];
    int directory_fd;
    int lock_fd; // holds the flock by which other tracers see that this session lives
    int news_fd; // channels that have appeared; does not block
    struct wire_session *page;
};

// Says whether the directory exists, is writable and large enough. REEL_OK or a line in *error.
int session_check_space(const char *shared_dir, uint64_t *free_bytes, struct reel_error *error);
// Removes what dead tracers of this user left, then creates directory and page. The calling thread becomes the owner of
// tracer_life and must outlive the session.
int session_create(struct session *session, const struct session_config *config, struct reel_error *error);
// Leaves word where the reel is, for those who look for it (find.h). The file is there. A session without it does as
// well.
void session_name_reel(const struct session *session, const char *reel_path);
// Tells every process that recording has ended.
void session_stop(struct session *session);
// Processes wait by spinning from now on: a seccomp filter may forbid the futex call.
void session_spin(struct session *session);
// Stops, removes the directory with all that is in it and releases the rest. A second call does nothing.
void session_destroy(struct session *session);

#endif
