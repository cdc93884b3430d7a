// SPDX-License-Identifier: MIT
// The one caller of the memory calls of the kernel in the program. Decides nothing about what the memory is for.
#define _GNU_SOURCE
#include "base/memory.h"

#include "base/syscall.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static const uintptr_t page_mask = 4095;

static void *map(size_t bytes, int protection, int flags, int descriptor)
{
    long result =
        base_syscall6(SYS_mmap, 0, bytes, (uintptr_t)protection, (uintptr_t)flags, (uintptr_t)(long)descriptor, 0);
    return result < 0 ? NULL : (void *)result;
}

void *base_memory_map(size_t bytes)
{
    return map(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

void *base_memory_map_charged(size_t bytes, bool is_usable)
{
    return map(bytes, is_usable ? PROT_READ | PROT_WRITE : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

void *base_memory_reserve(size_t bytes)
{
    return map(bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

static long protect_pages_around(void *address, size_t bytes, int protection)
{
    uintptr_t begin = (uintptr_t)address & ~page_mask;
    uintptr_t end = ((uintptr_t)address + bytes + page_mask) & ~page_mask;
    return base_syscall3(SYS_mprotect, begin, end - begin, (uintptr_t)protection);
}

bool base_memory_commit(void *address, size_t bytes)
{
    return protect_pages_around(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

void *base_memory_map_wiped_on_fork(size_t bytes)
{
    void *address = base_memory_map(bytes);
    if (address && base_syscall3(SYS_madvise, (uintptr_t)address, bytes, MADV_WIPEONFORK) < 0)
    {
        base_memory_unmap(address, bytes);
        return NULL;
    }
    return address;
}

void *base_memory_map_file(int descriptor, size_t bytes, bool is_writable)
{
    return map(bytes, is_writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, descriptor);
}

bool base_memory_replace(void *address, size_t bytes)
{
    return base_syscall6(SYS_mmap, (uintptr_t)address, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, (uintptr_t)-1, 0) >= 0;
}

bool base_memory_unmap(void *address, size_t bytes)
{
    return base_syscall3(SYS_munmap, (uintptr_t)address, bytes, 0) == 0;
}

bool base_memory_protect(void *address, size_t bytes)
{
    return protect_pages_around(address, bytes, PROT_NONE) == 0;
}

bool base_memory_set_read_only(void *address, size_t bytes)
{
    return protect_pages_around(address, bytes, PROT_READ) == 0;
}

bool base_memory_extend(void *address, size_t bytes, size_t new_bytes)
{
    return base_syscall6(SYS_mremap, (uintptr_t)address, bytes, new_bytes, 0, 0, 0) >= 0;
}

long base_memory_move(void *address, size_t bytes, void *to, size_t new_bytes)
{
    long result = base_syscall6(SYS_mremap, (uintptr_t)address, bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
                                (uintptr_t)to, 0);
    return result < 0 ? result : 0;
}

bool base_memory_populate(void *address, size_t bytes)
{
    uintptr_t begin = (uintptr_t)address & ~page_mask;
    uintptr_t end = ((uintptr_t)address + bytes + page_mask) & ~page_mask;
    return base_syscall3(SYS_madvise, begin, end - begin, MADV_POPULATE_WRITE) == 0;
}

bool base_memory_clear(void *address, size_t bytes)
{
    return base_syscall3(SYS_madvise, (uintptr_t)address, bytes, MADV_DONTNEED) == 0;
}

// The kernel reads the set before it finds that there is no such operation: EFAULT tells a bad address.
bool base_memory_is_readable(const void *address)
{
    const uintptr_t no_such_operation = UINTPTR_MAX;
    const uintptr_t signal_set_bytes = 8;
    return base_syscall6(SYS_rt_sigprocmask, no_such_operation, (uintptr_t)address, 0, signal_set_bytes, 0, 0) !=
           -EFAULT;
}
