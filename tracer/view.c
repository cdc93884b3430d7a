// SPDX-License-Identifier: MIT
// Starts the viewer, keeps the program off its screen, and puts the terminal right when it has gone. Refuses to draw,
// or to wait.
#include "tracer/view.h"

#include "tracer/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VIEW_REEL_SUFFIX ".reel"
#define VIEW_LOG_SUFFIX ".log"

// After a viewer that was killed: the screen behind its own, the cursor, plain letters, no mouse in whatever form.
static const char normal_screen[] = "\033[?1000l\033[?1002l\033[?1006l\033[?1049l\033[?25h\033[0m\r\n";

bool view_name_log(const char *reel_path, char log_path[PATH_MAX])
{
    size_t length = strlen(reel_path);
    size_t suffix = strlen(VIEW_REEL_SUFFIX);
    bool has_suffix = length > suffix && strcmp(reel_path + length - suffix, VIEW_REEL_SUFFIX) == 0;
    int written =
        snprintf(log_path, PATH_MAX, "%.*s" VIEW_LOG_SUFFIX, (int)(has_suffix ? length - suffix : length), reel_path);
    return written > 0 && written < PATH_MAX;
}

int view_make_log(struct view *view, const char *reel_path, bool force, struct reel_error *error)
{
    view->log_path[0] = '\0';
    if (isatty(STDOUT_FILENO) != 1 && isatty(STDERR_FILENO) != 1)
        return REEL_OK;
    if (!view_name_log(reel_path, view->log_path))
        return failure_set(error, REEL_E_OPEN, "%.200s...: the name is too long", reel_path);
    int file = open(view->log_path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0666);
    if (file >= 0)
    {
        close(file);
        return REEL_OK;
    }
    int status = errno == EEXIST
                     ? failure_set(error, REEL_E_EXISTS,
                                   "%s: the file exists already, and what the program writes goes there with --view; "
                                   "choose another reel (-o) or use --force",
                                   view->log_path)
                     : failure_set(error, REEL_E_OPEN, "%s: cannot create the file for what the program writes: %s",
                                   view->log_path, strerror(errno));
    view->log_path[0] = '\0'; // not ours
    return status;
}

void view_remove_log(struct view *view)
{
    if (view->log_path[0] != '\0')
        unlink(view->log_path);
    view->log_path[0] = '\0';
}

// Of a recorder that was killed meanwhile the log may not be there.
static bool put_file(int stream, const char *path, int flags)
{
    if (isatty(stream) != 1)
        return true;
    int file = open(path, flags | O_CLOEXEC, 0666);
    bool is_put = file >= 0 && dup2(file, stream) == stream;
    if (file >= 0)
        close(file);
    return is_put;
}

bool view_redirect(const char *log_path)
{
    const int appending = O_WRONLY | O_CREAT | O_APPEND;
    return put_file(STDIN_FILENO, "/dev/null", O_RDONLY) && put_file(STDOUT_FILENO, log_path, appending) &&
           put_file(STDERR_FILENO, log_path, appending);
}

static _Noreturn void become_viewer(const char *viewer_path, const char *reel_path)
{
    const char *const argv[] = {"heapreel", "view", "--follow", "--", reel_path, NULL};
    execv(viewer_path, (char *const *)(uintptr_t)argv);
    dprintf(STDERR_FILENO, "heapreel: the viewer cannot be run (%s); recording goes on\n", strerror(errno));
    _exit(127);
}

void view_start(struct view *view, const char *viewer_path, const char *reel_path, void (*prepare_signals)(void *),
                void *context)
{
    view->has_mode = tcgetattr(STDIN_FILENO, &view->mode) == 0;
    pid_t pid = fork();
    if (pid == 0)
    {
        prepare_signals(context);
        become_viewer(viewer_path, reel_path);
    }
    if (pid < 0)
        fprintf(stderr, "heapreel: the viewer cannot be run (%s); recording goes on\n", strerror(errno));
    view->pid = pid > 0 ? pid : 0;
}

void view_end(struct view *view, int wait_status)
{
    view->pid = 0;
    if (view->has_mode)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &view->mode);
    if (!WIFSIGNALED(wait_status))
        return;
    ssize_t written = write(STDOUT_FILENO, normal_screen, sizeof normal_screen - 1);
    (void)written; // a terminal that has gone needs nothing
    fprintf(stderr, "heapreel: the viewer has died of signal %d; recording goes on\n", WTERMSIG(wait_status));
}
