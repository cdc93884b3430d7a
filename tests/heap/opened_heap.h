// SPDX-License-Identifier: MIT
// The allocator that a test has opened: one in a process, so each case is a process of its own.
#ifndef HEAPREEL_TESTS_HEAP_OPENED_HEAP_H
#define HEAPREEL_TESTS_HEAP_OPENED_HEAP_H

#include "heap/backend.h"
#include "heap/misuse.h"

enum
{
    OPENED_CLASSES_MAX = 64,
};

struct opened_class
{
    struct heap_class about;
    struct heap_census census;
};

extern const struct heap_backend *heap;

void open_heap(const char *spec);
// A live block, and a free, with nothing to tell.
void *allocate(size_t size);
void release(void *block);
// Bytes from the first that were ever carved.
size_t carved_bytes(void);
// What describe and census tell of all classes; returns how many there are.
size_t look_at_classes(struct opened_class classes[OPENED_CLASSES_MAX]);
// Of the class whose slots have that size and are not aligned.
struct heap_census census_of(size_t slot_bytes);
// Fails unless the misuse of that kind and address was noted; takes it.
struct heap_misuse expect_misuse(bool is_told, enum heap_misuse_kind kind, const void *address);

#endif
