// SPDX-License-Identifier: MIT
// Looks where libdwfl would look, before it is asked. Refuses to judge what it finds: that is libdwfl's.
#include "tracer/debug_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEBUG_FILE_TREE "/usr/lib/debug"

static bool is_there(const char *directory, size_t directory_bytes, const char *between, const char *link)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%.*s%s%s", (int)directory_bytes, directory, between, link);
    return length > 0 && (size_t)length < sizeof path && access(path, F_OK) == 0;
}

// Under the tree of debug files, in the directory of the file or in one that its last parts name.
static bool is_in_tree(const char *file, size_t directory_bytes, const char *link)
{
    for (const char *part = file; part != NULL && part <= file + directory_bytes; part = strchr(part + 1, '/'))
    {
        char directory[PATH_MAX];
        int bytes =
            snprintf(directory, sizeof directory, DEBUG_FILE_TREE "%.*s", (int)(file + directory_bytes - part), part);
        if (bytes > 0 && (size_t)bytes < sizeof directory && is_there(directory, (size_t)bytes, "/", link))
            return true;
    }
    return false;
}

static bool has_link_target(const char *file, const char *link)
{
    char own_link[NAME_MAX + sizeof ".debug"];
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return true; // for libdwfl to find out
    size_t directory_bytes = (size_t)(slash - file);
    if (link == NULL)
    {
        snprintf(own_link, sizeof own_link, "%.*s.debug", NAME_MAX, slash + 1);
        link = own_link;
    }
    return is_there(file, directory_bytes, "/", link) || is_there(file, directory_bytes, "/.debug/", link) ||
           is_in_tree(file, directory_bytes, link);
}

static bool has_server(void)
{
    const char *servers = getenv("DEBUGINFOD_URLS");
    return servers != NULL && servers[0] != '\0';
}

int debug_file_find(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base, const char *file,
                    const char *link, GElf_Word sum, char **found_name)
{
    int fd = dwfl_build_id_find_debuginfo(module, userdata, name, base, file, link, sum, found_name);
    if (fd >= 0 || (file != NULL && !has_server() && !has_link_target(file, link)))
        return fd;
    return dwfl_standard_find_debuginfo(module, userdata, name, base, file, link, sum, found_name);
}
