// SPDX-License-Identifier: MIT
// From the stack tree of a channel to the stacks of the reel; each node is asked for once.
#ifndef HEAPREEL_TRACER_STACKS_H
#define HEAPREEL_TRACER_STACKS_H

#include "tracer/modules.h"

// What the table needs from the reel. A negative status ends the resolution and is returned.
struct stacks_interner
{
    int (*frame)(void *context, struct module_entry *module, uint64_t offset, uint32_t *frame,
                 struct reel_error *error); // module NULL: offset is an absolute address
    int (*stack)(void *context, uint32_t parent, uint32_t frame, uint32_t *stack, struct reel_error *error);
    void *context;
};

struct stacks_memo
{
    uint32_t stack;      // row of the reel
    uint32_t generation; // 0 = this node is not yet known
};

struct stack_table
{
    const struct channel *channel;
    struct module_table *modules;
    struct stacks_memo *memo; // by node id, 0 is known; pages are backed when they are used
    uint32_t node_count_max;
};

#define STACKS_INVALID UINT32_MAX // a node that cannot be

int stacks_open(struct stack_table *table, const struct channel *channel, struct module_table *modules);
void stacks_close(struct stack_table *table);
// The reel's stack for a node id that was resolved before; false for any other.
static inline bool stacks_find(const struct stack_table *table, uint32_t node, uint32_t *stack)
{
    if (node >= table->node_count_max || table->memo[node].generation == 0)
        return false;
    *stack = table->memo[node].stack;
    return true;
}

// The reel's stack for any node id; STACKS_INVALID for one that cannot be.
int stacks_get(struct stack_table *table, uint32_t node, const struct stacks_interner *interner, uint32_t *stack,
               struct reel_error *error);

#endif
