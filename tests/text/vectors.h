// SPDX-License-Identifier: MIT
// The examples that the terminal and the browser are both held to: tests/vectors, one file a subject. What is not there
// or is of another kind than is asked for fails the test.
#ifndef HEAPREEL_TESTS_TEXT_VECTORS_H
#define HEAPREEL_TESTS_TEXT_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

// To be freed with cJSON_Delete().
cJSON *vectors_open(const char *subject);
// The rows of that name, at least one; what is below it otherwise.
const cJSON *vectors_rows(const cJSON *vectors, const char *name);
const cJSON *vectors_part(const cJSON *row, const char *name);

// NULL: it is not there, or null.
const cJSON *vector_find(const cJSON *row, const char *name);
const char *vector_text(const cJSON *row, const char *name);
// The same, and NULL where it is not there.
const char *vector_text_or_null(const cJSON *row, const char *name);
bool vector_is_set(const cJSON *row, const char *name); // true, or a number other than 0
// Numbers above 2^53 stand as text. 0 where it is not there.
uint64_t vector_number(const cJSON *row, const char *name);
int64_t vector_signed(const cJSON *row, const char *name);

#endif
