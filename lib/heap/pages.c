// SPDX-License-Identifier: MIT
// The kernel's memory calls as the allocators need them, each told to the observer. Knows no block and keeps no books.
#include "heap/pages.h"

#include "base/memory.h"
#include "base/syscall.h"
#include "base/text.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

static const size_t page_mask = PAGES_BYTES - 1;

static const struct heap_observer *observer;

void heap_observe(const struct heap_observer *new_observer)
{
    observer = new_observer;
}

void pages_tell_zone(const void *address, size_t bytes, uint32_t class_id, enum heap_role role)
{
    if (observer)
        observer->zone(&(struct heap_zone){address, bytes, class_id, role});
}

void *pages_reserve(size_t bytes_wanted, size_t bytes_min, uint32_t class_id, enum heap_role role, size_t *bytes)
{
    size_t least = (bytes_min + page_mask) & ~page_mask;
    size_t tried = bytes_wanted < least ? least : (bytes_wanted + page_mask) & ~page_mask;
    void *address = base_memory_reserve(tried);
    while (!address && tried > least)
    {
        tried = (tried / 2 + page_mask) & ~page_mask;
        if (tried < least)
            tried = least;
        address = base_memory_reserve(tried);
    }
    if (!address)
        return NULL;
    *bytes = tried;
    pages_tell_zone(address, tried, class_id, role);
    return address;
}

bool pages_commit(void *address, size_t bytes)
{
    if (!base_memory_commit(address, bytes))
        return false;
    if (observer)
        observer->committed(address, bytes);
    return true;
}

void pages_return(void *address, size_t bytes)
{
    if (observer)
        observer->returned(address, bytes);
    if (!base_memory_clear(address, bytes))
        memset(address, 0, bytes);
}

bool pages_return_and_protect(void *address, size_t bytes)
{
    pages_return(address, bytes);
    return base_memory_protect(address, bytes);
}

void pages_set_read_only(void *address, size_t bytes)
{
    base_memory_set_read_only(address, bytes);
}

// The first number of the file; 0 where it cannot be read.
static uint64_t first_number(const char *path)
{
    char digits[32];
    long length = base_text_read_file(path, digits, sizeof digits);
    uint64_t number = 0;
    for (long i = 0; i < length && digits[i] >= '0' && digits[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(digits[i] - '0');
    return number;
}

size_t pages_space_left(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    base_syscall6(SYS_prlimit64, 0, RLIMIT_AS, 0, (uintptr_t)&limit, 0, 0);
    if (limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    size_t used = first_number("/proc/self/statm") * PAGES_BYTES;
    return used < limit.rlim_cur ? limit.rlim_cur - used : 0;
}

size_t pages_physical_bytes(void)
{
    struct sysinfo about = {0};
    base_syscall3(SYS_sysinfo, (uintptr_t)&about, 0, 0);
    return about.totalram * about.mem_unit;
}

size_t pages_map_count_max(void)
{
    const size_t usual = 65530;
    size_t count = first_number("/proc/sys/vm/max_map_count");
    return count ? count : usual;
}
