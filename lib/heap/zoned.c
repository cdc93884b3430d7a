// SPDX-License-Identifier: MIT
// The backend `zoned`: address space divided statically by size class, all books out of band, every free checked. This
// file takes slots and gives them back; it never reads a zone to find out what a slot is.
//
// There is no thread cache: what is free is known exactly, so each misuse is told exactly, and quarantines hold what
// they promise.
#define _GNU_SOURCE
#include "heap/arguments.h"
#include "heap/large.h"
#include "heap/misuse.h"
#include "heap/zoned_contents.h"
#include "heap/zoned_internal.h"
#include "heap/zoned_place.h"

#include <string.h>
#include <sys/single_threaded.h>

// A slot that is about to be the program's. True: it was written to while it was free.
static bool prepare_contents(void *block, const struct zoned_shape *shape, uint64_t canary)
{
    bool is_misuse = false;
    if (zoned_root.is_filled)
    {
        size_t offset = zoned_first_not_zero(block, shape->slot_bytes);
        is_misuse = offset < shape->slot_bytes;
        if (is_misuse)
        {
            heap_misuse_note(HEAP_MISUSE_WRITE_AFTER_FREE, block, offset, shape->slot_bytes);
            memset(block, 0, shape->slot_bytes);
        }
    }
    if (zoned_root.canary_bytes)
        zoned_canary_write(block, shape->slot_bytes, canary);
    return is_misuse;
}

// True: the program wrote past the end of the block.
static bool has_overflown(const void *block, const struct zoned_place *place)
{
    if (zoned_root.canary_bytes == 0)
        return false;
    size_t offset = zoned_canary_wrong(block, place->shape->slot_bytes, zoned_books_of(place)->canary);
    if (offset == place->shape->slot_bytes)
        return false;
    heap_misuse_note(HEAP_MISUSE_OVERFLOW, block, offset, place->shape->slot_bytes);
    return true;
}

static inline uint32_t take_lowest_slot(struct zoned_slab *books)
{
    uint32_t word = 0;
    while (books->free[word] == 0)
        word++;
    uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(books->free[word]);
    books->free[word] &= books->free[word] - 1;
    return slot;
}

// The slot is taken from the kernel's zeros, or was carved just now.
static uint32_t note_fresh_slot(struct zoned_class *owner, struct zoned_slab *books, uint32_t slot)
{
    books->fresh = (uint16_t)(slot + 1);
    if (slot < books->carved)
        return 0;
    books->carved = (uint16_t)(slot + 1);
    owner->carved_count++;
    return HEAP_GRANT_CARVED;
}

// Address space that large blocks have kept may be what is missing.
static bool has_slot_locked(struct zoned_class *owner)
{
    return owner->current || zoned_slab_grow_locked(owner) || (large_trim() && zoned_slab_grow_locked(owner));
}

// A slot that was taken for the program.
struct taken
{
    void *block;
    uint64_t canary;
    uint32_t bits;
    bool is_fresh; // as the kernel gave it
};

// There is one.
static inline struct taken take_ready_locked(struct zoned_class *owner)
{
    const struct zoned_ready *ready = &owner->ready[--owner->ready_count];
    ready->books->free[ready->slot / 64] &= ~(UINT64_C(1) << (ready->slot % 64));
    return (struct taken){.block = (void *)ready->address, .canary = ready->books->canary};
}

// There is a current slab.
static inline struct taken take_lowest_locked(struct zoned_class *owner)
{
    struct zoned_slab *books = owner->current;
    owner->empty_count -= books->used_count == 0;
    owner->used_count++;
    books->used_count++;
    uint32_t slot = take_lowest_slot(books);
    struct taken taken = {.canary = books->canary, .is_fresh = slot >= books->fresh};
    taken.block = (void *)(owner->current_address + slot * owner->slot_bytes);
    taken.bits = taken.is_fresh ? note_fresh_slot(owner, books, slot) : 0;
    if (books->used_count == zoned_shapes[owner->class_id].slots)
        zoned_slab_close_current_locked(owner);
    return taken;
}

// With the lock held, which it releases. zeros: so many bytes of the block have to be zeros.
__attribute__((noinline)) static struct heap_grant allocate_locked(struct zoned_class *owner, size_t zeros)
{
    const struct zoned_shape *shape = &zoned_shapes[owner->class_id];
    struct taken taken;
    if (owner->ready_count > 0)
        taken = take_ready_locked(owner);
    else if (has_slot_locked(owner))
        taken = take_lowest_locked(owner);
    else
    {
        heap_lock_release(&owner->lock);
        return heap_no_memory(false);
    }
    heap_lock_release(&owner->lock);
    if (prepare_contents(taken.block, shape, taken.canary))
        taken.bits |= HEAP_GRANT_MISUSE;
    if (zeros && !taken.is_fresh && !zoned_root.is_filled)
        memset(taken.block, 0, zeros);
    return heap_grant_of(taken.block, shape->slot_bytes - zoned_root.canary_bytes, taken.bits);
}

__attribute__((noinline)) static struct heap_grant allocate_in_class(uint32_t class_id, size_t zeros)
{
    struct zoned_class *owner = &zoned_root.classes[class_id];
    heap_lock_acquire(&owner->lock);
    return allocate_locked(owner, zeros);
}

static struct heap_grant allocate_large(size_t alignment, size_t size)
{
    if (!heap_size_is_sane(size))
        return heap_no_memory(true);
    void *block = large_allocate(size, alignment);
    return block ? heap_grant_of(block, large_usable_size(block), 0) : heap_no_memory(false);
}

// SIZE_CLASS_NONE: such a request is a large block.
static uint32_t class_for(size_t alignment, size_t size)
{
    if (size > zoned_root.size_max || alignment > PAGES_BYTES)
        return SIZE_CLASS_NONE;
    return size_class_of_aligned(size + zoned_root.canary_bytes, alignment);
}

// A freed slot, whose bit says so, becomes one to be handed out.
static inline void put_slot_locked(struct zoned_class *owner, struct zoned_zone *zone, struct zoned_ready slot)
{
    bool is_of_start = zoned_zone_index(zone) < SIZE_CLASS_COUNT;
    if (!is_of_start || slot.address >= owner->ready_end || owner->ready_max == 0)
    {
        zoned_slab_release_locked(owner, zone, slot.slab);
        return;
    }
    if (ZONED_UNLIKELY(owner->ready_count == owner->ready_max))
        zoned_ready_release_locked(owner, (owner->ready_max + 1) / 2);
    owner->ready[owner->ready_count++] = slot;
}

static void release_slot_locked(struct zoned_class *owner, const struct zoned_place *place)
{
    struct zoned_slab *books = zoned_books_of(place);
    books->free[place->slot / 64] |= zoned_slot_bit(place);
    uintptr_t address = zoned_slab_address(place->zone, place->slab) + place->slot * place->shape->slot_bytes;
    put_slot_locked(owner, place->zone, (struct zoned_ready){address, books, place->slab, place->slot});
}

static inline void quarantine_locked(struct zoned_class *owner, const struct zoned_place *place)
{
    *zoned_quarantined_word(place) |= zoned_slot_bit(place);
    uint64_t leaving = zoned_quarantine_pass(&owner->quarantine, zoned_place_pack(place));
    if (!leaving)
        return;
    struct zoned_place left = zoned_place_unpack(leaving);
    *zoned_quarantined_word(&left) &= ~zoned_slot_bit(&left);
    release_slot_locked(owner, &left);
}

// True: something is wrong, and was noted.
static inline bool free_at(void *block, const struct zoned_place *place)
{
    struct zoned_class *owner = zoned_owner_of(place);
    heap_lock_acquire(&owner->lock);
    if (ZONED_UNLIKELY(!place->is_at_start || !zoned_is_live_locked(place)))
    {
        enum heap_misuse_kind kind = zoned_misuse_locked(place);
        heap_lock_release(&owner->lock);
        heap_misuse_note(kind, block, 0, 0);
        return true;
    }
    bool is_misuse = has_overflown(block, place);
    if (zoned_root.is_filled)
        memset(block, 0, place->shape->slot_bytes);
    if (zoned_root.has_quarantine)
        quarantine_locked(owner, place);
    else
        release_slot_locked(owner, place);
    heap_lock_release(&owner->lock);
    return is_misuse;
}

static bool free_large(void *block)
{
    int kind = large_free(block);
    if (kind)
        heap_misuse_note((enum heap_misuse_kind)kind, block, 0, 0);
    return kind != 0;
}

__attribute__((noinline)) static struct heap_grant allocate_anything(size_t size)
{
    if (size > zoned_root.size_max)
        return allocate_large(0, size);
    return allocate_in_class(size_class_of(size + zoned_root.canary_bytes), 0);
}

// The short way to a ready slot; what is not that goes the long way.
static struct heap_grant zoned_malloc(size_t size)
{
    if (ZONED_UNLIKELY(size - 1 >= zoned_root.plain_size_max)) // 0 too
        return allocate_anything(size);
    uint32_t class_id = size_class_of(size);
    struct zoned_class *owner = &zoned_root.classes[class_id];
    if (ZONED_UNLIKELY(!heap_lock_try(&owner->lock)))
        return allocate_in_class(class_id, 0);
    if (ZONED_UNLIKELY(owner->ready_count == 0))
        return allocate_locked(owner, 0);
    void *block = take_ready_locked(owner).block;
    heap_lock_release(&owner->lock);
    return heap_grant_of(block, owner->slot_bytes, 0);
}

static struct heap_grant zoned_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    if (ZONED_UNLIKELY(bytes > zoned_root.size_max))
        return allocate_large(0, bytes);
    return allocate_in_class(size_class_of(bytes + zoned_root.canary_bytes), bytes);
}

static struct heap_grant allocate_aligned(size_t alignment, size_t size)
{
    uint32_t class_id = class_for(alignment, size);
    return class_id == SIZE_CLASS_NONE ? allocate_large(alignment, size) : allocate_in_class(class_id, 0);
}

__attribute__((noinline)) static bool free_anything(void *block)
{
    struct zoned_place place;
    if (zoned_locate(block, &place))
        return free_at(block, &place);
    return block && free_large(block);
}

// With the lock held, which it releases. The slot is in the zone of the start.
__attribute__((noinline)) static bool put_slot_and_unlock(struct zoned_class *owner, struct zoned_slab *books,
                                                          uintptr_t address, uint32_t slab, uint32_t slot)
{
    struct zoned_zone *zone = &zoned_root.zones[owner->class_id];
    put_slot_locked(owner, zone, (struct zoned_ready){address, books, slab, slot});
    heap_lock_release(&owner->lock);
    return false;
}

// The short way for slots in the zones of the start. What is not that, or not right, goes the long way.
static bool zoned_free(void *block)
{
    size_t offset = (uintptr_t)block - zoned_root.main_address;
    if (ZONED_UNLIKELY(offset >= zoned_root.plain_bytes))
        return free_anything(block);
    uint32_t class_id = (uint32_t)(offset >> zoned_root.zone_shift);
    const struct zoned_shape *shape = &zoned_shapes[class_id];
    offset -= (size_t)class_id << zoned_root.zone_shift;
    uint32_t slab = zoned_position_of(shape, offset);
    uint32_t offset_in_slab = (uint32_t)(offset - (size_t)slab * shape->slab_bytes);
    uint32_t slot = zoned_slot_of(shape, offset_in_slab);
    struct zoned_class *owner = &zoned_root.classes[class_id];
    if (slot * shape->slot_bytes != offset_in_slab || slot >= shape->slots || !heap_lock_try(&owner->lock))
        return free_anything(block);
    struct zoned_zone *zone = &zoned_root.zones[class_id];
    struct zoned_slab *books = &zone->groups[slab / ZONED_GROUP_SLABS].slabs[slab % ZONED_GROUP_SLABS];
    uint64_t bit = UINT64_C(1) << (slot % 64);
    if (ZONED_UNLIKELY(slab >= zone->frontier || (books->free[slot / 64] & bit)))
    {
        heap_lock_release(&owner->lock);
        return free_anything(block);
    }
    books->free[slot / 64] |= bit;
    if (ZONED_UNLIKELY((uintptr_t)block >= owner->ready_end || owner->ready_count == owner->ready_max))
        return put_slot_and_unlock(owner, books, (uintptr_t)block, slab, slot);
    owner->ready[owner->ready_count++] = (struct zoned_ready){(uintptr_t)block, books, slab, slot};
    heap_lock_release(&owner->lock);
    return false;
}

// Whether such a request gives a block of that class, or for SIZE_CLASS_NONE a large one of so many bytes.
static bool gives(size_t alignment, size_t size, uint32_t class_id, size_t true_size)
{
    if (class_for(alignment, size) != class_id)
        return false;
    return class_id != SIZE_CLASS_NONE || (size <= true_size && true_size - size < PAGES_BYTES) ||
           (size == 0 && true_size == PAGES_BYTES);
}

static bool zoned_free_sized(void *block, size_t size, size_t alignment)
{
    if (!block)
        return false;
    struct zoned_place place;
    bool is_small = zoned_locate(block, &place);
    uint32_t class_id = is_small ? place.zone->class_id : SIZE_CLASS_NONE;
    size_t true_size = is_small ? place.shape->slot_bytes : large_usable_size(block);
    if (is_small ? free_at(block, &place) : free_large(block))
        return true;
    // C++'s aligned new asks for the size (0: for 1) rounded up to the alignment, its delete tells it as it was.
    size_t aligned = alignment ? alignment : 1;
    size_t rounded = ((size ? size : 1) + aligned - 1) & -aligned;
    if (gives(aligned, size, class_id, true_size) || gives(aligned, rounded, class_id, true_size))
        return false;
    heap_misuse_note(HEAP_MISUSE_WRONG_SIZE, block, size, true_size);
    return true;
}

static struct heap_grant with_misuse(struct heap_grant grant, bool is_misuse)
{
    grant.about |= is_misuse ? HEAP_GRANT_MISUSE : 0;
    return grant;
}

// Of a live block.
static struct heap_grant move(void *block, size_t usable_bytes, size_t size)
{
    struct heap_grant grant = zoned_malloc(size);
    if (!grant.block)
        return grant;
    memcpy(grant.block, block, usable_bytes < size ? usable_bytes : size);
    return with_misuse(grant, zoned_free(block));
}

static struct heap_grant resize_large(void *block, size_t size)
{
    size_t usable_bytes = large_usable_size(block);
    if (usable_bytes == 0)
        return heap_no_memory(free_large(block));
    if (size <= zoned_root.size_max)
        return move(block, usable_bytes, size);
    if (!heap_size_is_sane(size))
        return heap_no_memory(true);
    void *resized = large_resize(block, size);
    return resized ? heap_grant_of(resized, large_usable_size(resized), 0) : heap_no_memory(false);
}

static struct heap_grant resize_at(void *block, const struct zoned_place *place, size_t size)
{
    struct zoned_class *owner = zoned_owner_of(place);
    heap_lock_acquire(&owner->lock);
    bool is_live = place->is_at_start && zoned_is_live_locked(place);
    bool is_misuse = !is_live || has_overflown(block, place);
    if (!is_live)
        heap_misuse_note(zoned_misuse_locked(place), block, 0, 0);
    heap_lock_release(&owner->lock);
    if (!is_live)
        return heap_no_memory(true);
    size_t usable_bytes = place->shape->slot_bytes - zoned_root.canary_bytes;
    if (class_for(1, size) == place->zone->class_id)
        return heap_grant_of(block, usable_bytes, is_misuse ? HEAP_GRANT_MISUSE : 0);
    return with_misuse(move(block, usable_bytes, size), is_misuse);
}

static struct heap_grant zoned_realloc(void *block, size_t size)
{
    if (!block)
        return zoned_malloc(size);
    if (size == 0)
        return with_misuse(heap_grant_of(NULL, 0, 0), zoned_free(block));
    struct zoned_place place;
    return zoned_locate(block, &place) ? resize_at(block, &place, size) : resize_large(block, size);
}

static struct heap_grant zoned_memalign(size_t alignment, size_t size)
{
    return heap_memalign(allocate_aligned, alignment, size);
}

static struct heap_grant zoned_aligned_alloc(size_t alignment, size_t size)
{
    return heap_aligned_alloc(allocate_aligned, alignment, size);
}

static int zoned_posix_memalign(struct heap_grant *grant, size_t alignment, size_t size)
{
    return heap_posix_memalign(allocate_aligned, grant, alignment, size);
}

static struct heap_grant zoned_valloc(size_t size)
{
    return heap_valloc(allocate_aligned, size);
}

static struct heap_grant zoned_pvalloc(size_t size)
{
    return heap_pvalloc(allocate_aligned, size);
}

static size_t zoned_usable_size(void *block)
{
    struct zoned_place place;
    if (!zoned_locate(block, &place))
        return block ? large_usable_size(block) : 0;
    struct zoned_class *owner = zoned_owner_of(&place);
    heap_lock_acquire(&owner->lock);
    bool is_live = place.is_at_start && zoned_is_live_locked(&place);
    heap_lock_release(&owner->lock);
    return is_live ? place.shape->slot_bytes - zoned_root.canary_bytes : 0;
}

static int zoned_trim(size_t pad)
{
    (void)pad; // nothing lies behind anything else here
    size_t returned = 0;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        heap_lock_acquire(&zoned_root.classes[i].lock);
        returned += zoned_slab_trim_locked(&zoned_root.classes[i]);
        heap_lock_release(&zoned_root.classes[i].lock);
    }
    return large_trim() || returned > 0;
}

// The locks are taken only if other threads could hold them: a signal handler that forks may have interrupted a call.
static void zoned_fork_prepare(void)
{
    if (__libc_single_threaded)
        return;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
        heap_lock_acquire(&zoned_root.classes[i].lock);
    heap_lock_acquire(&zoned_root.shared->lock);
    zoned_root.shared->is_locked_for_fork = true;
}

// In the parent and in the child, which is the holder's copy.
static void zoned_fork_done(void)
{
    if (!zoned_root.shared->is_locked_for_fork)
        return;
    zoned_root.shared->is_locked_for_fork = false;
    heap_lock_release(&zoned_root.shared->lock);
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
        heap_lock_release(&zoned_root.classes[i].lock);
}

const struct heap_backend heap_zoned = {
    .name = "zoned",
    .malloc = zoned_malloc,
    .calloc = zoned_calloc,
    .realloc = zoned_realloc,
    .memalign = zoned_memalign,
    .aligned_alloc = zoned_aligned_alloc,
    .posix_memalign = zoned_posix_memalign,
    .valloc = zoned_valloc,
    .pvalloc = zoned_pvalloc,
    .free = zoned_free,
    .free_sized = zoned_free_sized,
    .usable_size = zoned_usable_size,
    .trim = zoned_trim,
    .mallinfo2 = zoned_mallinfo2,
    .open = zoned_open,
    .describe = zoned_describe,
    .census = zoned_census,
    .fork_prepare = zoned_fork_prepare,
    .fork_parent = zoned_fork_done,
    .fork_child = zoned_fork_done,
};
