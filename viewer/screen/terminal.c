// SPDX-License-Identifier: MIT
// Taking the terminal, waiting for keys, showing cells. The one screen is a matter of the process, and so is the state
// here.
#include "viewer/screen/terminal.h"

#include "reel/error.h"
#include "viewer/screen/terminal_colours.h"
#include "viewer/screen/terminal_keys.h"
#include "viewer/screen/terminal_rescue.h"

#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE_DELAY_MS 25
#define SUSPEND_KEY 26 // C-z, which raw() makes a key like all others
#define SEQUENCE_BYTES 512
#define CONSOLE "linux" // how names of the kernel's own terminal begin

static struct
{
    SCREEN *screen; // NULL: not open
    const struct glyphs *glyphs;
    enum canvas_colours colours;
    bool has_mouse;
    struct terminal_mouse mouse;
    struct cell *shown; // what the screen has, of width * height; NULL: not known
    int width;
    int height;
} terminal;

static int check_terminal(const char *name, struct reel_error *error)
{
    int found = 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return reel_error_set(error, REEL_E_ARGUMENT, "%s is not a terminal: --dump PAGE prints a page as text",
                              isatty(STDIN_FILENO) ? "the output" : "the input");
    if (*name == '\0')
        return reel_error_set(error, REEL_E_ARGUMENT,
                              "TERM is not set: set it to the terminal's name, or print a page with --dump PAGE");
    if (setupterm(name, STDOUT_FILENO, &found) == ERR)
        return reel_error_set(error, REEL_E_ARGUMENT,
                              "the terminal %.64s is not known here: try TERM=xterm, or print a page with --dump PAGE",
                              name);
    char *address = tigetstr("cup");
    del_curterm(cur_term);
    if (address == NULL || address == (char *)-1)
        return reel_error_set(error, REEL_E_ARGUMENT,
                              "the terminal %.64s cannot move its cursor: --dump PAGE prints a page as text", name);
    return REEL_OK;
}

static const struct glyphs *choose_glyphs(bool is_ascii, const char *name)
{
    if (is_ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return &glyphs_ascii;
    return strncmp(name, CONSOLE, strlen(CONSOLE)) == 0 ? &glyphs_console : &glyphs_utf8;
}

static enum canvas_colours choose_colours(bool is_monochrome)
{
    const char *wish = getenv("NO_COLOR");
    if (is_monochrome || (wish != NULL && *wish != '\0') || !has_colors() || start_color() == ERR)
        return CANVAS_MONOCHROME;
    use_default_colors();
    return COLORS >= 256 ? CANVAS_256 : COLORS >= 8 ? CANVAS_8 : CANVAS_MONOCHROME;
}

// Without the delays that terminals of old needed.
static void append(char sequence[SEQUENCE_BYTES], const char *bytes)
{
    size_t length = strlen(sequence);
    if (bytes == NULL || bytes == (char *)-1)
        return;
    while (*bytes != '\0' && length + 1 < SEQUENCE_BYTES)
    {
        const char *end = strncmp(bytes, "$<", 2) == 0 ? strchr(bytes, '>') : NULL;
        if (end != NULL)
            bytes = end + 1;
        else
            sequence[length++] = *bytes++;
    }
    sequence[length] = '\0';
}

static void arm(void)
{
    static const char *const capabilities[] = {"sgr0", "op", "rmkx", "rmcup", "cnorm"};
    char sequence[SEQUENCE_BYTES] = "";
    if (terminal.has_mouse)
        append(sequence, TERMINAL_MOUSE_OFF);
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        append(sequence, tigetstr(capabilities[i]));
    rescue_arm(sequence);
}

static void send(const char *sequence)
{
    fputs(sequence, stdout);
    fflush(stdout);
}

// A terminal that says nothing of a mouse does not get sequences that it may not know.
static bool reports_mouse(const char *name)
{
    const char *capability = tigetstr("kmous");
    return capability != NULL && capability != (char *)-1 && strncmp(name, CONSOLE, strlen(CONSOLE)) != 0;
}

static void set_modes(void)
{
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_DELAY_MS);
    mouseinterval(0);
    curs_set(0);
    scrollok(stdscr, FALSE);
}

int terminal_open(bool is_ascii, bool is_monochrome, bool has_no_mouse, struct reel_error *error)
{
    static bool is_registered;
    const char *term = getenv("TERM");
    const char *name = term != NULL ? term : "";
    int status = check_terminal(name, error);
    if (status != REEL_OK)
        return status;
    setlocale(LC_CTYPE, "");
    rescue_remember();
    terminal.screen = newterm(NULL, stdout, stdin);
    if (terminal.screen == NULL)
        return reel_error_set(error, REEL_E_ARGUMENT,
                              "the terminal %.64s cannot be used: print a page with --dump PAGE", name);
    terminal.glyphs = choose_glyphs(is_ascii, name);
    terminal.colours = choose_colours(is_monochrome);
    terminal.has_mouse = !has_no_mouse && reports_mouse(name);
    colours_begin(terminal.colours);
    set_modes();
    arm();
    terminal_keys_begin(terminal.has_mouse);
    if (terminal.has_mouse)
        send(TERMINAL_MOUSE_ON);
    if (!is_registered)
        is_registered = atexit(terminal_close) == 0;
    return REEL_OK;
}

static void forget_shown(void)
{
    free(terminal.shown);
    terminal.shown = NULL;
}

void terminal_close(void)
{
    if (terminal.screen == NULL)
        return;
    if (terminal.has_mouse)
        send(TERMINAL_MOUSE_OFF);
    endwin();
    delscreen(terminal.screen);
    terminal.screen = NULL;
    forget_shown();
    rescue_disarm();
}

void terminal_size(int *width, int *height)
{
    getmaxyx(stdscr, *height, *width);
}

const struct glyphs *terminal_glyphs(void)
{
    return terminal.glyphs;
}

enum canvas_colours terminal_colours(void)
{
    return terminal.colours;
}

struct terminal_mouse terminal_mouse(void)
{
    return terminal.mouse;
}

// As the terminal's own C-z would: the shell gets the whole job. On return it goes on.
static void suspend(void)
{
    if (terminal.has_mouse)
        send(TERMINAL_MOUSE_OFF);
    kill(0, SIGTSTP);
    if (terminal.has_mouse)
        send(TERMINAL_MOUSE_ON);
    forget_shown();
}

// False: there is no terminal any more.
static bool wait_for_key(int timeout_ms)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    struct timespec timeout = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L};
    int count = ppoll(&keys, 1, timeout_ms < 0 ? NULL : &timeout, rescue_waiting_mask());
    return count <= 0 || (keys.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

uint32_t terminal_key(int timeout_ms)
{
    bool has_waited = false;
    for (;;)
    {
        uint32_t key = terminal_keys_next(&terminal.mouse);
        if (rescue_is_asked_to_end())
            return KEY_CODE_LOST;
        if (key == SUSPEND_KEY)
        {
            suspend();
            return KEY_CODE_RESIZE; // all is to be drawn
        }
        if (key != KEY_CODE_NONE || has_waited)
            return key;
        if (!wait_for_key(timeout_ms))
            return KEY_CODE_LOST;
        has_waited = true;
    }
}

// False: no memory; then all cells are sent each time.
static bool prepare(const struct canvas *canvas, bool is_anew)
{
    bool is_known = terminal.shown != NULL && terminal.width == canvas->width && terminal.height == canvas->height;
    if (is_known && !is_anew)
        return true;
    forget_shown();
    clear(); // the next doupdate begins with an empty screen
    terminal.width = canvas->width;
    terminal.height = canvas->height;
    terminal.shown = calloc((size_t)canvas->width * (size_t)canvas->height, sizeof *terminal.shown);
    return terminal.shown != NULL;
}

static bool is_same(const struct cell *a, const struct cell *b)
{
    return a->character == b->character && a->role == b->role && a->ground == b->ground && a->style == b->style;
}

static void send_cell(int x, int y, const struct cell *cell)
{
    cchar_t character;
    int pair = 0;
    wchar_t text[2] = {(wchar_t)cell->character, L'\0'};
    attr_t attributes = colours_of(cell, &pair);
    if (setcchar(&character, text, attributes, 0, &pair) == OK)
        mvadd_wch(y, x, &character);
}

void terminal_show(const struct canvas *canvas, bool is_anew)
{
    bool is_kept = prepare(canvas, is_anew);
    int width = canvas->width < COLS ? canvas->width : COLS;
    for (int y = 0; y < canvas->height && y < LINES; y++)
        for (int x = 0; x < width; x++)
        {
            size_t at = (size_t)y * (size_t)canvas->width + (size_t)x;
            if (is_kept && is_same(&terminal.shown[at], &canvas->cells[at]))
                continue;
            send_cell(x, y, &canvas->cells[at]);
            if (is_kept)
                terminal.shown[at] = canvas->cells[at];
        }
    wnoutrefresh(stdscr);
    doupdate();
}
