// SPDX-License-Identifier: MIT
// Finds a variable of the environment where the kernel or libc keeps it. Changes nothing and copies nothing.
#define _GNU_SOURCE
#include "base/environment.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

// The dynamic loader's: where the kernel put the argument count, with the arguments and the environment after it.
extern const void *const __libc_stack_end;

// The loader allocates through us before libc has set environ: then the environment is where the kernel put it.
static char *const *variables(void)
{
    if (environ)
        return environ;
    char *const *words = (char *const *)__libc_stack_end + 1;
    while (*words)
        words++;
    return words + 1;
}

const char *base_environment_find(const char *name)
{
    size_t length = strlen(name);
    for (char *const *variable = variables(); *variable; variable++)
        if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=')
            return *variable + length + 1;
    return NULL;
}
