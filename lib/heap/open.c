// SPDX-License-Identifier: MIT
// Finds the backend that the options name and opens it. The one file that knows all of them.
#include "heap/backend.h"
#include "heap/large.h"

static const struct heap_backend *const backends[] = {
    [HEAP_SYSTEM] = &heap_system,       [HEAP_BUMP_LIFO] = &heap_bump_lifo, [HEAP_BUMP_FIFO] = &heap_bump_fifo,
    [HEAP_BUMP_NONE] = &heap_bump_none, [HEAP_ZONED] = &heap_zoned,         [HEAP_SPLITMERGE] = &heap_splitmerge,
};

const struct heap_backend *heap_open(const struct heap_options *options)
{
    const struct heap_backend *backend = backends[options->kind];
    if (!backend->open)
        return backend;
    large_open();
    return backend->open(options) ? backend : NULL;
}
