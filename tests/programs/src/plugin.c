// SPDX-License-Identifier: MIT
// A library to be opened and closed at run time: it allocates when loaded, when called and when unloaded.
#include <stdlib.h>
#include <string.h>

char *plugin_work(const char *text);

static char *kept;

__attribute__((constructor)) static void load(void)
{
    kept = malloc(111);
}

__attribute__((destructor)) static void unload(void)
{
    free(kept);
    free(malloc(222));
}

char *plugin_work(const char *text)
{
    return strdup(text);
}
