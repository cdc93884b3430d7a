// SPDX-License-Identifier: MIT
// Whether somebody else still has the reel open: a recording that was cut off looks like one that goes on, but for
// that.
#include "viewer/model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A line as "4: POSIX  ADVISORY  READ 25186 fe:00:12091530 128 128": the process, device and inode.
static bool is_of_another(char *line, ino_t inode)
{
    enum
    {
        KIND = 1,
        PROCESS = 4,
        FILE_NUMBERS = 5,
        WORDS = 6,
    };
    const char *words[WORDS];
    int count = 0;
    for (char *word = strtok(line, " "); word != NULL && count < WORDS; word = strtok(NULL, " "))
        words[count++] = word;
    const char *number = count == WORDS ? strrchr(words[FILE_NUMBERS], ':') : NULL;
    return number != NULL && strcmp(words[KIND], "POSIX") == 0 && strtoull(number + 1, NULL, 10) == inode &&
           strtol(words[PROCESS], NULL, 10) != getpid();
}

// SQLite holds a lock on the file as long as it is open. Locks are read where the kernel lists them: to ask for one
// would need the file opened again, and closing that would drop the reader's own.
bool model_is_open_elsewhere(const char *path)
{
    struct stat about;
    char line[256];
    bool is_open = false;
    FILE *locks = fopen("/proc/locks", "re");
    if (locks == NULL)
        return true; // not to be known: then it is taken to go on
    bool is_there = stat(path, &about) == 0;
    while (is_there && !is_open && fgets(line, sizeof line, locks) != NULL)
    {
        is_open = is_of_another(line, about.st_ino);
    }
    fclose(locks);
    return is_open;
}
