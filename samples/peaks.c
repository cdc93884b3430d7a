// SPDX-License-Identifier: MIT
// S2, memory is bounded by the peaks of the classes: slots of a class that were ever carved equal the most that were
// live at once, so memory is at most H, the sum of these peaks. F, how much more that is than the peak of all
// together, is what the split into classes costs this sequence: six phases, each with sizes of its own and with
// survivors. A class is the blocks of one usable size.
// Watch: excess_slots, the most by which a class ever had more addresses than its peak until then; stranding, F;
// resident_of_bound.
// Expect: bump:lifo exactly 0, bump:fifo as much as its queue keeps, bump:none nearly every allocation; an allocator
// that splits cuts the same sizes at ever new addresses.
#include "sample.h"

#include <malloc.h>

enum
{
    PHASES = 6,
    EVENTS = 60000, // of each phase
    LIVE_MAX = 1 << 16,
    BYTES_MAX = 16384,
    CLASSES = BYTES_MAX / 4, // by usable size, 8 bytes apart, with room for the allocator's rounding
};

static struct
{
    size_t live;
    size_t carved;
    size_t peak;
    size_t peak_event;
} * classes;

static void **blocks;
static size_t block_count, event, live_bytes, live_bytes_max, excess_slots;
static struct sample_set slots;

static size_t class_of(void *block)
{
    size_t at = malloc_usable_size(block) / 8;
    return at < CLASSES ? at : CLASSES - 1;
}

static void allocate(size_t bytes)
{
    void *block = sample_touch(malloc(bytes), bytes);
    size_t at = class_of(block);
    blocks[block_count++] = block;
    classes[at].carved += sample_set_add(&slots, (uintptr_t)block ^ (uintptr_t)at << 48);
    if (++classes[at].live > classes[at].peak)
    {
        classes[at].peak = classes[at].live;
        classes[at].peak_event = event;
    }
    if (classes[at].carved - classes[at].peak > excess_slots)
        excess_slots = classes[at].carved - classes[at].peak;
    live_bytes += at * 8;
    live_bytes_max = live_bytes > live_bytes_max ? live_bytes : live_bytes_max;
}

static void release(size_t at)
{
    size_t class = class_of(blocks[at]);
    classes[class].live--;
    live_bytes -= class * 8;
    free(blocks[at]);
    blocks[at] = blocks[--block_count];
}

int main(void)
{
    static const unsigned smallest[PHASES] = {24, 200, 16, 3000, 700, 48};
    size_t bound = 0;
    sample_begin();
    classes = sample_memory(CLASSES * sizeof *classes);
    blocks = sample_memory(LIVE_MAX * sizeof *blocks);
    slots = sample_set_create(1 << 20);
    size_t resident = sample_resident();
    for (size_t phase = 0; phase < PHASES; phase++)
        for (size_t i = 0; i < EVENTS; i++, event++)
            // Rises in the first half of a phase, falls in the second; a tenth survives.
            if (block_count == 0 || (sample_below(100) < (i < EVENTS / 2 ? 58 : 44) && block_count < LIVE_MAX))
                allocate(smallest[phase] + sample_below(smallest[phase] * 3));
            else
                release(sample_below(block_count));
    for (size_t i = 0; i < CLASSES; i++)
    {
        bound += classes[i].peak * i * 8;
        if (classes[i].peak != 0)
            dprintf(STDOUT_FILENO, "peak_of_%zu %zu\npeak_event_of_%zu %zu\n", i * 8, classes[i].peak, i * 8,
                    classes[i].peak_event);
    }
    sample_figure("excess_slots", (double)excess_slots);
    sample_figure("bound_bytes", (double)bound);
    sample_figure("stranding", (double)bound / (double)live_bytes_max);
    sample_figure("resident_of_bound", (double)(sample_resident() - resident) / (double)bound);
}
