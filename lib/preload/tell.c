// SPDX-License-Identifier: MIT
// Hands what the allocator tells of its memory to the recorder, as events. Called with the allocator's locks held:
// translates and does nothing else.
#include "preload/preload_internal.h"

#include "heap/observer.h"
#include "record/record.h"
#include "wire/event.h"

#include <assert.h>
#include <stdint.h>

static_assert((int)HEAP_ROLE_SLOTS == (int)WIRE_ROLE_SLOTS && (int)HEAP_ROLE_BUMP == (int)WIRE_ROLE_BUMP &&
                  (int)HEAP_ROLE_CHUNKS == (int)WIRE_ROLE_CHUNKS && (int)HEAP_ROLE_METADATA == (int)WIRE_ROLE_METADATA,
              "roles are copied");
static_assert(HEAP_NO_CLASS == WIRE_NO_CLASS, "class ids are copied");

static void tell_class(const struct heap_class *about)
{
    record_heap(WIRE_EVENT_CLASS, about->class_id, about->slot_bytes, (uint32_t)about->usable_bytes,
                about->is_aligned ? WIRE_EVENT_ALIGNED : 0);
}

static void tell_zone(const struct heap_zone *about)
{
    record_heap(WIRE_EVENT_ZONE, (uintptr_t)about->address, about->bytes,
                about->class_id | (uint32_t)about->role << WIRE_CLASS_BITS, 0);
}

static void tell_committed(const void *address, size_t bytes)
{
    if (bytes > 0)
        record_heap(WIRE_EVENT_COMMIT, (uintptr_t)address, bytes, 0, 0);
}

static void tell_returned(const void *address, size_t bytes)
{
    if (bytes > 0)
        record_heap(WIRE_EVENT_RETURN, (uintptr_t)address, bytes, 0, 0);
}

static void tell_census(const struct heap_census *about)
{
    record_heap(WIRE_EVENT_CENSUS, about->class_id, (uint64_t)about->carved << 32 | about->used, about->quarantined, 0);
}

static const struct heap_observer recording = {
    .size_class = tell_class,
    .zone = tell_zone,
    .committed = tell_committed,
    .returned = tell_returned,
    .census = tell_census,
};

static void describe(void)
{
    preload_heap()->describe(&recording);
}

void preload_tell_begin(void)
{
    record_on_begin(describe);
    heap_observe(&recording);
}

void preload_tell_census(void)
{
    if (preload_heap()->census)
        preload_heap()->census(&recording);
}
