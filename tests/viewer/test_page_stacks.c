// SPDX-License-Identifier: MIT
// The call tree on the screen: what is opened, what is kept, what keys do.
#include <string.h>

#include "planted.h"

static void culprit_is_on_the_first_screen(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_draw(&planted);
    assert_non_null(strstr(planted_line(&planted, "most by"), "remember (cache.c:33): 126 KiB, 100 %"));
    assert_non_null(strstr(planted_line(&planted, "126 KiB  100 % ████        32  ▾ main"), "server.c:10"));
    assert_true(planted_has(&planted, "remember cache.c:33"));
    planted_close(&planted);
}

static void start_and_own_frames_are_left_out(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 120, 16);
    planted_draw(&planted);
    assert_true(planted_has(&planted, "CALLER > callees, 2 start frames hidden"));
    assert_false(planted_has(&planted, "_start"));
    assert_false(planted_has(&planted, "malloc"));
    assert_true(planted_has(&planted, "load table.c:55"));
    planted_close(&planted);
}

static void lines_are_of_the_greatest_stack(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted_draw(&planted);
    assert_true(planted_has(&planted, "main server.c:11"));
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "main server.c:10"));
    planted_close(&planted);
}

static void what_the_filter_leaves_out_is_grey(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    strcpy(planted.state.filter.function, "serve");
    planted_draw(&planted);
    assert_ptr_equal(strstr(planted_line(&planted, "load table.c:55"), "·"), planted_line(&planted, "load table.c:55"));
    assert_null(strstr(planted_line(&planted, "serve server.c"), "·"));
    planted_close(&planted);
}

static void greatest_child_comes_first(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.moment = PLANTED_FULL_EVENTS;
    planted_type(&planted, "*");
    const char *text = planted_type(&planted, "<Home>*");
    const char *load = strstr(text, "load");
    const char *serve = strstr(text, "serve");
    const char *parse = strstr(text, "parse");
    const char *remember = strstr(text, "remember");
    assert_true(load != NULL && serve != NULL && parse != NULL && remember != NULL);
    assert_true(load < serve && serve < parse && parse < remember);
    planted_close(&planted);
}

static void what_was_opened_stays_over_moments_and_measures(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.moment = PLANTED_FULL_EVENTS;
    planted_type(&planted, "<Home><Down><Down>");
    assert_false(planted_has(&planted, "parse"));
    planted_type(&planted, "<Right>");
    assert_true(planted_has(&planted, "parse"));
    planted.state.moment = PLANTED_FULL_EVENTS - 20;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "parse"));
    planted.state.measure = REEL_MEASURE_ALLOCATED;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "parse"));
    planted_close(&planted);
}

static void left_closes_and_then_goes_to_the_parent(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_type(&planted, "<Left>");
    assert_true(planted_has(&planted, "remember cache.c:33"));
    planted_type(&planted, "<Left>");
    assert_false(planted_has(&planted, "remember cache.c:33"));
    planted_type(&planted, "<Enter>");
    assert_true(planted_has(&planted, "remember cache.c:33"));
    planted_close(&planted);
}

static void enter_on_a_leaf_selects_its_stack(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 24);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_type(&planted, "<Enter>");
    assert_true(planted.state.selection.has_stack);
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    assert_true(planted_has(&planted, "live 2.0 KiB in 32 blocks  pinned 126 KiB  alone on 32 pages"));
    assert_true(planted_has(&planted, "_start"));
    planted_type(&planted, "<Backspace>");
    assert_false(planted_has(&planted, "_start"));
    assert_non_null(strstr(planted_line(&planted, "remember cache.c:33"), "▶"));
    planted_close(&planted);
}

static void stack_selected_elsewhere_is_gone_to(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted_draw(&planted);
    assert_false(planted_has(&planted, "remember cache.c:33"));
    planted.state.selection.has_stack = true;
    planted.state.selection.stack = planted.stacks[PLANTED_CULPRIT];
    planted_draw(&planted);
    assert_non_null(strstr(planted_line(&planted, "remember cache.c:33"), "▶"));
    assert_null(strstr(planted_line(&planted, "load table.c:55"), "▶"));
    planted_type(&planted, "<Left>");
    planted_type(&planted, "<Left>");
    assert_false(planted_has(&planted, "remember cache.c:33"));
    assert_non_null(strstr(planted_line(&planted, "serve server.c"), "▶"));
    planted_close(&planted);
}

static void difference_has_signs(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.mode = MODE_DIFFERENCE;
    planted.state.mark_a = PLANTED_FULL_EVENTS;
    planted_type(&planted, "<Home>*");
    assert_true(planted_has(&planted, "difference of live from A "));
    assert_non_null(strstr(planted_line(&planted, "parse parse.c:44"), "-112 KiB"));
    assert_non_null(strstr(planted_line(&planted, "parse parse.c:44"), "-224"));
    assert_false(planted_has(&planted, "load"));
    planted.state.mark_b = 1;
    planted.state.mark_a = 0;
    planted_draw(&planted);
    assert_non_null(strstr(planted_line(&planted, "main"), "+256 KiB"));
    planted_close(&planted);
}

static void inverted_begins_with_who_allocates(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_type(&planted, "i");
    assert_true(planted.state.is_inverted);
    const char *remember = strstr(planted.text, "remember cache.c:33");
    const char *serve = strstr(planted.text, "serve server.c:20");
    assert_true(planted_has(&planted, "CALLEE < callers"));
    assert_true(remember != NULL && serve != NULL && remember < serve);
    planted_close(&planted);
}

static void what_is_of_another_moment_says_so(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_draw(&planted);
    model_set_moving(planted.model, true);
    planted.state.moment = PLANTED_FULL_EVENTS;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "as at 4.81"));
    model_set_moving(planted.model, false);
    planted_draw(&planted);
    assert_false(planted_has(&planted, "as at"));
    planted_close(&planted);
}

static bool stop(void *context, const char *what, double fraction)
{
    (void)context;
    (void)what;
    (void)fraction;
    return true;
}

static void stopped_question_is_asked_again_by_enter(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted_draw(&planted);
    model_watch(planted.model, (struct model_watcher){.tick = stop});
    planted.state.mode = MODE_ALLOCATED;
    planted_draw(&planted);
    if (!planted_has(&planted, "stopped"))
        fail_msg("nothing was stopped:\n%s", planted.text);
    model_watch(planted.model, (struct model_watcher){0});
    planted_draw(&planted);
    assert_true(planted_has(&planted, "stopped"));
    planted_type(&planted, "<Enter>");
    assert_true(planted_has(&planted, "370 KiB in 257 blocks  allocated"));
    planted_close(&planted);
}

static void click_selects_and_a_second_one_opens(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_draw(&planted);
    const struct page_mouse at_main = {.x = 40, .y = 3}; // below title, greatest and heading
    planted.page->point(&planted.view, &at_main);
    planted_draw(&planted);
    assert_true(planted_has(&planted, "remember cache.c:33"));
    planted.page->point(&planted.view, &at_main);
    planted_draw(&planted);
    assert_false(planted_has(&planted, "remember cache.c:33"));
    planted_close(&planted);
}

static void verbs_follow_each_other(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 100, 16);
    planted.state.mark_a = 1;
    planted_type(&planted, "VV");
    assert_int_equal(planted.state.mode, MODE_ALLOCATED);
    assert_true(planted_has(&planted, "114 KiB in 256 blocks  allocated from A 0.010 s to 4.810 s"));
    planted_type(&planted, "V");
    assert_true(planted_has(&planted, "112 KiB in 224 blocks  freed from A"));
    planted_type(&planted, "V");
    assert_true(planted_has(&planted, "256 KiB in 1 block  alive from A"));
    planted_type(&planted, "V");
    assert_true(planted_has(&planted, "2.0 KiB in 32 blocks  unfreed from A"));
    planted_type(&planted, "V");
    assert_int_equal(planted.state.mode, MODE_MOMENT);
    planted_close(&planted);
}

static void search_opens_the_way_to_what_it_finds(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted_type(&planted, "<Home>-");
    assert_false(planted_has(&planted, "remember cache.c:33"));
    strcpy(planted.state.search, "MEMB");
    planted_type(&planted, "n");
    assert_true(planted_has(&planted, "remember cache.c:33"));
    planted_type(&planted, "<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    planted_type(&planted, "<Esc>");
    strcpy(planted.state.search, "nowhere");
    planted_draw(&planted);
    planted.page->take(&planted.view, ACTION_SEARCH_NEXT);
    assert_non_null(planted.view.said);
    planted_close(&planted);
}

static void nothing_is_said_with_what_to_do(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 16);
    planted.state.moment = 0;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "no blocks yet at this moment; press P for the peak"));
    planted_type(&planted, "<Enter><Right>*E<Left>nN<PgDn>");
    planted_close(&planted);
}

static void every_size_is_drawn(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_stacks, 80, 24);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_use_at_every_size(&planted, "126 KiB");
    planted_resize(&planted, 80, 24);
    planted.canvas.glyphs = &glyphs_ascii;
    for (const char *byte = planted_draw(&planted); *byte != '\0'; byte++)
        assert_true((unsigned char)*byte < 0x80);
    planted_close(&planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(culprit_is_on_the_first_screen),
        IN_DIRECTORY(start_and_own_frames_are_left_out),
        IN_DIRECTORY(lines_are_of_the_greatest_stack),
        IN_DIRECTORY(what_the_filter_leaves_out_is_grey),
        IN_DIRECTORY(greatest_child_comes_first),
        IN_DIRECTORY(what_was_opened_stays_over_moments_and_measures),
        IN_DIRECTORY(left_closes_and_then_goes_to_the_parent),
        IN_DIRECTORY(enter_on_a_leaf_selects_its_stack),
        IN_DIRECTORY(stack_selected_elsewhere_is_gone_to),
        IN_DIRECTORY(difference_has_signs),
        IN_DIRECTORY(inverted_begins_with_who_allocates),
        IN_DIRECTORY(what_is_of_another_moment_says_so),
        IN_DIRECTORY(stopped_question_is_asked_again_by_enter),
        IN_DIRECTORY(click_selects_and_a_second_one_opens),
        IN_DIRECTORY(verbs_follow_each_other),
        IN_DIRECTORY(search_opens_the_way_to_what_it_finds),
        IN_DIRECTORY(nothing_is_said_with_what_to_do),
        IN_DIRECTORY(every_size_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
