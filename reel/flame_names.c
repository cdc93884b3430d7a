// SPDX-License-Identifier: MIT
// Frames to numbers of functions. A text is known by its hash of 128 bits alone: whoever makes two collide has merged
// two functions of his own reel.
#include "reel/flame_names.h"

#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "reel/error.h"

static int fail_memory(const struct flame_names *names, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", names->reader->name);
}

int flame_names_init(struct flame_names *names, struct reel_reader *reader, struct reel_error *error)
{
    *names = (struct flame_names){.reader = reader, .frame_count = 1};
    if (reel_intern_init(&names->frame_ids) != REEL_OK || reel_intern_init(&names->texts) != REEL_OK ||
        reel_intern_init(&names->functions) != REEL_OK)
        return fail_memory(names, error);
    return REEL_OK;
}

void flame_names_fini(struct flame_names *names)
{
    reel_intern_fini(&names->frame_ids);
    reel_intern_fini(&names->texts);
    reel_intern_fini(&names->functions);
    free(names->frames);
    free(names->numbers);
}

// 0: unknown. False: no memory.
static bool number_text(struct flame_names *names, const char *text, uint32_t *number)
{
    bool is_new;
    *number = 0;
    if (text == NULL)
        return true;
    XXH128_hash_t hash = XXH3_128bits(text, strlen(text));
    *number = reel_intern_id(&names->texts, hash.low64, hash.high64, &is_new);
    return *number != 0;
}

static bool number_function(struct flame_names *names, const struct reel_frame *function, uint32_t *number)
{
    bool is_new;
    uint32_t name;
    uint32_t module;
    if (!number_text(names, function->function, &name) || !number_text(names, function->module, &module))
        return false;
    uint32_t id = reel_intern_id(&names->functions, name, module, &is_new);
    *number = FLAME_FUNCTION_CUT + id;
    return id != 0;
}

static bool reserve(struct flame_names *names, size_t function_count)
{
    if (names->frame_count == names->frame_max || names->frame_max == 0)
    {
        size_t bigger = names->frame_max == 0 ? 256 : names->frame_max * 2;
        struct flame_frame *moved = reallocarray(names->frames, bigger, sizeof *moved);
        if (moved == NULL)
            return false;
        names->frames = moved;
        names->frame_max = bigger;
    }
    if (names->number_count + function_count > names->number_max)
    {
        size_t bigger = names->number_max * 2 + function_count + 256;
        uint32_t *moved = reallocarray(names->numbers, bigger, sizeof *moved);
        if (moved == NULL)
            return false;
        names->numbers = moved;
        names->number_max = bigger;
    }
    return true;
}

static int add_frame(struct flame_names *names, uint32_t id, struct reel_error *error)
{
    const struct reader_frame *found = NULL;
    int status = reader_find_frame(names->reader, id, &found, error);
    if (status != REEL_OK)
        return status;
    if (found->function_count > UINT32_MAX || !reserve(names, found->function_count))
        return fail_memory(names, error);
    struct flame_frame *frame = &names->frames[names->frame_count];
    *frame = (struct flame_frame){.functions = found->functions,
                                  .count = (uint32_t)found->function_count,
                                  .id = id,
                                  .first_number = names->number_count};
    for (size_t i = 0; i < frame->count; i++)
        if (!number_function(names, &frame->functions[i], &names->numbers[frame->first_number + i]))
            return fail_memory(names, error);
    names->number_count += frame->count;
    names->frame_count++;
    return REEL_OK;
}

// What fails here ends the making of the tree: an id without a frame is never asked for again.
int flame_names_find(struct flame_names *names, uint32_t frame, uint32_t *index, struct reel_error *error)
{
    bool is_new;
    *index = reel_intern_id(&names->frame_ids, frame, 0, &is_new);
    if (*index == 0)
        return fail_memory(names, error);
    return is_new ? add_frame(names, frame, error) : REEL_OK;
}
