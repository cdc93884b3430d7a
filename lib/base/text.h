// SPDX-License-Identifier: MIT
// Text without stdio, locale or allocation: pieces put together in a fixed buffer, and small files read whole.
#ifndef HEAPREEL_BASE_TEXT_H
#define HEAPREEL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Always terminated; is_cut tells that something did not fit.
struct base_text
{
    size_t length;
    bool is_cut;
    char bytes[512];
};

void base_text_clear(struct base_text *text);
void base_text_add(struct base_text *text, const char *string);
void base_text_add_number(struct base_text *text, uint64_t number);
void base_text_add_hexadecimal(struct base_text *text, uint64_t number); // with 0x

// Reads at most capacity bytes of a file; returns how many, or a negative errno number.
long base_text_read_file(const char *path, char *bytes, size_t capacity);

// Writes "heapreel: " + text + newline to stderr in one call.
void base_text_complain(const char *string);

#endif
