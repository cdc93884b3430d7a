// SPDX-License-Identifier: MIT
// The names of a run of frames: looked up in the order of their places, given back in the order of their numbers. No
// threads: whoever holds a batch uses it alone.
#ifndef HEAPREEL_TRACER_NAMES_H
#define HEAPREEL_TRACER_NAMES_H

#include "reel/writer.h"

#include <stdbool.h>

#define NAMES_BATCH_FRAMES 65536
#define NAMES_MODULES_OPEN 8 // debug information is large

struct symbolise_module;

struct names_frame
{
    struct reel_frame_place place;
    uint32_t frame;
    uint32_t first_symbol; // in symbols
    uint32_t symbol_count;
};

// Texts are places in the batch's own, so that a module can be closed; NAMES_NO_TEXT: none.
struct names_symbol
{
    size_t function;
    size_t file;
    int line;
    bool is_inlined;
};
#define NAMES_NO_TEXT SIZE_MAX

struct names_batch
{
    struct names_frame *frames; // by place once they are being named
    size_t frame_count, frame_max;
    size_t done; // frames that have been looked up
    struct names_symbol *symbols;
    size_t symbol_count, symbol_max;
    char *text;
    size_t text_bytes, text_max;
    bool is_sorted;
};

// Files that stay open from batch to batch, the least recently used one makes room.
struct names_modules
{
    struct
    {
        struct symbolise_module *module; // NULL: it cannot be read, or the entry is free
        uint64_t last_use;
        uint32_t row; // 0: the entry is free
    } open[NAMES_MODULES_OPEN];
    uint64_t uses;
};

// Takes frames first .. of the writer, as many as a batch holds; the batch must be empty. Returns the first that it did
// not take.
uint32_t names_take(struct names_batch *batch, const struct reel_writer *writer, uint32_t first);
// Looks up the next frame. False: all are done.
bool names_look_up(struct names_batch *batch, struct names_modules *modules);
// Writes what has been looked up, and empties the batch.
int names_write(struct names_batch *batch, struct reel_writer *writer, struct reel_error *error);
void names_batch_clean_up(struct names_batch *batch);
void names_modules_close(struct names_modules *modules);

#endif
