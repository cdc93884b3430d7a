// SPDX-License-Identifier: MIT
// Keeps our descriptors out of the program. libunwind wants a pipe, for testing addresses by writing to it, and would
// hold on to two numbers for ever: the program's own files would get other numbers, and once a program had closed all
// descriptors and opened files under those numbers, libunwind would read from them, write to them and close them.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

#include "base/syscall.h"
#include "record/record.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

// Without its pipe libunwind takes an address that it has to test for a bad one, and ends the stack there.
EXPORT int pipe2(int descriptors[2], int flags)
{
    long result = -EMFILE;
    if (!record_is_unwinder(__builtin_return_address(0)))
        result = base_syscall3(SYS_pipe2, (uintptr_t)descriptors, (uintptr_t)(long)flags, 0);
    if (result >= 0)
        return 0;
    errno = (int)-result;
    return -1;
}
