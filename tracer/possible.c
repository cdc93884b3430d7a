// SPDX-License-Identifier: MIT
// Looks at the values of one record. Refuses to know where it came from.
#include "tracer/possible.h"

static bool is_range(uint64_t begin, uint64_t bytes)
{
    return bytes > 0 && bytes <= WIRE_ADDRESS_MASK - begin;
}

static bool is_possible_zone(const struct wire_event *event)
{
    uint32_t role = event->slack >> WIRE_CLASS_BITS;
    return is_range(wire_where_address(event->where), event->size) && role >= WIRE_ROLE_SLOTS &&
           role <= WIRE_ROLE_METADATA;
}

static bool is_possible_misuse(const struct wire_event *event)
{
    uint32_t misuse = event->slack & ((1u << WIRE_MISUSE_BITS) - 1);
    return misuse >= WIRE_MISUSE_DOUBLE_FREE && misuse <= WIRE_MISUSE_ABSURD_SIZE;
}

bool possible_event(const struct wire_event *event)
{
    uint64_t address = wire_where_address(event->where);
    switch (wire_where_kind(event->where))
    {
    case WIRE_EVENT_ALLOC:
    case WIRE_EVENT_FREE:
    case WIRE_EVENT_RESIZE:
    case WIRE_EVENT_FORK:
        return true;
    case WIRE_EVENT_CLASS:
        return address < WIRE_NO_CLASS && event->size > 0 && event->size <= WIRE_ADDRESS_MASK &&
               event->slack <= event->size;
    case WIRE_EVENT_ZONE:
        return is_possible_zone(event);
    case WIRE_EVENT_COMMIT:
    case WIRE_EVENT_RETURN:
        return is_range(address, event->size);
    case WIRE_EVENT_CENSUS:
        return address < WIRE_NO_CLASS;
    case WIRE_EVENT_MISUSE:
        return is_possible_misuse(event);
    default:
        return false;
    }
}
