// SPDX-License-Identifier: MIT
// Tables that fit the terminal: which columns are shown, and that no line of pages and classes is wider than it.
#include "fixture.h"

#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/columns.h"

#define PAGE UINT64_C(0x1000)
#define HEAP UINT64_C(0x7f1234560000)

// ---- columns

static const struct column three[] = {
    {.title = "NAME", .width = 10, .narrow_width = 6, .is_left = true},
    {.title = "LESS", .width = 10, .narrow_width = 6, .rank = 1},
    {.title = "LEAST", .width = 10, .narrow_width = 6, .rank = 2},
};

static void assert_fit(size_t width, int name_width, bool is_less_hidden, bool is_least_hidden)
{
    struct column columns[3];
    memcpy(columns, three, sizeof columns);
    columns_fit(columns, 3, width);
    assert_int_equal(columns[0].width, name_width);
    assert_false(columns[0].is_hidden);
    assert_int_equal(columns[1].is_hidden, is_less_hidden);
    assert_int_equal(columns[2].is_hidden, is_least_hidden);
}

// All three have 2 + 10 + 1 + 10 + 1 + 10 = 34 characters, narrow ones 22.
static void columns_are_narrowed_and_then_left_out_by_rank(void **state)
{
    (void)state;
    assert_fit(0, 10, false, false);
    assert_fit(34, 10, false, false);
    assert_fit(33, 6, false, false);
    assert_fit(22, 6, false, false);
    assert_fit(21, 6, false, true);
    assert_fit(14, 6, true, true);
    assert_fit(1, 6, true, true);
}

static void a_line_has_the_columns_that_are_shown(void **state)
{
    (void)state;
    const char *const cells[] = {"one", "2", "3"};
    struct column columns[3];
    char *text = NULL;
    size_t bytes = 0;
    memcpy(columns, three, sizeof columns);
    columns_fit(columns, 3, 21);
    FILE *out = open_memstream(&text, &bytes);
    assert_non_null(out);
    columns_print_titles(out, columns, 3);
    columns_print(out, columns, 3, cells);
    fclose(out);
    assert_string_equal(text, "  NAME     LESS\n"
                              "  one         2\n");
    free(text);
}

// ---- on a terminal

// What the command answers about the end on a terminal of so many columns, with \r\n for \n.
static void run_on_terminal(char *out, size_t size, unsigned short columns, const char *command, const char *path)
{
    const struct winsize window = {.ws_row = 24, .ws_col = columns};
    int terminal = -1;
    int status = 0;
    size_t length = 0;
    pid_t pid = forkpty(&terminal, NULL, NULL, &window);
    if (pid == 0)
    {
        alarm(60);
        execl(HEAPREEL_PROGRAM, HEAPREEL_PROGRAM, command, path, "--at", "end", (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    for (ssize_t count; length + 1 < size;) // the end is EIO
    {
        count = read(terminal, out + length, size - 1 - length);
        if (count > 0)
            length += (size_t)count;
        else if (count == 0 || errno != EINTR)
            break;
    }
    out[length] = '\0';
    close(terminal);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// The line that has the title, and all up to an empty one.
static void assert_table_fits(const char *out, const char *title, size_t columns)
{
    const char *line = strstr(out, title);
    size_t lines = 0;
    assert_non_null(line);
    while (line > out && line[-1] != '\n')
        line--;
    for (size_t length; (length = strcspn(line, "\r\n")) != 0; line += length + strspn(line + length, "\r") + 1)
    {
        if (length > columns)
            fail_msg("%zu characters on %zu columns: %.*s", length, columns, (int)length, line);
        lines++;
    }
    assert_true(lines >= 2);
}

// A zone of one class, far up in the address space, and a large block of which the heap is told nothing.
static const char *make(const char *name, bool has_classes)
{
    const struct reel_class_info class = {.class_id = 0, .slot_bytes = 64, .usable_bytes = 64};
    const struct reel_zone_info zone = {
        .process = 1, .begin = HEAP, .bytes = 16 * PAGE, .role = REEL_ZONE_SLOTS, .class_id = 0};
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, name);
    if (has_classes)
    {
        assert_int_equal(reel_writer_add_class(reel.writer, &class, &error), REEL_OK);
        assert_int_equal(reel_writer_add_zone(reel.writer, &zone, &error), REEL_OK);
    }
    for (uint64_t i = 0; i < 3; i++)
        fixture_append(&reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                                   .address = HEAP + i * 64,
                                                   .requested_bytes = 50,
                                                   .usable_bytes = 64,
                                                   .flags = has_classes ? REEL_EVENT_CARVED : 0,
                                                   .thread = 1,
                                                   .process = 1});
    fixture_alloc(&reel, HEAP + (UINT64_C(1) << 30), 1200000, 1200128);
    fixture_finish(&reel);
    return fixture_path(name);
}

static void tables_fit_eighty_columns_and_less(void **state)
{
    (void)state;
    static const unsigned short widths[] = {200, 120, 100, 80, 79, 60, 50};
    static char out[65536];
    for (int has_classes = 0; has_classes <= 1; has_classes++)
    {
        char path[FIXTURE_PATH_BYTES];
        snprintf(path, sizeof path, "%s", make(has_classes ? "classes.reel" : "ranges.reel", has_classes != 0));
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        {
            run_on_terminal(out, sizeof out, widths[i], "pages", path);
            assert_table_fits(out, "ADDRESS", widths[i]);
            run_on_terminal(out, sizeof out, widths[i], "classes", path);
            assert_table_fits(out, "BLOCKS", widths[i]);
        }
    }
}

static void what_follows_from_other_columns_goes_first(void **state)
{
    (void)state;
    static char out[65536];
    char path[FIXTURE_PATH_BYTES];
    snprintf(path, sizeof path, "%s", make("first.reel", true));
    run_on_terminal(out, sizeof out, 120, "pages", path);
    assert_non_null(strstr(out, "       ADDRESS KIND         CLASS   RESERVED   RESIDENT   OCCUPIED"));
    run_on_terminal(out, sizeof out, 80, "pages", path);
    assert_non_null(strstr(out, "       ADDRESS KIND         CLASS RESIDENT     LIVE   FILL   PINNED RETAINED\r\n"));
    snprintf(path, sizeof path, "%s", make("second.reel", false));
    run_on_terminal(out, sizeof out, 80, "pages", path);
    assert_non_null(strstr(out, "       ADDRESS KIND     RESIDENT     LIVE   FILL   PINNED RETAINED     OLDEST\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_narrowed_and_then_left_out_by_rank),
        cmocka_unit_test(a_line_has_the_columns_that_are_shown),
        cmocka_unit_test(tables_fit_eighty_columns_and_less),
        cmocka_unit_test(what_follows_from_other_columns_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
