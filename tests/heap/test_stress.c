// SPDX-License-Identifier: MIT
// Random work from several threads straight on the tables of the allocators, under the preset's sanitizer, with their
// books looked at meanwhile and afterwards. A process opens one allocator, so a case must be named.
#include "cases.h"

#include "heap/backend.h"
#include "tests/programs/src/stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    STEPS = 40000, // of each thread
    THREADS = 4,
    STEPS_BETWEEN_LOOKS = 4000,
};

// Constant while threads run.
static const struct heap_backend *heap;

static void expect(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "stress: %s: not so: %s\n", heap->name, what);
    abort();
}

static void *block_of(struct heap_grant grant)
{
    size_t usable = heap_grant_usable(grant);
    expect(!(grant.about & HEAP_GRANT_MISUSE), "nothing was misused");
    if (grant.block)
        expect(usable == heap->usable_size(grant.block), "a grant tells the usable size");
    return grant.block;
}

static void *stress_malloc(size_t size)
{
    return block_of(heap->malloc(size));
}

static void *stress_calloc(size_t count, size_t size)
{
    return block_of(heap->calloc(count, size));
}

static void *stress_realloc(void *block, size_t size)
{
    return block_of(heap->realloc(block, size));
}

// All three aligned forms; aligned_alloc may want a multiple of the alignment.
static void *stress_memalign(size_t alignment, size_t size)
{
    struct heap_grant grant = {NULL, 0};
    if (alignment < sizeof(void *) || size % 3 == 1)
        return block_of(heap->memalign(alignment, size));
    if (size % alignment == 0)
        return block_of(heap->aligned_alloc(alignment, size));
    return heap->posix_memalign(&grant, alignment, size) == 0 ? block_of(grant) : NULL;
}

static void stress_free(void *block)
{
    expect(!heap->free(block), "a live block can be freed");
}

static void stress_free_sized(void *block, size_t size, size_t alignment)
{
    expect(!heap->free_sized(block, size, alignment), "a live block can be freed with its size");
}

static size_t stress_usable_size(void *block)
{
    return heap->usable_size(block);
}

static void see_class(const struct heap_class *about)
{
    expect(about->usable_bytes <= about->slot_bytes && about->usable_bytes > 0, "a slot holds its usable bytes");
}

static void see_zone(const struct heap_zone *about)
{
    expect(about->address && about->bytes > 0, "a zone is a range");
}

static void see_range(const void *address, size_t bytes)
{
    expect((uintptr_t)address % 4096 == 0 && bytes % 4096 == 0 && bytes > 0, "ranges are made of pages");
}

// By the allocator's order of counting, other threads' work may lie between the counts: only one way is sure.
static void see_census(const struct heap_census *about)
{
    expect(about->used <= about->carved + THREADS, "what is used was carved");
}

static void see_census_of_nothing(const struct heap_census *about)
{
    expect(about->used == 0, "nothing is in use at the end");
}

static void look(struct stress_thread *thread)
{
    const struct heap_observer observer = {see_class, see_zone, see_range, see_range, see_census};
    heap->describe(&observer);
    heap->census(&observer);
    heap->trim(stress_thread_number(thread) % 2 * 65536);
    expect(heap->mallinfo2().arena + heap->mallinfo2().hblkhd > 0, "a heap in use has memory");
}

static void stress(const char *spec, size_t steps, unsigned threads)
{
    struct base_text complaint;
    struct heap_options options;
    assert_true(heap_options_parse(&options, spec, &complaint));
    heap = heap_open(&options);
    assert_non_null(heap);
    const struct stress_plan plan = {
        .family = {stress_malloc, stress_calloc, stress_realloc, stress_memalign, stress_free, stress_free_sized,
                   stress_usable_size},
        .seed = steps,
        .steps = steps,
        .threads = threads,
        .pause = look,
        .steps_between_pauses = STEPS_BETWEEN_LOOKS,
    };
    stress_run(&plan);
    const struct heap_observer observer = {.census = see_census_of_nothing};
    heap->census(&observer);
}

static void bump_lifo_bears_stress(void **state)
{
    (void)state;
    stress("bump:lifo", STEPS, THREADS);
}

static void bump_fifo_bears_stress(void **state)
{
    (void)state;
    stress("bump:fifo", STEPS, THREADS);
}

static void bump_none_bears_stress(void **state)
{
    (void)state;
    stress("bump:none", STEPS, THREADS);
}

static void zoned_bears_stress(void **state)
{
    (void)state;
    stress("zoned", STEPS, THREADS);
}

static void zoned_with_everything_bears_stress(void **state)
{
    (void)state;
    stress("zoned,quarantine=random,guards=on,fill=on,canary=on", STEPS, THREADS);
}

static void zoned_with_a_queue_bears_stress(void **state)
{
    (void)state;
    stress("zoned,quarantine=fifo,canary=on", STEPS, THREADS);
}

static void splitmerge_bears_stress(void **state)
{
    (void)state;
    stress("splitmerge", STEPS, THREADS);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bump_lifo_bears_stress),
        cmocka_unit_test(bump_fifo_bears_stress),
        cmocka_unit_test(bump_none_bears_stress),
        cmocka_unit_test(zoned_bears_stress),
        cmocka_unit_test(zoned_with_everything_bears_stress),
        cmocka_unit_test(zoned_with_a_queue_bears_stress),
        cmocka_unit_test(splitmerge_bears_stress),
    };
    if (argument_count != 2)
        return 2;
    return RUN_CASES(argument_count, arguments, tests);
}
