// SPDX-License-Identifier: MIT
// A call stack for people and for JSON. Frames of Heapreel's own library are left out: they are not the program's.
#ifndef HEAPREEL_CLI_FRAMES_H
#define HEAPREEL_CLI_FRAMES_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "reel/reader.h"

// One line a frame, innermost first: function, file and line, module. Cut to the width of the terminal if out is one.
int frames_print(FILE *out, struct reel_reader *reader, uint32_t stack, struct reel_error *error);

// The innermost frames on one line after the label: f (file.c:12) < g (file.c:40) < ...
int frames_print_line(FILE *out, const char *label, struct reel_reader *reader, uint32_t stack,
                      struct reel_error *error);

// Adds the array "frames".
int frames_add_json(cJSON *item, struct reel_reader *reader, uint32_t stack, struct reel_error *error);

#endif
