// SPDX-License-Identifier: MIT
// Where the blocks of one stack lie: what of each page they take. Made when asked, in one pass over the live blocks of
// the process.
#ifndef HEAPREEL_REEL_STACK_PAGES_H
#define HEAPREEL_REEL_STACK_PAGES_H

#include "reel/replay.h"

// Usable bytes, at most 4096, of the live blocks of the stack (0: of those without one) on each of page_count pages,
// from the one that holds the address on, into the caller's bytes[page_count]. One process, with what came by a fork,
// as reel_replay_pages. REEL_E_ARGUMENT: the reel has no such process.
int reel_stack_pages(const struct reel_replay *replay, uint32_t process, uint32_t stack, uint64_t address,
                     size_t page_count, uint16_t *bytes, const struct reel_progress *progress,
                     struct reel_error *error);

#endif
