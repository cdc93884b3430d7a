// SPDX-License-Identifier: MIT
// Resolves nodes from the innermost to the first known one and back. Refuses to trust the tree: depth must fall by one
// with each step, so a loop ends.
#include "tracer/stacks.h"

#include "reel/event.h"

#include <sys/mman.h>

// A path from a node to the first known node or the root.
struct stacks_path
{
    uint32_t ids[WIRE_DEPTH_LIMIT + 2];
    uint64_t addresses[WIRE_DEPTH_LIMIT + 2];
    uint32_t count;
    struct stacks_memo base; // what the path hangs on
};

// Fills the path; false when the tree is not one.
static bool climb(const struct stack_table *table, uint32_t node, struct stacks_path *path)
{
    uint32_t depth_expected = UINT32_MAX;
    path->count = 0;
    for (;;)
    {
        struct wire_stack_node copy;
        if (!channel_node(table->channel, node, &copy))
            return false;
        uint32_t depth = copy.depth & ~WIRE_STACK_CUT;
        if (depth > WIRE_DEPTH_LIMIT || (depth_expected != UINT32_MAX && depth != depth_expected) ||
            (depth == 0) != (copy.parent == 0))
            return false;
        if (table->memo[node].generation != 0)
        {
            path->base = table->memo[node];
            return true;
        }
        if (depth == 0)
        {
            uint32_t generation = (uint32_t)copy.address;
            bool is_cut = (copy.depth & WIRE_STACK_CUT) != 0;
            path->base = table->memo[node] = (struct stacks_memo){.stack = is_cut ? REEL_STACK_CUT : 0,
                                                                  .generation = generation != 0 ? generation : 1};
            return true;
        }
        path->ids[path->count] = node;
        path->addresses[path->count] = copy.address;
        path->count++;
        node = copy.parent;
        depth_expected = depth - 1;
    }
}

int stacks_open(struct stack_table *table, const struct channel *channel, struct module_table *modules)
{
    *table = (struct stack_table){
        .channel = channel, .modules = modules, .node_count_max = channel->constants.node_count_max};
    size_t bytes = ((size_t)table->node_count_max + 1) * sizeof *table->memo;
    void *memo = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memo == MAP_FAILED)
        return REEL_E_NO_MEMORY;
    table->memo = memo;
    table->memo[0] = (struct stacks_memo){.generation = 1}; // no stack
    return REEL_OK;
}

void stacks_close(struct stack_table *table)
{
    if (table->memo != NULL)
        munmap(table->memo, ((size_t)table->node_count_max + 1) * sizeof *table->memo);
    table->memo = NULL;
}

int stacks_get(struct stack_table *table, uint32_t node, const struct stacks_interner *interner, uint32_t *stack,
               struct reel_error *error)
{
    struct stacks_path path;
    if (stacks_find(table, node, stack))
        return REEL_OK;
    *stack = STACKS_INVALID;
    if (node >= table->node_count_max || !climb(table, node, &path))
        return REEL_OK;
    uint32_t parent = path.base.stack;
    for (uint32_t i = path.count; i-- > 0;)
    {
        struct module_entry *module = modules_find(table->modules, path.addresses[i], path.base.generation);
        uint64_t offset = module != NULL ? path.addresses[i] - module->bias : path.addresses[i];
        uint32_t frame = 0;
        int status = interner->frame(interner->context, module, offset, &frame, error);
        if (status == REEL_OK)
            status = interner->stack(interner->context, parent, frame, &parent, error);
        if (status != REEL_OK)
            return status;
        table->memo[path.ids[i]] = (struct stacks_memo){.stack = parent, .generation = path.base.generation};
    }
    *stack = parent;
    return REEL_OK;
}
