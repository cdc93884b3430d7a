// SPDX-License-Identifier: MIT
// Keeps what a thread's latest misuse was until it is taken. Judges nothing and reports nothing.
#include "heap/misuse.h"

static __thread struct heap_misuse latest __attribute__((tls_model("initial-exec")));
static __thread bool is_untold __attribute__((tls_model("initial-exec")));

void heap_misuse_note(enum heap_misuse_kind kind, const void *address, size_t size, size_t true_size)
{
    latest = (struct heap_misuse){kind, address, size, true_size};
    is_untold = true;
}

bool heap_misuse_take(struct heap_misuse *misuse)
{
    if (!is_untold)
        return false;
    *misuse = latest;
    is_untold = false;
    return true;
}
