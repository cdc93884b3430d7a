// SPDX-License-Identifier: MIT
// From a process to its reel. A process that is recorded maps a channel in the session's directory, the recorder maps
// its page: what they do with their environment or working directory does not matter. One that has just begun may only
// have the directory in its environment. Refuses to open the reel, or to trust that the session lives: it only names
// what lies there.
#include "tracer/find.h"

#include "tracer/failure.h"
#include "tracer/session.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FIND_NAME_BYTES 6 // after the prefix
#define FIND_DELETED " (deleted)"

// Where the session's directory ends in a path of a file that lies in it; NULL: it lies in none.
static const char *end_of_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t bytes = strlen(SESSION_PREFIX) + FIND_NAME_BYTES;
    bool is_in_session = slash != NULL && (size_t)(slash - path) > bytes && slash[-1 - (ptrdiff_t)bytes] == '/' &&
                         strncmp(slash - bytes, SESSION_PREFIX, strlen(SESSION_PREFIX)) == 0;
    return is_in_session ? slash : NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t text_bytes = strlen(text);
    size_t end_bytes = strlen(end);
    return text_bytes >= end_bytes && strcmp(text + text_bytes - end_bytes, end) == 0;
}

static void cut_end(char *text, const char *end)
{
    if (ends_with(text, end))
        text[strlen(text) - strlen(end)] = '\0';
}

static FILE *open_proc(int pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return fopen(path, "re");
}

// Of a line of maps: addresses, then what may be done.
static bool is_writable(const char *line)
{
    const char *rights = strchr(line, ' ');
    return rights != NULL && strncmp(rights, " rw", 3) == 0;
}

// All map the session's page, but only the recorder may write to it. One may be recorded: its own session comes first.
static bool find_in_maps(int pid, char directory[PATH_MAX])
{
    FILE *maps = open_proc(pid, "maps");
    char *line = NULL;
    size_t line_max = 0;
    bool is_found = false;
    bool is_recorder = false;
    while (maps != NULL && !is_recorder && getline(&line, &line_max, maps) > 0)
    {
        char *path = strchr(line, '/');
        cut_end(line, "\n");
        cut_end(line, FIND_DELETED);
        const char *end = path != NULL ? end_of_directory(path) : NULL;
        bool is_page = end != NULL && strcmp(end + 1, WIRE_SESSION_FILE) == 0;
        bool is_channel = end != NULL && ends_with(path, WIRE_CHANNEL_SUFFIX);
        if ((!is_page && !is_channel) || end - path >= PATH_MAX)
            continue;
        is_recorder = is_page && is_writable(line);
        memcpy(directory, path, (size_t)(end - path));
        directory[end - path] = '\0';
        is_found = true;
    }
    free(line);
    if (maps != NULL)
        fclose(maps);
    return is_found;
}

static bool find_in_environment(int pid, char directory[PATH_MAX])
{
    static const char name[] = WIRE_SESSION_VARIABLE "=";
    FILE *environment = open_proc(pid, "environ");
    char *word = NULL;
    size_t word_max = 0;
    bool is_found = false;
    while (environment != NULL && !is_found && getdelim(&word, &word_max, '\0', environment) > 0)
    {
        is_found = strncmp(word, name, sizeof name - 1) == 0 && word[sizeof name - 1] == '/' &&
                   strlen(word + sizeof name - 1) < PATH_MAX;
        if (is_found)
            memcpy(directory, word + sizeof name - 1, strlen(word + sizeof name - 1) + 1);
    }
    free(word);
    if (environment != NULL)
        fclose(environment);
    return is_found;
}

static int tell_why_not(int pid, struct reel_error *error)
{
    FILE *maps = open_proc(pid, "maps");
    int reason = errno;
    char first = '\0';
    bool is_readable = maps != NULL && (errno = 0, fread(&first, 1, 1, maps) == 1 || errno == 0);
    reason = maps != NULL ? errno : reason;
    if (maps != NULL)
        fclose(maps);
    if (is_readable)
        return failure_set(error, REEL_E_OPEN,
                           "process %d is not being recorded; record a program with: heapreel record PROGRAM", pid);
    if (reason == ENOENT || reason == ESRCH)
        return failure_set(error, REEL_E_OPEN, "there is no process %d", pid);
    return failure_set(error, REEL_E_OPEN, "process %d belongs to somebody else (%s); look as its user or as root", pid,
                       strerror(reason));
}

int tracer_find_reel(int pid, char *path, size_t path_bytes, struct reel_error *error)
{
    char directory[PATH_MAX];
    char link[PATH_MAX + sizeof "/" SESSION_REEL_LINK];
    if (pid <= 0)
        return failure_set(error, REEL_E_OPEN, "there is no process %d", pid);
    if (!find_in_maps(pid, directory) && !find_in_environment(pid, directory))
        return tell_why_not(pid, error);
    snprintf(link, sizeof link, "%s/%s", directory, SESSION_REEL_LINK);
    ssize_t length = readlink(link, path, path_bytes);
    if (length < 0)
        return failure_set(error, REEL_E_OPEN,
                           errno == ENOENT ? "process %d is not being recorded any more; look at the reel itself"
                                           : "process %d: its recording cannot be looked at: %s",
                           pid, strerror(errno));
    if ((size_t)length >= path_bytes)
        return failure_set(error, REEL_E_OPEN, "process %d: the path of its reel is too long", pid);
    path[length] = '\0';
    return REEL_OK;
}
