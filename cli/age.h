// SPDX-License-Identifier: MIT
// How long the oldest blocks have lived at a moment.
#ifndef HEAPREEL_CLI_AGE_H
#define HEAPREEL_CLI_AGE_H

#include <cjson/cJSON.h>

#include "reel/oldest.h"
#include "text/format.h"

// From the birth to where the replay stands: "12.5 s"; "-" where no block lives or its birth is not known.
char *age_format(char buffer[FORMAT_BYTES], const struct reel_replay *replay, uint64_t birth_ns);
// Adds `oldest_birth_event`, `oldest_birth_ns` and `oldest_age_ns`, null where they are not known.
void age_add_json(cJSON *object, const struct reel_replay *replay, uint64_t birth_event, uint64_t birth_ns);

#endif
