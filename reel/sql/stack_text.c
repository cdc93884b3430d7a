// SPDX-License-Identifier: MIT
// The frames of a stack as one line of text, innermost first. Knows no file format.
#include "reel/sql/stack_text.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader.h"

#define FRAMES_MAX 512

static void append_frame(struct sqlite3_str *text, const struct reel_frame *frame)
{
    if (reel_is_own_module(frame->module))
        return;
    sqlite3_str_appendall(text, sqlite3_str_length(text) == 0 ? "" : " < ");
    if (frame->function != NULL)
        sqlite3_str_appendall(text, frame->function);
    else
        sqlite3_str_appendf(text, "0x%llx", (unsigned long long)frame->offset);
    if (frame->file != NULL)
        sqlite3_str_appendf(text, " (%s:%d)", frame->file, frame->line);
    else if (frame->module != NULL)
        sqlite3_str_appendf(text, " (%s)", frame->module);
}

static int frames_to_text(struct reel_reader *reader, uint32_t stack, struct sqlite3_str *text,
                          struct reel_error *error)
{
    size_t count = 0;
    struct reel_frame *frames = calloc(FRAMES_MAX, sizeof *frames);
    if (frames == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = reel_reader_stack_frames(reader, stack, frames, FRAMES_MAX, &count, error);
    for (size_t i = 0; status == REEL_OK && i < count && i < FRAMES_MAX; i++)
        append_frame(text, &frames[i]);
    bool is_cut = false;
    if (status == REEL_OK)
        status = reel_reader_stack_is_cut(reader, stack, &is_cut, error);
    if (is_cut || count > FRAMES_MAX)
        sqlite3_str_appendall(text, " < ...");
    free(frames);
    return status;
}

static void close_reader(void *reader)
{
    reel_reader_close(reader);
}

// A reader for the time of the statement, so that each frame is looked up once for all rows. SQLite keeps what is set
// under a negative number until the statement ends; should it not, each row has a reader of its own.
static struct reel_reader *statement_reader(struct sqlite3_context *context, struct reel_error *error)
{
    const int key = -0x7265656c;
    struct reel_reader *reader = sqlite3_get_auxdata(context, key);
    if (reader != NULL || reel_reader_attach(&reader, sqlite3_context_db_handle(context), error) != REEL_OK)
        return reader;
    sqlite3_set_auxdata(context, key, reader, close_reader);
    reader = sqlite3_get_auxdata(context, key);
    if (reader == NULL)
        reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    return reader;
}

static void stack_text(struct sqlite3_context *context, int count, struct sqlite3_value **values)
{
    (void)count;
    struct reel_error error = {0};
    int64_t stack = sqlite3_value_int64(values[0]);
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || stack <= 0 || stack > UINT32_MAX)
        return; // no stack: NULL
    struct reel_reader *reader = statement_reader(context, &error);
    struct sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(context));
    int status = reader != NULL ? frames_to_text(reader, (uint32_t)stack, text, &error) : error.status;
    char *result = sqlite3_str_finish(text);
    if (status != REEL_OK)
        sqlite3_result_error(context, error.text, -1);
    else
        sqlite3_result_text(context, result != NULL ? result : "", -1, SQLITE_TRANSIENT);
    sqlite3_free(result);
}

int sql_stack_text_register(struct sqlite3 *database)
{
    const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
    return sqlite3_create_function_v2(database, "stack_text", 1, flags, NULL, stack_text, NULL, NULL, NULL);
}
