// SPDX-License-Identifier: MIT
// Asks the preload library whether a text names an allocator: it has the one parser of such texts. Refuses to know what
// allocators there are.
#include "tracer/failure.h"
#include "tracer/launch.h"
#include "tracer/record.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef int allocator_complaint(const char *text, char *complaint, size_t bytes);

// What the library would act upon while it is loaded, here, where it serves nobody.
static const char *const acted_upon[] = {WIRE_SESSION_VARIABLE, LAUNCH_ALLOCATOR_VARIABLE};

#define ACTED_UPON_COUNT (sizeof acted_upon / sizeof *acted_upon)

static void *open_library(const char *path)
{
    char *values[ACTED_UPON_COUNT] = {NULL};
    for (size_t i = 0; i < ACTED_UPON_COUNT; i++)
    {
        const char *value = getenv(acted_upon[i]);
        values[i] = value != NULL ? strdup(value) : NULL;
        unsetenv(acted_upon[i]);
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < ACTED_UPON_COUNT; i++)
    {
        if (values[i] != NULL)
            setenv(acted_upon[i], values[i], 1);
        free(values[i]);
    }
    return library;
}

int tracer_check_allocator(const char *preload_path, const char *allocator, struct reel_error *error)
{
    char complaint[512];
    allocator_complaint *complain = NULL;
    int status = launch_check_preload(preload_path, error);
    if (status != REEL_OK)
        return status;
    void *library = open_library(preload_path);
    void *symbol = library != NULL ? dlsym(library, "heapreel_allocator_complaint") : NULL;
    memcpy(&complain, &symbol, sizeof complain);
    if (complain == NULL)
        status = failure_set(error, REEL_E_OPEN, "%s: cannot be loaded: %s; install heapreel again", preload_path,
                             dlerror());
    else if (complain(allocator, complaint, sizeof complaint) != 0)
        status = failure_set(error, REEL_E_ARGUMENT, "%s", complaint);
    if (library != NULL)
        dlclose(library);
    return status;
}
