// SPDX-License-Identifier: MIT
// The processes as a tree, whatever a file says of parents, and the choice of one.
#include "watched.h"

#include "viewer/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSES 4
#define PARENTS                                                                                                        \
    "UPDATE process SET parent_process = 1 WHERE process IN (2, 4);"                                                   \
    "UPDATE process SET parent_process = 2, command = '/usr/bin/child --of two' WHERE process = 3;"

struct family
{
    struct watched watched;
    struct page_view view;
    char *text;
};

static void make(struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, PROCESSES);
    for (uint32_t process = 1; process <= PROCESSES; process++)
    {
        struct reel_event event = recording_alloc(process * WATCHED_NS, 0x1000, 1000 * process);
        event.process = process;
        event.thread = stream_thread(process, 0);
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    const struct reel_process_end_info ends[] = {
        {.t_ns = 5000, .how = REEL_END_SIGNALLED, .exit_status = -1, .signal = 9},
        {.t_ns = 6000, .how = REEL_END_EXITED, .exit_status = 3}};
    assert_ok(reel_writer_end_process(writer, 3, &ends[0], &recording->error), recording->error);
    assert_ok(reel_writer_end_process(writer, 2, &ends[1], &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
}

static void open_made(struct family *family, struct recording *recording)
{
    *family = (struct family){0};
    watched_open_made(&family->watched, recording);
    family->view = (struct page_view){.model = family->watched.model, .state = &family->watched.state};
    family->view.own = calloc(1, page_processes.own_bytes);
    assert_non_null(family->view.own);
}

static void open_family(struct family *family, void **state, const char *sql)
{
    struct recording *recording = *state;
    make(recording);
    recording_change(recording->path, sql);
    open_made(family, recording);
}

static void close_family(struct family *family)
{
    page_processes.fini(family->view.own);
    free(family->view.own);
    free(family->text);
    watched_close(&family->watched);
}

static const char *draw(struct family *family, int width, int height)
{
    struct canvas canvas;
    assert_true(canvas_init(&canvas, width, height, &glyphs_ascii, CANVAS_MONOCHROME));
    page_processes.draw(&family->view, &canvas, canvas_area(&canvas));
    free(family->text);
    family->text = canvas_to_text(&canvas);
    assert_non_null(family->text);
    canvas_fini(&canvas);
    return family->text;
}

static void assert_row(const struct family *family, int row, const char *begin, const char *part)
{
    const char *text = family->text;
    char line[512];
    for (int i = 0; i < row; i++)
        text = strchr(text, '\n') + 1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    if (strncmp(line + 1, begin, strlen(begin)) != 0 || strstr(line, part) == NULL)
        fail_msg("row %d is no \"%s\" with \"%s\" in\n%s", row, begin, part, family->text);
}

static void children_stand_beneath_their_parents(void **state)
{
    struct family family;
    open_family(&family, state, PARENTS);
    draw(&family, 120, 8);
    assert_row(&family, 1, "all ", "4 processes");
    assert_row(&family, 2, "1 ", "program");
    assert_row(&family, 3, " 2 ", "exit 3");
    assert_row(&family, 4, "  3 ", "SIGKILL");
    assert_row(&family, 4, "  3 ", " child --of two");
    assert_row(&family, 5, " 4 ", "3.9 KiB");
    close_family(&family);
}

// A child has its parent's 2000 bytes as well; in the sum they count once.
static void what_came_with_a_fork_counts_once_in_all(void **state)
{
    struct family family = {0};
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_event event = recording_alloc(WATCHED_NS, 0x1000, 2000);
    const struct reel_process_info child = {.pid = 9, .parent_process = 1, .is_fork = true, .fork_serial = 5};
    uint32_t process = 0;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    assert_ok(reel_writer_mark_fork(writer, 1, 5, &recording->error), recording->error);
    assert_ok(reel_writer_add_process(writer, &child, &process, &recording->error), recording->error);
    const struct reel_event later = recording_alloc(2 * WATCHED_NS, 0x9000, 24);
    assert_ok(reel_writer_append(writer, &later, 1, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
    open_made(&family, recording);
    draw(&family, 120, 8);
    assert_row(&family, 1, "all ", "  2.0 KiB   2.0 KiB "); // live, and the peak
    assert_row(&family, 2, "1 ", " 2.0 KiB ");
    assert_row(&family, 3, " 2 ", " 2.0 KiB ");
    close_family(&family);
}

static void parents_that_cannot_be_are_none(void **state)
{
    struct family family;
    open_family(&family, state,
                "UPDATE process SET parent_process = 3 WHERE process = 2;" // in a circle
                "UPDATE process SET parent_process = 2 WHERE process = 3;"
                "UPDATE process SET parent_process = 4 WHERE process = 4;" // its own
                "UPDATE process SET parent_process = 77 WHERE process = 1");
    draw(&family, 120, 8);
    assert_row(&family, 2, "1 ", "");
    assert_row(&family, 3, "2 ", "");
    assert_row(&family, 4, " 3 ", "");
    assert_row(&family, 5, "4 ", "");
    close_family(&family);
}

static void sorted_by_a_figure_they_are_a_list(void **state)
{
    struct family family;
    open_family(&family, state, PARENTS);
    draw(&family, 120, 8);
    page_processes.take(&family.view, ACTION_SORT_NEXT);
    page_processes.take(&family.view, ACTION_SORT_NEXT);
    page_processes.take(&family.view, ACTION_SORT_NEXT); // by peak
    draw(&family, 120, 8);
    assert_row(&family, 1, "all ", "");
    assert_row(&family, 2, "4 ", "");
    assert_row(&family, 5, "1 ", "");
    page_processes.take(&family.view, ACTION_SORT_REVERSE);
    draw(&family, 120, 8);
    assert_row(&family, 2, "1 ", "");
    assert_row(&family, 5, "4 ", "");
    close_family(&family);
}

static void one_is_chosen_for_all_pages_and_again_all(void **state)
{
    struct family family;
    open_family(&family, state, PARENTS);
    draw(&family, 120, 8);
    page_processes.take(&family.view, ACTION_DOWN);
    page_processes.take(&family.view, ACTION_DOWN);
    draw(&family, 120, 8);
    page_processes.take(&family.view, ACTION_OPEN);
    assert_int_equal(family.watched.state.process, 2);
    draw(&family, 120, 8);
    assert_non_null(strstr(family.text, "> 2 "));
    page_processes.take(&family.view, ACTION_OPEN);
    assert_int_equal(family.watched.state.process, 0);
    close_family(&family);
}

static void a_command_is_searched_for(void **state)
{
    static struct family family; // the analyser loses what is on the stack at strcpy
    open_family(&family, state, PARENTS);
    strcpy(family.watched.state.search, "OF TWO");
    draw(&family, 120, 8);
    page_processes.take(&family.view, ACTION_SEARCH);
    page_processes.take(&family.view, ACTION_OPEN);
    assert_int_equal(family.watched.state.process, 3);
    page_processes.take(&family.view, ACTION_SEARCH_NEXT);
    page_processes.take(&family.view, ACTION_OPEN);
    assert_int_equal(family.watched.state.process, 0);
    strcpy(family.watched.state.search, "nobody");
    page_processes.take(&family.view, ACTION_SEARCH);
    assert_non_null(family.view.said);
    close_family(&family);
}

static void every_size_shows_the_process_first(void **state)
{
    static const int sizes[][2] = {{200, 45}, {120, 26}, {80, 17}, {40, 6}, {20, 3}};
    struct family family;
    open_family(&family, state, PARENTS);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        draw(&family, sizes[i][0], sizes[i][1]);
        assert_row(&family, 1, "all ", "9.8 KiB");
    }
    for (int i = 0; i < 300; i++)
    {
        draw(&family, 1 + i * 37 % 160, 1 + i * 13 % 12);
        page_processes.take(&family.view, (enum action)(i * 7 % ACTION_COUNT));
        const struct page_mouse mouse = {.x = i % 90, .y = i % 12, .wheel = i % 3 - 1, .is_double = i % 2 == 0};
        page_processes.point(&family.view, &mouse);
    }
    close_family(&family);
}

static char *draw_page(struct desk *desk, enum page_number page)
{
    struct canvas canvas;
    desk->state.page = page;
    assert_true(canvas_init(&canvas, 120, 36, &glyphs_ascii, CANVAS_MONOCHROME));
    desk_draw(desk, &canvas);
    char *text = canvas_to_text(&canvas);
    canvas_fini(&canvas);
    assert_non_null(text);
    return text;
}

static void what_is_told_of_all_processes_does_not_look_as_of_the_chosen_one(void **state)
{
    struct family family;
    struct desk desk;
    open_family(&family, state, PARENTS);
    assert_true(desk_init(&desk, family.watched.model));
    desk.state.moment = PROCESSES;
    desk.state.process = 1;
    char *overview = draw_page(&desk, PAGE_OVERVIEW);
    char *lifetimes = draw_page(&desk, PAGE_LIFETIMES);
    assert_non_null(strstr(overview, " process:1"));
    assert_non_null(strstr(overview, "told of all processes together"));
    assert_non_null(strstr(lifetimes, "(process:1)"));
    free(overview);
    free(lifetimes);
    desk_fini(&desk);
    close_family(&family);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(children_stand_beneath_their_parents),
        IN_DIRECTORY(what_came_with_a_fork_counts_once_in_all),
        IN_DIRECTORY(parents_that_cannot_be_are_none),
        IN_DIRECTORY(sorted_by_a_figure_they_are_a_list),
        IN_DIRECTORY(one_is_chosen_for_all_pages_and_again_all),
        IN_DIRECTORY(a_command_is_searched_for),
        IN_DIRECTORY(every_size_shows_the_process_first),
        IN_DIRECTORY(what_is_told_of_all_processes_does_not_look_as_of_the_chosen_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
