// SPDX-License-Identifier: MIT
// The modules of one process: what its log says, looked up by address and code generation.
#ifndef HEAPREEL_TRACER_MODULES_H
#define HEAPREEL_TRACER_MODULES_H

#include "tracer/channel.h"

struct module_entry
{
    uint64_t begin;
    uint64_t end;
    uint64_t bias;
    uint64_t time;
    uint32_t serial;
    uint32_t first_generation; // that may see it
    uint32_t end_generation;   // first that can not
    uint32_t row;              // in the reel, 0 = not yet added
    uint32_t build_id_bytes;
    uint8_t build_id[WIRE_BUILD_ID_MAX];
    char *path;
};

struct module_table
{
    struct module_entry *entries; // as logged
    size_t count;
    size_t capacity;
    uint32_t *by_address; // numbers of entries, ascending begin
    uint64_t *reach;      // greatest end of by_address[0..i]
    size_t sorted;        // entries that the two arrays hold
    uint32_t read_bytes;  // of the log
    bool is_broken;       // the log is not what it should be: nothing more is read
};

// Reads what the log holds beyond what was read. Records that cannot be end the reading for good.
int modules_read(struct module_table *table, const struct channel *channel, struct reel_error *error);
// The module that a return address leads into, or NULL. The call is the byte before, so that is what is looked up.
struct module_entry *modules_find(struct module_table *table, uint64_t return_address, uint32_t generation);
void modules_clean_up(struct module_table *table);

#endif
