// SPDX-License-Identifier: MIT
// Whether the books of `zoned` agree with each other and with the kernel. Expensive: it looks at every slab.
#ifndef HEAPREEL_TESTS_HEAP_ZONED_CHECK_H
#define HEAPREEL_TESTS_HEAP_ZONED_CHECK_H

// What is wrong, the first thing found; NULL: nothing.
const char *zoned_check(void);

#endif
