// SPDX-License-Identifier: MIT
// Records what two programs do with a container, and searches for an order of whole operations that explains it.
#include "index_orders.h"

#include "cases.h"
#include "interleave.h"

#include <string.h>

enum
{
    OPERATIONS_MAX = 8,
    INDICES_MAX = 64,
    OWN_INDEX = 16, // of the first program; the second one's follow
};

struct operation
{
    bool is_put;
    uint32_t index; // put, or taken: 0 = it was empty
    size_t began;
    size_t ended;
};

struct program
{
    const struct index_container *container;
    const char *text;
    uint32_t own;
    struct operation done[OPERATIONS_MAX];
    size_t count;
};

struct trial
{
    const struct index_container *container;
    struct program programs[2];
    uint32_t start;
};

struct contents
{
    uint32_t indices[INDICES_MAX]; // from the first put to the last
    size_t count;
};

static void operate(struct program *program, bool is_put, uint32_t index)
{
    struct operation *operation = &program->done[program->count];
    *operation = (struct operation){.is_put = is_put, .index = index, .began = interleave_now()};
    if (is_put)
        program->container->put(index);
    else
        operation->index = program->container->take();
    operation->ended = interleave_now();
    program->count++;
}

static void run_program(void *context)
{
    struct program *program = context;
    uint32_t taken = 0;
    for (const char *letter = program->text; *letter; letter++)
    {
        if (*letter == 't')
        {
            operate(program, false, 0);
            taken = program->done[program->count - 1].index;
        }
        else if (*letter == 'n')
        {
            operate(program, true, program->own++);
        }
        else if (taken != 0)
        {
            operate(program, true, taken);
            taken = 0;
        }
    }
}

static void reset_trial(void *context)
{
    struct trial *trial = context;
    trial->container->reset();
    for (uint32_t i = 1; i <= trial->start; i++)
        trial->container->put(i);
    for (uint32_t i = 0; i < 2; i++)
    {
        trial->programs[i].count = 0;
        trial->programs[i].own = OWN_INDEX * (i + 1);
    }
}

static uint32_t take_from(struct contents *contents, bool is_last_first)
{
    if (contents->count == 0)
        return 0;
    contents->count--;
    if (is_last_first)
        return contents->indices[contents->count];
    uint32_t first = contents->indices[0];
    memmove(contents->indices, contents->indices + 1, contents->count * sizeof *contents->indices);
    return first;
}

static bool is_same(const struct contents *a, const struct contents *b)
{
    return a->count == b->count && memcmp(a->indices, b->indices, a->count * sizeof *a->indices) == 0;
}

// Whether the operations from done[0] and done[1] on can be put in an order that leads from now to the end. Recursion
// is as deep as there are operations.
static bool is_explained(const struct trial *trial, const size_t done[2], const struct contents *now,
                         const struct contents *end)
{
    bool is_over = true;
    for (size_t i = 0; i < 2; i++)
    {
        const struct program *other = &trial->programs[1 - i];
        if (done[i] == trial->programs[i].count)
            continue;
        is_over = false;
        const struct operation *next = &trial->programs[i].done[done[i]];
        if (done[1 - i] < other->count && other->done[done[1 - i]].ended < next->began)
            continue;
        struct contents then = *now;
        if (next->is_put)
            then.indices[then.count++] = next->index;
        else if (take_from(&then, trial->container->is_last_first) != next->index)
            continue;
        const size_t more[2] = {done[0] + (i == 0), done[1] + (i == 1)};
        if (is_explained(trial, more, &then, end))
            return true;
    }
    return is_over && is_same(now, end);
}

static void judge_trial(void *context)
{
    const struct trial *trial = context;
    struct contents start = {.count = 0};
    struct contents end = {.count = 0};
    for (uint32_t i = 1; i <= trial->start; i++)
        start.indices[start.count++] = i;
    for (uint32_t index; (index = trial->container->take()) != 0;)
    {
        assert_true(end.count < INDICES_MAX);
        end.indices[end.count++] = index;
    }
    for (size_t i = 0; trial->container->is_last_first && i < end.count / 2; i++)
    {
        uint32_t swapped = end.indices[i];
        end.indices[i] = end.indices[end.count - 1 - i];
        end.indices[end.count - 1 - i] = swapped;
    }
    assert_true(is_explained(trial, (const size_t[2]){0, 0}, &start, &end));
}

size_t index_try_every_order(const struct index_container *container, uint32_t start, const char *first,
                             const char *second)
{
    struct trial trial = {.container = container, .start = start};
    trial.programs[0] = (struct program){.container = container, .text = first};
    trial.programs[1] = (struct program){.container = container, .text = second};
    const struct interleave_program programs[2] = {{run_program, &trial.programs[0]},
                                                   {run_program, &trial.programs[1]}};
    return interleave_every_order(programs, reset_trial, judge_trial, &trial);
}
