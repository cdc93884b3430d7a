// SPDX-License-Identifier: MIT
// From a process to the reel of its recording: by what it maps, or by its environment.
#include "tracer/find.h"

#include "tracer/session.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// A session as a recorder has it, and its reel.
struct recorder
{
    char shared_dir[64];
    char reel[96];
    struct session session;
};

static struct recorder begin(void)
{
    struct recorder recorder = {.shared_dir = "/tmp/heapreel-test-XXXXXX"};
    assert_non_null(mkdtemp(recorder.shared_dir));
    const struct session_config config = {.shared_dir = recorder.shared_dir, .clock = WIRE_CLOCK_TSC};
    assert_int_equal(session_create(&recorder.session, &config, NULL), REEL_OK);
    snprintf(recorder.reel, sizeof recorder.reel, "%s/x.reel", recorder.shared_dir);
    close(open(recorder.reel, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    session_name_reel(&recorder.session, recorder.reel);
    return recorder;
}

static void end(struct recorder *recorder)
{
    session_destroy(&recorder->session);
    unlink(recorder->reel);
    assert_int_equal(rmdir(recorder->shared_dir), 0); // nothing is left in it
}

static void assert_found(int pid, const char *reel)
{
    char path[256];
    struct reel_error error = {0};
    if (tracer_find_reel(pid, path, sizeof path, &error) != REEL_OK)
        fail_msg("%s", error.text);
    assert_string_equal(path, reel);
}

static void assert_line(int pid, const char *part)
{
    char path[256];
    struct reel_error error = {0};
    assert_int_equal(tracer_find_reel(pid, path, sizeof path, &error), REEL_E_OPEN);
    if (strstr(error.text, part) == NULL)
        fail_msg("%s", error.text);
    assert_null(strchr(error.text, '\n'));
}

// A child that runs play, writes a byte and waits for its end. What play returns false for has failed.
static pid_t begin_child(bool (*play)(const struct recorder *), const struct recorder *recorder)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0)
    {
        munmap(recorder->session.page, sizeof *recorder->session.page);
        if (play(recorder) && write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void the_recorder_itself_leads_to_the_reel(void **state)
{
    (void)state;
    struct recorder recorder = begin();
    assert_found(getpid(), recorder.reel);
    end(&recorder);
}

static bool map_channel(const struct recorder *recorder)
{
    int fd = openat(recorder->session.directory_fd, "7-7" WIRE_CHANNEL_SUFFIX, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 && clearenv() == 0 && chdir("/") == 0 && ftruncate(fd, 4096) == 0 &&
           mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;
}

static void a_process_is_found_by_its_channel(void **state)
{
    (void)state;
    struct recorder recorder = begin();
    pid_t pid = begin_child(map_channel, &recorder);
    assert_found(pid, recorder.reel);
    unlinkat(recorder.session.directory_fd, "7-7" WIRE_CHANNEL_SUFFIX, 0); // as the recorder does
    assert_found(pid, recorder.reel);
    end(&recorder);
    assert_line(pid, "is not being recorded any more");
    end_child(pid);
}

static void a_process_is_found_by_its_environment(void **state)
{
    (void)state;
    struct recorder recorder = begin();
    int go[2];
    char environment[PATH_MAX + 64];
    char byte;
    snprintf(environment, sizeof environment, WIRE_SESSION_VARIABLE "=%s", recorder.session.directory);
    char name[] = "cat";
    char *const argv[] = {name, NULL};
    char *const variables[] = {environment, NULL};
    int ready[2];
    assert_int_equal(pipe2(go, O_CLOEXEC) | pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0)
    {
        dup2(go[0], STDIN_FILENO);
        execve("/bin/cat", argv, variables);
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 0); // closed by exec
    close(ready[0]);
    assert_found(pid, recorder.reel);
    close(go[0]);
    close(go[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    end(&recorder);
}

static bool do_nothing(const struct recorder *recorder)
{
    (void)recorder;
    return true;
}

static void what_is_not_recorded_is_one_clear_line(void **state)
{
    (void)state;
    struct recorder recorder = begin();
    pid_t pid = begin_child(do_nothing, &recorder);
    assert_line(pid, "is not being recorded; record a program with");
    end_child(pid);
    assert_line(pid, "there is no process");
    assert_line(-1, "there is no process -1");
    end(&recorder);
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    char path[8];
    struct reel_error error = {0};
    struct recorder recorder = begin();
    assert_int_equal(tracer_find_reel(getpid(), path, sizeof path, &error), REEL_E_OPEN);
    assert_non_null(strstr(error.text, "too long"));
    end(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recorder_itself_leads_to_the_reel),
        cmocka_unit_test(a_process_is_found_by_its_channel),
        cmocka_unit_test(a_process_is_found_by_its_environment),
        cmocka_unit_test(what_is_not_recorded_is_one_clear_line),
        cmocka_unit_test(a_path_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
