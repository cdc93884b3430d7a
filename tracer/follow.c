// SPDX-License-Identifier: MIT
// Watches processes through pidfds and /proc. Refuses to stop, trace or signal them.
#include "tracer/follow.h"

#include "tracer/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOLLOW_STAT_BYTES 1024
#define FOLLOW_SCAN_BYTES 65536
#define FOLLOW_NUMBERS_MAX 256 // looking so many up costs less than a list of all processes
#define FOLLOW_FIELD_STATE 3
#define FOLLOW_FIELD_START 22
#define FOLLOW_FIELD_EXIT 52

// Linux 6.13 and later, not in this system's headers: PIDFD_GET_INFO of linux/pidfd.h.
struct follow_pidfd_info
{
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11]; // pid, tgid, ppid and eight user and group ids
    int32_t exit_code;
};
_Static_assert(sizeof(struct follow_pidfd_info) == 64, "PIDFD_INFO_SIZE_VER0");
#define FOLLOW_PIDFD_GET_INFO _IOWR(0xFF, 11, struct follow_pidfd_info)
#define FOLLOW_PIDFD_INFO_EXIT (UINT64_C(1) << 3)

static ssize_t read_proc(pid_t pid, const char *file, char *text, size_t bytes)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, text, bytes - 1);
    close(fd);
    if (got >= 0)
        text[got] = '\0';
    return got;
}

// The field that is so many further on, or NULL.
static const char *skip_fields(const char *at, int count)
{
    for (; at != NULL && count > 0; count--)
    {
        at = strchr(at, ' ');
        at = at != NULL ? at + 1 : NULL;
    }
    return at;
}

bool follow_read_stat(pid_t pid, struct follow_stat *out)
{
    char text[FOLLOW_STAT_BYTES];
    *out = (struct follow_stat){.exit_status = -1};
    if (read_proc(pid, "stat", text, sizeof text) <= 0)
        return false;
    const char *state = skip_fields(strrchr(text, ')'), 1); // the name before it may hold anything
    const char *start = skip_fields(state, FOLLOW_FIELD_START - FOLLOW_FIELD_STATE);
    if (start == NULL)
        return false;
    out->state = state[0];
    out->start = strtoull(start, NULL, 10);
    const char *exit_status = skip_fields(start, FOLLOW_FIELD_EXIT - FOLLOW_FIELD_START);
    if (exit_status != NULL)
        out->exit_status = (int)strtol(exit_status, NULL, 10);
    return true;
}

static bool has_start(pid_t pid, uint64_t start)
{
    struct follow_stat about;
    return follow_read_stat(pid, &about) && about.start == start && about.state != 'Z' && about.state != 'X';
}

static pid_t numbered_entry(const struct dirent *entry)
{
    char *end = NULL;
    long number = strtol(entry->d_name, &end, 10);
    return number > 0 && *end == '\0' ? (pid_t)number : 0;
}

// The number that the process has in its own pid namespace, 0 = unknown.
static pid_t innermost_pid(pid_t pid)
{
    char text[4096];
    char *line = read_proc(pid, "status", text, sizeof text) > 0 ? strstr(text, "\nNSpid:") : NULL;
    if (line == NULL)
        return 0;
    line[1 + strcspn(line + 1, "\n")] = '\0';
    char *innermost = strrchr(line, '\t');
    return innermost != NULL ? (pid_t)strtol(innermost, NULL, 10) : 0;
}

// False when the process has gone meanwhile.
static bool open_pid(struct follow *follow, pid_t pid)
{
    follow->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    follow->pid = pid;
    if (has_start(pid, follow->start)) // the pidfd is of the process that we looked at
        return true;
    follow_close(follow);
    follow->pid = 0;
    return false;
}

bool follow_open(struct follow *follow, pid_t inner_pid, uint64_t start)
{
    *follow = (struct follow){.inner_pid = inner_pid, .start = start, .pidfd = -1};
    return has_start(inner_pid, start) && open_pid(follow, inner_pid);
}

static void compare_with(struct follow *const *sought, size_t count, pid_t pid)
{
    struct follow_stat about;
    if (!follow_read_stat(pid, &about))
        return;
    for (size_t i = 0; i < count; i++)
        if (sought[i]->pid == 0 && sought[i]->start == about.start && innermost_pid(pid) == sought[i]->inner_pid &&
            open_pid(sought[i], pid))
            return;
}

void follow_search(struct follow *const *sought, size_t count)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *entry = proc != NULL ? readdir(proc) : NULL; entry != NULL; entry = readdir(proc))
    {
        pid_t pid = numbered_entry(entry);
        if (pid != 0)
            compare_with(sought, count, pid);
    }
    if (proc != NULL)
        closedir(proc);
}

bool follow_open_child(struct follow *follow, pid_t pid)
{
    struct follow_stat about;
    *follow = (struct follow){.pid = pid, .inner_pid = pid, .pidfd = -1};
    if (!follow_read_stat(pid, &about))
        return false;
    follow->start = about.start;
    follow->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return true;
}

void follow_close(struct follow *follow)
{
    if (follow->pidfd >= 0)
        close(follow->pidfd);
    follow->pidfd = -1;
}

bool follow_is_alive(const struct follow *follow)
{
    return has_start(follow->pid, follow->start);
}

bool follow_wait_status(const struct follow *follow, int *wait_status)
{
    struct follow_stat about;
    if (follow_read_stat(follow->pid, &about) && about.start == follow->start && about.state == 'Z' &&
        about.exit_status >= 0)
    {
        *wait_status = about.exit_status;
        return true;
    }
    struct follow_pidfd_info info = {.mask = FOLLOW_PIDFD_INFO_EXIT};
    if (follow->pidfd < 0 || ioctl(follow->pidfd, FOLLOW_PIDFD_GET_INFO, &info) != 0 ||
        (info.mask & FOLLOW_PIDFD_INFO_EXIT) == 0)
        return false;
    *wait_status = info.exit_code;
    return true;
}

static bool file_mentions(pid_t pid, const char *file, const char *word)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char *text = malloc(FOLLOW_SCAN_BYTES);
    size_t word_bytes = strlen(word);
    size_t kept = 0; // end of the part before: the word may lie across
    bool is_found = false;
    for (ssize_t got = 1; text != NULL && !is_found && got > 0;)
    {
        got = read(fd, text + kept, FOLLOW_SCAN_BYTES - kept);
        size_t available = kept + (got > 0 ? (size_t)got : 0);
        is_found = memmem(text, available, word, word_bytes) != NULL;
        kept = available < word_bytes ? available : word_bytes - 1;
        memmove(text, text + available - kept, kept);
    }
    free(text);
    close(fd);
    return is_found;
}

static bool is_relative(pid_t pid, const char *session_directory, const struct follow_root *root)
{
    struct follow_stat about;
    // A thread of ours can be looked up there, though it is not listed.
    if (!follow_read_stat(pid, &about) || about.start < root->start || about.state == 'Z' ||
        follow_thread_exists(getpid(), pid))
        return false;
    return file_mentions(pid, "environ", session_directory) || file_mentions(pid, "maps", session_directory);
}

static void *tell_number(void *number)
{
    *(pid_t *)number = gettid();
    return NULL;
}

// Numbers are given out in turn, under one lock, to threads as to processes, and never within the same microsecond. So
// after a short time all that began later have one between the root's and that of a thread which is made now. 0: they
// may have come round since, or are too many.
static pid_t find_newest(const struct follow_root *root)
{
    char text[32] = "";
    pthread_t thread;
    pid_t newest = 0;
    int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (got <= 0 || (clock_monotonic_ns() - root->made_ns) / 1000 > strtoull(text, NULL, 10) / 2 ||
        pthread_create(&thread, NULL, tell_number, &newest) != 0)
        return 0;
    pthread_join(thread, NULL);
    return newest > root->pid && newest - root->pid <= FOLLOW_NUMBERS_MAX ? newest : 0;
}

static bool has_listed_relatives(const char *session_directory, const struct follow_root *root)
{
    DIR *proc = opendir("/proc");
    bool is_found = false;
    for (struct dirent *entry = proc != NULL ? readdir(proc) : NULL; entry != NULL && !is_found; entry = readdir(proc))
    {
        pid_t pid = numbered_entry(entry);
        is_found = pid != 0 && is_relative(pid, session_directory, root);
    }
    if (proc != NULL)
        closedir(proc);
    return is_found;
}

bool follow_has_relatives(const char *session_directory, const struct follow_root *root)
{
    pid_t newest = find_newest(root);
    if (newest == 0)
        return has_listed_relatives(session_directory, root);
    for (pid_t pid = root->pid + 1; pid < newest; pid++)
        if (is_relative(pid, session_directory, root))
            return true;
    return false;
}

bool follow_thread_exists(pid_t pid, int32_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d", pid, tid);
    return access(path, F_OK) == 0;
}
