// SPDX-License-Identifier: MIT
// Batches of frames and their names. Without memory a name is left out: the recording is worth more.
#include "tracer/names.h"

#include "tracer/functions.h"
#include "tracer/symbolise.h"

#include <stdlib.h>
#include <string.h>

// Room for more elements behind count; false: no memory.
static bool reserve(void **elements, size_t *max, size_t count, size_t more, size_t element_bytes)
{
    size_t bigger = *max == 0 ? 256 : *max;
    if (count + more <= *max)
        return true;
    while (bigger < count + more)
        bigger *= 2;
    void *moved = reallocarray(*elements, bigger, element_bytes);
    if (moved == NULL)
        return false;
    *elements = moved;
    *max = bigger;
    return true;
}

uint32_t names_take(struct names_batch *batch, const struct reel_writer *writer, uint32_t first)
{
    uint32_t end = reel_writer_frame_count(writer) + 1;
    if (end - first > NAMES_BATCH_FRAMES)
        end = first + NAMES_BATCH_FRAMES;
    void *frames = batch->frames;
    if (!reserve(&frames, &batch->frame_max, 0, end - first, sizeof *batch->frames))
        return end;
    batch->frames = frames;
    for (uint32_t frame = first; frame < end; frame++)
    {
        struct names_frame *taken = &batch->frames[batch->frame_count];
        *taken = (struct names_frame){.frame = frame};
        reel_writer_frame_place(writer, frame, &taken->place);
        batch->frame_count += taken->place.module != 0;
    }
    return end;
}

// Neighbours share a unit of debug information.
static int compare_places(const void *left, const void *right)
{
    const struct reel_frame_place *a = &((const struct names_frame *)left)->place;
    const struct reel_frame_place *b = &((const struct names_frame *)right)->place;
    if (a->module != b->module)
        return a->module < b->module ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct names_frame *a = left;
    const struct names_frame *b = right;
    return (a->frame > b->frame) - (a->frame < b->frame);
}

static struct symbolise_module *find_module(struct names_modules *modules, const struct reel_frame_place *place)
{
    size_t oldest = 0;
    size_t at = 0;
    while (at < NAMES_MODULES_OPEN && modules->open[at].row != place->module)
    {
        if (modules->open[at].last_use < modules->open[oldest].last_use)
            oldest = at;
        at++;
    }
    if (at == NAMES_MODULES_OPEN)
    {
        at = oldest;
        symbolise_close(modules->open[at].module);
        modules->open[at].module = symbolise_open(place->path, place->build_id, place->build_id_bytes);
        modules->open[at].row = place->module;
    }
    modules->open[at].last_use = ++modules->uses;
    return modules->open[at].module;
}

static size_t keep_text(struct names_batch *batch, const char *text)
{
    void *texts = batch->text;
    size_t bytes = text != NULL ? strlen(text) + 1 : 0;
    if (text == NULL || !reserve(&texts, &batch->text_max, batch->text_bytes, bytes, 1))
        return NAMES_NO_TEXT;
    batch->text = texts;
    size_t at = batch->text_bytes;
    memcpy(&batch->text[at], text, bytes);
    batch->text_bytes += bytes;
    return at;
}

static void keep_symbols(struct names_batch *batch, struct names_frame *frame, const struct reel_symbol *symbols,
                         size_t count)
{
    void *kept = batch->symbols;
    if (!reserve(&kept, &batch->symbol_max, batch->symbol_count, count, sizeof *batch->symbols))
        return;
    batch->symbols = kept;
    frame->first_symbol = (uint32_t)batch->symbol_count;
    frame->symbol_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        batch->symbols[batch->symbol_count++] = (struct names_symbol){.function = keep_text(batch, symbols[i].function),
                                                                      .file = keep_text(batch, symbols[i].file),
                                                                      .line = symbols[i].line,
                                                                      .is_inlined = symbols[i].is_inlined};
}

bool names_look_up(struct names_batch *batch, struct names_modules *modules)
{
    struct reel_symbol symbols[FUNCTIONS_INLINE_DEPTH_MAX];
    if (!batch->is_sorted && batch->frame_count > 0)
        qsort(batch->frames, batch->frame_count, sizeof *batch->frames, compare_places);
    batch->is_sorted = true;
    if (batch->done == batch->frame_count)
        return false;
    struct names_frame *frame = &batch->frames[batch->done++];
    struct symbolise_module *module = find_module(modules, &frame->place);
    if (module != NULL)
        keep_symbols(batch, frame, symbols,
                     symbolise_address(module, frame->place.offset, symbols, sizeof symbols / sizeof *symbols));
    return true;
}

static const char *text_at(const struct names_batch *batch, size_t at)
{
    return at == NAMES_NO_TEXT ? NULL : &batch->text[at];
}

static int write_frame(const struct names_batch *batch, const struct names_frame *frame, struct reel_writer *writer,
                       struct reel_error *error)
{
    struct reel_symbol symbols[FUNCTIONS_INLINE_DEPTH_MAX];
    for (size_t i = 0; i < frame->symbol_count; i++)
    {
        const struct names_symbol *symbol = &batch->symbols[frame->first_symbol + i];
        symbols[i] = (struct reel_symbol){.function = text_at(batch, symbol->function),
                                          .file = text_at(batch, symbol->file),
                                          .line = symbol->line,
                                          .is_inlined = symbol->is_inlined};
    }
    return reel_writer_set_symbols(writer, frame->frame, symbols, frame->symbol_count, error);
}

int names_write(struct names_batch *batch, struct reel_writer *writer, struct reel_error *error)
{
    int status = REEL_OK;
    if (batch->frame_count > 0)
        qsort(batch->frames, batch->frame_count, sizeof *batch->frames, compare_numbers);
    for (size_t i = 0; i < batch->frame_count && status == REEL_OK; i++)
        if (batch->frames[i].symbol_count > 0)
            status = write_frame(batch, &batch->frames[i], writer, error);
    batch->frame_count = batch->symbol_count = batch->text_bytes = batch->done = 0;
    batch->is_sorted = false;
    return status;
}

void names_batch_clean_up(struct names_batch *batch)
{
    free(batch->frames);
    free(batch->symbols);
    free(batch->text);
    *batch = (struct names_batch){0};
}

void names_modules_close(struct names_modules *modules)
{
    for (size_t i = 0; i < NAMES_MODULES_OPEN; i++)
        symbolise_close(modules->open[i].module);
    *modules = (struct names_modules){0};
}
