// SPDX-License-Identifier: MIT
// Words for stacks and frames. Asks the reader for names and finds none by itself.
#include "text/stack.h"

#include "reel/error.h"
#include "text/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *text_base_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return slash != NULL ? slash + 1 : path;
}

int text_stack_read(struct text_stack **out, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    size_t all = 0;
    struct text_stack *read = calloc(1, sizeof *read);
    if (read == NULL)
    {
        reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the frames of stack %u", stack);
        return REEL_E_NO_MEMORY;
    }
    int status =
        stack != 0 ? reel_reader_stack_frames(reader, stack, read->frames, STACK_FRAMES_MAX, &all, error) : REEL_OK;
    if (status == REEL_OK)
        status = reel_reader_stack_is_cut(reader, stack, &read->is_cut, error);
    if (status != REEL_OK)
    {
        free(read);
        return status;
    }
    size_t filled = all < STACK_FRAMES_MAX ? all : STACK_FRAMES_MAX;
    for (size_t i = 0; i < filled; i++)
        if (!reel_is_own_module(read->frames[i].module))
            read->frames[read->count++] = read->frames[i];
    read->beyond = all - filled;
    *out = read;
    return REEL_OK;
}

void text_function(char text[STACK_TEXT_BYTES], const struct reel_frame *frame)
{
    if (frame->function != NULL)
        format_text(text, STACK_TEXT_BYTES, frame->function);
    else
        snprintf(text, STACK_TEXT_BYTES, "0x%llx", (unsigned long long)frame->offset);
}

void text_place(char text[STACK_TEXT_BYTES], const struct reel_frame *frame)
{
    char line[16] = "";
    format_text(text, STACK_TEXT_BYTES - 32, text_base_name(frame->file));
    if (text[0] == '\0')
        return;
    if (frame->line > 0)
        snprintf(line, sizeof line, ":%d", frame->line);
    strcat(text, line);
    strcat(text, frame->is_inlined ? " (inlined)" : "");
}

const char *text_nameless(uint32_t stack)
{
    return stack == 0 ? "(no stack)" : "(in Heapreel's own library)";
}

// "f (file.c:12)"
static void put_frame(char *text, size_t size, const struct reel_frame *frame)
{
    char function[STACK_TEXT_BYTES];
    char place[STACK_TEXT_BYTES];
    text_function(function, frame);
    text_place(place, frame);
    snprintf(text, size, "%s%s%s%s", function, place[0] != '\0' ? " (" : "", place, place[0] != '\0' ? ")" : "");
}

int text_stack_name(char *text, size_t size, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    struct text_stack *read = NULL;
    int status = text_stack_read(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    snprintf(text, size, "%s", text_nameless(stack));
    if (read->count != 0)
    {
        read->frames[0].is_inlined = false; // a sentence has no room for it
        put_frame(text, size, &read->frames[0]);
    }
    free(read);
    return REEL_OK;
}

int text_stack_line(char text[TEXT_STACK_LINE_BYTES], struct reel_reader *reader, uint32_t stack,
                    struct reel_error *error)
{
    struct text_stack *read = NULL;
    int status = text_stack_read(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    snprintf(text, TEXT_STACK_LINE_BYTES, "%s", read->count == 0 ? text_nameless(stack) : "");
    size_t length = 0;
    for (size_t i = 0; i < read->count && i < TEXT_STACK_LINE_FRAMES; i++)
    {
        snprintf(text + length, TEXT_STACK_LINE_BYTES - length, "%s", i != 0 ? TEXT_STACK_LINE_CALLER : "");
        length += strlen(text + length);
        put_frame(text + length, TEXT_STACK_LINE_BYTES - length, &read->frames[i]);
        length += strlen(text + length);
    }
    free(read);
    return REEL_OK;
}
