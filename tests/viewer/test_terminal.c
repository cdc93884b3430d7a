// SPDX-License-Identifier: MIT
// The terminal is taken, read and given back: in a child behind a pseudo-terminal, of which the test is the other end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/screen/terminal.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#define WAIT_MS 10000
#define OUTPUT_BYTES 65536

struct session
{
    pid_t child;
    int terminal;
    int other_end; // keeps the terminal there when the child is gone
    int said;      // what the child tells beside it
    struct termios modes;
    char output[OUTPUT_BYTES];
    size_t output_bytes;
};

enum task
{
    TASK_ECHO,  // says each key as a number, until KEY_CODE_LOST or 'q'
    TASK_CRASH, // at the first key
    TASK_ABORT,
    TASK_COMPLAIN, // writes to stderr, and ends at the first key
};

static void draw_corner(void)
{
    struct canvas canvas;
    int width;
    int height;
    terminal_size(&width, &height);
    if (!canvas_init(&canvas, width, height, terminal_glyphs(), terminal_colours()))
        _exit(9);
    canvas_text(&canvas, canvas_area(&canvas), 0, 0, ROLE_PINNED, "\u2588corner");
    canvas_print(&canvas, canvas_area(&canvas), 0, 1, ROLE_TEXT, "%dx%d", width, height);
    terminal_show(&canvas, false);
    canvas_fini(&canvas);
}

static void say_keys(int said)
{
    for (uint32_t key = 0; key != 'q' && key != KEY_CODE_LOST;)
    {
        char text[64];
        key = terminal_key(-1);
        struct terminal_mouse mouse = terminal_mouse();
        if (key == KEY_CODE_NONE)
            continue;
        draw_corner();
        int length = key == KEY_CODE_MOUSE ? snprintf(text, sizeof text, "(%d,%d,%d%s%s%s)", mouse.x, mouse.y,
                                                      mouse.wheel, mouse.is_pressed ? "p" : "",
                                                      mouse.is_dragged ? "d" : "", mouse.is_double ? "2" : "")
                                           : snprintf(text, sizeof text, "%u ", (unsigned)key);
        if (write(said, text, (size_t)length) != length)
            _exit(9);
    }
}

static void touch_forbidden_page(void)
{
    volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *page = 1;
}

static _Noreturn void run_child(enum task task, int said)
{
    struct reel_error error = {0};
    struct rlimit no_core = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGSEGV, SIG_DFL); // the test runner has taken these
    signal(SIGABRT, SIG_DFL);
    alarm(30);
    if (terminal_open(false, false, false, &error) != REEL_OK)
    {
        dprintf(said, "%s", error.text);
        exit(3);
    }
    draw_corner();
    if (task == TASK_ECHO)
        say_keys(said);
    else if (task == TASK_COMPLAIN)
        fprintf(stderr, "complaint\n");
    if (task != TASK_ECHO)
        while (terminal_key(-1) == KEY_CODE_NONE)
            ;
    if (task == TASK_CRASH)
        touch_forbidden_page();
    if (task == TASK_ABORT)
        abort();
    terminal_close();
    exit(0);
}

static void begin(struct session *session, const char *term, const char *locale, enum task task)
{
    static const struct winsize size = {.ws_row = 6, .ws_col = 40};
    int pipe_ends[2];
    memset(session, 0, sizeof *session);
    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(openpty(&session->terminal, &session->other_end, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(session->other_end, &session->modes), 0);
    session->child = fork();
    assert_true(session->child >= 0);
    if (session->child == 0)
    {
        close(session->terminal);
        close(pipe_ends[0]);
        setenv("TERM", term, 1);
        setenv("LC_ALL", locale, 1);
        if (login_tty(session->other_end) != 0)
            _exit(9);
        run_child(task, pipe_ends[1]);
    }
    close(pipe_ends[1]);
    session->said = pipe_ends[0];
}

// Reads until the text comes; NULL: it does not.
static char *find(int descriptor, struct session *session, const char *text)
{
    struct pollfd ready = {.fd = descriptor, .events = POLLIN};
    for (;;)
    {
        char *found = memmem(session->output, session->output_bytes, text, strlen(text));
        if (found != NULL)
            return found;
        if (poll(&ready, 1, WAIT_MS) <= 0 || session->output_bytes == OUTPUT_BYTES)
            return NULL;
        ssize_t count = read(descriptor, session->output + session->output_bytes, OUTPUT_BYTES - session->output_bytes);
        if (count <= 0)
            return NULL;
        session->output_bytes += (size_t)count;
    }
}

// What came before the text is left out of the next search.
static bool sees_on(int descriptor, struct session *session, const char *text)
{
    char *found = find(descriptor, session, text);
    if (found == NULL)
        return false;
    size_t used = (size_t)(found - session->output) + strlen(text);
    session->output_bytes -= used;
    memmove(session->output, session->output + used, session->output_bytes);
    return true;
}

static void expect(struct session *session, const char *text)
{
    if (!sees_on(session->terminal, session, text))
        fail_msg("the terminal never got %s", text);
}

static void expect_said(struct session *session, const char *text)
{
    session->output_bytes = 0;
    if (!sees_on(session->said, session, text))
        fail_msg("the child said \"%.*s\" and not %s", (int)session->output_bytes, session->output, text);
    session->output_bytes = 0;
}

static void type(struct session *session, const char *bytes)
{
    assert_int_equal(write(session->terminal, bytes, strlen(bytes)), strlen(bytes));
}

// What nobody reads would keep the child from ending, as it waits until the terminal has all.
static void read_to_the_end(const struct session *session)
{
    char rest[4096];
    struct pollfd ready[] = {{.fd = session->said, .events = POLLIN}, {.fd = session->terminal, .events = POLLIN}};
    while (poll(ready, 2, WAIT_MS) > 0)
    {
        if ((ready[1].revents & POLLIN) && read(session->terminal, rest, sizeof rest) <= 0)
            return;
        if (ready[0].revents != 0 && read(session->said, rest, sizeof rest) <= 0)
            return;
    }
}

// Gives the child's status. The terminal is as it was.
static int end(struct session *session)
{
    int status = 0;
    struct termios modes;
    read_to_the_end(session);
    assert_int_equal(waitpid(session->child, &status, 0), session->child);
    assert_int_equal(tcgetattr(session->other_end, &modes), 0);
    assert_int_equal(modes.c_lflag, session->modes.c_lflag);
    assert_int_equal(modes.c_iflag, session->modes.c_iflag);
    assert_int_equal(modes.c_oflag, session->modes.c_oflag);
    close(session->terminal);
    close(session->other_end);
    close(session->said);
    return status;
}

#define FIRST_SCREEN "\033[?1049h"
#define LAST_SCREEN "\033[?1049l"

static void keys_come_as_they_are_named(void **context)
{
    (void)context;
    struct session session;
    char wanted[128];
    begin(&session, "xterm-256color", "C.UTF-8", TASK_ECHO);
    expect(&session, FIRST_SCREEN);
    expect(&session, "\u2588corner");
    type(&session, "a\r\003\177\033OA\033[1;5D\033[1;2C\033[Z\033OP\033[5~\033[H\303\251\033[99;9X\t");
    snprintf(wanted, sizeof wanted, "97 13 3 127 %u %u %u %u %u %u %u 233 9 ", KEY_CODE_UP, KEY_CODE_CONTROL_LEFT,
             KEY_CODE_SHIFT_RIGHT, KEY_CODE_SHIFT_TAB, KEY_CODE_F1, KEY_CODE_PAGE_UP, KEY_CODE_HOME);
    expect_said(&session, wanted);
    type(&session, "\033");
    expect_said(&session, "27 ");
    type(&session, "q");
    expect(&session, LAST_SCREEN);
    assert_int_equal(end(&session), 0);
}

static void the_mouse_is_pressed_dragged_and_turned(void **context)
{
    (void)context;
    struct session session;
    begin(&session, "screen-256color", "C.UTF-8", TASK_ECHO);
    expect(&session, "\033[?1006h");
    expect(&session, "corner");
    type(&session, "\033[<0;300;5M\033[<0;300;5m\033[<0;300;5M\033[<32;7;2M\033[<64;1;1M\033[<65;1;1M\033[<2;1;1M"
                   "\033[<0;0;1M\033[<0;1M\033[<0;1;2xq");
    expect_said(&session, "(299,4,0p)(299,4,0p2)(6,1,0d)(0,0,-1)(0,0,1)113 ");
    expect(&session, "\033[?1000l");
    assert_int_equal(end(&session), 0);
}

static void a_new_size_is_a_key(void **context)
{
    (void)context;
    static const struct winsize size = {.ws_row = 9, .ws_col = 33};
    struct session session;
    char wanted[32];
    begin(&session, "xterm-256color", "C.UTF-8", TASK_ECHO);
    expect(&session, "40x6");
    assert_int_equal(ioctl(session.terminal, TIOCSWINSZ, &size), 0);
    snprintf(wanted, sizeof wanted, "%u ", KEY_CODE_RESIZE);
    expect_said(&session, wanted);
    expect(&session, "33x9");
    type(&session, "q");
    expect(&session, LAST_SCREEN);
    assert_int_equal(end(&session), 0);
}

static void signals_end_in_an_orderly_way(void **context)
{
    (void)context;
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    {
        struct session session;
        char wanted[32];
        begin(&session, "xterm-256color", "C.UTF-8", TASK_ECHO);
        expect(&session, "corner");
        assert_int_equal(kill(session.child, signals[i]), 0);
        snprintf(wanted, sizeof wanted, "%u ", KEY_CODE_LOST);
        expect_said(&session, wanted);
        expect(&session, LAST_SCREEN);
        assert_int_equal(end(&session), 0);
    }
}

static void a_crash_gives_the_terminal_back(void **context)
{
    (void)context;
    static const enum task tasks[] = {TASK_CRASH, TASK_ABORT};
    for (size_t i = 0; i < 2; i++)
    {
        struct session session;
        begin(&session, "xterm-256color", "C.UTF-8", tasks[i]);
        expect(&session, "corner");
        type(&session, "x");
        expect(&session, "\033[?1006l");
        expect(&session, LAST_SCREEN);
        expect(&session, "\033[?25h");
        int status = end(&session);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), tasks[i] == TASK_CRASH ? SIGSEGV : SIGABRT);
    }
}

static void complaints_come_when_the_screen_is_free(void **context)
{
    (void)context;
    struct session session;
    begin(&session, "xterm-256color", "C.UTF-8", TASK_COMPLAIN);
    expect(&session, "corner");
    assert_null(memmem(session.output, session.output_bytes, "complaint", 9));
    type(&session, "x");
    expect(&session, LAST_SCREEN);
    expect(&session, "complaint");
    assert_int_equal(end(&session), 0);
}

static void terminals_of_all_kinds_are_drawn_on(void **context)
{
    (void)context;
    static const struct
    {
        const char *term;
        const char *locale;
        const char *wanted;
    } kinds[] = {{"xterm-256color", "C", "?corner"},
                 {"vt100", "C.UTF-8", "\u2588corner"},
                 {"linux", "C.UTF-8", "\033[31m\u2588corner"},
                 {"screen", "C", "?corner"},
                 {"tmux-256color", "C.UTF-8", "\033[38;5;166m\u2588corner"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    {
        struct session session;
        begin(&session, kinds[i].term, kinds[i].locale, TASK_ECHO);
        expect(&session, kinds[i].wanted);
        type(&session, "q");
        expect_said(&session, "113 ");
        assert_int_equal(end(&session), 0);
    }
}

static void without_colours_none_are_sent(void **context)
{
    (void)context;
    struct session session;
    assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
    begin(&session, "xterm-256color", "C.UTF-8", TASK_ECHO);
    assert_int_equal(unsetenv("NO_COLOR"), 0);
    assert_non_null(find(session.terminal, &session, "corner"));
    assert_null(memmem(session.output, session.output_bytes, "[38;", 4));
    type(&session, "q");
    expect_said(&session, "113 ");
    assert_int_equal(end(&session), 0);
}

static void what_is_no_terminal_is_refused(void **context)
{
    (void)context;
    static const struct
    {
        const char *term;
        const char *wanted;
    } kinds[] = {{"dumb", "cannot move its cursor"}, {"", "TERM is not set"}, {"no-such-thing", "is not known"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    {
        struct session session;
        begin(&session, kinds[i].term, "C.UTF-8", TASK_ECHO);
        expect_said(&session, kinds[i].wanted);
        assert_true(WEXITSTATUS(end(&session)) == 3);
    }
    struct reel_error error = {0};
    int output = dup(STDOUT_FILENO);
    assert_non_null(freopen("/dev/null", "w", stdout));
    int status = terminal_open(false, false, false, &error);
    dup2(output, STDOUT_FILENO);
    assert_int_equal(status, REEL_E_ARGUMENT);
    assert_non_null(strstr(error.text, "is not a terminal"));
    terminal_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_as_they_are_named),
        cmocka_unit_test(the_mouse_is_pressed_dragged_and_turned),
        cmocka_unit_test(a_new_size_is_a_key),
        cmocka_unit_test(signals_end_in_an_orderly_way),
        cmocka_unit_test(a_crash_gives_the_terminal_back),
        cmocka_unit_test(complaints_come_when_the_screen_is_free),
        cmocka_unit_test(terminals_of_all_kinds_are_drawn_on),
        cmocka_unit_test(without_colours_none_are_sent),
        cmocka_unit_test(what_is_no_terminal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
