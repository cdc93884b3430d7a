// SPDX-License-Identifier: MIT
// The heap at any moment: a state that moves over the events of a reel, forward and back, and what is true of it there.
//
// A moment is a number of events: the state after the first that many of them. All sums are kept while the state moves;
// asking costs what the answer is long. A replay belongs to one thread, reads through its reader, and must be closed
// before it. Process 0 means all that run at the moment; blocks that came with a fork count in their own process's
// pages, classes and zones, and not in sums over all processes, nor in stacks. A process that ends at event E is there
// up to the moment E, and not after it.
//
// Functions return REEL_OK or a negative enum reel_status with a line of text in *error.
#ifndef HEAPREEL_REEL_REPLAY_H
#define HEAPREEL_REEL_REPLAY_H

#include "reel/reader.h"
#include "reel/status.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REEL_REPLAY_PAGE_BYTES 4096u
#define REEL_FILL_STEPS 10     // tenths of a page
#define REEL_CLASS_NUMBERS 256 // numbers of classes are below it; 0 = large blocks and those of no class

struct reel_replay;

// At the beginning of the reel. Reads the processes and classes, no event.
int reel_replay_open(struct reel_replay **out, struct reel_reader *reader, struct reel_error *error);
void reel_replay_close(struct reel_replay *replay); // NULL is allowed

// Sees what has come to a reel that is being recorded since the replay was opened or refreshed last, its reader as well
// (reel_reader_refresh): events, processes, their forks and ends, classes, zones, stacks, samples. It stays at its
// moment; a seek to the new end costs the new events. All answers are then those of a replay that is opened now. Costs
// what is new, and nothing once the recording is complete.
//
// What a process did after a moment does not change it: one that ran at a moment that was passed, and has ended since,
// ended after it. A child can become known after its fork was passed: then the replay goes back there, to take the
// parent's blocks, and on to its moment again. Classes that are told late number all blocks anew: then the whole way is
// gone once more.
//
// After an error the replay can be used; it may stand elsewhere, and knows the end that it knew before.
int reel_replay_refresh(struct reel_replay *replay, struct reel_error *error);

// Moves to the state after that many events; more than there are: to the end. Damaged chunks are passed over and
// counted. REEL_E_CANCELLED: the state stands somewhere on the way, and can be moved on.
int reel_replay_seek(struct reel_replay *replay, uint64_t events, const struct reel_progress *progress,
                     struct reel_error *error);
uint64_t reel_replay_events(const struct reel_replay *replay); // where it stands
uint64_t reel_replay_t_ns(const struct reel_replay *replay);   // time of the last event before it, 0 = none
// Where who follows a recording should look: at the newest moment, or, where many events lead to it, at a moment not
// before oldest_ns that costs less: where the state stands, at the last keyframe, or at the end of a chunk. Of a reel
// that is whole its end.
uint64_t reel_replay_newest(struct reel_replay *replay, uint64_t oldest_ns);
uint64_t reel_replay_damaged_events(const struct reel_replay *replay); // left out on the way here
struct reel_reader *reel_replay_reader(const struct reel_replay *replay);

// --- processes ---

struct reel_replay_process
{
    uint32_t process;
    bool is_running;
    bool is_fork;
};
// Of all that the reel knows; [process - 1]. Valid until the next seek or refresh.
const struct reel_replay_process *reel_replay_processes(const struct reel_replay *replay, size_t *count);

// --- sums ---

// All pages are 4 KiB; a block lies on each page that one of its usable bytes lies on.
struct reel_heap_state
{
    uint64_t live_blocks;      // own blocks; for process 0 all that follows counts these alone
    uint64_t requested_bytes;  // of them
    uint64_t usable_bytes;     // of them; less the requested: rounding
    uint64_t inherited_blocks; // came with the fork and live
    uint64_t inherited_requested_bytes;
    uint64_t inherited_usable_bytes;
    uint64_t header_bytes;                     // glibc's words before each block, inherited ones included; else 0
    uint64_t occupied_pages;                   // with a live block, inherited ones included
    uint64_t pinned_bytes;                     // on occupied pages, of no block and no header
    uint64_t pages_by_fill[REEL_FILL_STEPS];   // occupied pages by the part that blocks take: [0] up to a tenth
    uint64_t carved_bytes, carved_slots;       // of all classes; 0 where the allocator does not tell
    uint64_t class_peak_bytes;                 // sum over the classes of slot size and greatest number of live slots
    uint64_t peak_slot_bytes, live_slot_bytes; // of all classes together
};
int reel_replay_heap(const struct reel_replay *replay, uint32_t process, struct reel_heap_state *heap,
                     struct reel_error *error);

// A size class: one of the allocator's, or, where it has told none, a range of usable sizes: steps of 16 bytes up to
// 1024, then four to each power of two.
struct reel_class_state
{
    uint32_t number;      // ascending sizes, the same in all answers about a reel; 0: large blocks, or of no class
    uint32_t class_id;    // the allocator's, or UINT32_MAX
    bool is_aligned;      // the allocator's: slots at multiples of their size
    uint64_t slot_bytes;  // the allocator's, 0 = unknown
    uint64_t least_bytes; // usable, of a block of the class
    uint64_t greatest_bytes;
    uint64_t live_blocks;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
    uint64_t carved_slots;    // handed out at least once; 0 where the allocator does not tell
    uint64_t peak_live_slots; // since the process began, by then; 0 where the allocator does not tell
};
// Classes that have or had blocks. The array is the caller's, to be freed with free().
int reel_replay_classes(const struct reel_replay *replay, uint32_t process, struct reel_class_state **classes,
                        size_t *count, struct reel_error *error);
// The class of a number, without figures.
struct reel_class_state reel_replay_class(const struct reel_replay *replay, uint32_t number);

// Of each stack what its live blocks hold; [stack], 0 = blocks without one. Valid until the next seek or refresh.
struct reel_stack_state
{
    uint64_t live_blocks;
    uint64_t requested_bytes;
    uint64_t rounding_bytes;
};
const struct reel_stack_state *reel_replay_stacks(const struct reel_replay *replay, size_t *count);

// --- blocks ---

struct reel_live_block
{
    uint32_t process;
    uint32_t stack; // of the alloc event, 0 = none
    uint32_t class_number;
    bool is_inherited;
    uint64_t address;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
    uint64_t birth_event;
};
// Gives each live block, in no order; take returns other than REEL_OK to end it, and that is returned. Or
// REEL_E_NO_MEMORY.
int reel_replay_each_block(const struct reel_replay *replay, uint32_t process,
                           int (*take)(void *context, const struct reel_live_block *block), void *context);
// The live block with that byte among its usable ones, or that address. False: none. Looks at all blocks.
bool reel_replay_block_at(const struct reel_replay *replay, uint32_t process, uint64_t address,
                          struct reel_live_block *block);

struct reel_block_filter
{
    uint32_t process;     // 0 = any
    uint32_t stack;       // 0 = any
    int32_t class_number; // -1 = any
    uint64_t least_bytes; // requested
    uint64_t most_bytes;  // 0 = no bound
    uint64_t born_from;   // event
    uint64_t born_before; // 0 = no bound
    uint64_t address_from;
    uint64_t address_before; // 0 = no bound
};
// Those that pass, by process and address, at most limit; the next page begins after the last one given: after_process
// and after_address, 0 and 0 for the first. The array is the caller's.
int reel_replay_blocks(const struct reel_replay *replay, const struct reel_block_filter *filter, uint32_t after_process,
                       uint64_t after_address, size_t limit, struct reel_live_block **blocks, size_t *count,
                       struct reel_error *error);

// --- pages and zones ---

enum reel_page_flag
{
    REEL_PAGE_RESIDENT = 1, // when the kernel was last asked, or a live block has come to it since
    REEL_PAGE_KNOWN = 2,    // the kernel was asked about it
    REEL_PAGE_METADATA = 4,
};
// 8 bytes, as the blobs have it: little endian.
struct reel_page
{
    uint16_t live_bytes;  // usable bytes of live blocks, at most 4096
    uint16_t blocks;      // live ones that touch it
    uint8_t class_number; // of one of them; 0 = none, or large
    uint8_t flags;        // enum reel_page_flag, or-ed
    uint16_t reserved;
};
static_assert(sizeof(struct reel_page) == 8, "a blob's stride");
// page_count pages from the one that begins at address.
int reel_replay_pages(struct reel_replay *replay, uint32_t process, uint64_t address, size_t page_count,
                      struct reel_page *pages, struct reel_error *error);

enum reel_region_kind
{
    REEL_REGION_ZONE = 1,     // of an allocator of ours
    REEL_REGION_METADATA = 2, // its own tables
    REEL_REGION_HEAP = 3,     // the program break, [heap]
    REEL_REGION_ARENA = 4,    // of glibc's malloc
    REEL_REGION_MAPPING = 5,  // any other memory with live blocks; of ours also what is kept of freed large ones
};
// A stretch of address space that serves blocks. For allocators of ours the zones; else the mappings of the heap, as
// the kernel named them last, or where it was never asked the stretches that live blocks lie in.
struct reel_region
{
    uint64_t begin_address;
    uint64_t region_bytes;
    enum reel_region_kind kind;
    uint32_t class_number; // of a zone of one class, else 0
    uint64_t live_blocks;  // that begin there
    uint64_t live_bytes;   // usable bytes that lie there
    uint64_t occupied_pages;
    uint64_t resident_pages;     // as far as it is known
    uint64_t pinned_bytes;       // on its pages that are occupied and resident
    uint64_t retained_bytes;     // resident pages without a live block
    uint64_t oldest_birth_event; // of the live blocks that begin there; UINT64_MAX: there are none
    // Around all its pages that are occupied or resident; equal: there is none. What is reserved may be much larger.
    uint64_t used_begin_address;
    uint64_t used_end_address;
};
// By address. One process. The array is the caller's.
int reel_replay_regions(struct reel_replay *replay, uint32_t process, struct reel_region **regions, size_t *count,
                        struct reel_error *error);
// The same without a look at each block, for who draws them at every step: live_blocks, pinned_bytes and
// oldest_birth_event are 0.
int reel_replay_regions_of_pages(struct reel_replay *replay, uint32_t process, struct reel_region **regions,
                                 size_t *count, struct reel_error *error);

// Where every resident byte of a process's heap goes:
//     resident = requested + rounding + pinned + retained + metadata
// Live bytes on pages that are not resident are untouched, and in none of them. Exact at a sample of the kernel's
// pages, carried on by the events after it. For process 0 the sums over all that run: is_sampled if that is so of each,
// and sample_t_ns the oldest.
struct reel_identity
{
    uint64_t resident_bytes;
    uint64_t requested_bytes;
    uint64_t rounding_bytes;
    uint64_t pinned_bytes;
    uint64_t retained_bytes;
    uint64_t metadata_bytes;
    uint64_t untouched_bytes;
    bool is_sampled;      // the kernel was asked before the moment; else all pages with blocks are taken as resident
    uint64_t sample_t_ns; // when
    uint64_t kernel_resident_bytes; // of the heap's mappings, by that sample
};
int reel_replay_identity(struct reel_replay *replay, uint32_t process, struct reel_identity *identity,
                         struct reel_error *error);

#endif
