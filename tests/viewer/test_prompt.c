// SPDX-License-Identifier: MIT
// The line that takes text: editing, and what Enter does.
#include "watched.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/prompt.h"

enum
{
    ENTER = 13,
    ESCAPE = 27,
    BACKSPACE = 127,
    CONTROL_U = 21,
    CONTROL_W = 23,
};

struct typed
{
    struct watched watched;
    struct page_view view;
    struct prompt prompt;
};

static void begin(struct typed *typed, struct recording *recording, enum prompt_kind kind)
{
    *typed = (struct typed){0};
    watched_open(&typed->watched, recording);
    typed->view = (struct page_view){.model = typed->watched.model, .state = &typed->watched.state};
    prompt_open(&typed->prompt, kind, &typed->view);
}

static void end(struct typed *typed)
{
    watched_close(&typed->watched);
}

static unsigned press(struct typed *typed, uint32_t key)
{
    return prompt_key(&typed->prompt, &typed->view, key);
}

static unsigned type(struct typed *typed, const char *text)
{
    unsigned reaction = REACTION_NONE;
    for (; *text != '\0'; text++)
        reaction |= press(typed, (unsigned char)*text);
    return reaction;
}

// The reaction to Enter; the prompt is opened anew where it has closed.
static unsigned enter(struct typed *typed, enum prompt_kind kind, const char *text)
{
    prompt_open(&typed->prompt, kind, &typed->view);
    press(typed, CONTROL_U);
    type(typed, text);
    return press(typed, ENTER);
}

// ---- editing

static void text_is_edited_at_its_end(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    type(&typed, "one two");
    press(&typed, 0xfc); // u with two dots
    press(&typed, 0x1f600);
    assert_string_equal(typed.prompt.text, "one two\xc3\xbc\xf0\x9f\x98\x80");
    press(&typed, BACKSPACE);
    assert_string_equal(typed.prompt.text, "one two\xc3\xbc");
    press(&typed, 8);
    assert_string_equal(typed.prompt.text, "one two");
    press(&typed, CONTROL_W);
    assert_string_equal(typed.prompt.text, "one ");
    press(&typed, CONTROL_W);
    assert_string_equal(typed.prompt.text, "");
    press(&typed, CONTROL_W);
    press(&typed, BACKSPACE);
    type(&typed, "x y");
    press(&typed, CONTROL_U);
    assert_int_equal(typed.prompt.length, 0);
    end(&typed);
}

static void keys_that_are_no_text_are_left_out(void **state)
{
    static const uint32_t keys[] = {1, 2, 3, 9, 0x85, KEY_CODE_UP, KEY_CODE_F1, KEY_CODE_MOUSE, KEY_CODE_DELETE};
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        press(&typed, keys[i]);
    assert_string_equal(typed.prompt.text, "");
    assert_int_equal(typed.prompt.kind, PROMPT_GOTO);
    end(&typed);
}

static void text_that_has_no_room_is_not_taken(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_SEARCH);
    for (int i = 0; i < 2000; i++)
        press(&typed, 0xfc);
    assert_int_equal(typed.prompt.length, STATE_SEARCH_BYTES - 2); // whole characters
    assert_string_equal(typed.watched.state.search, typed.prompt.text);
    prompt_open(&typed.prompt, PROMPT_GOTO, &typed.view);
    for (int i = 0; i < 2000; i++)
        press(&typed, 'a');
    assert_int_equal(typed.prompt.length, STATE_TEXT_BYTES - 1);
    press(&typed, ENTER);
    assert_true(typed.prompt.failure[0] != '\0');
    end(&typed);
}

// ---- goto

static void assert_goes(struct typed *typed, const char *text, uint64_t events)
{
    bool is_there = typed->watched.state.moment == events;
    typed->watched.state.is_following = true;
    unsigned reaction = enter(typed, PROMPT_GOTO, text);
    if (typed->prompt.kind != PROMPT_NONE)
        fail_msg("%s: %s", text, typed->prompt.failure);
    assert_int_equal(typed->watched.state.moment, events);
    assert_int_equal((reaction & REACTION_MOVE) != 0, !is_there);
    assert_false(typed->watched.state.is_following);
}

static void every_form_of_a_moment_is_a_place_to_go(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    typed.watched.state.mark_a = 2;
    typed.watched.state.mark_b = 4;
    assert_goes(&typed, "begin", 0);
    assert_goes(&typed, "#0", 1);
    assert_goes(&typed, "A", 2);
    assert_goes(&typed, "b", 4);
    assert_goes(&typed, "0.000003s", 3);
    assert_goes(&typed, "50%", 5);
    assert_goes(&typed, "peak", 6);
    assert_goes(&typed, "worst", 6);
    assert_goes(&typed, "#2", 3);
    assert_goes(&typed, "end", 6);
    end(&typed);
}

static void an_address_is_selected_among_the_blocks(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    typed.watched.state.process = 1;
    unsigned reaction = enter(&typed, PROMPT_GOTO, "0x4000");
    assert_int_equal(typed.prompt.kind, PROMPT_NONE);
    assert_true(reaction & REACTION_DRAW);
    assert_false(reaction & REACTION_MOVE);
    assert_int_equal(typed.watched.state.page, PAGE_BLOCKS);
    assert_true(typed.watched.state.selection.has_address);
    assert_int_equal(typed.watched.state.selection.address, 0x4000);
    assert_int_equal(typed.watched.state.selection.process, 1);
    end(&typed);
}

static void what_is_no_place_is_told_and_nothing_moves(void **state)
{
    static const char *const wrong[] = {"nowhere", "#6", "A", "B", "0x", "0xg", "0x12345678123456781", "12", "500%"};
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    {
        unsigned reaction = enter(&typed, PROMPT_GOTO, wrong[i]);
        assert_int_equal(typed.prompt.kind, PROMPT_GOTO);
        assert_true(strlen(typed.prompt.failure) > 10);
        assert_string_equal(typed.prompt.text, wrong[i]);
        assert_false(reaction & REACTION_MOVE);
        assert_int_equal(typed.watched.state.moment, WATCHED_EVENTS);
        assert_int_equal(typed.watched.state.page, PAGE_OVERVIEW);
        press(&typed, BACKSPACE);
        assert_string_equal(typed.prompt.failure, "");
    }
    assert_int_equal(enter(&typed, PROMPT_GOTO, ""), REACTION_TAKEN | REACTION_DRAW);
    assert_int_equal(typed.prompt.kind, PROMPT_NONE);
    end(&typed);
}

// ---- search and filter

static void a_search_takes_effect_with_each_key(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_SEARCH);
    assert_true(press(&typed, 's') & REACTION_DRAW);
    assert_string_equal(typed.watched.state.search, "s");
    type(&typed, "mq");
    press(&typed, BACKSPACE);
    assert_string_equal(typed.watched.state.search, "sm");
    press(&typed, ENTER);
    assert_int_equal(typed.prompt.kind, PROMPT_NONE);
    assert_string_equal(typed.watched.state.search, "sm");
    end(&typed);
}

static void escape_closes(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    type(&typed, "#1");
    press(&typed, ESCAPE);
    assert_int_equal(typed.prompt.kind, PROMPT_NONE);
    assert_int_equal(typed.watched.state.moment, WATCHED_EVENTS);
    assert_int_equal(press(&typed, 'x'), REACTION_NONE);
    end(&typed);
}

static void a_filter_can_be_changed_and_taken_away(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_FILTER);
    const struct state *seen = &typed.watched.state;
    enter(&typed, PROMPT_FILTER, "size:64-1k process:1  fn:\"a b\" class:48");
    assert_int_equal(typed.prompt.kind, PROMPT_NONE);
    assert_int_equal(seen->process, 1);
    assert_int_equal(seen->filter.least_bytes, 64);
    assert_int_equal(seen->filter.class_number, 3);
    assert_string_equal(seen->filter.function, "a b");
    prompt_open(&typed.prompt, PROMPT_FILTER, &typed.view);
    assert_string_equal(typed.prompt.text, "process:1 class:33-48 size:64-1k fn:\"a b\"");
    press(&typed, ENTER);
    assert_int_equal(seen->process, 1);
    assert_int_equal(seen->filter.class_number, 3);
    enter(&typed, PROMPT_FILTER, "");
    assert_int_equal(seen->process, 0);
    assert_true(filter_is_empty(&seen->filter));
    end(&typed);
}

static void a_wrong_filter_is_told_and_changes_nothing(void **state)
{
    static const char *const wrong[] = {
        "process:2", "process:", "process:x", "process:-1", "process:1 size:", "process:99999999999", "word"};
    struct typed typed;
    begin(&typed, *state, PROMPT_FILTER);
    enter(&typed, PROMPT_FILTER, "size:7");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    {
        enter(&typed, PROMPT_FILTER, wrong[i]);
        assert_int_equal(typed.prompt.kind, PROMPT_FILTER);
        assert_true(strlen(typed.prompt.failure) > 10);
        assert_int_equal(typed.watched.state.process, 0);
        assert_int_equal(typed.watched.state.filter.least_bytes, 7);
    }
    end(&typed);
}

// ---- drawing

static void assert_drawn(const struct typed *typed, int width, const char *line)
{
    struct canvas canvas;
    assert_true(canvas_init(&canvas, width, 1, &glyphs_utf8, CANVAS_MONOCHROME));
    prompt_draw(&typed->prompt, &canvas, canvas_area(&canvas));
    char *text = canvas_to_text(&canvas);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, line);
    free(text);
    canvas_fini(&canvas);
}

static void an_empty_prompt_says_what_it_takes(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    assert_drawn(&typed, 80, "Goto:   12.5s  #1000  40%  peak  worst  begin  end  A  B  0x7f001000");
    type(&typed, "pea");
    assert_drawn(&typed, 80, "Goto: pea");
    prompt_open(&typed.prompt, PROMPT_SEARCH, &typed.view);
    assert_drawn(&typed, 80, "Search:   a part of a name");
    end(&typed);
}

static void a_prompt_shows_the_end_of_its_text_and_its_failure(void **state)
{
    struct typed typed;
    begin(&typed, *state, PROMPT_GOTO);
    type(&typed, "0123456789abcdef");
    assert_drawn(&typed, 12, "Goto: bcdef");
    press(&typed, CONTROL_U);
    type(&typed, "A");
    press(&typed, ENTER);
    assert_drawn(&typed, 80, "Goto: A  mark A is not set: go there, and press a");
    press(&typed, CONTROL_U);
    type(&typed, "#12x");
    press(&typed, ENTER);
    assert_drawn(&typed, 80, "Goto: #12x  no moment; write 12.5s #1000 40% peak worst begin end A B 0x7f00");
    press(&typed, CONTROL_U);
    type(&typed, "#12");
    press(&typed, ENTER);
    assert_drawn(&typed, 80, "Goto: #12  #12: the reel's last event is #5");
    press(&typed, CONTROL_U);
    type(&typed, "A");
    press(&typed, ENTER);
    assert_drawn(&typed, 20, "mark A is not set: \xe2\x80\xa6");
    assert_drawn(&typed, 1, "\xe2\x80\xa6");
    end(&typed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(text_is_edited_at_its_end),
        IN_DIRECTORY(keys_that_are_no_text_are_left_out),
        IN_DIRECTORY(text_that_has_no_room_is_not_taken),
        IN_DIRECTORY(every_form_of_a_moment_is_a_place_to_go),
        IN_DIRECTORY(an_address_is_selected_among_the_blocks),
        IN_DIRECTORY(what_is_no_place_is_told_and_nothing_moves),
        IN_DIRECTORY(a_search_takes_effect_with_each_key),
        IN_DIRECTORY(escape_closes),
        IN_DIRECTORY(a_filter_can_be_changed_and_taken_away),
        IN_DIRECTORY(a_wrong_filter_is_told_and_changes_nothing),
        IN_DIRECTORY(an_empty_prompt_says_what_it_takes),
        IN_DIRECTORY(a_prompt_shows_the_end_of_its_text_and_its_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
