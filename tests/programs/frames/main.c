// SPDX-License-Identifier: MIT
// Enters each shape once, then mixtures of them.
//
// usage: frames ROUNDS
// Prints "shape SIZE NAME" for each: the size that was allocated under it and nowhere else.
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    SHAPES_MAX = 64,
    DEPTH = 5,
    DESCENTS_IN_A_ROUND = 400,
    MARKED_BYTES = 1000000,
};

static struct frames_shape shapes[SHAPES_MAX];
static unsigned shape_count;
static unsigned descents_left;
static size_t marked_bytes; // 0: none is entered alone

unsigned choose(unsigned below)
{
    static unsigned long state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static void *volatile latest; // so that no allocation can be left out

NOT_INLINED void descend(unsigned depth)
{
    void *block = malloc(marked_bytes != 0 ? marked_bytes : 16 + choose(100));
    latest = block;
    if (depth > 0 && descents_left > 0)
    {
        descents_left--;
        shapes[choose(shape_count)].enter(depth - 1);
    }
    free(block);
}

static void add(const struct frames_shape *list)
{
    for (; list->name; list++)
        shapes[shape_count++] = *list;
}

static NOT_INLINED void enter_alone(unsigned number)
{
    printf("shape %u %s\n", MARKED_BYTES + number, shapes[number].name);
    marked_bytes = MARKED_BYTES + number;
    shapes[number].enter(0);
    marked_bytes = 0;
}

int main(int count, char **arguments)
{
    int rounds = count > 1 ? atoi(arguments[1]) : 1;
    add(shapes_of_compilers);
    add(shapes_of_libraries);
    add(shapes_of_exceptions);
    add(shapes_of_jumps);
    add(shapes_of_assembler);
#ifdef HAS_NESTED_FUNCTIONS
    add(shapes_of_nested);
#endif
    for (unsigned number = 0; number < shape_count; number++)
        enter_alone(number);
    for (int round = 0; round < rounds; round++)
    {
        descents_left = DESCENTS_IN_A_ROUND;
        while (descents_left > 0)
            descend(DEPTH);
    }
    return 0;
}
