// SPDX-License-Identifier: MIT
// Allocates before the constructors of other libraries and after their destructors, and in its own first function, when
// libc has not yet seen its environment.
#include <stdio.h>
#include <stdlib.h>

const char *earliest_text(void);

static void *made_first;

static void before_constructors(void)
{
    made_first = malloc(123);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = before_constructors;

int main(void)
{
    printf("%s %s, PATH=%s\n", earliest_text(), made_first != NULL ? "and so was this" : "", getenv("PATH"));
    free(made_first);
    return 0;
}
