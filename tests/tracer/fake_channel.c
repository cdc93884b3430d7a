// SPDX-License-Identifier: MIT
// Lays out a channel file and writes into it like a process. Refuses to use any of the tracer's code but channel_open.
#include "fake_channel.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define FAKE_NODES 4096
#define FAKE_MODULE_LOG_BYTES 65536
#define FAKE_MODULES_OFFSET (2 * WIRE_PAGE_BYTES) // after the header and the differing stacks

static struct wire_channel layout(const struct fake_channel *fake, uint32_t ring_count)
{
    struct wire_channel page = {
        .magic = WIRE_CHANNEL_MAGIC,
        .version = WIRE_VERSION,
        .channel_bytes = sizeof page,
        .differences_offset = WIRE_PAGE_BYTES,
        .modules_offset = FAKE_MODULES_OFFSET,
        .nodes_offset = FAKE_MODULES_OFFSET + FAKE_MODULE_LOG_BYTES,
        .rings_offset = FAKE_MODULES_OFFSET + FAKE_MODULE_LOG_BYTES + FAKE_NODES * sizeof(struct wire_stack_node),
        .ring_count = ring_count,
        .ring_records = fake->session.ring_records,
        .node_count_max = FAKE_NODES,
        .module_log_bytes = FAKE_MODULE_LOG_BYTES,
        .origin = WIRE_ORIGIN_EXEC,
        .pid = getpid(),
        .begin_time = 1,
        .life = WIRE_LIFE_RUNNING,
        .node_count = 1,
        .generation = 1,
    };
    page.file_bytes = page.rings_offset + wire_ring_offset(page.ring_records, ring_count);
    return page;
}

void fake_channel_create(struct fake_channel *fake, uint32_t ring_count, uint32_t ring_records)
{
    memset(fake, 0, sizeof *fake);
    fake->session = (struct wire_session){.ring_count_max = 64,
                                          .ring_records = ring_records,
                                          .node_count_max = FAKE_NODES,
                                          .module_log_bytes = FAKE_MODULE_LOG_BYTES};
    snprintf(fake->directory, sizeof fake->directory, "/tmp/heapreel-test-XXXXXX");
    assert_non_null(mkdtemp(fake->directory));
    fake->directory_fd = open(fake->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = openat(fake->directory_fd, FAKE_CHANNEL_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fake->directory_fd >= 0 && fd >= 0);
    struct wire_channel page = layout(fake, ring_count);
    assert_int_equal(ftruncate(fd, (off_t)page.file_bytes), 0);
    fake->bytes = page.file_bytes;
    fake->map = mmap(NULL, fake->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(fake->map, MAP_FAILED);
    close(fd);
    fake->page = (struct wire_channel *)fake->map;
    memcpy(fake->map, &page, sizeof page);
    struct reel_error error;
    assert_int_equal(channel_open(&fake->channel, fake->directory_fd, FAKE_CHANNEL_NAME, &fake->session, &error),
                     REEL_OK);
}

void fake_channel_destroy(struct fake_channel *fake)
{
    channel_close(&fake->channel);
    munmap(fake->map, fake->bytes);
    unlinkat(fake->directory_fd, FAKE_CHANNEL_NAME, 0);
    close(fake->directory_fd);
    rmdir(fake->directory);
}

struct wire_ring *fake_ring(struct fake_channel *fake, uint32_t index)
{
    return (void *)(fake->map + fake->page->rings_offset + wire_ring_offset(fake->page->ring_records, index));
}

struct wire_ring *fake_claim(struct fake_channel *fake, uint32_t index, int32_t tid)
{
    struct wire_ring *ring = fake_ring(fake, index);
    assert_int_equal(ring->owner, WIRE_RING_FREE);
    if (fake->page->ring_used <= index)
        fake->page->ring_used = index + 1;
    ring->incarnation++;
    ring->tid = tid;
    __atomic_store_n(&ring->owner, WIRE_RING_LIVE, __ATOMIC_RELEASE);
    return ring;
}

void fake_busy(struct wire_ring *ring)
{
    __atomic_store_n(&ring->state, ring->state | 1, __ATOMIC_RELEASE);
}

void fake_put(struct fake_channel *fake, struct wire_ring *ring, uint32_t offset, struct wire_event event)
{
    uint64_t number = (ring->state >> 1) + offset;
    assert_true(number - ring->tail < fake->session.ring_records);
    ring->records[number & (fake->session.ring_records - 1)] = event;
}

void fake_commit(struct wire_ring *ring, uint32_t count)
{
    __atomic_store_n(&ring->state, ((ring->state >> 1) + count) << 1, __ATOMIC_RELEASE);
}

void fake_event(struct fake_channel *fake, struct wire_ring *ring, uint64_t time, uint32_t kind, uint64_t address)
{
    fake_busy(ring);
    fake_put(fake, ring, 0, (struct wire_event){.time = time, .where = wire_where(address, kind, 0)});
    fake_commit(ring, 1);
}

struct wire_stack_node *fake_node(struct fake_channel *fake, uint32_t id, uint32_t parent, uint64_t address,
                                  uint32_t depth)
{
    struct wire_stack_node *nodes = (void *)(fake->map + fake->page->nodes_offset);
    nodes[id] = (struct wire_stack_node){.address = address, .parent = parent, .depth = depth};
    if (fake->page->node_count <= id)
        fake->page->node_count = id + 1;
    return &nodes[id];
}

void fake_module(struct fake_channel *fake, uint32_t kind, uint32_t serial, uint32_t generation, uint64_t begin,
                 uint64_t end, const char *path)
{
    uint8_t *at = fake->map + fake->page->modules_offset + fake->page->module_bytes;
    struct wire_module record = {.kind = kind,
                                 .serial = serial,
                                 .generation = generation,
                                 .begin = begin,
                                 .end = end,
                                 .bias = begin,
                                 .path_bytes = (uint32_t)strlen(path)};
    record.record_bytes = (uint32_t)((sizeof record + record.path_bytes + 7) & ~(size_t)7);
    memcpy(at, &record, sizeof record);
    memcpy(at + sizeof record, path, record.path_bytes);
    fake->page->module_bytes += record.record_bytes;
}
