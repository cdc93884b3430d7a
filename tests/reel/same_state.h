// SPDX-License-Identifier: MIT
// The state of a replay against the model: sums, classes, stacks, blocks, pages and processes. Fails the test where
// they differ.
#ifndef HEAPREEL_TESTS_REEL_SAME_STATE_H
#define HEAPREEL_TESTS_REEL_SAME_STATE_H

#include "naive_heap.h"
#include "opened.h"

void same_state_seek(struct opened *opened, uint64_t events);
// Where both stand.
void same_state_now(struct opened *opened, const struct naive *naive);
// Moves the replay there, and makes a model of the moment.
void same_state_at(struct opened *opened, uint64_t events);

#endif
