// SPDX-License-Identifier: MIT
// The overview of a reel with a planted culprit, as text: who pins, who holds, what is missing, at any size.
#include "planted.h"

#include "viewer/time/transport.h"

#include <stdio.h>
#include <string.h>

static void open_at(struct planted *planted, void **state, int width, int height)
{
    planted_open(planted, *state, &page_overview, width, height);
    planted_draw(planted);
}

static void open_again(struct planted *planted, const char *sql)
{
    model_close(planted->model);
    recording_change(planted->recording->path, sql);
    assert_ok(model_open(&planted->model, planted->recording->path, &planted->error), planted->error);
    planted->view.model = planted->model;
    planted_draw(planted);
}

static void the_verdict_names_the_culprit(void **state)
{
    struct planted planted;
    open_at(&planted, state, 160, 30);
    const char *verdict = planted_line(&planted, "is waste");
    assert_non_null(strstr(verdict, "most of it pinned: "));
    // Its blocks were born from 0.09 s to 2.57 s: half of them before this.
    assert_non_null(strstr(verdict, " by remember (cache.c:33) since 1.3"));
    planted_close(&planted);
}

static void who_pins_and_who_holds_are_listed(void **state)
{
    struct planted planted;
    open_at(&planted, state, 100, 24);
    const char *pinned = planted_line(&planted, "32 blocks  remember (cache.c:33)");
    assert_int_equal(strncmp(pinned, "pinned    ", 10), 0);
    const char *live = planted_line(&planted, "live        256 KiB");
    assert_non_null(strstr(live, "99.2 %"));
    assert_non_null(strstr(live, "load (table.c:55)"));
    planted_close(&planted);
}

static void the_parts_add_up_to_what_is_resident(void **state)
{
    struct planted planted;
    open_at(&planted, state, 200, 40);
    const char *legend = planted_line(&planted, "= resident");
    assert_non_null(strstr(legend, "requested  258 KiB"));
    assert_non_null(strstr(legend, "rounding"));
    assert_non_null(strstr(legend, "retained"));
    assert_true(planted_has(&planted, "the kernel was not asked"));
    planted_close(&planted);
}

static void one_key_leads_from_the_culprit_to_its_stack(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    planted_type(&planted, "<Enter>");
    assert_int_equal(planted.state.page, PAGE_STACKS);
    assert_int_equal(planted.state.measure, REEL_MEASURE_PINNED);
    assert_true(planted.state.selection.has_stack);
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    planted_close(&planted);
}

static void one_key_leads_to_the_peak_and_its_owner(void **state)
{
    struct planted planted;
    struct transport transport;
    open_at(&planted, state, 80, 17);
    transport_init(&transport);
    planted.state.moment = 0;
    transport_take(&transport, &planted.view, ACTION_PEAK, 70, 0);
    planted_draw(&planted);
    assert_int_equal(planted.state.moment, PLANTED_FULL_EVENTS);
    assert_int_equal(planted.state.page, PAGE_OVERVIEW);
    assert_non_null(strstr(planted_line(&planted, "live        256 KiB"), "load (table.c:55)"));
    planted_close(&planted);
}

static void the_selected_line_moves_and_stays_in_the_lists(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    planted_type(&planted, "kkG");
    planted_type(&planted, "jjj<Enter>");
    assert_int_equal(planted.state.page, PAGE_OVERVIEW);
    planted_type(&planted, "gj<Enter>");
    assert_int_equal(planted.state.page, PAGE_STACKS);
    assert_int_equal(planted.state.measure, REEL_MEASURE_LIVE);
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_TABLE]);
    planted_close(&planted);
}

static void a_click_selects_and_a_double_one_opens(void **state)
{
    struct planted planted;
    int row = 0;
    open_at(&planted, state, 80, 17);
    const char *found = strstr(planted.text, "live        256 KiB");
    assert_non_null(found);
    for (const char *at = planted.text; at < found; at++)
        row += *at == '\n';
    struct page_mouse mouse = {.x = 20, .y = row};
    assert_true(page_overview.point(&planted.view, &mouse) & REACTION_DRAW);
    assert_int_equal(planted.state.page, PAGE_OVERVIEW);
    mouse.is_double = true;
    page_overview.point(&planted.view, &mouse);
    assert_int_equal(planted.state.page, PAGE_STACKS);
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_TABLE]);
    planted_close(&planted);
}

static void what_is_searched_for_is_selected(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    strcpy(planted.state.search, "LOAD");
    page_overview.take(&planted.view, ACTION_SEARCH);
    planted_type(&planted, "<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_TABLE]);
    strcpy(planted.state.search, "no such function");
    page_overview.take(&planted.view, ACTION_SEARCH);
    assert_non_null(planted.view.said);
    planted_close(&planted);
}

static void what_is_missing_is_the_first_line(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    assert_int_equal(strncmp(planted.text, "LOST", 4) == 0, 0);
    open_again(&planted, "UPDATE run SET lost_events = 1234; INSERT INTO loss VALUES (0, 'dropped things', 7)");
    assert_int_equal(strncmp(planted.text, "LOST: 1 234 events; the figures are too small; MISSING: 7 dropped", 64), 0);
    assert_true(planted_has(&planted, "as far as it was recorded."));
    planted_close(&planted);
}

static void a_reel_that_was_cut_off_says_so(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    open_again(&planted, "UPDATE run SET is_complete = 0");
    assert_int_equal(strncmp(planted.text, "CUT OFF: ", 9), 0);
    planted_close(&planted);
}

static void a_process_that_has_ended_says_when_it_ran(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    open_again(&planted, "UPDATE process SET end_event = 10, end_ns = 100000000, end_kind = 'exited', exit_status = 0");
    planted.state.process = 1;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "Process 1 does not run at this moment: it did from 0.000 s to 0.100 s."));
    planted_close(&planted);
}

static void following_asks_dear_questions_seldom(void **state)
{
    struct planted planted;
    uint64_t second = 100; // events of the reel, which are 10 ms apart
    planted_open(&planted, *state, &page_overview, 100, 24);
    planted.state.is_following = true;
    planted.state.moment = 0;
    planted_draw(&planted);
    assert_false(planted_has(&planted, "growing*"));
    planted.state.moment = second;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "growing*"));
    assert_true(planted_has(&planted, "load (table.c:55)")); // live: costs nothing
    planted.state.moment = 4 * second + 1;
    planted_draw(&planted);
    assert_false(planted_has(&planted, "growing*"));
    planted.state.moment = 4 * second + 2;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "growing*"));
    planted.state.is_following = false;
    planted_draw(&planted);
    assert_false(planted_has(&planted, "growing*"));
    planted_close(&planted);
}

static void the_beginning_says_where_to_go(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    planted.state.moment = 0;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "Nothing is allocated at this moment"));
    assert_true(planted_has(&planted, "P goes to the peak"));
    assert_true(planted_has(&planted, "no block lives at this moment"));
    planted_close(&planted);
}

// The pages of screens of 200x60, 120x36, 80x24, 40x10 and 20x5, and less.
static void every_size_begins_with_the_verdict(void **state)
{
    static const int sizes[][2] = {{200, 45}, {120, 26}, {80, 17}, {40, 6}, {20, 3}, {20, 1}, {1, 1}, {3, 30}};
    struct planted planted;
    open_at(&planted, state, 1, 1);
    for (int ascii = 0; ascii < 2; ascii++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        {
            planted.canvas.glyphs = ascii ? &glyphs_ascii : &glyphs_utf8;
            planted_resize(&planted, sizes[i][0], sizes[i][1]);
            planted_draw(&planted);
            bool has_room = sizes[i][0] > 1; // else what is cut off is told
            if (has_room && (planted.text[0] < '1' || planted.text[0] > '9'))
                fail_msg("%dx%d begins with no figure:\n%s", sizes[i][0], sizes[i][1], planted.text);
            bool has_culprit = sizes[i][0] < 20 || sizes[i][1] < 3 || planted_has(&planted, "remember");
            if (!has_culprit)
                fail_msg("%dx%d names nobody:\n%s", sizes[i][0], sizes[i][1], planted.text);
        }
    planted_close(&planted);
}

static void any_key_and_any_size_do_no_harm(void **state)
{
    struct planted planted;
    open_at(&planted, state, 80, 17);
    for (int i = 0; i < 400; i++)
    {
        planted_resize(&planted, 1 + i * 37 % 160, 1 + i * 13 % 50);
        planted_draw(&planted);
        page_overview.take(&planted.view, (enum action)(i * 7 % ACTION_COUNT));
        const struct page_mouse mouse = {.x = i % 90, .y = i % 50, .wheel = i % 3 - 1, .is_double = i % 2 == 0};
        page_overview.point(&planted.view, &mouse);
    }
    planted_close(&planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_verdict_names_the_culprit),
        IN_DIRECTORY(who_pins_and_who_holds_are_listed),
        IN_DIRECTORY(the_parts_add_up_to_what_is_resident),
        IN_DIRECTORY(one_key_leads_from_the_culprit_to_its_stack),
        IN_DIRECTORY(one_key_leads_to_the_peak_and_its_owner),
        IN_DIRECTORY(the_selected_line_moves_and_stays_in_the_lists),
        IN_DIRECTORY(a_click_selects_and_a_double_one_opens),
        IN_DIRECTORY(what_is_searched_for_is_selected),
        IN_DIRECTORY(what_is_missing_is_the_first_line),
        IN_DIRECTORY(a_reel_that_was_cut_off_says_so),
        IN_DIRECTORY(a_process_that_has_ended_says_when_it_ran),
        IN_DIRECTORY(following_asks_dear_questions_seldom),
        IN_DIRECTORY(the_beginning_says_where_to_go),
        IN_DIRECTORY(every_size_begins_with_the_verdict),
        IN_DIRECTORY(any_key_and_any_size_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
