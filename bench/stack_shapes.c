// SPDX-License-Identifier: MIT
// Call stacks of an exact depth. Compiled without tail calls; whoever changes these functions sees the depth checked by
// the benchmark that uses them.
#include "bench/stack_shapes.h"

// Here and outwards from here there is nothing to unwind.
#define OUTERMOST_FRAME() __asm__ volatile(".cfi_undefined rip")
#define FRAME __attribute__((noinline)) static void
#define INLINE __attribute__((always_inline)) static inline void

typedef void operation_function(uint64_t number);

struct shape
{
    enum stack_change change;
    operation_function *operation;
    uint64_t count;
};

static inline void keep_frame(void)
{
    __asm__ volatile("" ::: "memory");
}

INLINE repeat_same(const struct shape *shape)
{
    for (uint64_t i = 0; i < shape->count; i++)
        shape->operation(i);
}

// Two calls, two return addresses.
INLINE repeat_from_two_places(operation_function *operation, uint64_t count)
{
    uint64_t i = 0;
    for (; i + 1 < count; i += 2)
    {
        operation(i);
        keep_frame();
        operation(i + 1);
    }
    if (i < count)
        operation(i);
}

FRAME pass_on_even(uint64_t number, operation_function *operation)
{
    operation(number);
    keep_frame();
}

FRAME pass_on_odd(uint64_t number, operation_function *operation)
{
    keep_frame();
    operation(number);
    keep_frame();
}

INLINE repeat_through_two_functions(const struct shape *shape)
{
    uint64_t i = 0;
    for (; i + 1 < shape->count; i += 2)
    {
        pass_on_even(i, shape->operation);
        pass_on_odd(i + 1, shape->operation);
    }
    if (i < shape->count)
        pass_on_even(i, shape->operation);
}

FRAME repeat_inside(const struct shape *shape)
{
    if (shape->change == STACK_SAME)
        repeat_same(shape);
    else if (shape->change == STACK_ONE_NEW)
        repeat_from_two_places(shape->operation, shape->count);
    else
        repeat_through_two_functions(shape);
    keep_frame();
}

// The innermost frame is the outermost as well.
FRAME repeat_outermost(const struct shape *shape)
{
    OUTERMOST_FRAME();
    if (shape->change == STACK_SAME)
        repeat_same(shape);
    else
        repeat_from_two_places(shape->operation, shape->count);
    keep_frame();
}

// Bounded by the depth that is asked for.
FRAME descend(uint32_t frames, const struct shape *shape)
{
    if (frames > 1)
        descend(frames - 1, shape);
    else
        repeat_inside(shape);
    keep_frame();
}

FRAME enter(uint32_t frames, uint64_t number, operation_function *operation)
{
    if (frames > 1)
        enter(frames - 1, number, operation);
    else
        operation(number);
    keep_frame();
}

FRAME begin_outermost(uint32_t frames, const struct shape *shape)
{
    OUTERMOST_FRAME();
    if (shape->change == STACK_ALL_ENTERED)
        for (uint64_t i = 0; i < shape->count; i++)
            enter(frames - 1, i, shape->operation);
    else if (frames > 2)
        descend(frames - 2, shape);
    else
        repeat_inside(shape);
    keep_frame();
}

void stack_shape_repeat(enum stack_change change, uint32_t frames, void (*operation)(uint64_t number), uint64_t count)
{
    const struct shape shape = {.change = change, .operation = operation, .count = count};
    if (frames == 1)
        repeat_outermost(&shape);
    else
        begin_outermost(change == STACK_TWO_NEW ? frames - 1 : frames, &shape);
}
