// SPDX-License-Identifier: MIT
// Reads maps and pagemap of a process. Does not know which mappings are the heap's: it takes all that are private and
// of no file, readable or not, but for stacks that are named so.
#include "tracer/resident_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PAGE_BYTES UINT64_C(4096)
#define MAPS_TEXT_BYTES 16384
#define MAPPINGS_MAX ((size_t)1 << 18) // 6 MiB; the kernel's own limit is a quarter of that
#define RUNS_MAX ((size_t)1 << 20)     // 16 MiB
#define SCAN_REGIONS 512               // at a time: as many as the kernel collects before it gives them out
#define WORDS_AT_A_TIME 8192
#define WORDS_MAX ((uint64_t)8 << 20)         // in a sample: 64 MiB of pagemap, 32 GiB of address space
#define RESERVATION_BYTES (UINT64_C(1) << 30) // where no access is allowed: address space that nobody used yet

// linux/fs.h has these from 6.7 on.
struct scan_region
{
    uint64_t begin;
    uint64_t end;
    uint64_t categories;
};

struct scan_arguments
{
    uint64_t bytes; // of this struct
    uint64_t flags;
    uint64_t begin;
    uint64_t end;
    uint64_t walk_end; // out
    uint64_t regions;
    uint64_t region_max;
    uint64_t page_max; // 0 = any
    uint64_t inverted_categories;
    uint64_t all_of;
    uint64_t any_of;
    uint64_t told; // those that are given out: neighbours that are equal in them are one region
};
#define SCAN_REQUEST _IOWR('f', 16, struct scan_arguments)
#define SCAN_PRESENT (UINT64_C(1) << 3)
#define SCAN_SWAPPED (UINT64_C(1) << 4)
#define SCAN_ZERO_PAGE (UINT64_C(1) << 5)

#define WORD_PRESENT (UINT64_C(1) << 63)
#define WORD_SWAPPED (UINT64_C(1) << 62)

// Of one reading.
struct look
{
    struct resident_pages *pages;
    int maps_fd;
    int pagemap_fd;
    uint64_t words; // read so far
    uint64_t from;  // where the last mapping ended: the list changes while it is read, and may name pages twice
    bool has_failed;
};

// The array with room for one more, wherever it lies then. NULL: no memory, nothing has changed.
static void *make_room(void *array, size_t *max, size_t count, size_t element_bytes)
{
    if (array != NULL && count < *max)
        return array;
    size_t bigger = *max == 0 ? 64 : *max * 2;
    void *moved = reallocarray(array, bigger, element_bytes);
    if (moved != NULL)
        *max = bigger;
    return moved;
}

static struct reel_resident_mapping *last_mapping(const struct look *look)
{
    return &look->pages->mappings[look->pages->mapping_count - 1];
}

// Adds backed pages of the last mapping, after those that are there.
static bool add_run(struct look *look, uint64_t begin, uint64_t end)
{
    struct resident_pages *pages = look->pages;
    struct reel_resident_run *before = pages->run_count > 0 ? &pages->runs[pages->run_count - 1] : NULL;
    if (before != NULL && before->end == begin && begin > last_mapping(look)->begin)
    {
        before->end = end;
        return true;
    }
    if (pages->run_count >= RUNS_MAX)
    {
        pages->is_cut = true;
        return false;
    }
    struct reel_resident_run *runs = make_room(pages->runs, &pages->run_max, pages->run_count, sizeof *runs);
    if (runs == NULL)
    {
        look->has_failed = true;
        return false;
    }
    pages->runs = runs;
    pages->runs[pages->run_count++] = (struct reel_resident_run){begin, end};
    return true;
}

// False: the kernel does not know the request. A process that is gone has no pages.
static bool scan(struct look *look, uint64_t begin, uint64_t end)
{
    struct scan_region regions[SCAN_REGIONS];
    struct scan_arguments arguments = {.bytes = sizeof arguments,
                                       .begin = begin,
                                       .end = end,
                                       .regions = (uintptr_t)regions,
                                       .region_max = SCAN_REGIONS,
                                       .inverted_categories = SCAN_ZERO_PAGE,
                                       .all_of = SCAN_ZERO_PAGE,
                                       .any_of = SCAN_PRESENT | SCAN_SWAPPED,
                                       .told = SCAN_ZERO_PAGE};
    while (arguments.begin < end)
    {
        int count = ioctl(look->pagemap_fd, SCAN_REQUEST, &arguments);
        if (count < 0 && (errno == ENOTTY || errno == EINVAL))
            return false;
        if (count < 0 || count > SCAN_REGIONS)
        {
            look->has_failed = true;
            return true;
        }
        for (int i = 0; i < count; i++)
            if (!add_run(look, regions[i].begin, regions[i].end))
                return true;
        if (arguments.walk_end <= arguments.begin)
            return true;
        arguments.begin = arguments.walk_end;
    }
    return true;
}

static bool add_words(struct look *look, uint64_t begin, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        uint64_t address = begin + i * PAGE_BYTES;
        if ((words[i] & (WORD_PRESENT | WORD_SWAPPED)) != 0 && !add_run(look, address, address + PAGE_BYTES))
            return false;
    }
    return true;
}

// A mapping that is larger than what is left to be read is passed over, so that others have their turn.
static void read_words(struct look *look, uint64_t begin, uint64_t end)
{
    static uint64_t words[WORDS_AT_A_TIME]; // one thread reads
    uint64_t left = (end - begin) / PAGE_BYTES;
    if (left > WORDS_MAX - look->words)
    {
        look->pages->is_cut = true;
        return;
    }
    look->words += left;
    while (left > 0)
    {
        uint64_t count = left < WORDS_AT_A_TIME ? left : WORDS_AT_A_TIME;
        ssize_t got =
            pread(look->pagemap_fd, words, count * sizeof *words, (off_t)(begin / PAGE_BYTES * sizeof *words));
        size_t full = got > 0 ? (size_t)got / sizeof *words : 0;
        look->has_failed = look->has_failed || got < 0;
        if (full == 0 || !add_words(look, begin, words, full))
            return;
        left -= full;
        begin += full * PAGE_BYTES;
    }
}

static void read_mapping(struct look *look, const struct reel_resident_mapping *mapping)
{
    struct resident_pages *pages = look->pages;
    size_t runs_before = pages->run_count;
    if (pages->mapping_count >= MAPPINGS_MAX)
    {
        pages->is_cut = true;
        return;
    }
    struct reel_resident_mapping *mappings =
        make_room(pages->mappings, &pages->mapping_max, pages->mapping_count, sizeof *mappings);
    if (mappings == NULL)
    {
        look->has_failed = true;
        return;
    }
    pages->mappings = mappings;
    pages->mappings[pages->mapping_count++] = *mapping;
    if (!pages->has_no_scan && !scan(look, mapping->begin, mapping->end))
        pages->has_no_scan = true;
    if (pages->has_no_scan && (!mapping->is_inaccessible || mapping->end - mapping->begin < RESERVATION_BYTES))
        read_words(look, mapping->begin, mapping->end);
    if (pages->run_count == runs_before)
        pages->mapping_count--;
}

static const char *skip_field(const char *at)
{
    at += strspn(at, " ");
    return at + strcspn(at, " ");
}

// "BEGIN-END PERMISSIONS OFFSET DEVICE INODE   NAME"; what is no such line is passed over.
static void read_line(struct look *look, const char *line)
{
    struct reel_resident_mapping mapping = {0};
    char *at;
    mapping.begin = strtoull(line, &at, 16);
    if (*at != '-')
        return;
    mapping.end = strtoull(at + 1, &at, 16);
    const char *permissions = at + strspn(at, " ");
    unsigned long long inode = strtoull(skip_field(skip_field(skip_field(at))), &at, 10);
    const char *name = at + strspn(at, " ");
    if (strcspn(permissions, " ") != 4)
        return;
    mapping.is_break = strcmp(name, "[heap]") == 0;
    bool is_anonymous = name[0] == '\0' || mapping.is_break || strncmp(name, "[anon:", 6) == 0;
    mapping.begin = mapping.begin > look->from ? mapping.begin : look->from;
    if (permissions[3] != 'p' || inode != 0 || !is_anonymous || mapping.begin >= mapping.end ||
        (mapping.begin | mapping.end) % PAGE_BYTES != 0)
        return;
    look->from = mapping.end;
    mapping.is_inaccessible = strncmp(permissions, "---", 3) == 0;
    read_mapping(look, &mapping);
}

// A name may be longer than the text: the rest of its line is a line that means nothing.
static void read_maps(struct look *look)
{
    char text[MAPS_TEXT_BYTES];
    size_t filled = 0;
    while (!look->has_failed)
    {
        ssize_t got = read(look->maps_fd, text + filled, sizeof text - 1 - filled);
        if (got <= 0)
        {
            look->has_failed = got < 0;
            return;
        }
        filled += (size_t)got;
        text[filled] = '\0';
        char *line = text;
        for (char *end; (end = strchr(line, '\n')) != NULL && !look->has_failed; line = end + 1)
        {
            *end = '\0';
            read_line(look, line);
        }
        filled -= (size_t)(line - text);
        if (filled == sizeof text - 1)
            filled = 0;
        memmove(text, line, filled);
    }
}

static int open_file(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool resident_pages_read(pid_t pid, struct resident_pages *pages)
{
    struct look look = {.pages = pages, .maps_fd = open_file(pid, "maps"), .pagemap_fd = open_file(pid, "pagemap")};
    pages->mapping_count = pages->run_count = 0;
    pages->is_cut = false;
    look.has_failed = look.maps_fd < 0 || look.pagemap_fd < 0;
    if (!look.has_failed)
        read_maps(&look);
    if (look.maps_fd >= 0)
        close(look.maps_fd);
    if (look.pagemap_fd >= 0)
        close(look.pagemap_fd);
    return !look.has_failed && pages->mapping_count > 0;
}

void resident_pages_fini(struct resident_pages *pages)
{
    free(pages->mappings);
    free(pages->runs);
    *pages = (struct resident_pages){0};
}
