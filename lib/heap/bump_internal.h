// SPDX-License-Identifier: MIT
// What the files of `bump` share: regions, classes, and how a block is found from an address.
//
// A region is a reservation of 16-byte granules. Granules are numbered, so that a block has a 32-bit index: its upper 6
// bits say which window of a GiB it is in. A region takes as many windows as it needs, in a row. Beside each region
// lies a byte for each granule, which tells whether a slot begins there, of which class, and whether the program owns
// it:
//
//   granule     1    2    3    4    5    6    7    8    9   10   11
//   slots     |  48 bytes    | 16 |       64 bytes    | 16 | not carved ...
//   states    L|2   0    0   F|0  L|3   0    0    0   L|0  0    0          L = live, F = free, | class
//
// Who turns L into F, atomically, is the one who frees. Who has taken an index off its class's stack or queue owns it
// and writes L. States lie apart from blocks; only the link of a *free* slot on a stack lies in its first 4 bytes, and
// in the next 4 a seal that tells whether it was overwritten.
//
// No thread ever waits for another one.
#ifndef HEAPREEL_HEAP_BUMP_INTERNAL_H
#define HEAPREEL_HEAP_BUMP_INTERNAL_H

#include "heap/backend.h"
#include "heap/bump_extent.h"
#include "heap/index_queue.h"
#include "heap/index_stack.h"
#include "heap/misuse.h"
#include "heap/size_class.h"

#include <assert.h>

enum
{
    BUMP_GRANULE = BUMP_EXTENT_GRAIN,
    BUMP_WINDOW_SHIFT = 26, // granules
    BUMP_WINDOW_COUNT = 64,
    // Classes for blocks with an alignment above 16: slots of 32, 64, ... bytes at multiples of their size.
    BUMP_ALIGNED_CLASS = SIZE_CLASS_COUNT, // the first of them
    BUMP_ALIGNED_MIN = 32,
    BUMP_ALIGNED_COUNT = 13,
    BUMP_CLASS_COUNT = SIZE_CLASS_COUNT + BUMP_ALIGNED_COUNT,

    // States of a granule; 0: no slot begins here.
    BUMP_LIVE = 0x80,
    BUMP_FREE = 0x40,
    BUMP_STATE_CLASS = 0x3f,
};
static_assert(BUMP_ALIGNED_MIN << (BUMP_ALIGNED_COUNT - 1) == SIZE_CLASS_BYTES_MAX, "both kinds end at the same size");
static_assert(BUMP_CLASS_COUNT <= BUMP_STATE_CLASS + 1, "a state holds a class");
static_assert((uint64_t)BUMP_WINDOW_COUNT << BUMP_WINDOW_SHIFT == UINT64_C(1) << 32, "all indices are in a window");

// Constant once it is published, except for how far its extents are used.
struct bump_region
{
    struct bump_extent slots;
    struct bump_extent states; // as many bytes as slots has granules
    uint32_t first_window;
    uint32_t window_count;
};

// Where the granules of a window are: address and state of index i are at slots + 16 i and at states + i.
struct bump_window
{
    uintptr_t slots;
    uintptr_t states;
    struct bump_region *region; // NULL: unused. Stored last
};

struct bump_class
{
    _Alignas(64) struct index_stack free; // LIFO
    uint32_t carved;                      // slots; raised by who carves, before the slot is the program's
};

struct bump_heap
{
    enum heap_kind kind;      // constant after open
    bool is_all_reserved;     // no further region could be opened
    uint32_t windows_taken;   // compare and swap
    struct bump_region first; // where nearly all blocks are
    struct bump_window windows[BUMP_WINDOW_COUNT];
    struct bump_class classes[BUMP_CLASS_COUNT];
    // FIFO
    struct index_queue queues[BUMP_CLASS_COUNT];
    struct bump_extent nodes;        // one for each slot and each queue
    struct index_stack unused_nodes; // for whose slot there was no room
};

extern struct bump_heap bump;

static inline size_t bump_slot_bytes(uint32_t class_id)
{
    return class_id < BUMP_ALIGNED_CLASS ? size_class_bytes[class_id]
                                         : (size_t)BUMP_ALIGNED_MIN << (class_id - BUMP_ALIGNED_CLASS);
}

static inline void *bump_address(uint32_t index)
{
    return (void *)(bump.windows[index >> BUMP_WINDOW_SHIFT].slots + (uintptr_t)index * BUMP_GRANULE);
}

static inline uint8_t *bump_state(uint32_t index)
{
    return (uint8_t *)(bump.windows[index >> BUMP_WINDOW_SHIFT].states + index);
}

// The region in whose usable pages the address lies; NULL: none.
const struct bump_region *bump_further_region_at(const void *address);

static inline const struct bump_region *bump_region_at(const void *address)
{
    size_t offset = (uintptr_t)address - (uintptr_t)bump.first.slots.address;
    return __builtin_expect(offset < bump_extent_committed(&bump.first.slots), 1) ? &bump.first
                                                                                  : bump_further_region_at(address);
}

// Of the granule that the address lies in.
static inline uint32_t bump_index(const struct bump_region *region, const void *address)
{
    size_t offset = (uintptr_t)address - (uintptr_t)region->slots.address;
    return (region->first_window << BUMP_WINDOW_SHIFT) + (uint32_t)(offset / BUMP_GRANULE);
}

// Reserves the first region, and the nodes of the queues. bump.kind is set. False: no address space.
bool bump_regions_open(void);
// A new slot of the class, its state not yet written; 0: nowhere left.
uint32_t bump_carve(uint32_t class_id);
// The first region at or after *window, which is moved past it; NULL: there is none.
struct bump_region *bump_next_region(uint32_t *window);

void bump_describe(const struct heap_observer *observer);
void bump_census(const struct heap_observer *observer);
struct mallinfo2 bump_mallinfo2(void);
// What is wrong with freeing this address, at which no live slot begins.
enum heap_misuse_kind bump_misuse_at(const struct bump_region *region, const void *address);

#endif
