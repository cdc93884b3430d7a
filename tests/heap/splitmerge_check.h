// SPDX-License-Identifier: MIT
// Walks all of the heap of `splitmerge` and says what is wrong with it.
#ifndef HEAPREEL_TESTS_HEAP_SPLITMERGE_CHECK_H
#define HEAPREEL_TESTS_HEAP_SPLITMERGE_CHECK_H

// NULL: every invariant holds. No other thread may be at it.
const char *splitmerge_find_fault(void);

#endif
