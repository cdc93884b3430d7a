// SPDX-License-Identifier: MIT
// Allocates through two inlined calls. Nothing of it is a tail call: each caller is on the stack or inlined.
#ifndef INLINED_H
#define INLINED_H

#include <stdlib.h>

extern void *volatile kept;
// Freed where a unit would begin with an inlined call, to which gcc 12 gives no ranges there in DWARF 4.
extern void *volatile nothing;

#define INLINED static inline __attribute__((always_inline))
#define APART __attribute__((noinline))

INLINED void keep_block(size_t bytes)
{
    kept = malloc(bytes);
    free(kept);
}

INLINED void keep_two_blocks(size_t bytes)
{
    keep_block(bytes);
    keep_block(bytes + 1);
}

#ifdef __cplusplus
extern "C"
{
#endif
    void in_first(size_t bytes);
    void in_second(size_t bytes);
    void in_third(size_t bytes);
#ifdef __cplusplus
}
#endif

#endif
