// SPDX-License-Identifier: MIT
// A lock-free queue of 32-bit indices, first in first out (Michael and Scott, PODC 1996). Index 0 is none. Its nodes
// lie apart from what the indices name and are never given back, so nothing is ever written to or read from memory that
// somebody else may own.
//
//   head --> [dummy] --> [index 7] --> [index 4] <-- tail (or one before)        spare --> [ ] --> [ ]
//
// Words that are compared and swapped hold a node's number and a 32-bit tag that every change raises.
//
// Law: a queue has as many nodes as indices were ever provided for, and one more, the dummy. Nodes are linked or spare;
// index_queue_take makes its node spare before it returns. So there is a spare node for every index outside, and
// index_queue_put cannot fail.
//
// A thread stopped anywhere inside never keeps others from going on.
#ifndef HEAPREEL_HEAP_INDEX_QUEUE_H
#define HEAPREEL_HEAP_INDEX_QUEUE_H

#include "heap/index_stack.h"

struct index_queue_node
{
    uint64_t next;  // node number and tag; compare and swap by anybody
    uint32_t index; // written while nobody else has the node
    uint32_t spare; // link in the stack of spare nodes
};

struct index_queue
{
    _Alignas(64) uint64_t head; // node number and tag of the dummy
    _Alignas(64) uint64_t tail; // of the last node, or of one before it
    struct index_stack spare;
};

// The nodes of all queues, numbered from 1. Set once, before any queue is opened.
extern struct index_queue_node *index_queue_nodes;

// An empty queue with this dummy, a zeroed node.
void index_queue_open(struct index_queue *queue, uint32_t dummy);
// Gives the queue a zeroed node, for one more index.
void index_queue_provide(struct index_queue *queue, uint32_t node);
void index_queue_put(struct index_queue *queue, uint32_t index);
// 0: the queue was empty.
uint32_t index_queue_take(struct index_queue *queue);

#endif
