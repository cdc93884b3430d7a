// SPDX-License-Identifier: MIT
// Names of size classes.
#include "cli/class_size.h"

#include <stdio.h>

char *class_size(char text[CLASS_SIZE_BYTES], const struct reel_class_state *class)
{
    if (class->number == 0)
        snprintf(text, CLASS_SIZE_BYTES, "large");
    else if (class->class_id != UINT32_MAX)
        snprintf(text, CLASS_SIZE_BYTES, "%llu%s", (unsigned long long)class->slot_bytes,
                 class->is_aligned ? " a" : "");
    else if (class->least_bytes == class->greatest_bytes)
        snprintf(text, CLASS_SIZE_BYTES, "%llu", (unsigned long long)class->least_bytes);
    else
        snprintf(text, CLASS_SIZE_BYTES, "%llu-%llu", (unsigned long long)class->least_bytes,
                 (unsigned long long)class->greatest_bytes);
    return text;
}
