// SPDX-License-Identifier: MIT
// A channel made by hand: the test plays the process.
#ifndef HEAPREEL_TESTS_TRACER_FAKE_CHANNEL_H
#define HEAPREEL_TESTS_TRACER_FAKE_CHANNEL_H

#include "tracer/channel.h"

#include <stddef.h>
#include <stdint.h>

#define FAKE_CHANNEL_NAME "1-1" WIRE_CHANNEL_SUFFIX

struct fake_channel
{
    char directory[64];
    int directory_fd;
    struct wire_session session; // its limits only
    uint8_t *map;
    size_t bytes;
    struct wire_channel *page;
    struct channel channel; // the tracer's view
};

// Makes the file and opens it as the tracer does.
void fake_channel_create(struct fake_channel *fake, uint32_t ring_count, uint32_t ring_records);
void fake_channel_destroy(struct fake_channel *fake);

struct wire_ring *fake_ring(struct fake_channel *fake, uint32_t index);
// A thread takes the ring; ring_used grows to hold it.
struct wire_ring *fake_claim(struct fake_channel *fake, uint32_t index, int32_t tid);
void fake_busy(struct wire_ring *ring);
// Writes event number offset of the batch that is under way.
void fake_put(struct fake_channel *fake, struct wire_ring *ring, uint32_t offset, struct wire_event event);
// Commits count events and goes idle.
void fake_commit(struct wire_ring *ring, uint32_t count);
// One whole call: busy, one event, idle.
void fake_event(struct fake_channel *fake, struct wire_ring *ring, uint64_t time, uint32_t kind, uint64_t address);
struct wire_stack_node *fake_node(struct fake_channel *fake, uint32_t id, uint32_t parent, uint64_t address,
                                  uint32_t depth);
void fake_module(struct fake_channel *fake, uint32_t kind, uint32_t serial, uint32_t generation, uint64_t begin,
                 uint64_t end, const char *path);

#endif
