// SPDX-License-Identifier: MIT
// States from examples, and all of two states compared.
#include "state_vector.h"

#include <stdio.h>
#include <string.h>

static uint64_t moment_of(const cJSON *fields, const char *name, uint64_t otherwise)
{
    const cJSON *moment = vector_find(fields, name);
    return moment != NULL ? vector_number(moment, "events") : otherwise;
}

static struct selection selection_of(const cJSON *fields)
{
    const cJSON *place = vector_find(fields, "place");
    return (struct selection){.has_class = vector_find(fields, "class") != NULL,
                              .class_number = (uint32_t)vector_number(fields, "class"),
                              .has_stack = vector_find(fields, "stack") != NULL,
                              .stack = (uint32_t)vector_number(fields, "stack"),
                              .has_address = place != NULL,
                              .process = (uint32_t)vector_number(place, "process"),
                              .address = vector_number(place, "address"),
                              .bytes = vector_number(place, "bytes")};
}

struct filter filter_of_vector(const cJSON *fields)
{
    struct filter filter = {.has_class = vector_find(fields, "class") != NULL,
                            .class_number = (uint32_t)vector_number(fields, "class"),
                            .least_bytes = vector_number(fields, "leastBytes"),
                            .most_bytes = vector_number(fields, "mostBytes")};
    const char *function = vector_text_or_null(fields, "function");
    snprintf(filter.function, sizeof filter.function, "%s", function != NULL ? function : "");
    return filter;
}

static enum reel_measure measure_of(const cJSON *fields)
{
    enum reel_measure measure = REEL_MEASURE_LIVE;
    const char *name = vector_text_or_null(fields, "measure");
    assert_true(name == NULL || reel_measure_parse(name, &measure));
    return measure;
}

static enum state_mode mode_of(const cJSON *fields)
{
    const char *name = vector_text_or_null(fields, "mode");
    for (int mode = MODE_MOMENT; name != NULL && mode <= MODE_UNFREED; mode++)
        if (strcmp(state_mode_name((enum state_mode)mode), name) == 0)
            return (enum state_mode)mode;
    assert_null(name);
    return MODE_MOMENT;
}

static enum state_shape shape_of(const cJSON *fields)
{
    const char *name = vector_text_or_null(fields, "shape");
    int shape = SHAPE_BOTH;
    while (name != NULL && shape < SHAPE_COUNT && strcmp(state_shape_name((enum state_shape)shape), name) != 0)
        shape++;
    assert_true(shape < SHAPE_COUNT);
    return (enum state_shape)shape;
}

struct state state_of_vector(const cJSON *fields)
{
    struct state state;
    const cJSON *zoom = vector_find(fields, "zoom");
    const char *page = vector_text_or_null(fields, "page");
    const char *search = vector_text_or_null(fields, "search");
    state_init(&state);
    state.moment = moment_of(fields, "t", 0);
    state.mark_a = moment_of(fields, "a", STATE_NO_EVENT);
    state.mark_b = moment_of(fields, "b", STATE_NO_EVENT);
    state.zoom_begin_ns = vector_number(zoom, "beginNs");
    state.zoom_end_ns = vector_find(zoom, "endNs") != NULL ? vector_number(zoom, "endNs") : UINT64_MAX;
    state.process = (uint32_t)vector_number(fields, "process");
    assert_true(page == NULL || page_parse(page, &state.page));
    state.measure = measure_of(fields);
    state.mode = mode_of(fields);
    state.is_inverted = vector_is_set(fields, "isInverted");
    state.shows_all_frames = vector_is_set(fields, "hasAllFrames");
    state.shape = shape_of(fields);
    state.focus = (uint32_t)vector_number(fields, "focus");
    state.is_following = vector_is_set(fields, "isFollowing");
    state.selection = selection_of(vector_find(fields, "selection"));
    state.filter = filter_of_vector(vector_find(fields, "filter"));
    snprintf(state.search, sizeof state.search, "%s", search != NULL ? search : "");
    return state;
}

void assert_filters_equal(const struct filter *left, const struct filter *right)
{
    assert_int_equal(left->has_class, right->has_class);
    assert_int_equal(left->class_number, right->class_number);
    assert_int_equal(left->least_bytes, right->least_bytes);
    assert_int_equal(left->most_bytes, right->most_bytes);
    assert_string_equal(left->function, right->function);
}

static void assert_selections_equal(const struct selection *left, const struct selection *right)
{
    assert_int_equal(left->has_class, right->has_class);
    assert_int_equal(left->class_number, right->class_number);
    assert_int_equal(left->has_stack, right->has_stack);
    assert_int_equal(left->stack, right->stack);
    assert_int_equal(left->has_address, right->has_address);
    assert_int_equal(left->process, right->process);
    assert_int_equal(left->address, right->address);
    assert_int_equal(left->bytes, right->bytes);
}

void assert_states_equal(const struct state *left, const struct state *right)
{
    assert_int_equal(left->moment, right->moment);
    assert_int_equal(left->mark_a, right->mark_a);
    assert_int_equal(left->mark_b, right->mark_b);
    assert_int_equal(left->zoom_begin_ns, right->zoom_begin_ns);
    assert_int_equal(left->zoom_end_ns, right->zoom_end_ns);
    assert_int_equal(left->process, right->process);
    assert_int_equal(left->page, right->page);
    assert_int_equal(left->measure, right->measure);
    assert_int_equal(left->mode, right->mode);
    assert_int_equal(left->is_inverted, right->is_inverted);
    assert_int_equal(left->shows_all_frames, right->shows_all_frames);
    assert_int_equal(left->shape, right->shape);
    assert_int_equal(left->focus, right->focus);
    assert_int_equal(left->is_following, right->is_following);
    assert_selections_equal(&left->selection, &right->selection);
    assert_filters_equal(&left->filter, &right->filter);
    assert_string_equal(left->search, right->search);
}
