// SPDX-License-Identifier: MIT
// A viewer beside the program: who has the terminal, where the program's output goes, and that a viewer which dies
// leaves the terminal as it was. Each case plays in a process with a terminal of its own.
#include "tracer/view.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];
static char written[65536]; // to the terminal

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/heapreel-test-XXXXXX");
    return mkdtemp(directory) != NULL && chdir(directory) == 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink("x.log");
    unlink("viewer");
    return chdir("/") == 0 ? rmdir(directory) : -1;
}

// What play returns is 0, or the number of what was wrong.
static void play_on_terminal(int (*play)(void))
{
    int terminal;
    int wait_status;
    size_t used = 0;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(play());
    for (ssize_t got = 1; got > 0; used += got > 0 ? (size_t)got : 0)
        got = read(terminal, written + used, sizeof written - 1 - used);
    written[used] = '\0';
    assert_int_equal(waitpid(pid, &wait_status, 0), pid);
    close(terminal); // not before: it may have left the terminal while it plays, and would be hung up
    if (wait_status != 0)
        fail_msg("%s: status %#x", written, (unsigned)wait_status);
}

static void assert_file(const char *path, const char *text)
{
    char got[256] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_true(read(file, got, sizeof got - 1) >= 0);
    close(file);
    assert_string_equal(got, text);
}

// The exit status of a child that runs play, 255: it was killed.
static int run_child(int (*play)(void))
{
    int wait_status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(play());
    waitpid(pid, &wait_status, 0);
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 255;
}

static void the_log_is_named_after_the_reel(void **state)
{
    static char long_path[PATH_MAX + 8];
    char log_path[PATH_MAX];
    (void)state;
    assert_true(view_name_log("/a/b.reel", log_path));
    assert_string_equal(log_path, "/a/b.log");
    assert_true(view_name_log("b", log_path));
    assert_string_equal(log_path, "b.log");
    assert_true(view_name_log(".reel", log_path));
    assert_string_equal(log_path, ".reel.log");
    memset(long_path, 'x', PATH_MAX);
    assert_false(view_name_log(long_path, log_path));
}

static int be_program(void)
{
    char byte;
    if (!view_redirect("x.log"))
        return 1;
    if (write(STDOUT_FILENO, "out ", 4) != 4 || write(STDERR_FILENO, "err", 3) != 3)
        return 2;
    return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 3;
}

static int make_log_and_write(void)
{
    struct view view = {0};
    if (view_make_log(&view, "x.reel", false, NULL) != REEL_OK || strcmp(view.log_path, "x.log") != 0)
        return 10;
    return run_child(be_program);
}

static void what_the_program_writes_is_kept_off_the_terminal(void **state)
{
    (void)state;
    play_on_terminal(make_log_and_write);
    assert_file("x.log", "out err");
    assert_string_equal(written, "");
}

static int have_a_pipe(void)
{
    int out[2];
    char got[16] = "";
    struct view view = {0};
    if (pipe(out) != 0 || dup2(out[1], STDOUT_FILENO) < 0 || dup2(out[0], STDIN_FILENO) < 0)
        return 1;
    if (view_make_log(&view, "x.reel", false, NULL) != REEL_OK || view.log_path[0] == '\0' || !view_redirect("x.log"))
        return 2; // stderr goes to the terminal
    if (write(STDOUT_FILENO, "to pipe", 7) != 7 || read(STDIN_FILENO, got, sizeof got - 1) != 7)
        return 3;
    if (dup2(out[1], STDERR_FILENO) < 0 || view_make_log(&view, "x.reel", false, NULL) != REEL_OK)
        return 4;
    return view.log_path[0] == '\0' ? 0 : 5; // nothing does any more: none is needed
}

static void streams_that_are_no_terminal_stay_what_they_are(void **state)
{
    (void)state;
    play_on_terminal(have_a_pipe);
    assert_file("x.log", "");
}

static int meet_a_file(void)
{
    struct view view = {0};
    struct reel_error error = {0};
    int file = open("x.log", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0 || write(file, "precious", 8) != 8)
        return 1;
    close(file);
    if (view_make_log(&view, "x.reel", false, &error) != REEL_E_EXISTS || strstr(error.text, "x.log") == NULL)
        return 2;
    view_remove_log(&view);
    struct stat about;
    if (stat("x.log", &about) != 0 || about.st_size != 8)
        return 3; // it was not ours
    if (view_make_log(&view, "x.reel", true, NULL) != REEL_OK || stat("x.log", &about) != 0 || about.st_size != 0)
        return 4;
    view_remove_log(&view);
    return access("x.log", F_OK) == 0 ? 5 : 0;
}

static void a_file_that_is_there_is_replaced_only_by_force(void **state)
{
    (void)state;
    play_on_terminal(meet_a_file);
}

// --- the viewer ---

static void keep_signals(void *context)
{
    (void)context;
}

static int run_viewer(const char *path, int *wait_status)
{
    struct view view = {0};
    struct termios before;
    struct termios after;
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return 1;
    view_start(&view, path, "x.reel", keep_signals, NULL);
    if (view.pid == 0 || waitpid(view.pid, wait_status, 0) != view.pid)
        return 2;
    view_end(&view, *wait_status);
    if (view.pid != 0 || tcgetattr(STDIN_FILENO, &after) != 0)
        return 3;
    return after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag ? 0
                                                                                                                 : 4;
}

static void write_viewer(const char *script)
{
    int file = open("viewer", O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
    assert_true(file >= 0);
    assert_int_equal(write(file, script, strlen(script)), strlen(script));
    assert_int_equal(close(file), 0);
}

static int see_viewer_end(void)
{
    int wait_status = 0;
    int wrong = run_viewer("./viewer", &wait_status);
    return wrong != 0 ? wrong : WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 3 ? 0 : 5;
}

static void the_viewer_is_told_what_to_show(void **state)
{
    (void)state;
    write_viewer("#!/bin/sh\necho \"$@\"\nexit 3\n");
    play_on_terminal(see_viewer_end);
    assert_string_equal(written, "view --follow -- x.reel\r\n");
}

static int see_viewer_die(void)
{
    int wait_status = 0;
    int wrong = run_viewer("./viewer", &wait_status);
    return wrong != 0 ? wrong : WIFSIGNALED(wait_status) ? 0 : 5;
}

static void a_viewer_that_dies_leaves_the_terminal_as_it_was(void **state)
{
    (void)state;
    write_viewer("#!/bin/sh\nstty raw -echo\nkill -9 $$\n");
    play_on_terminal(see_viewer_die);
    assert_non_null(strstr(written, "\033[?1049l"));
    assert_non_null(strstr(written, "\033[?1006l"));
    assert_non_null(strstr(written, "died of signal 9; recording goes on"));
}

static int see_none(void)
{
    int wait_status = 0;
    int wrong = run_viewer("./viewer", &wait_status);
    return wrong != 0 ? wrong : WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 127 ? 0 : 5;
}

static void a_viewer_that_is_not_there_is_one_line(void **state)
{
    (void)state;
    play_on_terminal(see_none);
    assert_non_null(strstr(written, "the viewer cannot be run (No such file or directory); recording goes on"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)
    const struct CMUnitTest tests[] = {
        CASE(the_log_is_named_after_the_reel),
        CASE(what_the_program_writes_is_kept_off_the_terminal),
        CASE(streams_that_are_no_terminal_stay_what_they_are),
        CASE(a_file_that_is_there_is_replaced_only_by_force),
        CASE(the_viewer_is_told_what_to_show),
        CASE(a_viewer_that_dies_leaves_the_terminal_as_it_was),
        CASE(a_viewer_that_is_not_there_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
