// SPDX-License-Identifier: MIT
// The queue's loops. Refuses to wait: who finds another thread's work half done finishes it.
#include "heap/index_queue.h"

struct index_queue_node *index_queue_nodes;

static uint32_t *spare_link(uint32_t node)
{
    return &index_queue_nodes[node].spare;
}

static const struct index_links spare_links = {.at = spare_link};

static uint64_t load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the check does not know that the builtin writes
static bool swap(uint64_t *word, uint64_t expected, uint32_t node)
{
    INDEX_STEP();
    return __atomic_compare_exchange_n(word, &expected, index_word_tagged(node, (expected >> 32) + 1), false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static uint64_t *next_of(uint64_t word)
{
    return &index_queue_nodes[index_of_word(word)].next;
}

void index_queue_open(struct index_queue *queue, uint32_t dummy)
{
    *queue = (struct index_queue){.head = dummy, .tail = dummy};
}

void index_queue_provide(struct index_queue *queue, uint32_t node)
{
    index_stack_push(&queue->spare, &spare_links, node);
}

// A spare node that holds the index and is the last of a list. Raising the tag of next keeps out those who saw this
// node as the tail in its earlier life.
static uint32_t new_last(struct index_queue *queue, uint32_t index)
{
    uint32_t number = index_stack_pop(&queue->spare, &spare_links, NULL);
    if (number == 0)
        __builtin_trap(); // the law is broken
    struct index_queue_node *node = &index_queue_nodes[number];
    uint64_t next = __atomic_load_n(&node->next, __ATOMIC_RELAXED);
    __atomic_store_n(&node->index, index, __ATOMIC_RELAXED);
    __atomic_store_n(&node->next, index_word_tagged(0, (next >> 32) + 1), __ATOMIC_RELEASE);
    return number;
}

void index_queue_put(struct index_queue *queue, uint32_t index)
{
    uint32_t node = new_last(queue, index);
    for (;;)
    {
        uint64_t tail = load(&queue->tail);
        INDEX_STEP();
        uint64_t next = load(next_of(tail));
        if (tail != load(&queue->tail))
            continue; // next may be of the node's later life
        if (index_of_word(next) != 0)
        {
            swap(&queue->tail, tail, index_of_word(next));
        }
        else if (swap(next_of(tail), next, node))
        {
            swap(&queue->tail, tail, node); // where it fails, somebody has done it
            return;
        }
    }
}

uint32_t index_queue_take(struct index_queue *queue)
{
    for (;;)
    {
        uint64_t head = load(&queue->head);
        uint64_t tail = load(&queue->tail);
        INDEX_STEP();
        uint64_t next = load(next_of(head));
        if (head != load(&queue->head))
            continue; // tail and next may belong to later moments
        if (index_of_word(next) == 0)
            return 0;
        if (index_of_word(head) == index_of_word(tail))
        {
            swap(&queue->tail, tail, index_of_word(next));
            continue;
        }
        // Read before the exchange: after it, the node is the dummy and the next take makes it spare.
        uint32_t index = __atomic_load_n(&index_queue_nodes[index_of_word(next)].index, __ATOMIC_RELAXED);
        if (swap(&queue->head, head, index_of_word(next)))
        {
            index_queue_provide(queue, index_of_word(head));
            return index;
        }
    }
}
