// SPDX-License-Identifier: MIT
// The module log: which file's code lies where in the process, since which code generation.
//
// Records of varying length, 8-byte aligned, appended by the process under its own lock; the channel's module_bytes
// tells how many bytes are complete (release/acquire). A module without an end record lasts to the end of the process.
#ifndef HEAPREEL_WIRE_MODULE_H
#define HEAPREEL_WIRE_MODULE_H

#include <assert.h>
#include <stdint.h>

#define WIRE_BUILD_ID_MAX 32

enum wire_module_kind
{
    WIRE_MODULE_LOADED = 1,
    WIRE_MODULE_UNLOADED = 2, // only serial and generation count; path is empty
};

struct wire_module
{
    uint32_t record_bytes; // of this record with its path, a multiple of 8
    uint32_t kind;         // enum wire_module_kind
    uint32_t serial;       // of the module in this process, from 1
    uint32_t generation;   // loaded: first code generation that may see it; unloaded: first that can not
    uint64_t bias;         // address in memory minus address in the ELF file
    uint64_t begin;        // first byte of its mappings
    uint64_t end;          // one past the last byte
    uint64_t time;         // clock units, when this was noticed
    uint32_t build_id_bytes;
    uint32_t path_bytes; // without terminator; the main program's path is resolved; "[vdso]" for the vDSO
    uint8_t build_id[WIRE_BUILD_ID_MAX];
    char path[];
};

static_assert(sizeof(struct wire_module) == 88, "module record layout");

#endif
