// SPDX-License-Identifier: MIT
// An allocator that a program can be run under, as a user names it, and what must be in the program's environment for
// it.
//
//   glibc                                     nothing is preloaded
//   bump:lifo, zoned,canary=on, ...           one of ours, with its options: the preload library and HEAPREEL_ALLOCATOR
//   jemalloc, mimalloc, tcmalloc              where Debian puts them
//   anything with a slash                     the file of an allocator library
#ifndef HEAPREEL_LAB_ALLOCATOR_H
#define HEAPREEL_LAB_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

struct lab_allocator
{
    char name[128];     // for tables
    char preload[4096]; // value of LD_PRELOAD, empty: none
    char spec[256];     // value of HEAPREEL_ALLOCATOR, empty: none
    bool is_ours;
    bool is_installed; // its library is there; otherwise it can only be skipped
};

// own_library: path of libheapreel.so. False: the name is none; *complaint is one line. Whether options of ours are
// right is found out by the library itself when a program is run.
bool lab_allocator_find(struct lab_allocator *allocator, const char *name, const char *own_library, char *complaint,
                        size_t complaint_bytes);

// Takes the first name off a list "zoned,canary=on,glibc": a word with "=" is an option of the name before it, unless
// it is a path. False: the list is empty. A name that does not fit is cut.
bool lab_allocator_next(const char **list, char *name, size_t name_bytes);

// The names that are tried when the user gives none, ended by NULL: ours, then the others.
extern const char *const lab_allocator_names[];

#endif
