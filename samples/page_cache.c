// SPDX-License-Identifier: MIT
// Planted culprit: a cache that keeps one small block a page among temporaries. Requests come in bursts; each makes 63
// temporaries of 56 bytes and leaves one entry of the same size in the cache. When a burst is over its temporaries are
// free, and nearly every page of them holds an entry.
// Watch: entries, the blocks that are kept.
// Expect: under every allocator `blame` at the end names cache_remember first; `top` by live bytes names load_table.
#include "sample.h"

enum
{
    BURSTS = 2,
    REQUESTS = 4096, // in a burst
    TEMPORARIES = 63,
    BYTES = 56, // a slot or chunk of 64
    ROWS = 8192,
    ROW_BYTES = 504,
};

static void *(*temporaries)[TEMPORARIES];
static void **cache;
static void **table;

// Long-lived and dense: much memory, little of it pinned.
static __attribute__((noinline)) void load_table(void)
{
    for (size_t i = 0; i < ROWS; i++)
        table[i] = sample_touch(malloc(ROW_BYTES), ROW_BYTES);
}

static __attribute__((noinline)) void cache_remember(size_t entry)
{
    cache[entry] = sample_touch(malloc(BYTES), BYTES);
}

static __attribute__((noinline)) void parse_request(size_t request)
{
    for (size_t i = 0; i < TEMPORARIES; i++)
        temporaries[request][i] = sample_touch(malloc(BYTES), BYTES);
}

static __attribute__((noinline)) void finish_request(size_t request)
{
    for (size_t i = 0; i < TEMPORARIES; i++)
        free(temporaries[request][i]);
}

int main(void)
{
    sample_begin();
    temporaries = sample_memory(REQUESTS * sizeof *temporaries);
    cache = sample_memory(REQUESTS * sizeof *cache);
    table = sample_memory(ROWS * sizeof *table);
    load_table();
    for (size_t burst = 0; burst < BURSTS; burst++)
    {
        for (size_t i = 0; i < REQUESTS; i++)
        {
            parse_request(i);
            if (burst == 0) // the later one finds what it needs
                cache_remember(i);
        }
        for (size_t i = 0; i < REQUESTS; i++)
            finish_request(i);
    }
    sample_figure("entries", REQUESTS);
}
