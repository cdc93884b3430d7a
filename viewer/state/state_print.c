// SPDX-License-Identifier: MIT
// A state as text. Everything but foreign names is written as it is read; those as in a URL.
#include "viewer/state/state_fields.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writing
{
    char text[STATE_TEXT_BYTES];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct writing *writing, const char *format, ...)
{
    size_t room = STATE_TEXT_BYTES - writing->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(writing->text + writing->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        writing->length += (size_t)length < room ? (size_t)length : room - 1;
}

const char *state_mode_name(enum state_mode mode)
{
    if (mode == MODE_MOMENT)
        return "moment";
    return mode == MODE_DIFFERENCE ? "difference" : reel_range_verb_name((enum reel_range_verb)(mode - 1));
}

const char *state_shape_name(enum state_shape shape)
{
    static const char *const names[SHAPE_COUNT] = {"both", "icicle", "flames", "table"};
    return (unsigned)shape < SHAPE_COUNT ? names[shape] : "unknown";
}

static void add_moment(struct writing *writing, const char *field, uint64_t events)
{
    if (events == 0)
        add(writing, "&%s=" STATE_BEGIN, field);
    else
        add(writing, "&%s=#%llu", field, (unsigned long long)events - 1);
}

static void add_time(struct writing *writing, uint64_t t_ns)
{
    if (t_ns == UINT64_MAX)
        add(writing, STATE_END);
    else
        add(writing, "%llu.%09llus", (unsigned long long)(t_ns / STATE_NS_IN_S),
            (unsigned long long)(t_ns % STATE_NS_IN_S));
}

static void add_foreign(struct writing *writing, const char *field, const char *text)
{
    if (text[0] == '\0')
        return;
    add(writing, "&%s=", field);
    for (; *text != '\0'; text++)
    {
        unsigned char byte = (unsigned char)*text;
        bool is_plain = byte < 0x80 && (isalnum(byte) || strchr("-._~:", byte) != NULL);
        add(writing, is_plain ? "%c" : "%%%02X", byte);
    }
}

static void add_selection(struct writing *writing, const struct selection *selection)
{
    const char *before = "&sel=";
    if (selection->has_class)
        add(writing, "%sclass:%u", before, selection->class_number);
    before = selection->has_class ? "," : before;
    if (selection->has_stack)
        add(writing, "%sstack:%u", before, selection->stack);
    before = selection->has_stack ? "," : before;
    if (!selection->has_address)
        return;
    add(writing, "%sat:", before);
    if (selection->process != 0)
        add(writing, "%u/", selection->process);
    add(writing, "0x%llx+%llu", (unsigned long long)selection->address, (unsigned long long)selection->bytes);
}

static void add_stacks(struct writing *writing, const struct state *state)
{
    if (state->measure != REEL_MEASURE_LIVE)
        add(writing, "&m=%s", reel_measure_name(state->measure));
    if (state->mode != MODE_MOMENT)
        add(writing, "&mode=%s", state_mode_name(state->mode));
    if (state->is_inverted)
        add(writing, "&invert=1");
    if (state->shows_all_frames)
        add(writing, "&allframes=1");
    if (state->shape != SHAPE_BOTH)
        add(writing, "&shape=%s", state_shape_name(state->shape));
    if (state->focus != 0)
        add(writing, "&focus=%08x", state->focus);
}

static void add_zoom(struct writing *writing, const struct state *state)
{
    if (state->zoom_begin_ns == 0 && state->zoom_end_ns == UINT64_MAX)
        return;
    add(writing, "&z=");
    add_time(writing, state->zoom_begin_ns);
    add(writing, "..");
    add_time(writing, state->zoom_end_ns);
}

void state_print(const struct state *state, char text[STATE_TEXT_BYTES])
{
    struct writing writing = {0};
    char filter[STATE_TEXT_BYTES];
    add(&writing, "v=" STATE_VERSION);
    add_moment(&writing, "t", state->moment);
    if (state->mark_a != STATE_NO_EVENT)
        add_moment(&writing, "a", state->mark_a);
    if (state->mark_b != STATE_NO_EVENT)
        add_moment(&writing, "b", state->mark_b);
    add(&writing, "&p=%s", page_name(state->page));
    add_stacks(&writing, state);
    if (state->process != 0)
        add(&writing, "&process=%u", state->process);
    add_zoom(&writing, state);
    if (state->is_following)
        add(&writing, "&follow=1");
    add_selection(&writing, &state->selection);
    filter_print(&state->filter, NULL, filter);
    add_foreign(&writing, "f", filter);
    add_foreign(&writing, "s", state->search);
    memcpy(text, writing.text, sizeof writing.text);
}
