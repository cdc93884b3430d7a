// SPDX-License-Identifier: MIT
// From here to Python: finds the parts, asks the interpreter for its packages, hands over. Knows nothing of what the
// package does.
#include "cli/python.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"

#define PYTHON_DEFAULT "/usr/bin/python3"
#define PYTHON_PACKAGE "heapreel_web"
#define OWN_WORDS 10 // those that python_become itself says, and NULL
#define LACK_BYTES (PATH_MAX + 512)
#define NO_PLACE "cannot tell where this program lies: /proc is needed"

// Looks for modules without importing them: that would take longer than all else.
static const char probe[] = "from importlib.util import find_spec as f\n"
                            "print(*('python3-' + m for m in ('flask', 'waitress', 'webargs', 'marshmallow', 'apispec')"
                            " if f(m) is None))";

static const char *interpreter(void)
{
    const char *named = getenv("HEAPREEL_PYTHON");
    return named != NULL && named[0] != '\0' ? named : PYTHON_DEFAULT;
}

// The package comes from where it is installed, not from the working directory, and nothing is written there.
static bool set_environment(const char *share)
{
    return setenv("PYTHONPATH", share, 1) == 0 && setenv("PYTHONSAFEPATH", "1", 1) == 0 &&
           setenv("PYTHONDONTWRITEBYTECODE", "1", 1) == 0;
}

// The first line that the interpreter prints for the probe. False: it did not do it.
static bool ask(int out, pid_t pid, char *line, size_t bytes)
{
    size_t length = 0;
    ssize_t got;
    while ((got = read(out, line + length, bytes - 1 - length)) > 0)
        length += (size_t)got;
    line[length] = '\0';
    char *end = strchr(line, '\n');
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    if (end == NULL || status != 0)
        return false;
    *end = '\0';
    return true;
}

// Runs the probe; an errno, or 0 with the names of Debian's packages that are missing.
static int find_missing(char *missing, size_t bytes)
{
    const char *const argv[] = {interpreter(), "-c", probe, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int ends[2];
    if (pipe(ends) != 0)
        return errno;
    int error = posix_spawn_file_actions_init(&actions);
    if (error == 0)
    {
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    if (error == 0 && !ask(ends[0], pid, missing, bytes))
        error = ENOEXEC;
    close(ends[0]);
    return error;
}

// Always false, with the line written.
__attribute__((format(printf, 3, 4))) static bool refuse(char *lack, size_t bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lack, bytes, format, arguments);
    va_end(arguments);
    return false;
}

bool python_is_ready(const char *page, char *lack, size_t bytes)
{
    char share[PATH_MAX];
    char file[PATH_MAX + 64];
    char missing[256] = "";
    if (!installed_share(INSTALLED_WEB, share, sizeof share))
        return refuse(lack, bytes, NO_PLACE);
    snprintf(file, sizeof file, "%s/static/%s", share, page);
    if (access(file, R_OK) != 0)
        return refuse(lack, bytes, "%s: is not there, Heapreel was built without this page; build it with ./dev build",
                      file);
    int error = set_environment(share) ? find_missing(missing, sizeof missing) : ENOMEM;
    if (error != 0)
        return refuse(lack, bytes, "%s: %s; install python3, or name another one by HEAPREEL_PYTHON", interpreter(),
                      error == ENOEXEC ? "is no Python 3 that runs" : strerror(error));
    if (missing[0] != '\0')
        return refuse(lack, bytes, "%s: lacks %s; install with: apt-get install %s", interpreter(), missing, missing);
    return true;
}

// Returns only if the interpreter cannot be run.
static int hand_over(const struct python_call *call, const char *extension, const char *pages)
{
    const char **argv = calloc(OWN_WORDS + call->option_count + call->reel_count, sizeof *argv);
    if (argv == NULL)
        return cli_complain(CLI_CANNOT, "out of memory");
    const char *const own[] = {interpreter(), "-m",      PYTHON_PACKAGE, call->verb,
                               "--extension", extension, "--static",     pages};
    size_t count = sizeof own / sizeof own[0];
    memcpy(argv, own, sizeof own);
    memcpy(argv + count, call->options, call->option_count * sizeof *argv);
    count += call->option_count;
    argv[count++] = "--"; // a reel may be called -x
    memcpy(argv + count, call->reels, call->reel_count * sizeof *argv);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    free(argv);
    return cli_complain(CLI_CANNOT, "%s: cannot be run: %s", interpreter(), strerror(errno));
}

int python_become(const struct python_call *call)
{
    char extension[PATH_MAX];
    char pages[PATH_MAX];
    char lack[LACK_BYTES];
    if (!python_is_ready(call->page, lack, sizeof lack))
        return cli_complain(CLI_CANNOT, "%s", lack);
    if (!installed_library(INSTALLED_EXTENSION, extension, sizeof extension) ||
        !installed_share(INSTALLED_WEB "/static", pages, sizeof pages))
        return cli_complain(CLI_CANNOT, NO_PLACE);
    return hand_over(call, extension, pages);
}
