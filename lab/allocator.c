// SPDX-License-Identifier: MIT
// The allocators of the lab by name: ours, those of Debian's packages, and any library by its file. Loads none of them,
// and does not judge options of ours.
#include "lab/allocator.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const lab_allocator_names[] = {
    "bump:lifo", "bump:fifo", "bump:none", "zoned", "splitmerge", "glibc", "jemalloc", "mimalloc", "tcmalloc", NULL,
};

static const char *const own_designs[] = {"bump",  "bump:lifo",  "bump:fifo", "bump:none",
                                          "zoned", "splitmerge", "system"};

static const struct
{
    const char *name;
    const char *file;
} packaged[] = {
    {"jemalloc", "libjemalloc.so.2"},
    {"mimalloc", "libmimalloc.so.2.0"},
    {"tcmalloc", "libtcmalloc_minimal.so.4"},
};

static const char *const library_folders[] = {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"};

static bool is_own(const char *name)
{
    size_t length = strcspn(name, ",");
    for (size_t i = 0; i < sizeof own_designs / sizeof own_designs[0]; i++)
        if (strlen(own_designs[i]) == length && strncmp(name, own_designs[i], length) == 0)
            return true;
    return false;
}

// False: the path is too long.
static bool set_library(struct lab_allocator *allocator, const char *path)
{
    allocator->is_installed = access(path, R_OK) == 0;
    return (size_t)snprintf(allocator->preload, sizeof allocator->preload, "%s", path) < sizeof allocator->preload;
}

// False: the name is none of a package's.
static bool set_packaged(struct lab_allocator *allocator, const char *name)
{
    char path[256];
    size_t at = 0;
    while (at < sizeof packaged / sizeof packaged[0] && strcmp(packaged[at].name, name) != 0)
        at++;
    if (at == sizeof packaged / sizeof packaged[0])
        return false;
    for (size_t i = 0; i < sizeof library_folders / sizeof library_folders[0] && !allocator->is_installed; i++)
    {
        snprintf(path, sizeof path, "%s/%s", library_folders[i], packaged[at].file);
        set_library(allocator, path);
    }
    return true;
}

// What the name stands for; false: nothing.
static bool resolve(struct lab_allocator *allocator, const char *name, const char *own_library)
{
    const char *slash = strrchr(name, '/');
    snprintf(allocator->name, sizeof allocator->name, "%s", slash != NULL ? slash + 1 : name);
    allocator->is_ours = slash == NULL && is_own(name);
    if (slash != NULL)
        return set_library(allocator, name);
    if (allocator->is_ours)
        return (size_t)snprintf(allocator->spec, sizeof allocator->spec, "%s", name) < sizeof allocator->spec &&
               set_library(allocator, own_library);
    allocator->is_installed = strcmp(name, "glibc") == 0;
    return allocator->is_installed || set_packaged(allocator, name);
}

bool lab_allocator_find(struct lab_allocator *allocator, const char *name, const char *own_library, char *complaint,
                        size_t complaint_bytes)
{
    *allocator = (struct lab_allocator){0};
    if (resolve(allocator, name, own_library))
        return true;
    int length = snprintf(complaint, complaint_bytes, "%s is no allocator; there are", name);
    for (size_t i = 0; lab_allocator_names[i] != NULL && length >= 0 && (size_t)length < complaint_bytes; i++)
        length += snprintf(complaint + length, complaint_bytes - (size_t)length, " %s", lab_allocator_names[i]);
    if (length >= 0 && (size_t)length < complaint_bytes)
        snprintf(complaint + length, complaint_bytes - (size_t)length, ", or the path of a library");
    return false;
}

static bool is_option(const char *word)
{
    size_t length = strcspn(word, ",");
    return memchr(word, '=', length) != NULL && memchr(word, '/', length) == NULL;
}

bool lab_allocator_next(const char **list, char *name, size_t name_bytes)
{
    const char *begin = *list;
    if (*begin == '\0')
        return false;
    const char *end = begin + strcspn(begin, ",");
    while (*end == ',' && is_option(end + 1))
        end += 1 + strcspn(end + 1, ",");
    snprintf(name, name_bytes, "%.*s", (int)(end - begin), begin);
    *list = *end == ',' ? end + 1 : end;
    return true;
}
