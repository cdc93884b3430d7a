// SPDX-License-Identifier: MIT
// What a size class is called.
#ifndef HEAPREEL_TEXT_CLASS_SIZE_H
#define HEAPREEL_TEXT_CLASS_SIZE_H

#include "reel/replay.h"

#define CLASS_SIZE_BYTES 64

// "48", "64 a" where slots are aligned to it, "1025-1280" for a range of usable sizes, "large". Returns text.
char *class_size(char text[CLASS_SIZE_BYTES], const struct reel_class_state *state);

#endif
