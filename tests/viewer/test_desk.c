// SPDX-License-Identifier: MIT
// Random keys, clicks and sizes, on a reel of a random program: nothing crashes, nothing is drawn outside, and the
// state stays one that can be written down and taken again.
#include "tests/reel/random_reel.h"
#include "tests/reel/recording.h"

#include "viewer/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <string.h>

enum
{
    EVENTS = 60000,
    HANDS = 4000,
    WIDTH_MAX = 210,
    HEIGHT_MAX = 65,
    FRAME_NS = 33000000,
};

static const uint32_t special[] = {
    27,
    13,
    9,
    127,
    3,
    KEY_CODE_UP,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_SHIFT_LEFT,
    KEY_CODE_SHIFT_RIGHT,
    KEY_CODE_CONTROL_LEFT,
    KEY_CODE_CONTROL_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_SHIFT_TAB,
    KEY_CODE_DELETE,
    KEY_CODE_RESIZE,
    KEY_CODE_F1,
    KEY_CODE_F1 + 2,
    KEY_CODE_F1 + 3,
    KEY_CODE_F1 + 5,
    0xe9,
    0x4e2d,
};

static uint64_t seed = 20191128;

static uint32_t random_below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(seed >> 33) % bound;
}

static uint32_t random_key(void)
{
    if (random_below(4) == 0)
        return special[random_below(sizeof special / sizeof *special)];
    uint32_t key = ' ' + random_below(95);
    return key == 'q' ? '1' : key;
}

static void draw(struct desk *desk)
{
    struct canvas canvas;
    int width = 1 + (int)random_below(WIDTH_MAX);
    int height = 1 + (int)random_below(HEIGHT_MAX);
    bool is_utf8 = random_below(2) != 0;
    assert_true(canvas_init(&canvas, width, height, is_utf8 ? &glyphs_utf8 : &glyphs_ascii,
                            random_below(2) != 0 ? CANVAS_256 : CANVAS_MONOCHROME));
    desk_draw(desk, &canvas);
    char *text = canvas_to_text(&canvas);
    assert_non_null(text);
    if (height >= 3 && width >= 40)
        assert_true(strspn(text, " \n") < strlen(text)); // never a blank screen
    free(text);
    canvas_fini(&canvas);
}

static void act(struct desk *desk, uint64_t clock_ns)
{
    const struct terminal_mouse mouse = {.x = (int)random_below(WIDTH_MAX),
                                         .y = (int)random_below(HEIGHT_MAX),
                                         .wheel = (int)random_below(3) - 1,
                                         .is_pressed = true,
                                         .is_dragged = random_below(5) == 0,
                                         .is_double = random_below(4) == 0};
    if (random_below(6) == 0)
        desk_mouse(desk, &mouse, clock_ns);
    else
        desk_key(desk, random_key(), clock_ns);
    desk_tick(desk, clock_ns);
    model_set_moving(desk->model, random_below(3) == 0);
    desk->is_ended = false; // a click on Quit
}

static void check_state(const struct desk *desk)
{
    char text[STATE_TEXT_BYTES];
    char again[STATE_TEXT_BYTES];
    struct state state;
    struct reel_error error = {0};
    assert_in_range(desk->state.moment, 0, model_event_count(desk->model));
    state_print(&desk->state, text);
    state_init(&state);
    assert_int_equal(state_parse(&state, model_reader(desk->model), text, &error), REEL_OK);
    state_print(&state, again);
    assert_string_equal(text, again);
}

static void use_at_random(const char *path)
{
    struct model *model = NULL;
    struct desk desk;
    struct reel_error error = {0};
    assert_int_equal(model_open(&model, path, &error), REEL_OK);
    assert_true(desk_init(&desk, model));
    for (int i = 0; i < HANDS; i++)
    {
        act(&desk, (uint64_t)i * FRAME_NS);
        check_state(&desk);
        if (random_below(3) == 0)
            draw(&desk);
    }
    desk_fini(&desk);
    model_close(model);
}

static void use_a_random_reel(struct recording *recording, bool has_classes)
{
    struct random_reel reel;
    random_reel_make(&reel, recording,
                     &(struct random_shape){.seed = has_classes ? 7 : 8,
                                            .event_count = EVENTS,
                                            .live_blocks = 900,
                                            .process_max = 5,
                                            .has_classes = has_classes,
                                            .commit_every = 9000});
    use_at_random(recording->path);
    random_reel_free(&reel);
}

static void random_hands_are_survived_on_a_reel_of_malloc(void **state)
{
    use_a_random_reel(*state, false);
}

static void random_hands_are_survived_on_a_reel_of_an_allocator_of_ours(void **state)
{
    use_a_random_reel(*state, true);
}

struct small
{
    struct random_reel reel;
    struct model *model;
    struct desk desk;
};

static void small_open(struct small *small, struct recording *recording)
{
    const struct random_shape shape = {
        .seed = 9, .event_count = 500, .live_blocks = 50, .process_max = 1, .commit_every = 100};
    struct reel_error error = {0};
    random_reel_make(&small->reel, recording, &shape);
    assert_int_equal(model_open(&small->model, recording->path, &error), REEL_OK);
    assert_true(desk_init(&small->desk, small->model));
}

static void small_close(struct small *small)
{
    desk_fini(&small->desk);
    model_close(small->model);
    random_reel_free(&small->reel);
}

static bool shows(struct desk *desk, const char *keys, const char *part)
{
    struct canvas canvas;
    for (; *keys != '\0'; keys++)
        desk_key(desk, (uint32_t)*keys, 0);
    assert_true(canvas_init(&canvas, 120, 36, &glyphs_ascii, CANVAS_MONOCHROME));
    desk_draw(desk, &canvas);
    char *text = canvas_to_text(&canvas);
    assert_non_null(text);
    bool is_there = strstr(text, part) != NULL;
    free(text);
    canvas_fini(&canvas);
    return is_there;
}

static void searching_says_where_there_are_names(void **state)
{
    struct small small;
    small_open(&small, *state);
    assert_true(shows(&small.desk, "n", "/ begins"));
    assert_true(shows(&small.desk, "3/x\r", "no names to search here"));
    small_close(&small);
}

static void what_a_page_does_not_obey_is_in_parentheses(void **state)
{
    struct small small;
    small_open(&small, *state);
    assert_true(shows(&small.desk, "7\\size:64-1k\r", " size:64-1k\n"));
    assert_true(shows(&small.desk, "5", " (size:64-1k)\n"));
    assert_true(shows(&small.desk, "/x\r", " (size:64-1k) /x\n"));
    assert_true(shows(&small.desk, "3", " size:64-1k (/x)\n"));
    small_close(&small);
}

static void the_help_says_how_to_leave_it(void **state)
{
    struct small small;
    small_open(&small, *state);
    assert_true(shows(&small.desk, "?", "Esc closes the help"));
    assert_false(shows(&small.desk, "\033", "Esc closes the help"));
    small_close(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(searching_says_where_there_are_names),
        IN_DIRECTORY(what_a_page_does_not_obey_is_in_parentheses),
        IN_DIRECTORY(the_help_says_how_to_leave_it),
        IN_DIRECTORY(random_hands_are_survived_on_a_reel_of_malloc),
        IN_DIRECTORY(random_hands_are_survived_on_a_reel_of_an_allocator_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
