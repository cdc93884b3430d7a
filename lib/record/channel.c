// SPDX-License-Identifier: MIT
// Making this process's channel file: layout, identity, publication. The descriptor is closed at once.
#include "base/memory.h"
#include "base/syscall.h"
#include "base/text.h"
#include "record/clock.h"
#include "record/recorder_internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

enum
{
    // A channel may take this share of a limited address space.
    ADDRESS_SPACE_SHARE = 8,
    RING_COUNT_MIN = 4,
    STAT_START_FIELD = 22,
};

void channel_choose_rings(const struct wire_session *session, uint32_t *ring_count, uint32_t *ring_records)
{
    struct rlimit limit;
    uint64_t count = session->ring_count_max;
    *ring_records = session->ring_records;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    {
        *ring_records = wire_ring_records(session->ring_records, WIRE_LONG_RINGS);
        uint64_t fitting = limit.rlim_cur / ADDRESS_SPACE_SHARE / wire_ring_offset(*ring_records, 1);
        count = fitting < count ? fitting : count;
    }
    *ring_count = (uint32_t)(count < RING_COUNT_MIN ? RING_COUNT_MIN : count);
}

static struct wire_channel layout(const struct wire_session *session)
{
    struct wire_channel channel = {.magic = WIRE_CHANNEL_MAGIC, .version = WIRE_VERSION};
    channel.channel_bytes = sizeof channel;
    channel.module_log_bytes = session->module_log_bytes;
    channel.node_count_max = session->node_count_max;
    channel.ring_records = recorder.ring_records;
    channel.ring_count = recorder.ring_count;
    channel.differences_offset = WIRE_PAGE_BYTES;
    channel.modules_offset = channel.differences_offset + WIRE_PAGE_BYTES;
    channel.nodes_offset = wire_round_to_page(channel.modules_offset + channel.module_log_bytes);
    channel.rings_offset =
        wire_round_to_page(channel.nodes_offset + channel.node_count_max * sizeof(struct wire_stack_node));
    channel.file_bytes = channel.rings_offset + wire_ring_offset(channel.ring_records, channel.ring_count);
    channel.life = WIRE_LIFE_RUNNING;
    channel.generation = 1;
    channel.node_count = 1;
    return channel;
}

// Field 22 of /proc/self/stat; the fields after the command, which may contain anything, follow its last ')'.
static uint64_t read_process_start(void)
{
    char stat[1024];
    long length = base_text_read_file("/proc/self/stat", stat, sizeof stat - 1);
    if (length <= 0)
        return 0;
    stat[length] = 0;
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < STAT_START_FIELD; field++)
        at = strchr(at + 1, ' ');
    uint64_t start = 0;
    for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
        start = start * 10 + (uint64_t)(*at - '0');
    return start;
}

static void identify(struct wire_channel *channel, const struct wire_channel *parent, uint32_t fork_serial,
                     uint64_t fork_begin_time, uint32_t clock)
{
    channel->pid = (int32_t)base_syscall3(SYS_getpid, 0, 0, 0);
    channel->parent_pid = (int32_t)base_syscall3(SYS_getppid, 0, 0, 0);
    channel->process_start = read_process_start();
    channel->begin_time = clock_stamp(clock);
    channel->origin = parent ? WIRE_ORIGIN_FORK : WIRE_ORIGIN_EXEC;
    if (parent)
    {
        channel->parent_pid = parent->pid;
        channel->parent_begin_time = parent->begin_time;
        channel->fork_serial = fork_serial;
        channel->fork_begin_time = fork_serial ? fork_begin_time : parent->begin_time;
        channel->fork_end_time = channel->begin_time;
    }
    long length = base_text_read_file("/proc/self/cmdline", channel->command, sizeof channel->command);
    channel->command_bytes = length > 0 ? (uint32_t)length : 0;
}

static void name_of(struct base_text *path, const char *directory, const struct wire_channel *channel,
                    const char *suffix)
{
    base_text_clear(path);
    base_text_add(path, directory);
    base_text_add(path, "/");
    base_text_add_number(path, (uint64_t)channel->pid);
    base_text_add(path, "-");
    base_text_add_number(path, channel->begin_time);
    base_text_add(path, suffix);
}

// Making a file larger than the program's limit would kill it by SIGXFSZ.
static bool may_make_file(uint64_t bytes)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= bytes;
}

// Maps the file under its temporary name; the header is backed and written before the file gets its real name.
static struct wire_channel *map_new_file(const char *path, const struct wire_channel *header)
{
    if (!may_make_file(header->file_bytes))
        return NULL;
    long descriptor = base_syscall3(SYS_open, (uintptr_t)path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return NULL;
    struct wire_channel *channel = NULL;
    if (base_syscall3(SYS_ftruncate, (uintptr_t)descriptor, header->file_bytes, 0) == 0)
        channel = base_memory_map_file((int)descriptor, header->file_bytes, true);
    base_syscall3(SYS_close, (uintptr_t)descriptor, 0, 0);
    if (channel && !base_memory_populate(channel, sizeof *channel))
    {
        base_memory_unmap(channel, header->file_bytes);
        channel = NULL;
    }
    if (channel)
        memcpy(channel, header, sizeof *header);
    return channel;
}

// Open for reading as well: a tracer that dies meanwhile must not leave a write that nobody can read, which would kill.
static void tell(const char *directory, const char *file_name)
{
    struct base_text text;
    base_text_clear(&text);
    base_text_add(&text, directory);
    base_text_add(&text, "/" WIRE_NEWS_FILE);
    long descriptor = base_syscall3(SYS_open, (uintptr_t)text.bytes, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    base_text_clear(&text);
    base_text_add(&text, file_name);
    base_text_add(&text, "\n");
    base_syscall3(SYS_write, (uintptr_t)descriptor, (uintptr_t)text.bytes, text.length);
    base_syscall3(SYS_close, (uintptr_t)descriptor, 0, 0);
}

struct wire_channel *channel_create(const struct wire_session *session, const char *directory,
                                    const struct wire_channel *parent, uint32_t fork_serial, uint64_t fork_begin_time)
{
    struct wire_channel header = layout(session);
    identify(&header, parent, fork_serial, fork_begin_time, session->clock);
    struct base_text temporary;
    struct base_text final;
    name_of(&temporary, directory, &header, ".new");
    name_of(&final, directory, &header, WIRE_CHANNEL_SUFFIX);
    struct wire_channel *channel = map_new_file(temporary.bytes, &header);
    if (channel && base_syscall3(SYS_rename, (uintptr_t)temporary.bytes, (uintptr_t) final.bytes, 0) < 0)
    {
        base_memory_unmap(channel, header.file_bytes);
        channel = NULL;
    }
    if (channel)
        tell(directory, final.bytes + strlen(directory) + 1);
    else
        base_syscall3(SYS_unlink, (uintptr_t)temporary.bytes, 0, 0);
    return channel;
}

struct wire_ring *channel_ring(struct wire_channel *channel, uint32_t index)
{
    return (struct wire_ring *)((char *)channel + channel->rings_offset +
                                wire_ring_offset(channel->ring_records, index));
}
