// SPDX-License-Identifier: MIT
// Gives the reel what an allocator told of its memory, and what the program did wrong with a block. Values are possible
// ones (the drain has seen to it); what the reel refuses all the same is counted and left out.
#include "tracer/emit.h"

static_assert((int)WIRE_ROLE_SLOTS == (int)REEL_ZONE_SLOTS && (int)WIRE_ROLE_BUMP == (int)REEL_ZONE_BUMP &&
                  (int)WIRE_ROLE_CHUNKS == (int)REEL_ZONE_CHUNKS && (int)WIRE_ROLE_METADATA == (int)REEL_ZONE_METADATA,
              "roles are copied");
static_assert((int)WIRE_MISUSE_DOUBLE_FREE == (int)REEL_MISUSE_DOUBLE_FREE &&
                  (int)WIRE_MISUSE_INVALID_FREE == (int)REEL_MISUSE_INVALID_FREE &&
                  (int)WIRE_MISUSE_MISALIGNED_FREE == (int)REEL_MISUSE_MISALIGNED_FREE &&
                  (int)WIRE_MISUSE_WRONG_SIZE == (int)REEL_MISUSE_WRONG_SIZE &&
                  (int)WIRE_MISUSE_WRITE_AFTER_FREE == (int)REEL_MISUSE_WRITE_AFTER_FREE &&
                  (int)WIRE_MISUSE_OVERFLOW == (int)REEL_MISUSE_OVERFLOW &&
                  (int)WIRE_MISUSE_ABSURD_SIZE == (int)REEL_MISUSE_ABSURD_SIZE,
              "misuses are copied");

static int add_class(struct emit *emit, const struct wire_event *event, struct reel_error *error)
{
    const struct reel_class_info info = {.class_id = (uint32_t)wire_where_address(event->where),
                                         .is_aligned = (wire_where_flags(event->where) & WIRE_EVENT_ALIGNED) != 0,
                                         .slot_bytes = event->size,
                                         .usable_bytes = event->slack};
    return reel_writer_add_class(emit->writer, &info, error);
}

static int add_zone(struct emit *emit, uint32_t process, const struct wire_event *event, struct reel_error *error)
{
    uint32_t class_id = event->slack & ((1u << WIRE_CLASS_BITS) - 1);
    const struct reel_zone_info info = {.process = process,
                                        .t_ns = emit->last_ns,
                                        .begin = wire_where_address(event->where),
                                        .bytes = event->size,
                                        .class_id = class_id == WIRE_NO_CLASS ? REEL_NO_CLASS : class_id,
                                        .role = (enum reel_zone_role)(event->slack >> WIRE_CLASS_BITS)};
    return reel_writer_add_zone(emit->writer, &info, error);
}

static int add_page_change(struct emit *emit, uint32_t process, const struct wire_event *event,
                           struct reel_error *error)
{
    const struct reel_page_change change = {.process = process,
                                            .t_ns = emit->last_ns,
                                            .begin = wire_where_address(event->where),
                                            .bytes = event->size,
                                            .is_committed = wire_where_kind(event->where) == WIRE_EVENT_COMMIT};
    return reel_writer_add_page_change(emit->writer, &change, error);
}

static int add_census(struct emit *emit, uint32_t process, const struct wire_event *event, struct reel_error *error)
{
    const struct reel_census census = {.process = process,
                                       .t_ns = emit->last_ns,
                                       .class_id = (uint32_t)wire_where_address(event->where),
                                       .carved_slots = event->size >> 32,
                                       .used_slots = event->size & UINT32_MAX,
                                       .quarantined_slots = event->slack};
    return reel_writer_add_census(emit->writer, &census, error);
}

// The free that was the misuse stands directly before it in its ring.
static uint64_t find_free(const struct drain_ring *ring, enum reel_misuse misuse, const struct wire_event *event)
{
    bool is_of_free = misuse <= REEL_MISUSE_WRONG_SIZE && (wire_where_flags(event->where) & WIRE_EVENT_REALLOC) == 0;
    uint64_t address = wire_where_address(event->where);
    bool is_after_free = wire_where_kind(ring->last_where) == WIRE_EVENT_FREE;
    bool is_same = address != 0 && address == wire_where_address(ring->last_where);
    return is_of_free && is_after_free && is_same ? ring->last_event : REEL_NO_EVENT;
}

static int add_finding(struct emit *emit, uint32_t process, const struct drain_ring *ring,
                       const struct wire_event *event, uint32_t stack, struct reel_error *error)
{
    enum reel_misuse misuse = (enum reel_misuse)(event->slack & ((1u << WIRE_MISUSE_BITS) - 1));
    const struct reel_finding_info info = {.process = process,
                                           .thread = ring->thread,
                                           .t_ns = emit->last_ns,
                                           .misuse = misuse,
                                           .address = wire_where_address(event->where),
                                           .size_bytes = event->size,
                                           .true_size_bytes = event->slack >> WIRE_MISUSE_BITS,
                                           .stack = stack,
                                           .free_event = find_free(ring, misuse, event)};
    return reel_writer_add_finding(emit->writer, &info, error);
}

int emit_heap(struct emit *emit, struct process *process, const struct drain_ring *ring, const struct wire_event *event,
              uint32_t stack, struct reel_error *error)
{
    int status = emit_flush(emit, error); // it takes its place after what came before
    if (status != REEL_OK)
        return status;
    switch (wire_where_kind(event->where))
    {
    case WIRE_EVENT_CLASS:
        status = add_class(emit, event, error);
        break;
    case WIRE_EVENT_ZONE:
        status = add_zone(emit, process->row, event, error);
        break;
    case WIRE_EVENT_CENSUS:
        status = add_census(emit, process->row, event, error);
        break;
    case WIRE_EVENT_MISUSE:
        status = add_finding(emit, process->row, ring, event, stack, error);
        break;
    default:
        status = add_page_change(emit, process->row, event, error);
    }
    process->bad_heap += status == REEL_E_ARGUMENT;
    return status == REEL_E_ARGUMENT ? REEL_OK : status;
}
