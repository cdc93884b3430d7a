// SPDX-License-Identifier: MIT
// Call stacks with an amount each, the greatest first: the body of the answers that rank them.
#ifndef HEAPREEL_CLI_RANKING_H
#define HEAPREEL_CLI_RANKING_H

#include <argp.h>
#include <cjson/cJSON.h>
#include <stdbool.h>

#include "reel/measure.h"

#define RANKING_MEASURES "live (the default), peak, allocated, temporary, leaked, pinned or rounding"
// For a command's take(): --by MEASURE.
error_t ranking_take_measure(struct argp_state *state, const char *name, enum reel_measure *measure);

struct ranking
{
    struct reel_reader *reader;
    const struct reel_measured *rows;
    size_t count;               // of rows to show
    struct reel_measured total; // of all rows
    bool has_signs;             // a difference: "+1.5 MiB", and no shares
};

// REEL_OK or a negative reel_status.
int ranking_print(const struct ranking *ranking, struct reel_error *error);
// Adds `bytes` and `blocks` of the total, and the array "stacks".
int ranking_add_json(cJSON *document, const struct ranking *ranking, struct reel_error *error);

// "+1.5 MiB", "-812 B", "0 B"
char *ranking_format_change(char *buffer, int64_t bytes);

#endif
