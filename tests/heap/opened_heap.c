// SPDX-License-Identifier: MIT
// Opens an allocator and asks it about itself. Asserts only that asking works.
#include "opened_heap.h"

#include "cases.h"

#include <string.h>

const struct heap_backend *heap;

static struct opened_class *looked_at;
static size_t looked_count;

void open_heap(const char *spec)
{
    struct base_text complaint;
    struct heap_options options;
    assert_true(heap_options_parse(&options, spec, &complaint));
    heap = heap_open(&options);
    assert_non_null(heap);
}

void *allocate(size_t size)
{
    struct heap_grant grant = heap->malloc(size);
    assert_non_null(grant.block);
    assert_false(grant.about & HEAP_GRANT_MISUSE);
    assert_true(heap_grant_usable(grant) >= size);
    return grant.block;
}

void release(void *block)
{
    assert_false(heap->free(block));
}

size_t carved_bytes(void)
{
    return heap->mallinfo2().arena;
}

static void see_class(const struct heap_class *about)
{
    assert_int_equal(about->class_id, looked_count);
    assert_true(looked_count < OPENED_CLASSES_MAX);
    looked_at[looked_count++].about = *about;
}

static void see_zone(const struct heap_zone *about)
{
    assert_non_null(about->address);
}

static void see_range(const void *address, size_t bytes)
{
    assert_non_null(address);
    assert_true(bytes > 0);
}

static void see_census(const struct heap_census *about)
{
    assert_true(about->class_id < looked_count);
    looked_at[about->class_id].census = *about;
}

size_t look_at_classes(struct opened_class classes[OPENED_CLASSES_MAX])
{
    static const struct heap_observer observer = {see_class, see_zone, see_range, see_range, see_census};
    looked_at = classes;
    looked_count = 0;
    heap->describe(&observer);
    heap->census(&observer);
    return looked_count;
}

struct heap_census census_of(size_t slot_bytes)
{
    struct opened_class classes[OPENED_CLASSES_MAX];
    size_t count = look_at_classes(classes);
    for (size_t i = 0; i < count; i++)
        if (classes[i].about.slot_bytes == slot_bytes && !classes[i].about.is_aligned)
            return classes[i].census;
    fail_msg("no class of %zu bytes", slot_bytes);
    return (struct heap_census){0};
}

struct heap_misuse expect_misuse(bool is_told, enum heap_misuse_kind kind, const void *address)
{
    struct heap_misuse misuse;
    memset(&misuse, 0, sizeof misuse);
    assert_true(is_told);
    assert_true(heap_misuse_take(&misuse));
    assert_int_equal(misuse.kind, kind);
    assert_ptr_equal(misuse.address, address);
    assert_false(heap_misuse_take(&misuse));
    return misuse;
}
