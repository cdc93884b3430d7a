// SPDX-License-Identifier: MIT
// The tracer's view of a channel file: mapped, checked once, and from then on used only through own copies.
#ifndef HEAPREEL_TRACER_CHANNEL_H
#define HEAPREEL_TRACER_CHANNEL_H

#include "reel/status.h"
#include "wire/channel.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

// Constants are copies that were checked against the size of the file; a process that changes its page later cannot
// make the tracer leave the mapping.
struct channel
{
    struct wire_channel constants; // only the part that is constant counts
    void *map;
    size_t map_bytes;
    struct wire_channel *page; // hostile: copy, check, use
    const uint8_t *modules;
    const struct wire_stack_node *nodes;
    uint8_t *rings;
    const struct wire_difference *differences;
    char file_name[NAME_MAX + 1]; // in the session's directory
};

// What the process has counted so far; a snapshot.
struct channel_counters
{
    uint64_t lost_without_ring;
    uint64_t stacks_refused;
    uint64_t modules_refused;
    uint64_t children_unrecorded;
    uint64_t verify_count;
    uint64_t verify_differences;
};

// Opens and checks; a file that is no valid channel of this session gives REEL_E_DAMAGED.
int channel_open(struct channel *channel, int directory_fd, const char *file_name, const struct wire_session *session,
                 struct reel_error *error);
void channel_close(struct channel *channel); // an unopened (zeroed) channel is allowed

struct wire_ring *channel_ring(const struct channel *channel, uint32_t index); // index < constants.ring_count
uint32_t channel_ring_used(const struct channel *channel);                     // at most constants.ring_count
uint32_t channel_module_bytes(const struct channel *channel);                  // at most constants.module_log_bytes
// True when the process announced its exit status before it ended.
bool channel_exit_status(const struct channel *channel, int *exit_status);
// Copies a node; false when the id is out of range.
bool channel_node(const struct channel *channel, uint32_t id, struct wire_stack_node *node);
// Copies a record of a differing stack; false when it is not complete. index < WIRE_DIFFERENCES_MAX.
bool channel_difference(const struct channel *channel, uint32_t index, struct wire_difference *difference);
void channel_counters(const struct channel *channel, struct channel_counters *counters);
// Bytes of tmpfs that the channel occupies: they are resident in the process but not its own.
uint64_t channel_occupied_bytes(const struct channel *channel, int directory_fd);

#endif
