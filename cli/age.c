// SPDX-License-Identifier: MIT
// Ages from births. Finds no birth.
#include "cli/age.h"

#include <stdio.h>

#include "cli/json.h"

static uint64_t age_of(const struct reel_replay *replay, uint64_t birth_ns)
{
    uint64_t now_ns = reel_replay_t_ns(replay);
    return now_ns > birth_ns ? now_ns - birth_ns : 0;
}

char *age_format(char buffer[FORMAT_BYTES], const struct reel_replay *replay, uint64_t birth_ns)
{
    if (birth_ns != REEL_OLDEST_NONE)
        return format_duration(buffer, age_of(replay, birth_ns));
    snprintf(buffer, FORMAT_BYTES, "-");
    return buffer;
}

static void add_known(cJSON *object, const char *name, bool is_known, uint64_t number)
{
    if (is_known)
        json_add_count(object, name, number);
    else
        cJSON_AddNullToObject(object, name);
}

void age_add_json(cJSON *object, const struct reel_replay *replay, uint64_t birth_event, uint64_t birth_ns)
{
    add_known(object, "oldest_birth_event", birth_event != REEL_OLDEST_NONE, birth_event);
    add_known(object, "oldest_birth_ns", birth_ns != REEL_OLDEST_NONE, birth_ns);
    add_known(object, "oldest_age_ns", birth_ns != REEL_OLDEST_NONE, age_of(replay, birth_ns));
}
