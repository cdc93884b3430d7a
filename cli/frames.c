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

struct stack
{
    struct reel_frame frames[FRAMES_MAX];
    size_t count;  // of frames kept here
    size_t beyond; // frames that did not fit
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

static void print_frame(FILE *out, const struct reel_frame *frame, size_t width)
{
    char function[TEXT_BYTES];
    char place[TEXT_BYTES];
    char module[TEXT_BYTES];
    char line[3 * TEXT_BYTES + 32];
    name_function(function, frame);
    name_place(place, frame);
    format_text(module, sizeof module, base_name(frame->module));
    if (width != 0)
        terminal_cut(function, width > 80 ? width - 80 + FUNCTION_COLUMNS : FUNCTION_COLUMNS);
    snprintf(line, sizeof line, INDENT "%-*s  %s%s%s", FUNCTION_COLUMNS, function, place,
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
        print_frame(out, &read->frames[i], terminal_width(out));
    if (read->count == 0)
        fprintf(out, INDENT "%s\n", stack == 0 ? "(no stack)" : "(in Heapreel's own library)");
    if (hidden != 0)
        fprintf(out, INDENT "... and %zu frames further out\n", hidden);
    free(read);
    return REEL_OK;
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
    fprintf(out, "%s%s\n", line, read->count == 0 ? "(no stack)" : "");
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
    free(read);
    return REEL_OK;
}
