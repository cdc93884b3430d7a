// SPDX-License-Identifier: MIT
// The timeline as text: curve, scale, marks and cursor stand where they belong, at any size and zoom.
#include "watched.h"

#include "viewer/time/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture
{
    struct watched watched;
    struct page_view view;
    char *text;
};

static void begin(struct picture *picture, void **state)
{
    *picture = (struct picture){0};
    watched_open(&picture->watched, *state);
    picture->view = (struct page_view){.model = picture->watched.model, .state = &picture->watched.state};
}

static void end(struct picture *picture)
{
    free(picture->text);
    watched_close(&picture->watched);
}

static const char *draw(struct picture *picture, int width, int height, const struct glyphs *glyphs)
{
    struct canvas canvas;
    picture->view.model = picture->watched.model;
    assert_true(canvas_init(&canvas, width, height, glyphs, CANVAS_MONOCHROME));
    timeline_draw(&picture->view, &canvas, canvas_area(&canvas));
    free(picture->text);
    picture->text = canvas_to_text(&canvas);
    assert_non_null(picture->text);
    canvas_fini(&canvas);
    return picture->text;
}

static const char *line_of(const struct picture *picture, int row)
{
    static char line[1024];
    const char *text = picture->text;
    while (row-- > 0)
        text = strchr(text, '\n') + 1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    return line;
}

static long column_of(const char *line, char character)
{
    const char *found = strchr(line, character);
    return found != NULL ? found - line : -1;
}

static void the_curve_rises_with_what_lives(void **state)
{
    struct picture picture;
    begin(&picture, state);
    picture.watched.state.moment = 0;
    assert_string_equal(draw(&picture, 29, 4, &glyphs_ascii), "            ._=*%############\n"
                                                              "        _=+%#################\n"
                                                              "  ._-+%######################\n"
                                                              "O----------------^----10.0 us\n");
    end(&picture);
}

static void marks_and_the_cursor_stand_in_their_columns(void **state)
{
    struct picture picture;
    int first;
    struct area area = area_of(0, 0, 60, 5);
    begin(&picture, state);
    int columns = timeline_columns(area, &first);
    struct timeline_span span = timeline_span_of(picture.watched.model, &picture.watched.state, columns);
    picture.watched.state.mark_a = 1;
    picture.watched.state.mark_b = 2;
    picture.watched.state.moment = 3;
    draw(&picture, area.width, area.height, &glyphs_ascii);
    const char *axis = line_of(&picture, area.height - 1);
    assert_int_equal(column_of(axis, 'A'), first + timeline_column_at(&span, 1 * WATCHED_NS));
    assert_int_equal(column_of(axis, 'B'), first + timeline_column_at(&span, 2 * WATCHED_NS));
    assert_int_equal(column_of(axis, 'O'), first + timeline_column_at(&span, 3 * WATCHED_NS));
    assert_int_equal(column_of(axis, '^'), first + timeline_column_at(&span, 6 * WATCHED_NS));
    end(&picture);
}

// The heap is fullest in the middle, and emptiest at the end.
static void peak_and_worst_are_two_marks(void **state)
{
    struct picture picture = {0};
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_event events[] = {recording_alloc(1 * WATCHED_NS, 0x1000, 100),
                                        recording_alloc(5 * WATCHED_NS, 0x2000, 100),
                                        recording_free(9 * WATCHED_NS, 0x1000)};
    assert_ok(reel_writer_append(writer, events, 3, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
    watched_open_made(&picture.watched, recording);
    picture.view = (struct page_view){.model = picture.watched.model, .state = &picture.watched.state};
    picture.watched.state.moment = 0;
    draw(&picture, 59, 5, &glyphs_ascii); // five columns to a microsecond
    assert_int_equal(column_of(line_of(&picture, 4), '^'), 9 + 5 * 5 - 1);
    assert_int_equal(column_of(line_of(&picture, 4), 'w'), 9 + 9 * 5 - 1);
    end(&picture);
}

static void a_mark_beneath_the_cursor_stands_above_it(void **state)
{
    struct picture picture;
    begin(&picture, state);
    picture.watched.state.mark_a = picture.watched.state.moment = 3;
    draw(&picture, 60, 5, &glyphs_ascii);
    long cursor = column_of(line_of(&picture, 4), 'O');
    assert_true(cursor > 0);
    assert_int_equal(column_of(line_of(&picture, 3), 'A'), cursor);
    end(&picture);
}

static void a_moment_out_of_sight_is_pointed_at(void **state)
{
    struct picture picture;
    begin(&picture, state);
    picture.watched.state.zoom_begin_ns = 2 * WATCHED_NS;
    picture.watched.state.zoom_end_ns = 4 * WATCHED_NS;
    picture.watched.state.moment = 1;
    draw(&picture, 60, 5, &glyphs_ascii);
    assert_int_equal(column_of(line_of(&picture, 4), '<'), 9);
    assert_int_equal(column_of(line_of(&picture, 4), 'O'), -1);
    picture.watched.state.moment = 6;
    draw(&picture, 60, 5, &glyphs_ascii);
    assert_int_equal(column_of(line_of(&picture, 4), '>'), 59);
    end(&picture);
}

static void a_click_in_a_column_goes_to_what_had_happened_by_its_end(void **state)
{
    struct picture picture;
    struct area area = area_of(0, 0, 69, 5); // 60 columns of time, six to a microsecond
    uint64_t events;
    begin(&picture, state);
    for (int column = 9; column < 69; column++)
    {
        assert_ok(timeline_moment_of(&picture.view, area, column, &events, &picture.watched.error),
                  picture.watched.error);
        uint64_t end_ns = (uint64_t)(column - 8) * WATCHED_END_NS / 60;
        uint64_t happened = end_ns / WATCHED_NS;
        assert_int_equal(events, happened < WATCHED_EVENTS ? happened : WATCHED_EVENTS);
    }
    assert_ok(timeline_moment_of(&picture.view, area, 500, &events, &picture.watched.error), picture.watched.error);
    assert_int_equal(events, WATCHED_EVENTS);
    end(&picture);
}

static void what_is_lost_is_told_on_the_axis(void **state)
{
    struct picture picture;
    begin(&picture, state);
    draw(&picture, 80, 4, &glyphs_ascii);
    assert_null(strstr(picture.text, "missing"));
    model_close(picture.watched.model);
    recording_change(picture.watched.recording->path, "UPDATE run SET lost_events = 12345");
    watched_open_made(&picture.watched, picture.watched.recording);
    draw(&picture, 80, 4, &glyphs_ascii);
    assert_non_null(strstr(line_of(&picture, 3), "! 12 345 missing"));
    end(&picture);
}

static void every_size_is_drawn(void **state)
{
    struct picture picture;
    begin(&picture, state);
    picture.watched.state.mark_a = 2;
    picture.watched.state.mark_b = 4;
    for (int width = 1; width < 130; width += width < 12 ? 1 : 9)
        for (int height = 1; height < 14; height++)
        {
            const char *utf8 = draw(&picture, width, height, &glyphs_utf8);
            assert_true(strspn(utf8, " \n") < strlen(utf8));
            const char *ascii = draw(&picture, width, height, &glyphs_ascii);
            for (const char *at = ascii; *at != '\0'; at++)
                assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
        }
    end(&picture);
}

static void the_rate_has_rows_where_there_are_six(void **state)
{
    struct picture picture;
    begin(&picture, state);
    assert_null(strstr(draw(&picture, 80, 5, &glyphs_utf8), "freed"));
    assert_non_null(strstr(draw(&picture, 80, 6, &glyphs_utf8), "freed"));
    assert_non_null(strstr(picture.text, "alloc"));
    end(&picture);
}

static void a_run_without_events_says_so(void **state)
{
    struct picture picture = {0};
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
    watched_open_made(&picture.watched, recording);
    picture.view = (struct page_view){.model = picture.watched.model, .state = &picture.watched.state};
    assert_string_equal(draw(&picture, 60, 4, &glyphs_utf8), "no allocation was recorded\n\n\n\n");
    end(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_curve_rises_with_what_lives),
        IN_DIRECTORY(marks_and_the_cursor_stand_in_their_columns),
        IN_DIRECTORY(peak_and_worst_are_two_marks),
        IN_DIRECTORY(a_mark_beneath_the_cursor_stands_above_it),
        IN_DIRECTORY(a_moment_out_of_sight_is_pointed_at),
        IN_DIRECTORY(a_click_in_a_column_goes_to_what_had_happened_by_its_end),
        IN_DIRECTORY(what_is_lost_is_told_on_the_axis),
        IN_DIRECTORY(every_size_is_drawn),
        IN_DIRECTORY(the_rate_has_rows_where_there_are_six),
        IN_DIRECTORY(a_run_without_events_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
