// SPDX-License-Identifier: MIT
// Which rows of a table are shown when not all are: the greatest, which keep the table's order.
#ifndef HEAPREEL_CLI_GREATEST_H
#define HEAPREEL_CLI_GREATEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Sets is_shown[i] for the `limit` rows of the greatest weights (all rows if limit is 0), the first of equal ones, and
// returns how many these are. False in *is_done: no memory.
size_t greatest_choose(const uint64_t *weights, size_t count, uint64_t limit, bool *is_shown, bool *is_done);

#endif
