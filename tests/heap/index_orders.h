// SPDX-License-Identifier: MIT
// Judges a container of indices under every order of the steps of two short programs: what they took and what is left
// must be what some order of whole operations gives, in which an operation that ended before another began comes first.
#ifndef HEAPREEL_TESTS_HEAP_INDEX_ORDERS_H
#define HEAPREEL_TESTS_HEAP_INDEX_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_container
{
    void (*reset)(void); // empty
    void (*put)(uint32_t index);
    uint32_t (*take)(void); // 0: empty
    bool is_last_first;     // else first in, first out
};

// A program: t takes, b puts back what it took last (nothing: no operation), n puts a new index of its own.
// start: so many indices are in the container at first, put in the order 1, 2, ...
// Fails the running test where an order is wrong. Returns how many orders there were.
size_t index_try_every_order(const struct index_container *container, uint32_t start, const char *first,
                             const char *second);

#endif
