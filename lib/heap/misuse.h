// SPDX-License-Identifier: MIT
// What a program did wrong with a block, noticed by an allocator of ours. The allocator notes it and answers that there
// is something to tell; its caller, who knows the program's stack and what the user wants done, takes it. Per thread.
#ifndef HEAPREEL_HEAP_MISUSE_H
#define HEAPREEL_HEAP_MISUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// kind, value, the words for it in a line
#define HEAP_MISUSE_LIST(X)                                                                                            \
    X(HEAP_MISUSE_DOUBLE_FREE, 1, "double free")                                                                       \
    X(HEAP_MISUSE_INVALID_FREE, 2, "free of what is no block")                                                         \
    X(HEAP_MISUSE_MISALIGNED_FREE, 3, "free of an address inside a block")                                             \
    X(HEAP_MISUSE_WRONG_SIZE, 4, "free with a wrong size")                                                             \
    X(HEAP_MISUSE_WRITE_AFTER_FREE, 5, "write after free")                                                             \
    X(HEAP_MISUSE_OVERFLOW, 6, "write past the end of a block")                                                        \
    X(HEAP_MISUSE_ABSURD_SIZE, 7, "absurd allocation size")

enum heap_misuse_kind
{
#define HEAP_MISUSE_ENUM(kind, value, words) kind = (value),
    HEAP_MISUSE_LIST(HEAP_MISUSE_ENUM)
#undef HEAP_MISUSE_ENUM
};

struct heap_misuse
{
    enum heap_misuse_kind kind;
    const void *address; // as the program gave it; write after free, overflow: the block; absurd size: NULL
    size_t size;      // wrong size: the claimed one; absurd size: the wanted one; overflow, write after free: offset of
                      // the first wrong byte; else 0
    size_t true_size; // wrong size, overflow, write after free: size of the block's slot or of the request; else 0
};

// Notes it for this thread in place of what nobody took.
void heap_misuse_note(enum heap_misuse_kind kind, const void *address, size_t size, size_t true_size);
// False: there is nothing. Otherwise it is taken away.
bool heap_misuse_take(struct heap_misuse *misuse);

#endif
