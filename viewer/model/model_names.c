// SPDX-License-Identifier: MIT
// What stacks are called, and which have a function with a text in its name. Kept by stack: pages ask for the same few
// with each drawing, and a filter for all.
#include "viewer/model/model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_names_drop(struct model_names *names)
{
    for (size_t i = 0; i < names->name_count; i++)
        free(names->names[i]);
    free(names->names);
    for (size_t i = 0; i < MODEL_SEARCHES; i++)
        free(names->searches[i].stacks);
    *names = (struct model_names){0};
}

static bool is_nameless(const char *function)
{
    return function == NULL || strncmp(function, "0x", 2) == 0;
}

void model_names_refresh(struct model_names *names)
{
    for (size_t i = 0; i < names->name_count; i++)
    {
        if (names->names[i] == NULL || !is_nameless(names->names[i]))
            continue;
        free(names->names[i]);
        names->names[i] = NULL;
    }
    for (size_t i = 0; i < MODEL_SEARCHES; i++)
        for (size_t j = 0; j < names->searches[i].stack_count; j++)
            if (names->searches[i].stacks[j] == MODEL_FOUND_NOT_YET)
                names->searches[i].stacks[j] = MODEL_FOUND_UNKNOWN;
}

static size_t stack_count_of(const struct model *model)
{
    size_t count = 0;
    reel_replay_stacks(model->replay, &count);
    return count;
}

// An array with a place for the stack, zero at first: a few times as long as it must be, at most count. False: there is
// no such stack, or no memory.
static bool reserve(void **array, size_t *kept, uint32_t stack, size_t count, size_t size)
{
    size_t wanted = (size_t)stack + 1 > 2 * *kept ? (size_t)stack + 1 : 2 * *kept;
    if (stack >= count || stack < *kept)
        return stack < count;
    wanted = wanted < count ? wanted : count;
    void *moved = reallocarray(*array, wanted, size);
    if (moved == NULL)
        return false;
    memset((char *)moved + *kept * size, 0, (wanted - *kept) * size);
    *array = moved;
    *kept = wanted;
    return true;
}

static void read_name(struct model *model, uint32_t stack, char text[STACK_TEXT_BYTES])
{
    struct reel_error error = {0};
    if (text_stack_name(text, STACK_TEXT_BYTES, model->reader, stack, &error) != REEL_OK)
        snprintf(text, STACK_TEXT_BYTES, "(stack %u: %s)", stack, reel_status_text(error.status));
}

const char *model_stack_name(struct model *model, uint32_t stack)
{
    struct model_names *names = &model->names;
    void *array = names->names;
    if (stack < names->name_count && names->names[stack] != NULL)
        return names->names[stack];
    read_name(model, stack, names->unkept);
    if (!reserve(&array, &names->name_count, stack, stack_count_of(model), sizeof *names->names))
        return names->unkept;
    names->names = array;
    names->names[stack] = strdup(names->unkept);
    return names->names[stack] != NULL ? names->names[stack] : names->unkept;
}

static enum model_found look(struct model *model, uint32_t stack, const char *part)
{
    struct text_stack *read = NULL;
    struct reel_error error = {0};
    enum model_found found = MODEL_FOUND_NOT;
    char text[STACK_TEXT_BYTES];
    if (text_stack_read(&read, model->reader, stack, &error) != REEL_OK)
        return MODEL_FOUND_NOT;
    for (size_t i = 0; i < read->count && found != MODEL_FOUND; i++)
    {
        text_function(text, &read->frames[i]);
        if (strcasestr(text, part) != NULL)
            found = MODEL_FOUND;
        else if (is_nameless(read->frames[i].function))
            found = MODEL_FOUND_NOT_YET;
    }
    if (read->count == 0 && strcasestr(text_nameless(stack), part) != NULL)
        found = MODEL_FOUND;
    free(read);
    return found;
}

// The one for the text; else the one that was not used for longer takes it.
static struct model_search *search_of(struct model_names *names, const char *part)
{
    struct model_search *search = &names->searches[0];
    for (size_t i = 0; i < MODEL_SEARCHES; i++)
    {
        struct model_search *other = &names->searches[i];
        if (strcmp(other->part, part) == 0)
            return other;
        if (other->used < search->used)
            search = other;
    }
    snprintf(search->part, sizeof search->part, "%s", part);
    if (search->stacks != NULL)
        memset(search->stacks, MODEL_FOUND_UNKNOWN, search->stack_count);
    return search;
}

bool model_stack_has(struct model *model, uint32_t stack, const char *part)
{
    if (part[0] == '\0')
        return true;
    if (strlen(part) >= STATE_SEARCH_BYTES)
        return look(model, stack, part) == MODEL_FOUND;
    struct model_search *search = search_of(&model->names, part);
    void *array = search->stacks;
    search->used = ++model->names.search_clock;
    if (!reserve(&array, &search->stack_count, stack, stack_count_of(model), sizeof *search->stacks))
        return look(model, stack, part) == MODEL_FOUND;
    search->stacks = array;
    if (search->stacks[stack] == MODEL_FOUND_UNKNOWN)
        search->stacks[stack] = (uint8_t)look(model, stack, part);
    return search->stacks[stack] == MODEL_FOUND;
}

bool model_block_passes(struct model *model, const struct filter *filter, const struct reel_live_block *block)
{
    return (!filter->has_class || filter->class_number == block->class_number) &&
           block->requested_bytes >= filter->least_bytes &&
           (filter->most_bytes == 0 || block->requested_bytes <= filter->most_bytes) &&
           model_stack_has(model, block->stack, filter->function);
}
