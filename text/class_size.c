// SPDX-License-Identifier: MIT
// Names of size classes.
#include "text/class_size.h"

#include <stdio.h>

char *class_size(char text[CLASS_SIZE_BYTES], const struct reel_class_state *state)
{
    if (state->number == 0)
        snprintf(text, CLASS_SIZE_BYTES, "large");
    else if (state->class_id != UINT32_MAX)
        snprintf(text, CLASS_SIZE_BYTES, "%llu%s", (unsigned long long)state->slot_bytes,
                 state->is_aligned ? " a" : "");
    else if (state->least_bytes == state->greatest_bytes)
        snprintf(text, CLASS_SIZE_BYTES, "%llu", (unsigned long long)state->least_bytes);
    else
        snprintf(text, CLASS_SIZE_BYTES, "%llu-%llu", (unsigned long long)state->least_bytes,
                 (unsigned long long)state->greatest_bytes);
    return text;
}
