// SPDX-License-Identifier: MIT
// Makes and removes a session's directory for tests; drains nothing.
#define _GNU_SOURCE
#include "session_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static struct wire_session *map_page(const char *directory)
{
    char path[128];
    snprintf(path, sizeof path, "%s/" WIRE_SESSION_FILE, directory);
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 || ftruncate(descriptor, sizeof(struct wire_session)) < 0)
        die(path);
    struct wire_session *session = mmap(NULL, sizeof *session, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (session == MAP_FAILED)
        die("mmap");
    close(descriptor);
    return session;
}

static void lock_life(struct wire_session *session)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&session->tracer_life, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_mutex_lock(&session->tracer_life);
}

void session_fixture_open(struct session_fixture *fixture, enum wire_stacks stacks, uint32_t ring_records)
{
    // Not a name that a recorder beside this test would take for a dead one's and remove.
    strcpy(fixture->directory, "/dev/shm/fixture-of-heapreel-XXXXXX");
    if (!mkdtemp(fixture->directory))
        die("mkdtemp");
    struct wire_session *session = map_page(fixture->directory);
    lock_life(session);
    session->version = WIRE_VERSION;
    session->session_bytes = sizeof *session;
    session->clock = WIRE_CLOCK_TSC;
    session->stacks = stacks;
    session->when_full = WIRE_WHEN_FULL_DROP;
    session->depth_max = WIRE_DEPTH_LIMIT;
    session->ring_count_max = 256;
    session->ring_records = ring_records;
    session->node_count_max = 1u << 18;
    session->module_log_bytes = 1u << 20;
    session->magic = WIRE_SESSION_MAGIC;
    fixture->session = session;
}

void session_fixture_close(struct session_fixture *fixture)
{
    DIR *directory = opendir(fixture->directory);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        closedir(directory);
    rmdir(fixture->directory);
    munmap(fixture->session, sizeof *fixture->session);
}
