// SPDX-License-Identifier: MIT
// Printing of frames. Asks the reader for names and finds none by itself.
#include "cli/frames.h"

#include <stdlib.h>
#include <string.h>

#include "cli/format.h"
#include "cli/installed.h"
#include "cli/json.h"
#include "cli/terminal.h"

#define FRAMES_MAX 1024
#define FRAMES_SHOWN 12
#define FRAMES_IN_LINE 3
#define INDENT "       "
#define FUNCTION_COLUMNS 32
#define TEXT_BYTES 512
#define FRAMES_PARTED 4         // shown of each stack after they part
#define FRAMES_BEFORE_PARTING 2 // and of both before
#define LABEL_COLUMNS 11
#define LABEL_OF_BOTH "both       "

struct stack
{
    struct reel_frame frames[FRAMES_MAX];
    size_t count;  // of frames kept here
    size_t beyond; // frames that did not fit
    bool is_cut;   // there were more, and the recording did not keep them
};

static const char *base_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return slash != NULL ? slash + 1 : path;
}

static bool is_own(const struct reel_frame *frame)
{
    const char *module = base_name(frame->module);
    return module != NULL && strncmp(module, INSTALLED_PRELOAD, strlen(INSTALLED_PRELOAD)) == 0;
}

// To be freed with free().
static int read_stack(struct stack **out, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    size_t all = 0;
    struct stack *read = calloc(1, sizeof *read);
    if (read == NULL)
        return error->status = REEL_E_NO_MEMORY;
    int status = stack != 0 ? reel_reader_stack_frames(reader, stack, read->frames, FRAMES_MAX, &all, error) : REEL_OK;
    if (status == REEL_OK)
        status = reel_reader_stack_is_cut(reader, stack, &read->is_cut, error);
    if (status != REEL_OK)
    {
        free(read);
        return status;
    }
    size_t filled = all < FRAMES_MAX ? all : FRAMES_MAX;
    for (size_t i = 0; i < filled; i++)
        if (!is_own(&read->frames[i]))
            read->frames[read->count++] = read->frames[i];
    read->beyond = all - filled;
    *out = read;
    return REEL_OK;
}

static void name_function(char text[TEXT_BYTES], const struct reel_frame *frame)
{
    if (frame->function != NULL)
        format_text(text, TEXT_BYTES, frame->function);
    else
        snprintf(text, TEXT_BYTES, "0x%llx", (unsigned long long)frame->offset);
}

// "file.c:12 (inlined)", or nothing.
static void name_place(char text[TEXT_BYTES], const struct reel_frame *frame)
{
    char line[16] = "";
    format_text(text, TEXT_BYTES - 32, base_name(frame->file));
    if (text[0] == '\0')
        return;
    if (frame->line > 0)
        snprintf(line, sizeof line, ":%d", frame->line);
    strcat(text, line);
    strcat(text, frame->is_inlined ? " (inlined)" : "");
}

// In place of frames where there are none to show.
static const char *nameless(uint32_t stack)
{
    return stack == 0 ? "(no stack)" : "(in Heapreel's own library)";
}

static void print_frame(FILE *out, const char *label, const struct reel_frame *frame)
{
    size_t width = terminal_width(out);
    char function[TEXT_BYTES];
    char place[TEXT_BYTES];
    char module[TEXT_BYTES];
    char line[3 * TEXT_BYTES + 32];
    name_function(function, frame);
    name_place(place, frame);
    format_text(module, sizeof module, base_name(frame->module));
    if (width != 0)
        terminal_cut(function, width > 80 ? width - 80 + FUNCTION_COLUMNS : FUNCTION_COLUMNS);
    snprintf(line, sizeof line, INDENT "%s%-*s  %s%s%s", label, FUNCTION_COLUMNS, function, place,
             place[0] != '\0' && module[0] != '\0' ? "  " : "", module);
    terminal_cut(line, width);
    fprintf(out, "%s\n", line);
}

int frames_print(FILE *out, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    struct stack *read = NULL;
    int status = read_stack(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    // One more line is better than a line that says so.
    size_t shown = read->count <= FRAMES_SHOWN + 1 ? read->count : FRAMES_SHOWN;
    size_t hidden = read->count - shown + read->beyond;
    for (size_t i = 0; i < shown; i++)
        print_frame(out, "", &read->frames[i]);
    if (read->count == 0)
        fprintf(out, INDENT "%s\n", nameless(stack));
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
static void print_rest(FILE *out, const char *label, const struct stack *stack, size_t first)
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
    struct stack *one = NULL;
    struct stack *other = NULL;
    size_t common = 0;
    int status = read_stack(&one, reader, stacks[0], error);
    if (status == REEL_OK)
        status = read_stack(&other, reader, stacks[1], error);
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
    struct stack *read = NULL;
    char function[TEXT_BYTES];
    char place[TEXT_BYTES];
    char line[FRAMES_IN_LINE * 2 * TEXT_BYTES + TEXT_BYTES];
    int status = read_stack(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    int length = snprintf(line, TEXT_BYTES, "%s", label);
    size_t shown = read->count < FRAMES_IN_LINE ? read->count : FRAMES_IN_LINE;
    for (size_t i = 0; i < shown; i++)
    {
        name_function(function, &read->frames[i]);
        name_place(place, &read->frames[i]);
        length += snprintf(line + length, sizeof line - (size_t)length, "%s%s%s%s%s", i != 0 ? " < " : "", function,
                           place[0] != '\0' ? " (" : "", place, place[0] != '\0' ? ")" : "");
    }
    terminal_cut(line, terminal_width(out));
    fprintf(out, "%s%s\n", line, read->count == 0 ? nameless(stack) : "");
    free(read);
    return REEL_OK;
}

int frames_name(char *text, size_t size, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    struct stack *read = NULL;
    char function[TEXT_BYTES];
    char place[TEXT_BYTES];
    int status = read_stack(&read, reader, stack, error);
    if (status != REEL_OK)
        return status;
    snprintf(text, size, "%s", nameless(stack));
    if (read->count != 0)
    {
        read->frames[0].is_inlined = false; // a sentence has no room for it
        name_function(function, &read->frames[0]);
        name_place(place, &read->frames[0]);
        snprintf(text, size, "%s%s%s%s", function, place[0] != '\0' ? " (" : "", place, place[0] != '\0' ? ")" : "");
    }
    free(read);
    return REEL_OK;
}

int frames_add_json(cJSON *item, struct reel_reader *reader, uint32_t stack, struct reel_error *error)
{
    struct stack *read = NULL;
    int status = read_stack(&read, reader, stack, error);
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
