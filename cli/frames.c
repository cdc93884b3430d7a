// SPDX-License-Identifier: MIT
// Printing of frames.
#include "cli/frames.h"

#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/terminal.h"
#include "text/format.h"
#include "text/stack.h"

#define FRAMES_SHOWN 12
#define INDENT "       "
#define FUNCTION_COLUMNS 32
#define FRAMES_PARTED 4         // shown of each stack after they part
#define FRAMES_BEFORE_PARTING 2 // and of both before
#define LABEL_COLUMNS 11
#define LABEL_OF_BOTH "both       "

static void print_frame(FILE *out, const char *label, const struct reel_frame *frame)
{
    size_t width = terminal_width(out);
    char function[STACK_TEXT_BYTES];
    char place[STACK_TEXT_BYTES];
    char module[STACK_TEXT_BYTES];
    char line[3 * STACK_TEXT_BYTES + 32];
    text_function(function, frame);
    text_place(place, frame);
    format_text(module, sizeof module, text_base_name(frame->module));
    if (width != 0)
        terminal_cut(function, width > 80 ? width - 80 + FUNCTION_COLUMNS : FUNCTION_COLUMNS);
    snprintf(line, sizeof line, INDENT "%s%-*s  %s%s%s", label, FUNCTION_COLUMNS, function, place,
             place[0] != '\0' && module[0] != '\0' ? "  " : "", module);
    terminal_cut(line, width);
    fprintf(out, "%s\n", line);
}

int frames_print(FILE *out, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    struct text_stack *read = NULL;
    int status = text_stack_read(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    // One more line is better than a line that says so.
    size_t shown = read->count <= FRAMES_SHOWN + 1 ? read->count : FRAMES_SHOWN;
    size_t hidden = read->count - shown + read->beyond;
    for (size_t i = 0; i < shown; i++)
        print_frame(out, "", &read->frames[i]);
    if (read->count == 0)
        fprintf(out, INDENT "%s\n", text_nameless(stack));
    if (hidden != 0)
        fprintf(out, INDENT "... and %zu frames further out\n", hidden);
    if (read->is_cut)
        fprintf(out, INDENT "... deeper frames were cut (record --depth)\n");
    free(read);
    return REEL_OK;
}

// A reader keeps the strings of each frame once.
static bool is_same(const struct reel_frame *a, const struct reel_frame *b)
{
    return a->offset == b->offset && a->line == b->line && a->function == b->function && a->module == b->module;
}

// The frames from number `first` on, the first lines with the label.
static void print_rest(FILE *out, const char *label, const struct text_stack *stack, size_t first)
{
    char column[LABEL_COLUMNS + 1];
    snprintf(column, sizeof column, "%-*s", LABEL_COLUMNS, label);
    size_t shown = stack->count - first <= FRAMES_PARTED + 1 ? stack->count - first : FRAMES_PARTED;
    for (size_t i = 0; i < shown; i++)
        print_frame(out, column, &stack->frames[first + i]);
    if (shown == 0)
        fprintf(out, INDENT "%s(%s)\n", column, first == 0 ? "no stack" : "ends here");
    else if (stack->count - first > shown)
        fprintf(out, INDENT "%s... and %zu frames further out\n", column, stack->count - first - shown);
}

int frames_print_parting(FILE *out, struct reel_reader *reader, const char *const labels[2], const uint32_t stacks[2],
                         struct reel_error *error)
{
    struct text_stack *one = NULL;
    struct text_stack *other = NULL;
    size_t common = 0;
    int status = text_stack_read(&one, reader, stacks[0], error);
    if (status == REEL_OK)
        status = text_stack_read(&other, reader, stacks[1], error);
    if (status == REEL_OK)
    {
        while (common < one->count && common < other->count && is_same(&one->frames[common], &other->frames[common]))
            common++;
        for (size_t i = common > FRAMES_BEFORE_PARTING ? common - FRAMES_BEFORE_PARTING : 0; i < common; i++)
            print_frame(out, LABEL_OF_BOTH, &one->frames[i]);
        print_rest(out, labels[0], one, common);
        print_rest(out, labels[1], other, common);
    }
    free(one);
    free(other);
    return status;
}

int frames_print_line(FILE *out, const char *label, struct reel_reader *reader, uint32_t stack,
                      struct reel_error *error)
{
    char frames[TEXT_STACK_LINE_BYTES];
    char line[TEXT_STACK_LINE_BYTES + STACK_TEXT_BYTES];
    int status = text_stack_line(frames, reader, stack, error);
    if (status != REEL_OK)
        return status;
    snprintf(line, sizeof line, "%s%s", label, frames);
    terminal_cut(line, terminal_width(out));
    fprintf(out, "%s\n", line);
    return REEL_OK;
}

int frames_add_json(cJSON *item, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    struct text_stack *read = NULL;
    int status = text_stack_read(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    cJSON *list = cJSON_AddArrayToObject(item, "frames");
    for (size_t i = 0; i < read->count; i++)
    {
        const struct reel_frame *frame = &read->frames[i];
        cJSON *object = cJSON_CreateObject();
        json_add_text(object, "function", frame->function);
        json_add_text(object, "file", frame->file);
        json_add_integer(object, "line", frame->line);
        json_add_text(object, "module", frame->module);
        json_add_count(object, "offset", frame->offset);
        cJSON_AddBoolToObject(object, "is_inlined", frame->is_inlined);
        cJSON_AddItemToArray(list, object);
    }
    json_add_count(item, "frames_left_out", read->beyond);
    cJSON_AddBoolToObject(item, "is_cut", read->is_cut);
    free(read);
    return REEL_OK;
}

int frames_add_stack(cJSON *object, const char *name, struct reel_reader *reader, uint32_t stack,
                     struct reel_error *error)
{
    if (stack == 0)
    {
        cJSON_AddNullToObject(object, name);
        return REEL_OK;
    }
    cJSON *item = cJSON_AddObjectToObject(object, name);
    json_add_count(item, "stack", stack);
    return frames_add_json(item, reader, stack, error);
}
