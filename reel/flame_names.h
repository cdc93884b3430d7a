// SPDX-License-Identifier: MIT
// Functions as numbers: two frames of one function in one module have the same. Internal to reel/.
#ifndef HEAPREEL_REEL_FLAME_NAMES_H
#define HEAPREEL_REEL_FLAME_NAMES_H

#include "reel/intern.h"
#include "reel/reader_internal.h"

// Of nodes that no frame stands for; those of frames are greater.
enum flame_function
{
    FLAME_FUNCTION_ROOT = 0,
    FLAME_FUNCTION_NO_STACK = 1,
    FLAME_FUNCTION_CUT = 2,
};

struct flame_frame
{
    const struct reel_frame *functions; // the reader's, innermost first
    uint32_t count;
    uint32_t id; // row of table `frame`
    size_t first_number;
};

struct flame_names
{
    struct reel_reader *reader;
    struct reel_intern frame_ids;  // (frame, 0): index into frames
    struct reel_intern texts;      // by their hash of 128 bits
    struct reel_intern functions;  // (function, module), both numbers of texts, 0 = unknown
    struct flame_frame *frames;    // [1 ..], [0] is unused
    size_t frame_count, frame_max; // with the unused one
    uint32_t *numbers;             // of the functions of all frames, from first_number on
    size_t number_count, number_max;
};

int flame_names_init(struct flame_names *names, struct reel_reader *reader, struct reel_error *error);
void flame_names_fini(struct flame_names *names); // also of one that is all zero

// Looks the frame up once; *index is its place in frames.
int flame_names_find(struct flame_names *names, uint32_t frame, uint32_t *index, struct reel_error *error);

#endif
