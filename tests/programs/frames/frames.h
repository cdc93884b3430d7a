// SPDX-License-Identifier: MIT
// A program whose stacks have every kind of frame: what its files share.
//
// A shape puts frames of its kind on the stack and calls descend from there, which allocates and goes on into another
// shape, chosen by a fixed sequence of numbers: so all kinds stand on all others.
#ifndef FRAMES_H
#define FRAMES_H

#ifdef __cplusplus
extern "C"
{
#endif

// The end of a function with it: what stands before is no tail call.
#define KEEPS_ITS_FRAME() __asm__ volatile("" ::: "memory")
#define NOT_INLINED __attribute__((noinline))

    typedef void frames_function(unsigned depth);

    struct frames_shape
    {
        const char *name; // NULL: the end of a list
        frames_function *enter;
    };

    extern const struct frames_shape shapes_of_compilers[];
    extern const struct frames_shape shapes_of_libraries[];
    extern const struct frames_shape shapes_of_exceptions[];
    extern const struct frames_shape shapes_of_jumps[];
    extern const struct frames_shape shapes_of_assembler[];
#ifdef HAS_NESTED_FUNCTIONS
    extern const struct frames_shape shapes_of_nested[];
#endif

    // Allocates and frees, and enters another shape unless depth is 0.
    frames_function descend;
    unsigned choose(unsigned below);

#ifdef __cplusplus
}
#endif

#endif
