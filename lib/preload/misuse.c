// SPDX-License-Identifier: MIT
// What is done about a program's misuse of a block: an event of the recording, a line on stderr, and where the policy
// says so, the end of the program. Finds nothing out by itself, but for sizes that no allocator can serve.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

#include "heap/misuse.h"
#include "record/record.h"
#include "wire/event.h"

#include <assert.h>
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LINES_MAX = 100, // of a process
};

static_assert((int)HEAP_MISUSE_DOUBLE_FREE == (int)WIRE_MISUSE_DOUBLE_FREE &&
                  (int)HEAP_MISUSE_INVALID_FREE == (int)WIRE_MISUSE_INVALID_FREE &&
                  (int)HEAP_MISUSE_MISALIGNED_FREE == (int)WIRE_MISUSE_MISALIGNED_FREE &&
                  (int)HEAP_MISUSE_WRONG_SIZE == (int)WIRE_MISUSE_WRONG_SIZE &&
                  (int)HEAP_MISUSE_WRITE_AFTER_FREE == (int)WIRE_MISUSE_WRITE_AFTER_FREE &&
                  (int)HEAP_MISUSE_OVERFLOW == (int)WIRE_MISUSE_OVERFLOW &&
                  (int)HEAP_MISUSE_ABSURD_SIZE == (int)WIRE_MISUSE_ABSURD_SIZE,
              "kinds are copied");

static const char *const kind_words[] = {
#define KIND_WORDS(kind, value, words) [kind] = (words),
    HEAP_MISUSE_LIST(KIND_WORDS)
#undef KIND_WORDS
};

static void add_subject(struct base_text *line, const struct heap_misuse *misuse)
{
    base_text_add(line, kind_words[misuse->kind]);
    base_text_add(line, ": ");
    if (misuse->kind == HEAP_MISUSE_ABSURD_SIZE)
    {
        base_text_add_number(line, misuse->size);
        base_text_add(line, " bytes");
        return;
    }
    base_text_add_hexadecimal(line, (uintptr_t)misuse->address);
    if (misuse->true_size == 0)
        return;
    base_text_add(line, misuse->kind == HEAP_MISUSE_WRONG_SIZE ? ", claimed bytes " : ", first wrong byte ");
    base_text_add_number(line, misuse->size);
    base_text_add(line, " of ");
    base_text_add_number(line, misuse->true_size);
}

// The calling code as FILE+OFFSET, which addr2line takes; asks the loader in the one way that neither locks nor
// allocates.
static void add_caller(struct base_text *line, const void *frame)
{
    void *caller = ((void *const *)frame)[1];
    struct dl_find_object about;
    base_text_add(line, ", by ");
    if (_dl_find_object(caller, &about) != 0)
    {
        base_text_add_hexadecimal(line, (uintptr_t)caller);
        return;
    }
    const char *path = about.dlfo_link_map->l_name;
    const char *slash = strrchr(path, '/');
    base_text_add(line, *path == 0 ? "the program" : slash ? slash + 1 : path);
    base_text_add(line, "+");
    base_text_add_hexadecimal(line, (uintptr_t)caller - about.dlfo_link_map->l_addr);
}

static void print_line(const struct heap_misuse *misuse, bool is_recorded, bool is_fatal, const void *frame)
{
    static uint32_t line_count;
    uint32_t before = __atomic_fetch_add(&line_count, 1, __ATOMIC_RELAXED);
    if (before == LINES_MAX)
        base_text_complain("more misuse of blocks is not printed");
    if (before >= LINES_MAX)
        return;
    struct base_text line;
    base_text_clear(&line);
    add_subject(&line, misuse);
    add_caller(&line, frame);
    base_text_add(&line, is_recorded ? "; the reel has the stacks" : "; record the program to see the stacks");
    if (is_fatal)
        base_text_add(&line, "; ended here, on-misuse=report goes on");
    base_text_complain(line.bytes);
}

// What the user said; otherwise a hardened allocator that nobody watches does not go on with a broken program.
static bool is_end(enum heap_misuse_kind kind, bool is_recorded)
{
    if (kind == HEAP_MISUSE_ABSURD_SIZE)
        return false;
    if (preload_heap_options.on_misuse == HEAP_ON_MISUSE_DEFAULT)
        return preload_heap_options.kind == HEAP_ZONED && !is_recorded;
    return preload_heap_options.on_misuse == HEAP_ON_MISUSE_ABORT;
}

__attribute__((noinline, cold)) void preload_misuse(uint32_t flags, const void *frame)
{
    struct heap_misuse misuse;
    if (!heap_misuse_take(&misuse))
        return;
    record_misuse(misuse.kind, misuse.address, misuse.size, misuse.true_size, flags, frame);
    bool is_recorded = record_is_active();
    bool is_fatal = is_end(misuse.kind, is_recorded);
    print_line(&misuse, is_recorded, is_fatal, frame);
    if (is_fatal)
        abort();
}

__attribute__((noinline, cold)) void preload_refusal(size_t size, uint32_t flags, const void *frame)
{
    bool is_absurd = size > PTRDIFF_MAX;
    if (preload_heap_options.kind == HEAP_SYSTEM)
    {
        if (is_absurd)
            record_misuse(WIRE_MISUSE_ABSURD_SIZE, NULL, size, 0, flags, frame);
        return;
    }
    if (is_absurd)
        heap_misuse_note(HEAP_MISUSE_ABSURD_SIZE, NULL, size, 0);
    preload_misuse(flags, frame);
}
