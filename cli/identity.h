// SPDX-License-Identifier: MIT
// Where the bytes of a heap go at a moment, as three lines or as JSON.
#ifndef HEAPREEL_CLI_IDENTITY_H
#define HEAPREEL_CLI_IDENTITY_H

#include <cjson/cJSON.h>

#include "reel/replay.h"

// resident = requested + rounding + pinned + retained + metadata, and where the resident pages are known from.
void identity_print(const struct reel_identity *identity);
// The object "identity".
void identity_add_json(cJSON *document, const struct reel_identity *identity);

#endif
