// SPDX-License-Identifier: MIT
// Maps channel files and checks every constant against the file and the session. Refuses to interpret events, stacks
// or modules: it only hands out copies and bounded pointers.
#include "tracer/channel.h"

#include "tracer/failure.h"
#include "tracer/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHANNEL_FILE_BYTES_MAX (UINT64_C(1) << 40)

static bool range_is_inside(uint64_t offset, uint64_t bytes, uint64_t file_bytes, uint64_t alignment)
{
    return offset >= sizeof(struct wire_channel) && offset % alignment == 0 && offset <= file_bytes &&
           bytes <= file_bytes - offset;
}

// Names what is wrong with the constants, or NULL.
static const char *find_fault(const struct wire_channel *c, uint64_t file_bytes, const struct wire_session *session)
{
    if (c->magic != WIRE_CHANNEL_MAGIC)
        return "wrong magic number";
    if (c->version != WIRE_VERSION || c->channel_bytes != sizeof *c)
        return "another version";
    if (c->file_bytes != file_bytes)
        return "wrong size";
    if (c->ring_records == 0 || c->ring_records > session->ring_records ||
        (c->ring_records & (c->ring_records - 1)) != 0)
        return "rings of wrong size";
    if (c->ring_count == 0 || c->ring_count > session->ring_count_max ||
        !range_is_inside(c->rings_offset, wire_ring_offset(c->ring_records, c->ring_count), file_bytes,
                         WIRE_CACHE_LINE))
        return "rings outside the file";
    if (c->node_count_max > session->node_count_max ||
        !range_is_inside(c->nodes_offset, (uint64_t)c->node_count_max * sizeof(struct wire_stack_node), file_bytes, 16))
        return "stack tree outside the file";
    if (!range_is_inside(c->differences_offset, WIRE_PAGE_BYTES, file_bytes, WIRE_CACHE_LINE))
        return "differing stacks outside the file";
    if (c->module_log_bytes > session->module_log_bytes ||
        !range_is_inside(c->modules_offset, c->module_log_bytes, file_bytes, 8))
        return "module log outside the file";
    if (c->origin != WIRE_ORIGIN_EXEC && c->origin != WIRE_ORIGIN_FORK)
        return "unknown origin";
    if (c->pid <= 0 || c->command_bytes > WIRE_COMMAND_BYTES)
        return "impossible process";
    return NULL;
}

static int map_file(struct channel *channel, int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return -1;
    uint64_t file_bytes = (uint64_t)about.st_size;
    if (!S_ISREG(about.st_mode) || file_bytes < WIRE_PAGE_BYTES || file_bytes > CHANNEL_FILE_BYTES_MAX)
    {
        errno = EINVAL;
        return -1;
    }
    void *map = mmap(NULL, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return -1;
    channel->map = map;
    channel->map_bytes = file_bytes;
    guard_add(map, file_bytes);
    return 0;
}

static int adopt(struct channel *channel, const struct wire_session *session, struct reel_error *error)
{
    channel->page = channel->map;
    memcpy(&channel->constants, channel->map, sizeof channel->constants);
    const char *fault = find_fault(&channel->constants, channel->map_bytes, session);
    if (fault != NULL)
        return failure_set(error, REEL_E_DAMAGED, "channel %s: %s", channel->file_name, fault);
    channel->modules = (uint8_t *)channel->map + channel->constants.modules_offset;
    channel->nodes = (const void *)((uint8_t *)channel->map + channel->constants.nodes_offset);
    channel->rings = (uint8_t *)channel->map + channel->constants.rings_offset;
    channel->differences = (const void *)((uint8_t *)channel->map + channel->constants.differences_offset);
    return REEL_OK;
}

int channel_open(struct channel *channel, int directory_fd, const char *file_name, const struct wire_session *session,
                 struct reel_error *error)
{
    memset(channel, 0, sizeof *channel);
    snprintf(channel->file_name, sizeof channel->file_name, "%s", file_name);
    int fd = openat(directory_fd, file_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return failure_set(error, REEL_E_OPEN, "channel %s: %s", file_name, strerror(errno));
    int status = map_file(channel, fd);
    if (status != 0)
        status = failure_set(error, errno == EINVAL ? REEL_E_DAMAGED : REEL_E_OPEN, "channel %s: %s", file_name,
                             strerror(errno));
    close(fd);
    if (status == REEL_OK)
        status = adopt(channel, session, error);
    if (status != REEL_OK)
        channel_close(channel);
    return status;
}

void channel_close(struct channel *channel)
{
    if (channel->map != NULL)
    {
        guard_remove(channel->map);
        munmap(channel->map, channel->map_bytes);
    }
    channel->map = NULL;
    channel->page = NULL;
}

struct wire_ring *channel_ring(const struct channel *channel, uint32_t index)
{
    return (void *)(channel->rings + wire_ring_offset(channel->constants.ring_records, index));
}

uint32_t channel_ring_used(const struct channel *channel)
{
    uint32_t used = __atomic_load_n(&channel->page->ring_used, __ATOMIC_ACQUIRE);
    return used < channel->constants.ring_count ? used : channel->constants.ring_count;
}

uint32_t channel_module_bytes(const struct channel *channel)
{
    uint32_t bytes = __atomic_load_n(&channel->page->module_bytes, __ATOMIC_ACQUIRE);
    return bytes < channel->constants.module_log_bytes ? bytes : channel->constants.module_log_bytes;
}

bool channel_exit_status(const struct channel *channel, int *exit_status)
{
    if (__atomic_load_n(&channel->page->life, __ATOMIC_ACQUIRE) != WIRE_LIFE_EXITED)
        return false;
    *exit_status = __atomic_load_n(&channel->page->exit_status, __ATOMIC_RELAXED) & 0xff;
    return true;
}

bool channel_node(const struct channel *channel, uint32_t id, struct wire_stack_node *node)
{
    uint32_t handed_out = __atomic_load_n(&channel->page->node_count, __ATOMIC_ACQUIRE);
    if (id == 0 || id >= handed_out || id >= channel->constants.node_count_max)
        return false;
    memcpy(node, &channel->nodes[id], sizeof *node);
    return true;
}

bool channel_difference(const struct channel *channel, uint32_t index, struct wire_difference *difference)
{
    const struct wire_difference *shared = &channel->differences[index];
    if (__atomic_load_n(&shared->is_complete, __ATOMIC_ACQUIRE) == 0)
        return false;
    memcpy(difference, shared, sizeof *difference);
    return true;
}

void channel_counters(const struct channel *channel, struct channel_counters *counters)
{
    const struct wire_channel *page = channel->page;
    counters->lost_without_ring = __atomic_load_n(&page->lost_without_ring, __ATOMIC_RELAXED);
    counters->stacks_refused = __atomic_load_n(&page->stacks_refused, __ATOMIC_RELAXED);
    counters->modules_refused = __atomic_load_n(&page->modules_refused, __ATOMIC_RELAXED);
    counters->children_unrecorded = __atomic_load_n(&page->children_unrecorded, __ATOMIC_RELAXED);
    counters->verify_count = __atomic_load_n(&page->verify_count, __ATOMIC_RELAXED);
    counters->verify_differences = __atomic_load_n(&page->verify_differences, __ATOMIC_RELAXED);
}

uint64_t channel_occupied_bytes(const struct channel *channel, int directory_fd)
{
    struct stat about;
    if (fstatat(directory_fd, channel->file_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    return (uint64_t)about.st_blocks * 512;
}
