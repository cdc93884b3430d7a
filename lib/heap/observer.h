// SPDX-License-Identifier: MIT
// What an allocator of ours tells about its memory, to whoever wants to know. Calls come from inside the allocator,
// with its locks held: an observer must not allocate, take a lock that is held around allocations, or block without
// limit.
#ifndef HEAPREEL_HEAP_OBSERVER_H
#define HEAPREEL_HEAP_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What an address range is for.
enum heap_role
{
    HEAP_ROLE_SLOTS = 1,    // zone of one size class (`zoned`)
    HEAP_ROLE_BUMP = 2,     // bump region: slots of all classes in the order of carving
    HEAP_ROLE_CHUNKS = 3,   // the heap of `splitmerge`
    HEAP_ROLE_METADATA = 4, // the allocator's own tables, apart from the blocks
};

enum
{
    HEAP_NO_CLASS = 0xffff,
};

// The class of a block: the one with its usable bytes; where two have the same, the one with is_aligned set serves
// blocks for which an alignment above 16 was asked.
struct heap_class
{
    uint32_t class_id; // from 0
    bool is_aligned;   // slots lie at multiples of their size
    size_t slot_bytes;
    size_t usable_bytes; // slot minus canary
};

struct heap_zone
{
    const void *address;
    size_t bytes;      // reserved
    uint32_t class_id; // HEAP_NO_CLASS where there is none
    enum heap_role role;
};

// Counts of a class in the allocator's own books. With other threads at work each may be off by what they have in hand.
struct heap_census
{
    uint32_t class_id;
    uint32_t carved;      // slots handed out at least once
    uint32_t used;        // slots that the program owns
    uint32_t quarantined; // freed, not yet to be reused
};

struct heap_observer
{
    void (*size_class)(const struct heap_class *about);   // told by describe alone
    void (*zone)(const struct heap_zone *about);          // address space was reserved
    void (*committed)(const void *address, size_t bytes); // pages became usable; called after the fact
    void (*returned)(const void *address, size_t bytes);  // pages are about to go back to the kernel; called before
    void (*census)(const struct heap_census *about);      // told by census alone
};

// Who is told of zones and pages from now on; NULL: nobody. Constant once the process has threads.
void heap_observe(const struct heap_observer *observer);

#endif
