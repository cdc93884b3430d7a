// SPDX-License-Identifier: MIT
// Makes and removes the session's directory and page. Refuses to read channels: it only deletes their files.
#include "tracer/session.h"

#include "tracer/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define SESSION_NEW_FILE "session.new"
#define SESSION_FREE_BYTES_MIN (UINT64_C(16) << 20)
#define SESSION_FREE_BYTES_AMPLE (UINT64_C(512) << 20)
#define SESSION_RING_RECORDS 262144u     // 8 MiB: about 20 ms of the fastest thread
#define SESSION_RING_RECORDS_SCANT 8192u // where shared memory is small
#define SESSION_RING_RECORDS_MIN 256u    // the least that processes accept
#define SESSION_RING_RECORDS_MAX (1u << 20)
#define SESSION_RING_COUNT_MAX 1024u
#define SESSION_NODE_COUNT_MAX (1u << 22)
#define SESSION_MODULE_LOG_BYTES (1u << 20)
#define SESSION_UNFINISHED_S 60 // older directories without a page belong to a tracer that died while making it

static void remove_directory(int parent_fd, const char *name)
{
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL)
    {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    unlinkat(parent_fd, name, AT_REMOVEDIR);
}

// A living tracer holds the lock of its page from before the page has its name until it ends.
static bool is_stale(int parent_fd, const char *name)
{
    struct stat about;
    if (fstatat(parent_fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(about.st_mode) ||
        about.st_uid != geteuid())
        return false;
    char path[NAME_MAX + sizeof "/" WIRE_SESSION_FILE];
    snprintf(path, sizeof path, "%s/%s", name, WIRE_SESSION_FILE);
    int fd = openat(parent_fd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT && time(NULL) - about.st_mtime > SESSION_UNFINISHED_S;
    bool is_dead = flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return is_dead;
}

static void remove_stale_sessions(const char *shared_dir)
{
    DIR *directory = opendir(shared_dir);
    if (directory == NULL)
        return;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        if (strncmp(entry->d_name, SESSION_PREFIX, strlen(SESSION_PREFIX)) == 0 &&
            is_stale(dirfd(directory), entry->d_name))
            remove_directory(dirfd(directory), entry->d_name);
    closedir(directory);
}

static uint32_t choose_ring_records(uint32_t wanted, uint64_t free_bytes)
{
    if (wanted == 0)
        return free_bytes >= SESSION_FREE_BYTES_AMPLE ? SESSION_RING_RECORDS : SESSION_RING_RECORDS_SCANT;
    uint32_t records = SESSION_RING_RECORDS_MIN;
    while (records < wanted && records < SESSION_RING_RECORDS_MAX)
        records *= 2;
    return records;
}

static void own_tracer_life(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_mutex_lock(mutex);
}

static void fill_page(struct wire_session *page, const struct session_config *config, uint64_t free_bytes)
{
    bool has_depth = config->depth_max != 0 && config->depth_max <= WIRE_DEPTH_LIMIT;
    page->magic = WIRE_SESSION_MAGIC;
    page->version = WIRE_VERSION;
    page->session_bytes = sizeof *page;
    page->clock = config->clock;
    page->stacks = config->stacks;
    page->when_full = config->when_full;
    page->depth_max = has_depth ? config->depth_max : WIRE_DEPTH_LIMIT;
    page->ring_count_max = SESSION_RING_COUNT_MAX;
    page->ring_records = choose_ring_records(config->ring_records, free_bytes);
    page->node_count_max = SESSION_NODE_COUNT_MAX;
    page->module_log_bytes = SESSION_MODULE_LOG_BYTES;
    own_tracer_life(&page->tracer_life);
}

// Open for writing as well: it is never at its end.
static int create_news(struct session *session)
{
    if (mkfifoat(session->directory_fd, WIRE_NEWS_FILE, 0600) != 0)
        return -1;
    session->news_fd = openat(session->directory_fd, WIRE_NEWS_FILE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return session->news_fd < 0 ? -1 : 0;
}

// The page gets its name last: a directory with a page has a lock.
static int create_page(struct session *session, const struct session_config *config, uint64_t free_bytes)
{
    session->lock_fd = openat(session->directory_fd, SESSION_NEW_FILE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (session->lock_fd < 0 || flock(session->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return -1;
    // Allocated, not merely sized: a full tmpfs answers here and not with SIGBUS.
    int status = posix_fallocate(session->lock_fd, 0, sizeof *session->page);
    if (status != 0)
    {
        errno = status;
        return -1;
    }
    void *map = mmap(NULL, sizeof *session->page, PROT_READ | PROT_WRITE, MAP_SHARED, session->lock_fd, 0);
    if (map == MAP_FAILED)
        return -1;
    session->page = map;
    fill_page(session->page, config, free_bytes);
    return renameat(session->directory_fd, SESSION_NEW_FILE, session->directory_fd, WIRE_SESSION_FILE);
}

static int create_directory(struct session *session, const char *shared_dir)
{
    int length = snprintf(session->directory, sizeof session->directory, "%s/%sXXXXXX", shared_dir, SESSION_PREFIX);
    if (length < 0 || (size_t)length >= sizeof session->directory)
    {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (mkdtemp(session->directory) == NULL)
    {
        session->directory[0] = '\0';
        return -1;
    }
    session->directory_fd = open(session->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return session->directory_fd < 0 ? -1 : 0;
}

int session_check_space(const char *shared_dir, uint64_t *free_bytes, struct reel_error *error)
{
    struct statvfs about;
    if (statvfs(shared_dir, &about) != 0)
        return failure_set(error, REEL_E_OPEN, "%s: %s: recording needs shared memory there (mount a tmpfs)",
                           shared_dir, strerror(errno));
    if (access(shared_dir, W_OK | X_OK) != 0)
        return failure_set(error, REEL_E_OPEN, "%s: %s: recording needs to write there", shared_dir, strerror(errno));
    *free_bytes = (uint64_t)about.f_bavail * about.f_frsize;
    if (*free_bytes < SESSION_FREE_BYTES_MIN)
        return failure_set(error, REEL_E_FULL,
                           "%s: only %llu KiB are free, recording needs at least %llu MiB: remove files there or "
                           "enlarge it (mount -o remount,size=512M %s; docker run --shm-size=512m)",
                           shared_dir, (unsigned long long)(*free_bytes >> 10),
                           (unsigned long long)(SESSION_FREE_BYTES_MIN >> 20), shared_dir);
    return REEL_OK;
}

int session_create(struct session *session, const struct session_config *config, struct reel_error *error)
{
    const char *shared_dir = config->shared_dir != NULL ? config->shared_dir : SESSION_DEFAULT_DIR;
    char absolute[PATH_MAX];
    uint64_t free_bytes = 0;
    *session = (struct session){.directory_fd = -1, .lock_fd = -1, .news_fd = -1};
    // Programs change their working directory: the name that they get must not depend on it.
    if (realpath(shared_dir, absolute) == NULL)
        return failure_set(error, REEL_E_OPEN, "%s: %s: recording needs shared memory there (mount a tmpfs)",
                           shared_dir, strerror(errno));
    remove_stale_sessions(absolute);
    int status = session_check_space(absolute, &free_bytes, error);
    if (status != REEL_OK)
        return status;
    if (create_directory(session, absolute) == 0 && create_news(session) == 0 &&
        create_page(session, config, free_bytes) == 0)
        return REEL_OK;
    status = failure_set(error, errno == ENOSPC ? REEL_E_FULL : REEL_E_OPEN,
                         "%s: cannot make the session's directory: %s", absolute, strerror(errno));
    session_destroy(session);
    return status;
}

void session_name_reel(const struct session *session, const char *reel_path)
{
    char absolute[PATH_MAX];
    int failed = realpath(reel_path, absolute) == NULL || symlinkat(absolute, session->directory_fd, SESSION_REEL_LINK);
    (void)failed;
}

void session_stop(struct session *session)
{
    if (session->page != NULL)
        __atomic_store_n(&session->page->is_stopped, 1, __ATOMIC_RELAXED);
}

void session_spin(struct session *session)
{
    __atomic_store_n(&session->page->waits_spin, 1, __ATOMIC_RELAXED);
}

void session_destroy(struct session *session)
{
    if (session->page != NULL)
    {
        session_stop(session);
        pthread_mutex_unlock(&session->page->tracer_life);
        munmap(session->page, sizeof *session->page);
    }
    if (session->directory[0] != '\0')
        remove_directory(AT_FDCWD, session->directory);
    if (session->directory_fd >= 0)
        close(session->directory_fd);
    if (session->lock_fd >= 0)
        close(session->lock_fd);
    if (session->news_fd >= 0)
        close(session->news_fd);
    *session = (struct session){.directory_fd = -1, .lock_fd = -1, .news_fd = -1};
}
