// SPDX-License-Identifier: MIT
// What makes numbers readable: modules, frames, stacks, and the symbols of frames.
#include "reel/writer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

static bool is_same_file(const struct writer_module *module, const struct reel_module_info *info)
{
    return module->build_id_bytes == info->build_id_bytes && strcmp(module->path, info->path) == 0 &&
           (info->build_id_bytes == 0 || memcmp(module->build_id, info->build_id, info->build_id_bytes) == 0);
}

static int insert_module(struct reel_writer *writer, const struct reel_module_info *info, struct reel_error *error)
{
    struct writer_module module = {.path = strdup(info->path),
                                   .build_id = malloc(info->build_id_bytes + 1),
                                   .build_id_bytes = info->build_id_bytes};
    if (module.path == NULL || module.build_id == NULL || !WRITER_RESERVE(writer, module, modules))
    {
        free(module.path);
        free(module.build_id);
        return writer_fail_memory(writer, error);
    }
    if (info->build_id_bytes != 0)
        memcpy(module.build_id, info->build_id, info->build_id_bytes);
    writer->modules[writer->module_count++] = module;
    return writer_run(writer, error, WRITER_INSERT_MODULE, "itb", (int64_t)writer->module_count, module.path,
                      (const void *)(info->build_id_bytes != 0 ? module.build_id : NULL), info->build_id_bytes);
}

int reel_writer_add_module(struct reel_writer *writer, const struct reel_module_info *info, uint32_t *module,
                           struct reel_error *error)
{
    int status = writer_check(writer, error);
    if (status == REEL_OK && (writer_process(writer, info->process, error) == NULL || info->path == NULL))
        return REEL_E_ARGUMENT;
    size_t index = 0;
    while (index < writer->module_count && !is_same_file(&writer->modules[index], info))
        index++;
    if (status == REEL_OK && index == writer->module_count)
        status = insert_module(writer, info, error);
    if (status != REEL_OK)
        return status;
    *module = (uint32_t)index + 1;
    writer_saw_time(writer, info->t_ns);
    return writer_run(writer, error, WRITER_INSERT_MAPPING, "iiiiii", (int64_t)info->process, (int64_t)*module,
                      (int64_t)info->t_ns, (int64_t)info->bias, (int64_t)info->begin, (int64_t)info->end);
}

int reel_writer_intern_frame(struct reel_writer *writer, uint32_t module, uint64_t offset, uint32_t *frame,
                             struct reel_error *error)
{
    bool is_new;
    int status = writer_check(writer, error);
    if (status != REEL_OK)
        return status;
    if (module > writer->module_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: there is no module %u", writer->path, module);
    *frame = reel_intern_id(&writer->frames, module, offset, &is_new);
    if (*frame == 0)
        return writer_fail_memory(writer, error);
    return is_new ? writer_run(writer, error, WRITER_INSERT_FRAME, "iii", (int64_t)*frame, (int64_t)module,
                               (int64_t)offset)
                  : REEL_OK;
}

int reel_writer_intern_stack(struct reel_writer *writer, uint32_t parent, uint32_t frame, uint32_t *stack,
                             struct reel_error *error)
{
    bool is_new;
    int status = writer_check(writer, error);
    if (status != REEL_OK)
        return status;
    if ((parent > writer->stacks.pair_count && parent != REEL_STACK_CUT) || frame == 0 ||
        frame > writer->frames.pair_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: there is no stack %u or frame %u", writer->path, parent,
                              frame);
    *stack = reel_intern_id(&writer->stacks, parent, frame, &is_new);
    if (*stack == 0)
        return writer_fail_memory(writer, error);
    return is_new ? writer_run(writer, error, WRITER_INSERT_STACK, "iii", (int64_t)*stack,
                               parent == REEL_STACK_CUT ? (int64_t)-1 : (int64_t)parent, (int64_t)frame)
                  : REEL_OK;
}

uint32_t reel_writer_frame_count(const struct reel_writer *writer)
{
    return writer->frames.pair_count;
}

void reel_writer_frame_place(const struct reel_writer *writer, uint32_t frame, struct reel_frame_place *place)
{
    const struct reel_intern_pair *pair = &writer->frames.pairs[frame];
    *place = (struct reel_frame_place){.module = (uint32_t)pair->first, .offset = pair->second};
    if (place->module == 0)
        return;
    const struct writer_module *module = &writer->modules[place->module - 1];
    place->path = module->path;
    place->build_id = module->build_id;
    place->build_id_bytes = module->build_id_bytes;
}

int reel_writer_set_symbols(struct reel_writer *writer, uint32_t frame, const struct reel_symbol *symbols, size_t count,
                            struct reel_error *error)
{
    int status = writer_check(writer, error);
    if (status == REEL_OK && (frame <= writer->named_frame || frame > writer->frames.pair_count))
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: there is no frame %u that can be named now", writer->path,
                              frame);
    for (size_t i = 0; i < count && status == REEL_OK; i++)
        status =
            writer_run(writer, error, WRITER_INSERT_SYMBOL, "iittii", (int64_t)frame, (int64_t)i, symbols[i].function,
                       symbols[i].file, (int64_t)symbols[i].line, (int64_t)symbols[i].is_inlined);
    if (status == REEL_OK)
        writer->named_frame = frame;
    return status;
}
