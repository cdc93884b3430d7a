// SPDX-License-Identifier: MIT
// Watches for new channels, ending processes and signals. Refuses to read rings.
#include "tracer/recording.h"

#include "tracer/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WATCH_ALIVE_CHECK_NS (100 * RECORDING_NS_PER_MS)
#define WATCH_FIRST_CAPACITY 16
#define WATCH_SCAN_NS (1000 * RECORDING_NS_PER_MS)
#define WATCH_SEARCH_PART 20   // a search through all processes takes at most one part of so many of the time
#define WATCH_NEWS_BYTES 32768 // half of what the kernel keeps in a FIFO

void watch_end(struct recording *recording)
{
    for (size_t i = 0; i < recording->process_count; i++)
        process_close(recording->processes[i]);
    free(recording->processes);
    free(recording->feeds);
    free(recording->polls);
    recording->processes = NULL;
    recording->feeds = NULL;
    recording->polls = NULL;
    recording->process_count = recording->process_capacity = 0;
}

static bool is_sought(const struct process *process)
{
    return process->follow.pid == 0 && !process->source.is_dead;
}

static void declare_dead(struct process *process)
{
    process->follow.pid = process->follow.inner_pid; // the kernel may still tell there how it ended
    process->source.is_dead = true;
}

// Processes that have gone before they were looked at are told from those in inner pid namespaces by a search through
// all processes. With many that live short it would be most of the work, so it takes a small part of the time.
static int search_for_lost(struct recording *recording, struct reel_error *error)
{
    uint64_t now_ns = clock_monotonic_ns();
    size_t count = 0;
    if (now_ns < recording->next_search && !recording->child.has_ended)
        return REEL_OK;
    for (size_t i = 0; i < recording->process_count; i++)
        count += is_sought(recording->processes[i]);
    if (count == 0)
        return REEL_OK;
    struct follow **sought = malloc(count * sizeof(struct follow *));
    if (sought == NULL)
        return failure_set(error, REEL_E_NO_MEMORY, "out of memory for the table of processes");
    count = 0;
    for (size_t i = 0; i < recording->process_count; i++)
        if (is_sought(recording->processes[i]))
            sought[count++] = &recording->processes[i]->follow;
    follow_search(sought, count);
    free(sought);
    for (size_t i = 0; i < recording->process_count; i++)
        if (is_sought(recording->processes[i]))
            declare_dead(recording->processes[i]);
    recording->next_search = now_ns + WATCH_SEARCH_PART * (clock_monotonic_ns() - now_ns);
    return REEL_OK;
}

static void check_without_pidfd(struct recording *recording)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < recording->next_alive_check)
        return;
    recording->next_alive_check = now_ns + WATCH_ALIVE_CHECK_NS;
    for (size_t i = 0; i < recording->process_count; i++)
    {
        struct process *process = recording->processes[i];
        if (process->follow.pidfd < 0 && process->follow.pid != 0 && !process->source.is_dead)
            process->source.is_dead = !follow_is_alive(&process->follow);
    }
}

void watch_wait(struct recording *recording, uint64_t timeout_ns)
{
    struct pollfd fixed[2];
    struct pollfd *polls = recording->polls != NULL ? recording->polls : fixed;
    polls[0] = (struct pollfd){.fd = recording->signals.fd, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = recording->session.news_fd, .events = POLLIN};
    for (size_t i = 0; i < recording->process_count; i++)
    {
        const struct process *process = recording->processes[i];
        // A negative descriptor is skipped by poll.
        polls[2 + i] = (struct pollfd){.fd = process->source.is_dead ? -1 : process->follow.pidfd, .events = POLLIN};
    }
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000), .tv_nsec = (long)(timeout_ns % 1000000000)};
    if (ppoll(polls, 2 + recording->process_count, &timeout, NULL) > 0)
        for (size_t i = 0; i < recording->process_count; i++)
            if ((polls[2 + i].revents & POLLIN) != 0)
                recording->processes[i]->source.is_dead = true;
    check_without_pidfd(recording);
    signals_handle(recording);
}

static int make_room(struct recording *recording, struct reel_error *error)
{
    if (recording->process_count < recording->process_capacity)
        return REEL_OK;
    size_t capacity = recording->process_capacity == 0 ? WATCH_FIRST_CAPACITY : 2 * recording->process_capacity;
    struct process **processes = realloc(recording->processes, capacity * sizeof(struct process *));
    if (processes != NULL)
        recording->processes = processes;
    struct merge_feed **feeds = realloc(recording->feeds, capacity * sizeof(struct merge_feed *));
    if (feeds != NULL)
        recording->feeds = feeds;
    struct pollfd *polls = realloc(recording->polls, (capacity + 2) * sizeof *polls);
    if (polls != NULL)
        recording->polls = polls;
    if (processes == NULL || feeds == NULL || polls == NULL)
        return failure_set(error, REEL_E_NO_MEMORY, "out of memory for the table of processes");
    recording->process_capacity = capacity;
    return REEL_OK;
}

static bool is_same_process(const struct process *one, const struct process *other)
{
    return one->channel.constants.pid == other->channel.constants.pid &&
           one->channel.constants.process_start == other->channel.constants.process_start;
}

static uint64_t begin_time(const struct process *process)
{
    return process->channel.constants.begin_time;
}

// By exec. The older image has no threads any more; it is ended when its successor begins in the merged stream.
static void link_images(struct process *older, struct process *newer)
{
    older->source.is_dead = true;
    if (newer->row != 0)
        return; // it has begun: the older one ends on its own
    older->is_replaced = true;
    newer->replaced = older;
}

// Another image of a living process: exec. A scan finds images in any order.
static void put_among_images(struct recording *recording, struct process *process)
{
    struct process *older = NULL;
    struct process *newer = NULL;
    for (size_t i = 0; i < recording->process_count; i++)
    {
        struct process *other = recording->processes[i];
        if (other->is_ended || !is_same_process(other, process))
            continue;
        if (begin_time(other) <= begin_time(process) && (older == NULL || begin_time(other) >= begin_time(older)))
            older = other;
        if (begin_time(other) > begin_time(process) && (newer == NULL || begin_time(other) < begin_time(newer)))
            newer = other;
    }
    if (older != NULL)
    {
        link_images(older, process);
        if (is_sought(process) && older->follow.pid == older->follow.inner_pid)
            declare_dead(process); // not in an inner pid namespace, since the image before was not
    }
    if (newer != NULL)
        link_images(process, newer);
}

static bool is_known(const struct recording *recording, const char *file_name)
{
    for (size_t i = 0; i < recording->process_count; i++)
        if (strcmp(recording->processes[i]->channel.file_name, file_name) == 0)
            return true;
    return false;
}

static int accept_file(struct recording *recording, const char *file_name, struct reel_error *error)
{
    size_t length = strlen(file_name);
    size_t suffix = strlen(WIRE_CHANNEL_SUFFIX);
    struct process *process;
    if (length <= suffix || strcmp(file_name + length - suffix, WIRE_CHANNEL_SUFFIX) != 0 ||
        is_known(recording, file_name))
        return REEL_OK;
    int status = make_room(recording, error);
    if (status != REEL_OK)
        return status;
    status = process_open(&process, recording->session.directory_fd, file_name, recording->session.page,
                          &recording->queues, error);
    if (status == REEL_E_DAMAGED || status == REEL_E_OPEN)
    {
        recording->channels_refused++; // counted and told in the reel; the others go on
        unlinkat(recording->session.directory_fd, file_name, 0);
        return REEL_OK;
    }
    if (status != REEL_OK)
        return status;
    put_among_images(recording, process);
    if (recording->child.has_ended && process->follow.inner_pid == recording->child.pid &&
        process->follow.start == recording->child.start)
        declare_dead(process);
    recording->processes[recording->process_count] = process;
    recording->feeds[recording->process_count] = &process->feed;
    recording->process_count++;
    recording->channels_seen++;
    if (!process->source.is_dead && residency_has_seccomp(process->follow.pid))
        session_spin(&recording->session);
    return REEL_OK;
}

// In no particular order.
int watch_scan(struct recording *recording, struct reel_error *error)
{
    int fd = openat(recording->session.directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    int status = REEL_OK;
    if (directory == NULL)
    {
        if (fd >= 0)
            close(fd);
        return failure_set(error, REEL_E_IO, "%s: %s", recording->session.directory, strerror(errno));
    }
    for (struct dirent *entry = readdir(directory); status == REEL_OK && entry != NULL; entry = readdir(directory))
        status = accept_file(recording, entry->d_name, error);
    closedir(directory);
    return status;
}

static int read_news(struct recording *recording, struct reel_error *error)
{
    char names[WATCH_NEWS_BYTES + 1];
    ssize_t bytes = read(recording->session.news_fd, names, WATCH_NEWS_BYTES);
    int status = REEL_OK;
    uint64_t now_ns = clock_monotonic_ns();
    // As much as fits between two looks: some may have found no room. And one that had no descriptor left to tell us by
    // must not wait for ever.
    if (bytes == WATCH_NEWS_BYTES || now_ns >= recording->next_scan)
    {
        recording->next_scan = now_ns + WATCH_SCAN_NS;
        return watch_scan(recording, error);
    }
    if (bytes <= 0)
        return REEL_OK;
    names[bytes] = '\0';
    char *rest = names;
    for (char *name = strsep(&rest, "\n"); status == REEL_OK && rest != NULL; name = strsep(&rest, "\n"))
        if (strchr(name, '/') == NULL)
            status = accept_file(recording, name, error);
    return status;
}

int watch_accept(struct recording *recording, struct reel_error *error)
{
    int status = read_news(recording, error);
    return status == REEL_OK ? search_for_lost(recording, error) : status;
}
