// SPDX-License-Identifier: MIT
// A point between two atomic operations, where a test may stop a thread, let others run, or raise a signal. In the
// product it is nothing.
#ifndef HEAPREEL_HEAP_INDEX_STEP_H
#define HEAPREEL_HEAP_INDEX_STEP_H

#ifdef INDEX_STEP_HOOK
void INDEX_STEP_HOOK(void);
#define INDEX_STEP() INDEX_STEP_HOOK()
#else
#define INDEX_STEP() ((void)0)
#endif

#endif
