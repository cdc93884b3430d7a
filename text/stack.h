// SPDX-License-Identifier: MIT
// A call stack as people read it: frames of Heapreel's own library are left out, they are not the program's.
#ifndef HEAPREEL_TEXT_STACK_H
#define HEAPREEL_TEXT_STACK_H

#include "reel/reader.h"

#define STACK_FRAMES_MAX 1024
#define STACK_TEXT_BYTES 512

struct text_stack
{
    struct reel_frame frames[STACK_FRAMES_MAX]; // innermost first
    size_t count;                               // of frames kept here
    size_t beyond;                              // frames that did not fit
    bool is_cut;                                // there were more, and the recording did not keep them
};

// Stack 0 has no frames. REEL_OK or a negative reel_status; *out is to be freed with free().
int text_stack_read(struct text_stack **out, struct reel_reader *reader, uint32_t stack, struct reel_error *error);

// What follows the last slash; NULL for NULL.
const char *text_base_name(const char *path);

// The function's name, or its address: safe for a terminal.
void text_function(char text[STACK_TEXT_BYTES], const struct reel_frame *frame);
// "file.c:12 (inlined)", or nothing.
void text_place(char text[STACK_TEXT_BYTES], const struct reel_frame *frame);
// In place of frames where there are none to show.
const char *text_nameless(uint32_t stack);

// The innermost frame of a stack in words: f (file.c:12)
int text_stack_name(char *text, size_t size, struct reel_reader *reader, uint32_t stack, struct reel_error *error);

// The innermost frames in one line: f (file.c:12) < g (file.c:40) < ...
#define TEXT_STACK_LINE_FRAMES 3
#define TEXT_STACK_LINE_CALLER " < "
#define TEXT_STACK_LINE_BYTES (TEXT_STACK_LINE_FRAMES * 2 * STACK_TEXT_BYTES)
int text_stack_line(char text[TEXT_STACK_LINE_BYTES], struct reel_reader *reader, uint32_t stack,
                    struct reel_error *error);

#endif
