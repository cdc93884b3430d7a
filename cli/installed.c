// SPDX-License-Identifier: MIT
// Paths relative to the running program. Reads no environment and no configuration.
#include "cli/installed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// folder: as seen from the program's own.
static bool installed(const char *folder, const char *name, char *path, size_t size)
{
    char program[PATH_MAX];
    char joined[2 * PATH_MAX];
    char resolved[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return false;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    snprintf(joined, sizeof joined, "%s/%s", program, folder);
    // Without "..", so that programs which show it, as the environment of a recorded one, show a plain path.
    const char *directory = realpath(joined, resolved) != NULL ? resolved : joined;
    return (size_t)snprintf(path, size, "%s/%s", directory, name) < size;
}

bool installed_library(const char *name, char *path, size_t size)
{
    return installed(HEAPREEL_LIBRARY_FROM_BIN, name, path, size);
}

bool installed_share(const char *name, char *path, size_t size)
{
    return installed(HEAPREEL_SHARE_FROM_BIN, name, path, size);
}
