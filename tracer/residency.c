// SPDX-License-Identifier: MIT
// Reads status and smaps_rollup of a process. Refuses to look at single pages.
#include "tracer/residency.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESIDENCY_TEXT_BYTES 8192
#define RESIDENCY_INTERVAL_FIRST_NS UINT64_C(2000000)
#define RESIDENCY_INTERVAL_MAX_NS UINT64_C(100000000)
#define RESIDENCY_COST_FACTOR 50 // 2 % of the time

static bool read_text(pid_t pid, const char *file, char *text)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t filled = 0;
    ssize_t got;
    while (filled < RESIDENCY_TEXT_BYTES - 1 && (got = read(fd, text + filled, RESIDENCY_TEXT_BYTES - 1 - filled)) > 0)
        filled += (size_t)got;
    close(fd);
    text[filled] = '\0';
    return filled > 0;
}

// The number after "\nKEY:"; false when the line is not there.
static bool find_number(const char *text, const char *key, uint64_t *number)
{
    const char *line = strstr(text, key);
    if (line == NULL)
        return false;
    *number = strtoull(line + strlen(key), NULL, 10);
    return true;
}

static bool find_bytes(const char *text, const char *key, uint64_t *bytes)
{
    uint64_t kib;
    if (!find_number(text, key, &kib))
        return false;
    *bytes = kib << 10;
    return true;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

bool residency_read(pid_t pid, struct residency_facts *facts)
{
    char text[RESIDENCY_TEXT_BYTES];
    uint64_t seccomp = 0;
    *facts = (struct residency_facts){0};
    if (!read_text(pid, "status", text) || !find_bytes(text, "\nVmHWM:", &facts->peak_resident_bytes))
        return false;
    find_bytes(text, "\nVmRSS:", &facts->resident_bytes);
    find_bytes(text, "\nRssAnon:", &facts->anonymous_bytes);
    find_bytes(text, "\nRssShmem:", &facts->shared_bytes);
    find_bytes(text, "\nVmSwap:", &facts->swapped_bytes);
    find_number(text, "\nSeccomp:", &seccomp);
    facts->has_seccomp = seccomp != 0;
    // The counters in status lag behind by some pages for each CPU; the walk does not.
    if (read_text(pid, "smaps_rollup", text))
    {
        find_bytes(text, "\nRss:", &facts->resident_bytes);
        find_bytes(text, "\nAnonymous:", &facts->anonymous_bytes);
        find_bytes(text, "\nSwap:", &facts->swapped_bytes);
    }
    return facts->resident_bytes != 0;
}

void residency_without_channel(const struct residency_facts *facts, uint64_t channel_bytes,
                               struct reel_residency *sample)
{
    uint64_t ours = channel_bytes < facts->shared_bytes ? channel_bytes : facts->shared_bytes;
    sample->resident_bytes = minus(facts->resident_bytes, ours);
    sample->anonymous_bytes = facts->anonymous_bytes;
    sample->file_bytes = minus(sample->resident_bytes, facts->anonymous_bytes);
    sample->swapped_bytes = facts->swapped_bytes;
    sample->peak_resident_bytes = minus(facts->peak_resident_bytes, ours);
    if (sample->peak_resident_bytes < sample->resident_bytes)
        sample->peak_resident_bytes = sample->resident_bytes;
}

bool residency_has_seccomp(pid_t pid)
{
    char text[RESIDENCY_TEXT_BYTES];
    uint64_t mode = 0;
    return read_text(pid, "status", text) && find_number(text, "\nSeccomp:", &mode) && mode != 0;
}

void residency_pace_next(struct residency_pace *pace, uint64_t now_ns, uint64_t cost_ns)
{
    uint64_t longer = pace->interval_ns == 0 ? RESIDENCY_INTERVAL_FIRST_NS : pace->interval_ns * 2;
    uint64_t interval_ns = longer < RESIDENCY_INTERVAL_MAX_NS ? longer : RESIDENCY_INTERVAL_MAX_NS;
    if (interval_ns < cost_ns * RESIDENCY_COST_FACTOR)
        interval_ns = cost_ns * RESIDENCY_COST_FACTOR;
    pace->interval_ns = interval_ns < RESIDENCY_INTERVAL_MAX_NS ? interval_ns : RESIDENCY_INTERVAL_MAX_NS;
    pace->next_ns = now_ns + interval_ns;
}
