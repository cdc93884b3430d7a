// SPDX-License-Identifier: MIT
// `zoned` is opened once in a process, so each case runs in a child of its own, with the options and limits it wants.
#ifndef HEAPREEL_TESTS_HEAP_ZONED_CHILD_H
#define HEAPREEL_TESTS_HEAP_ZONED_CHILD_H

#include "heap/backend.h"
#include "heap/misuse.h"

#include <stdbool.h>
#include <stddef.h>

// In the child: what does not hold is printed with its line, and ends the child.
#define EXPECT(condition) ((condition) ? (void)0 : zoned_child_fail(__FILE__, __LINE__, #condition))
_Noreturn void zoned_child_fail(const char *file, int line, const char *condition);

// Opens `zoned` with these options ("quarantine=fifo,fill=on", or "") in a child and runs the case, with the address
// space of the child limited to so many bytes (0: not). Afterwards the books have to agree. Asserts that all held.
void run_in_zoned_child(const char *options, size_t address_space, void (*run)(void));

// Blocks of the backend under test.
void *take(size_t size);
void give(void *block); // must be right
// There is exactly this to tell.
void expect_misuse(enum heap_misuse_kind kind, const void *address, size_t size, size_t true_size);
void expect_no_misuse(void);
bool is_all(const void *bytes, size_t count, unsigned char value);

#endif
