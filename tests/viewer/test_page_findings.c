// SPDX-License-Identifier: MIT
// Findings on the screen: the words of the commands, evidence, selection.
#include <stdio.h>
#include <string.h>

#include "planted.h"

#include "tests/cli/fixture.h"

// Text without breaks: blanks and ends of lines in a row become one blank.
static void join_lines(char *out, size_t size, const char *text)
{
    size_t length = 0;
    for (; *text != '\0' && length + 1 < size; text++)
    {
        bool is_blank = *text == ' ' || *text == '\n';
        if (!is_blank || (length != 0 && out[length - 1] != ' '))
            out[length++] = is_blank ? ' ' : *text;
    }
    out[length] = '\0';
}

static void words_are_those_of_blame(void **state)
{
    static struct fixture_run run;
    static char screen[65536];
    static char line[4096];
    struct planted planted;
    planted_open(&planted, *state, &page_findings, 140, 40);
    FIXTURE_HEAPREEL(&run, "blame", planted.recording->path, "--at", "end");
    assert_int_equal(run.status, 0);
    planted_type(&planted, "<Enter>");
    join_lines(screen, sizeof screen, planted.text);
    const char *advice = strstr(run.out, "blocks that pin more than they hold");
    assert_non_null(advice);
    size_t lines = 0;
    for (; *advice != '\0'; advice += strcspn(advice, "\n"), advice += *advice == '\n')
    {
        char original[1024];
        snprintf(original, sizeof original, "%.*s", (int)strcspn(advice, "\n"), advice);
        join_lines(line, sizeof line, original);
        if (strstr(screen, line + (line[0] == ' ')) == NULL)
            fail_msg("there is no \"%s\" in\n%s", line, screen);
        lines += line[0] != '\0';
    }
    assert_true(lines >= 5);
    planted_close(&planted);
}

static void advice_names_the_culprit_and_selects_it(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_findings, 120, 30);
    planted_draw(&planted);
    assert_true(planted_has(&planted, "126 KiB  pinned by 32 blocks of 2.0 KiB"));
    assert_true(
        planted_has(&planted, "allocated by  remember (cache.c:33) < serve (server.c:20) < main (server.c:10)"));
    assert_false(planted_has(&planted, "__libc_start_call_main"));
    planted_type(&planted, "<Enter>");
    assert_true(planted_has(&planted, "__libc_start_call_main"));
    assert_true(planted.state.selection.has_stack);
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    planted_type(&planted, "<Left>");
    assert_false(planted_has(&planted, "__libc_start_call_main"));
    planted_close(&planted);
}

static void growth_is_told_with_both_ends(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_findings, 120, 30);
    planted.state.moment = PLANTED_FULL_EVENTS;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "stacks whose live bytes only grow, from the beginning to here"));
    assert_true(planted_has(&planted, "112 KiB  more: from 0 B to 112 KiB in 224 blocks"));
    planted_close(&planted);
}

static void what_is_long_scrolls_by_lines(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_findings, 80, 8);
    planted_type(&planted, "<Enter>");
    assert_false(planted_has(&planted, "_start"));
    planted_type(&planted, "<Down><Down><Down><Down><Down><Down><Down>");
    assert_true(planted_has(&planted, "_start"));
    planted_type(&planted, "<Home>");
    assert_true(planted_has(&planted, "pages under 25 % full"));
    planted_close(&planted);
}

static void nothing_is_said_with_what_to_do(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_findings, 80, 8);
    planted.state.moment = 1;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "nothing is found at this moment"));
    planted_type(&planted, "<Enter><Down><Up><PgDn>nN<Left>");
    planted_close(&planted);
}

static void every_size_is_drawn(void **state)
{
    static const int sizes[][2] = {{200, 60}, {120, 36}, {80, 24}, {40, 10}, {20, 5}, {3, 2}, {1, 1}};
    struct planted planted;
    planted_open(&planted, *state, &page_findings, 80, 24);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        planted_resize(&planted, sizes[i][0], sizes[i][1]);
        planted_type(&planted, "<Enter><Down>");
        planted_type(&planted, "<PgUp><End>");
    }
    planted_close(&planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(words_are_those_of_blame),        IN_DIRECTORY(advice_names_the_culprit_and_selects_it),
        IN_DIRECTORY(growth_is_told_with_both_ends),   IN_DIRECTORY(what_is_long_scrolls_by_lines),
        IN_DIRECTORY(nothing_is_said_with_what_to_do), IN_DIRECTORY(every_size_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
