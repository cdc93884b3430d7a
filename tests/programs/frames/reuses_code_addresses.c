// SPDX-License-Identifier: MIT
// Loads two libraries in turn, each where the other was, and allocates through them.
//
// usage: reuses_code_addresses FIRST SECOND TURNS
// Exit status 3: they did not come to lie at one place.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static size_t bytes;
static void *volatile latest;

static __attribute__((noinline)) void allocate(void)
{
    latest = malloc(bytes);
    free(latest);
}

static __attribute__((noinline)) void *turn(const char *path, size_t marked_bytes)
{
    void (*call_through)(void (*function)(void));
    void *library = dlopen(path, RTLD_NOW);
    void *symbol = library ? dlsym(library, "call_through") : NULL;
    if (!symbol)
        exit(2);
    memcpy(&call_through, &symbol, sizeof call_through);
    bytes = marked_bytes;
    for (int i = 0; i < 10; i++)
        call_through(allocate);
    dlclose(library);
    allocate();
    return symbol;
}

int main(int count, char **arguments)
{
    if (count != 4)
        return 2;
    void *place = NULL;
    for (int i = 0, turns = atoi(arguments[3]); i < turns; i++)
    {
        void *symbol = turn(arguments[1 + i % 2], i % 2 == 0 ? 1000001 : 1000002);
        if (place && symbol != place)
            return 3;
        place = symbol;
    }
    return 0;
}
