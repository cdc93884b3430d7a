// SPDX-License-Identifier: MIT
// States as the examples have them, which are written as the browser holds a state.
#ifndef HEAPREEL_TESTS_VIEWER_STATE_VECTOR_H
#define HEAPREEL_TESTS_VIEWER_STATE_VECTOR_H

#include "tests/text/vectors.h"
#include "viewer/state/state.h"

// What is not named has its default.
struct state state_of_vector(const cJSON *fields);
struct filter filter_of_vector(const cJSON *fields);
void assert_states_equal(const struct state *left, const struct state *right);
void assert_filters_equal(const struct filter *left, const struct filter *right);

#endif
