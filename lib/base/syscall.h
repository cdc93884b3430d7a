// SPDX-License-Identifier: MIT
// System calls without libc: no errno, no cancellation point, and no wrapper that another library could replace.
//
// The result is the kernel's: 0 or a positive value, or a negative errno number. x86-64 only, like the stack capture.
#ifndef HEAPREEL_BASE_SYSCALL_H
#define HEAPREEL_BASE_SYSCALL_H

#include <stdint.h>
#include <sys/syscall.h>

static inline long base_syscall6(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e,
                                 uintptr_t f)
{
    long result;
    register uintptr_t r10 __asm__("r10") = d;
    register uintptr_t r8 __asm__("r8") = e;
    register uintptr_t r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long base_syscall3(long number, uintptr_t a, uintptr_t b, uintptr_t c)
{
    return base_syscall6(number, a, b, c, 0, 0, 0);
}

#endif
