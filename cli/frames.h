// SPDX-License-Identifier: MIT
// A call stack for people and for JSON. Frames of Heapreel's own library are left out: they are not the program's.
#ifndef HEAPREEL_CLI_FRAMES_H
#define HEAPREEL_CLI_FRAMES_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "reel/reader.h"

// One line a frame, innermost first: function, file and line, module. Cut to the width of the terminal if out is one.
int frames_print(FILE *out, struct reel_reader *reader, uint32_t stack, struct reel_error *error);

// Two stacks beside each other: the frames that they have in common at the inner end, then the rest of both. The
// labels name them.
int frames_print_parting(FILE *out, struct reel_reader *reader, const char *const labels[2], const uint32_t stacks[2],
                         struct reel_error *error);

// The innermost frames on one line after the label: f (file.c:12) < g (file.c:40) < ...
int frames_print_line(FILE *out, const char *label, struct reel_reader *reader, uint32_t stack,
                      struct reel_error *error);

// Adds the array "frames", `frames_left_out` where it has not all of them, and `is_cut` where the recording has not.
int frames_add_json(cJSON *item, struct reel_reader *reader, uint32_t stack, struct reel_error *error);
// Adds an object of that name with `stack` and these; null where there is no stack.
int frames_add_stack(cJSON *object, const char *name, struct reel_reader *reader, uint32_t stack,
                     struct reel_error *error);

#endif
