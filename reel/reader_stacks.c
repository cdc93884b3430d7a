// SPDX-License-Identifier: MIT
// Stacks as frames with names. Each frame is looked up once and kept, with its strings, until the reader is closed.
#include "reel/reader_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

#define OWN_LIBRARY "libheapreel.so"

static const char stack_sql[] = "SELECT parent, frame FROM main.stack WHERE stack = ?";
static const char frame_sql[] = "SELECT address_offset, path FROM main.frame LEFT JOIN main.module USING (module) "
                                "WHERE frame = ?";
static const char symbols_sql[] = "SELECT function, file, line, is_inlined FROM main.symbol WHERE frame = ? "
                                  "ORDER BY depth";

// What was prepared before another could not be is kept: a reader with a lost statement could not be closed.
static bool prepare_one(struct reel_reader *reader, const char *sql, struct sqlite3_stmt **statement)
{
    return *statement != NULL || sqlite3_prepare_v2(reader->database, sql, -1, statement, NULL) == SQLITE_OK;
}

static bool prepare(struct reel_reader *reader)
{
    return prepare_one(reader, stack_sql, &reader->select_stack) &&
           prepare_one(reader, frame_sql, &reader->select_frame) &&
           prepare_one(reader, symbols_sql, &reader->select_symbols);
}

static bool reserve_kept(struct reel_reader *reader)
{
    if (reader->kept_count < reader->kept_max)
        return true;
    size_t bigger = reader->kept_max == 0 ? 256 : reader->kept_max * 2;
    void **moved = reallocarray(reader->kept, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    reader->kept = moved;
    reader->kept_max = bigger;
    return true;
}

// A copy that lives as long as the reader. NULL stays NULL; false: no memory.
static bool keep_text(struct reel_reader *reader, const unsigned char *text, const char **kept)
{
    *kept = NULL;
    if (text == NULL)
        return true;
    char *copy = reserve_kept(reader) ? strdup((const char *)text) : NULL;
    if (copy == NULL)
        return false;
    reader->kept[reader->kept_count++] = copy;
    *kept = copy;
    return true;
}

static bool add_function(struct reader_frame *frame, const struct reel_frame *function)
{
    struct reel_frame *moved = reallocarray(frame->functions, frame->function_count + 1, sizeof *moved);
    if (moved == NULL)
        return false;
    frame->functions = moved;
    frame->functions[frame->function_count++] = *function;
    return true;
}

static int read_place(struct reel_reader *reader, uint32_t id, struct reel_frame *place, struct reel_error *error)
{
    struct sqlite3_stmt *row = reader->select_frame;
    sqlite3_bind_int64(row, 1, id);
    int status = REEL_OK;
    int result = sqlite3_step(row);
    *place = (struct reel_frame){.offset = (uint64_t)sqlite3_column_int64(row, 0)};
    if (result == SQLITE_DONE)
        status =
            reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: frame %u is missing", reader->name, id);
    else if (result != SQLITE_ROW)
        status = reader_fail_query(reader, error);
    else if (!keep_text(reader, sqlite3_column_text(row, 1), &place->module))
        status = reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
    sqlite3_reset(row);
    return status;
}

static int read_functions(struct reel_reader *reader, uint32_t id, const struct reel_frame *place,
                          struct reader_frame *frame, struct reel_error *error)
{
    struct sqlite3_stmt *rows = reader->select_symbols;
    bool has_memory = true;
    int result;
    sqlite3_bind_int64(rows, 1, id);
    while (has_memory && (result = sqlite3_step(rows)) == SQLITE_ROW)
    {
        struct reel_frame function = *place;
        function.line = sqlite3_column_int(rows, 2);
        function.is_inlined = sqlite3_column_int(rows, 3) != 0;
        has_memory = keep_text(reader, sqlite3_column_text(rows, 0), &function.function) &&
                     keep_text(reader, sqlite3_column_text(rows, 1), &function.file) && add_function(frame, &function);
    }
    int status = !has_memory || result == SQLITE_DONE ? REEL_OK : reader_fail_query(reader, error);
    sqlite3_reset(rows);
    if (status == REEL_OK && frame->function_count == 0)
    {
        frame->is_awaited = id > reader->named_frame;
        has_memory = has_memory && add_function(frame, place);
    }
    return has_memory ? status : reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
}

static int load_frame(struct reel_reader *reader, uint32_t id, struct reader_frame *frame, struct reel_error *error)
{
    struct reel_frame place;
    *frame = (struct reader_frame){0};
    int status = read_place(reader, id, &place, error);
    if (status == REEL_OK)
        status = read_functions(reader, id, &place, frame, error);
    if (status != REEL_OK)
        free(frame->functions);
    return status;
}

// Its name has come. Who holds the functions that it had may go on to do so.
static int load_again(struct reel_reader *reader, uint32_t id, struct reader_frame *frame, struct reel_error *error)
{
    struct reader_frame named;
    if (!reserve_kept(reader))
        return reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
    int status = load_frame(reader, id, &named, error);
    if (status != REEL_OK)
        return status;
    reader->kept[reader->kept_count++] = frame->functions;
    *frame = named;
    return REEL_OK;
}

// frames[n - 1] belongs to the n-th frame that was asked for. A frame that failed to load is kept without functions.
int reader_find_frame(struct reel_reader *reader, uint32_t id, const struct reader_frame **out,
                      struct reel_error *error)
{
    bool is_new;
    if (!prepare(reader))
        return reader_fail_query(reader, error);
    uint32_t index = reel_intern_id(&reader->frame_ids, id, 0, &is_new);
    if (index != 0 && index > reader->frame_max)
    {
        size_t bigger = reader->frame_max == 0 ? 256 : reader->frame_max * 2;
        struct reader_frame *moved = reallocarray(reader->frames, bigger, sizeof *moved);
        index = moved != NULL ? index : 0;
        reader->frames = moved != NULL ? moved : reader->frames;
        reader->frame_max = moved != NULL ? bigger : reader->frame_max;
    }
    if (index == 0)
    {
        reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
        return REEL_E_NO_MEMORY;
    }
    int status = REEL_OK;
    if (index > reader->frame_count)
    {
        reader->frame_count = index;
        status = load_frame(reader, id, &reader->frames[index - 1], error);
        if (status != REEL_OK)
            reader->frames[index - 1] = (struct reader_frame){0};
    }
    else if (reader->frames[index - 1].is_awaited && id <= reader->named_frame)
        status = load_again(reader, id, &reader->frames[index - 1], error);
    *out = &reader->frames[index - 1];
    return status;
}

// *parent: 0 or REEL_STACK_CUT at the end. Parents have smaller ids: a damaged reel cannot send the walk in a circle.
static int read_stack(struct reel_reader *reader, uint32_t stack, uint32_t *parent, uint32_t *frame,
                      struct reel_error *error)
{
    struct sqlite3_stmt *row = reader->select_stack;
    sqlite3_bind_int64(row, 1, stack);
    int result = sqlite3_step(row);
    int64_t parent_id = sqlite3_column_int64(row, 0);
    int64_t frame_id = sqlite3_column_int64(row, 1);
    bool is_sound =
        result == SQLITE_ROW && parent_id >= -1 && parent_id < stack && frame_id >= 1 && frame_id <= UINT32_MAX;
    int status = REEL_OK;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        status = reader_fail_query(reader, error);
    else if (!is_sound)
        status = reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: stack %u is missing or makes no sense",
                                reader->name, stack);
    sqlite3_reset(row);
    *parent = parent_id == -1 ? REEL_STACK_CUT : (uint32_t)parent_id;
    *frame = (uint32_t)frame_id;
    return status;
}

bool reel_is_own_module(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : path;
    return name != NULL && strncmp(name, OWN_LIBRARY, strlen(OWN_LIBRARY)) == 0;
}

int reel_reader_stack_frames(struct reel_reader *reader, uint32_t stack, struct reel_frame *frames, size_t capacity,
                             size_t *count, struct reel_error *error)
{
    int status = prepare(reader) ? REEL_OK : reader_fail_query(reader, error);
    *count = 0;
    for (uint32_t next, id; status == REEL_OK && stack != 0 && stack != REEL_STACK_CUT; stack = next)
    {
        const struct reader_frame *frame = NULL;
        status = read_stack(reader, stack, &next, &id, error);
        if (status == REEL_OK)
            status = reader_find_frame(reader, id, &frame, error);
        for (size_t i = 0; frame != NULL && status == REEL_OK && i < frame->function_count; i++, (*count)++)
            if (*count < capacity)
                frames[*count] = frame->functions[i];
    }
    return status;
}

int reel_reader_stack_is_cut(struct reel_reader *reader, uint32_t stack, bool *is_cut, struct reel_error *error)
{
    int status = prepare(reader) ? REEL_OK : reader_fail_query(reader, error);
    for (uint32_t next, id; status == REEL_OK && stack != 0 && stack != REEL_STACK_CUT; stack = next)
        status = read_stack(reader, stack, &next, &id, error);
    *is_cut = status == REEL_OK && stack == REEL_STACK_CUT;
    return status;
}

// Parents come first, so that each stack has what its parent has.
static void take_stacks_with(struct sqlite3_stmt *rows, bool *stacks, size_t count)
{
    while (sqlite3_step(rows) == SQLITE_ROW)
    {
        uint64_t stack = (uint64_t)sqlite3_column_int64(rows, 0);
        uint64_t parent = (uint64_t)sqlite3_column_int64(rows, 1);
        if (stack < count)
            stacks[stack] = sqlite3_column_int(rows, 2) != 0 || (parent < stack && stacks[parent]);
    }
}

int reel_reader_stacks_with(struct reel_reader *reader, const char *part, bool *stacks, size_t count,
                            struct reel_error *error)
{
    static const char sql[] =
        "SELECT stack, parent, frame IN (SELECT frame FROM main.symbol WHERE instr(lower(function), lower(?)) > 0) "
        "FROM main.stack ORDER BY stack";
    struct sqlite3_stmt *rows = NULL;
    for (size_t i = 0; i < count; i++)
        stacks[i] = false;
    if (sqlite3_prepare_v2(reader->database, sql, -1, &rows, NULL) != SQLITE_OK)
        return reader_fail_query(reader, error);
    sqlite3_bind_text(rows, 1, part, -1, SQLITE_STATIC);
    take_stacks_with(rows, stacks, count);
    int result = sqlite3_reset(rows); // what ended the rows
    int status = result == SQLITE_OK ? REEL_OK : reader_fail_query(reader, error);
    sqlite3_finalize(rows);
    return status;
}

void reader_forget_names(struct reel_reader *reader)
{
    sqlite3_finalize(reader->select_stack);
    sqlite3_finalize(reader->select_frame);
    sqlite3_finalize(reader->select_symbols);
    for (size_t i = 0; i < reader->frame_count; i++)
        free(reader->frames[i].functions);
    for (size_t i = 0; i < reader->kept_count; i++)
        free(reader->kept[i]);
    free(reader->frames);
    free(reader->kept);
    reel_intern_fini(&reader->frame_ids);
}
