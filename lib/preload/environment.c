// SPDX-License-Identifier: MIT
// Keeping our variables in the environment of started programs, so that children are followed even by a program
// that cleans its environment. Touches no other variable.
#include "preload/preload_internal.h"

#include "wire/session.h"

#include <stdbool.h>
#include <string.h>

#define PRELOAD_VARIABLE "LD_PRELOAD"

enum
{
    PRELOAD_BYTES_MAX = 4096,
    SESSION_BYTES_MAX = 512,
    ALLOCATOR_BYTES_MAX = 512,
    OWN_VARIABLES = 3,
};

// NAME=VALUE as they were at the start; empty when there is no session. Constant after the constructor.
static struct
{
    char preload[PRELOAD_BYTES_MAX];
    char session[SESSION_BYTES_MAX];
    char allocator[ALLOCATOR_BYTES_MAX];
} remembered;

static void remember(char *variable, size_t capacity, char *const *environment, const char *name)
{
    size_t name_length = strlen(name);
    for (; *environment; environment++)
        if (strncmp(*environment, name, name_length) == 0 && (*environment)[name_length] == '=' &&
            strlen(*environment) < capacity)
            strcpy(variable, *environment);
}

void preload_environment_remember(char *const *environment)
{
    remember(remembered.session, sizeof remembered.session, environment, WIRE_SESSION_VARIABLE);
    if (!remembered.session[0])
        return;
    remember(remembered.preload, sizeof remembered.preload, environment, PRELOAD_VARIABLE);
    remember(remembered.allocator, sizeof remembered.allocator, environment, HEAP_ALLOCATOR_VARIABLE);
}

static bool has_variable(char *const *environment, const char *variable)
{
    size_t name_length = (size_t)(strchr(variable, '=') - variable) + 1;
    for (; environment && *environment; environment++)
        if (strncmp(*environment, variable, name_length) == 0)
            return true;
    return false;
}

size_t preload_environment_bytes(char *const *environment)
{
    size_t count = 0;
    while (environment && environment[count])
        count++;
    return (count + OWN_VARIABLES + 1) * sizeof *environment;
}

// A program that sets its own LD_PRELOAD means it: only a missing variable is restored.
char *const *preload_environment(char *const *environment, void *storage)
{
    char *const own[OWN_VARIABLES] = {remembered.preload, remembered.session, remembered.allocator};
    char **copy = storage;
    size_t count = 0;
    for (; environment && environment[count]; count++)
        copy[count] = environment[count];
    size_t before = count;
    for (int i = 0; i < OWN_VARIABLES; i++)
        if (own[i][0] && !has_variable(environment, own[i]))
            copy[count++] = own[i];
    copy[count] = NULL;
    return count == before && environment ? environment : copy;
}
