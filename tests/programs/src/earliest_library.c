// SPDX-License-Identifier: MIT
// A library that is initialised before all others and finalised after them: it allocates at both times.
#include <stdlib.h>
#include <string.h>

const char *earliest_text(void);

static char *text;

__attribute__((constructor)) static void begin(void)
{
    for (size_t i = 1; i < 100; i++)
        free(malloc(i));
    text = malloc(64);
    strcpy(text, "made before everything");
}

__attribute__((destructor)) static void end(void)
{
    free(text);
    for (size_t i = 1; i < 100; i++)
        free(malloc(i));
}

const char *earliest_text(void)
{
    return text;
}
