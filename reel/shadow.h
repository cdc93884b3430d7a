// SPDX-License-Identifier: MIT
// The shadow of a process's address space: which bytes belong to a live block, exactly.
//
// It finds any overlap of blocks, unlike a table of addresses. It knows nothing of events, processes and violations:
// that is the judge's business. One thread at a time may use a shadow and all its clones, because they share memory.
//
//   address >> 20 ──hash──▶ leaf (1 MiB) ─┬─ used[]    one bit for each granule of 8 bytes: belongs to a live block
//                                         └─ words[]   one word for each granule: the block that starts there
//   blocks of 1 MiB and more ───▶ a sorted array, so that a huge block costs no more than a small one
//
// A block takes whole granules: the addresses of malloc are multiples of 8, so that two blocks never share one.
#ifndef HEAPREEL_REEL_SHADOW_H
#define HEAPREEL_REEL_SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shadow;

struct shadow_block
{
    uint64_t address;
    uint64_t requested_bytes;
    uint64_t usable_bytes; // at least requested_bytes; 0 takes a granule as well
    bool is_inherited;     // was there when the shadow was cloned from another
    uint8_t tag;           // the caller's, below 128
};

// What an address has been the beginning of.
struct shadow_start
{
    uint8_t tag;    // of the block that begins here, or of the last one that did; 0 where none did
    bool is_carved; // shadow_mark_carved was called, also before the shadow was cloned
};

enum shadow_result
{
    SHADOW_OK,
    SHADOW_OVERLAP,   // some byte belongs to another live block
    SHADOW_UNKNOWN,   // no live block starts at the address
    SHADOW_NO_MEMORY, // nothing was changed
};

struct shadow *shadow_create(void); // NULL: no memory
// The same blocks, all of them inherited. Shares the leaves until one side writes. NULL: no memory.
struct shadow *shadow_clone(struct shadow *parent);
void shadow_destroy(struct shadow *shadow); // NULL is allowed

// OK or OVERLAP; then nothing is changed and *other is one of the blocks in the way. is_inherited is ignored. A block
// that would reach past the end of the address space overlaps itself.
enum shadow_result shadow_add(struct shadow *shadow, const struct shadow_block *block, struct shadow_block *other);
// OK or UNKNOWN; *removed is the block that was there.
enum shadow_result shadow_remove(struct shadow *shadow, uint64_t address, struct shadow_block *removed);
// OK, OVERLAP or UNKNOWN; the block at the address takes the sizes of block and stays inherited if it was.
enum shadow_result shadow_resize(struct shadow *shadow, const struct shadow_block *block, struct shadow_block *other);
// OK or UNKNOWN.
enum shadow_result shadow_find(const struct shadow *shadow, uint64_t address, struct shadow_block *found);
// True if a block ever started at the address or it was marked, in this shadow or before it was cloned.
bool shadow_has_seen(const struct shadow *shadow, uint64_t address);
// OK or NO_MEMORY.
enum shadow_result shadow_mark_seen(struct shadow *shadow, uint64_t address);

// Starts of tagged blocks, for addresses that are multiples of 8 and blocks below 1 MiB; others have none.
struct shadow_start shadow_start_at(const struct shadow *shadow, uint64_t address);
enum shadow_result shadow_mark_carved(struct shadow *shadow, uint64_t address); // OK or NO_MEMORY
// The last address from begin to the one before end at which a tagged block has begun; 0 = there is none.
uint64_t shadow_last_start(const struct shadow *shadow, uint64_t begin, uint64_t end);
// OVERLAP if some byte of the range belongs to a live block, which is *other; else OK. The range is not empty.
enum shadow_result shadow_look(const struct shadow *shadow, uint64_t begin, uint64_t end, struct shadow_block *other);

#endif
