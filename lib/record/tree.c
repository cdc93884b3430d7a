// SPDX-License-Identifier: MIT
// Interning stacks: the shared array of nodes, and a private index from (parent, address) to node.
//
// The index is a row of open-addressing tables, each twice the size of the one before; a new one is opened when the
// newest is half full. Lookups go from the newest to the oldest. An entry is one 64-bit word, 0 or tag << 32 | node,
// set once by compare and swap after its node is written: no lock, and two threads that intern the same stack at once
// may get two nodes for it, which the tracer takes for one.
#include "base/memory.h"
#include "record/recorder_internal.h"

enum
{
    TABLE_COUNT_MAX = 20,
    FIRST_TABLE_BITS = 12,
    POPULATE_NODES = 4096, // nodes backed at a time: 64 KiB
};

struct table
{
    uint64_t *entries; // table_size of them, atomic; NULL: not opened; set once
    uint32_t used;     // atomic
};

static struct
{
    struct table tables[TABLE_COUNT_MAX];
    uint32_t newest;        // atomic
    uint32_t populated_end; // nodes below are backed; atomic, only grows
    uint32_t node_count_max;
} tree;

static uint64_t table_size(uint32_t table)
{
    return UINT64_C(1) << (FIRST_TABLE_BITS + table);
}

static bool open_table(uint32_t number)
{
    uint64_t *none = NULL;
    if (!__atomic_load_n(&tree.tables[number].entries, __ATOMIC_ACQUIRE))
    {
        uint64_t *entries = base_memory_map(table_size(number) * sizeof *entries);
        if (!entries)
            return false;
        if (!__atomic_compare_exchange_n(&tree.tables[number].entries, &none, entries, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE))
            base_memory_unmap(entries, table_size(number) * sizeof *entries);
    }
    uint32_t older = number - 1;
    __atomic_compare_exchange_n(&tree.newest, &older, number, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    return true;
}

bool stack_tree_open(uint32_t node_count_max)
{
    tree.node_count_max = node_count_max;
    tree.tables[0].entries = base_memory_map(table_size(0) * sizeof(uint64_t));
    return tree.tables[0].entries;
}

void stack_tree_reset(void)
{
    for (uint32_t i = 0; i <= tree.newest; i++)
    {
        base_memory_clear(tree.tables[i].entries, table_size(i) * sizeof(uint64_t));
        tree.tables[i].used = 0;
    }
    tree.newest = 0;
    tree.populated_end = 0;
}

// Finalizer of MurmurHash3 by Austin Appleby (public domain), over both keys.
static uint64_t hash_of(uint32_t parent, uint64_t address)
{
    uint64_t h = address ^ (uint64_t)parent * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static bool is_node(uint64_t entry, uint64_t hash, uint32_t parent, uint64_t address, uint32_t depth)
{
    if (entry >> 32 != hash >> 32)
        return false;
    const struct wire_stack_node *node = &recorder.nodes[(uint32_t)entry];
    return node->address == address && node->parent == parent && node->depth == depth;
}

static uint32_t find(const struct table *table, uint64_t size, uint64_t hash, uint32_t parent, uint64_t address,
                     uint32_t depth)
{
    const uint64_t *entries = __atomic_load_n(&table->entries, __ATOMIC_ACQUIRE);
    for (uint64_t at = hash & (size - 1);; at = (at + 1) & (size - 1))
    {
        uint64_t entry = __atomic_load_n(&entries[at], __ATOMIC_ACQUIRE);
        if (!entry)
            return 0;
        if (is_node(entry, hash, parent, address, depth))
            return (uint32_t)entry;
    }
}

static bool is_backed(uint32_t node)
{
    uint32_t end = __atomic_load_n(&tree.populated_end, __ATOMIC_ACQUIRE);
    if (node < end)
        return true;
    uint32_t begin = node - node % POPULATE_NODES;
    if (!base_memory_populate(&recorder.nodes[begin], POPULATE_NODES * sizeof *recorder.nodes))
        return false;
    // Only an unbroken run from the start may be called backed.
    if (begin == end)
        __atomic_compare_exchange_n(&tree.populated_end, &end, begin + POPULATE_NODES, false, __ATOMIC_RELEASE,
                                    __ATOMIC_RELAXED);
    return true;
}

static uint32_t make_node(uint32_t parent, uint64_t address, uint32_t depth)
{
    uint32_t *count = &recorder.channel->node_count;
    if (__atomic_load_n(count, __ATOMIC_RELAXED) >= tree.node_count_max)
        return 0;
    uint32_t node = __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    if (node >= tree.node_count_max || !is_backed(node))
        return 0;
    recorder.nodes[node] = (struct wire_stack_node){.address = address, .parent = parent, .depth = depth};
    return node;
}

// Enters a node into the newest table that is not half full.
static void insert(uint64_t hash, uint32_t node)
{
    uint32_t newest = __atomic_load_n(&tree.newest, __ATOMIC_ACQUIRE);
    while (__atomic_load_n(&tree.tables[newest].used, __ATOMIC_RELAXED) >= table_size(newest) / 2)
    {
        if (newest + 1 == TABLE_COUNT_MAX || !open_table(newest + 1))
            return; // found again as a new node next time
        newest++;
    }
    struct table *table = &tree.tables[newest];
    uint64_t *entries = __atomic_load_n(&table->entries, __ATOMIC_ACQUIRE);
    uint64_t mask = table_size(newest) - 1;
    uint64_t entry = (hash & UINT64_C(0xffffffff00000000)) | node;
    for (uint64_t at = hash & mask;; at = (at + 1) & mask)
    {
        uint64_t expected = 0;
        if (__atomic_compare_exchange_n(&entries[at], &expected, entry, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            break;
    }
    __atomic_add_fetch(&table->used, 1, __ATOMIC_RELAXED);
}

uint32_t stack_tree_intern(uint32_t parent, uint64_t address, uint32_t depth)
{
    uint64_t hash = hash_of(parent, address);
    uint32_t newest = __atomic_load_n(&tree.newest, __ATOMIC_ACQUIRE);
    for (uint32_t i = newest + 1; i-- > 0;)
    {
        uint32_t node = find(&tree.tables[i], table_size(i), hash, parent, address, depth);
        if (node)
            return node;
    }
    // New code may stand where no module was known: the log must tell before an event does.
    if (parent && !modules_know(address))
        modules_refresh();
    uint32_t node = make_node(parent, address, depth);
    if (node)
        insert(hash, node);
    else
        __atomic_add_fetch(&recorder.channel->stacks_refused, 1, __ATOMIC_RELAXED);
    return node;
}
