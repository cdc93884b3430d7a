// SPDX-License-Identifier: MIT
// A tracer's stand-in for tests of the preload library: makes a session, runs a program in it, and prints what the
// channels hold after the program's end. Drains nothing, so the rings are made large enough for the whole run.
//
// usage: channel_probe PRELOAD_LIBRARY STACKS RING_EVENTS PROGRAM [ARG...]
// One line per channel, then one line per violation; exit status 1 if there was any.
#define _GNU_SOURCE
#include "session_fixture.h"

#include "wire/channel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int violations;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void violate(const char *what, uint64_t number)
{
    printf("violation %s %llu\n", what, (unsigned long long)number);
    violations++;
}

struct tally
{
    uint64_t kinds[WIRE_EVENT_MISUSE + 1];
    uint64_t without_stack;
    uint64_t dropped;
    uint32_t depth_greatest;
};

static void tally_ring(const struct wire_channel *channel, const struct wire_ring *ring, uint32_t records,
                       struct tally *tally)
{
    const struct wire_stack_node *nodes = (const void *)((const char *)channel + channel->nodes_offset);
    uint64_t head = ring->state >> 1;
    uint64_t last_time = 0;
    if (ring->state & 1)
        violate("busy", head);
    for (uint64_t i = 0; i < head; i++)
    {
        const struct wire_event *event = &ring->records[i & (records - 1)];
        uint32_t kind = wire_where_kind(event->where);
        if (kind < WIRE_EVENT_ALLOC || kind > WIRE_EVENT_MISUSE)
            violate("kind", kind);
        else
            tally->kinds[kind]++;
        if (event->stack >= channel->node_count)
            violate("stack", event->stack);
        else if (event->stack == 0)
            tally->without_stack += kind <= WIRE_EVENT_RESIZE;
        else if ((nodes[event->stack].depth & ~WIRE_STACK_CUT) > tally->depth_greatest)
            tally->depth_greatest = nodes[event->stack].depth & ~WIRE_STACK_CUT;
        if (event->time < last_time)
            violate("order", i);
        last_time = event->time;
    }
    tally->dropped += ring->dropped;
}

static void check_nodes(const struct wire_channel *channel)
{
    const struct wire_stack_node *nodes = (const void *)((const char *)channel + channel->nodes_offset);
    for (uint32_t i = 1; i < channel->node_count; i++)
        if (nodes[i].parent >= i && nodes[i].parent >= channel->node_count)
            violate("parent", i);
}

static uint32_t count_modules(const struct wire_channel *channel, uint32_t kind)
{
    uint32_t count = 0;
    const char *log = (const char *)channel + channel->modules_offset;
    for (uint32_t at = 0; at < channel->module_bytes;)
    {
        const struct wire_module *module = (const void *)(log + at);
        count += module->kind == kind;
        at += module->record_bytes;
    }
    return count;
}

static void print_channel(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) < 0)
        die(path);
    const struct wire_channel *channel = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (channel == MAP_FAILED)
        die("mmap");
    close(descriptor);
    struct tally tally = {0};
    for (uint32_t i = 0; i < channel->ring_used; i++)
        tally_ring(
            channel,
            (const void *)((const char *)channel + channel->rings_offset + wire_ring_offset(channel->ring_records, i)),
            wire_ring_records(channel->ring_records, i), &tally);
    check_nodes(channel);
    printf("channel command=%s origin=%u life=%u status=%d allocs=%llu frees=%llu resizes=%llu forks=%llu "
           "classes=%llu zones=%llu commits=%llu returns=%llu censuses=%llu misuses=%llu "
           "without_stack=%llu dropped=%llu rings=%u nodes=%u depth=%u loaded=%u unloaded=%u generation=%u "
           "verified=%llu different=%llu\n",
           channel->command, channel->origin, channel->life, channel->exit_status,
           (unsigned long long)tally.kinds[WIRE_EVENT_ALLOC], (unsigned long long)tally.kinds[WIRE_EVENT_FREE],
           (unsigned long long)tally.kinds[WIRE_EVENT_RESIZE], (unsigned long long)tally.kinds[WIRE_EVENT_FORK],
           (unsigned long long)tally.kinds[WIRE_EVENT_CLASS], (unsigned long long)tally.kinds[WIRE_EVENT_ZONE],
           (unsigned long long)tally.kinds[WIRE_EVENT_COMMIT], (unsigned long long)tally.kinds[WIRE_EVENT_RETURN],
           (unsigned long long)tally.kinds[WIRE_EVENT_CENSUS], (unsigned long long)tally.kinds[WIRE_EVENT_MISUSE],
           (unsigned long long)tally.without_stack, (unsigned long long)tally.dropped, channel->ring_used,
           channel->node_count, tally.depth_greatest, count_modules(channel, WIRE_MODULE_LOADED),
           count_modules(channel, WIRE_MODULE_UNLOADED), channel->generation, (unsigned long long)channel->verify_count,
           (unsigned long long)channel->verify_differences);
    munmap((void *)(uintptr_t)channel, (size_t)status.st_size);
}

static void print_channels(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++)
    {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (strstr(path, WIRE_CHANNEL_SUFFIX))
            print_channel(path);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    if (argc < 5)
    {
        fprintf(stderr, "usage: channel_probe PRELOAD_LIBRARY STACKS RING_EVENTS PROGRAM [ARG...]\n");
        return 2;
    }
    struct session_fixture fixture;
    session_fixture_open(&fixture, (enum wire_stacks)strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
    pid_t child = fork();
    if (child == 0)
    {
        setenv("LD_PRELOAD", argv[1], 1);
        setenv(WIRE_SESSION_VARIABLE, fixture.directory, 1);
        execvp(argv[4], argv + 4);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    fflush(stdout);
    print_channels(fixture.directory);
    session_fixture_close(&fixture);
    printf("program status=%d signal=%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return violations > 0;
}
