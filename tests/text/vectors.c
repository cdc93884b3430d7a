// SPDX-License-Identifier: MIT
// Reads examples, and stops at the first thing that is not as it should be.
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH_BYTES 512

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s: cannot be opened", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = size >= 0 ? calloc((size_t)size + 1, 1) : NULL;
    if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size)
        fail_msg("%s: cannot be read", path);
    fclose(file);
    return text;
}

cJSON *vectors_open(const char *subject)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s.json", HEAPREEL_VECTORS, subject);
    char *text = read_file(path);
    cJSON *vectors = cJSON_Parse(text);
    if (vectors == NULL)
        fail_msg("%s: no JSON", path);
    free(text);
    return vectors;
}

const cJSON *vectors_part(const cJSON *row, const char *name)
{
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(row, name);
    if (part == NULL)
        fail_msg("%s: missing in %s", name, cJSON_PrintUnformatted(row));
    return part;
}

const cJSON *vectors_rows(const cJSON *vectors, const char *name)
{
    const cJSON *rows = vectors_part(vectors, name);
    if (cJSON_GetArraySize(rows) == 0)
        fail_msg("%s: no rows", name);
    return rows;
}

const cJSON *vector_find(const cJSON *row, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(row, name);
    return cJSON_IsNull(found) ? NULL : found;
}

const char *vector_text_or_null(const cJSON *row, const char *name)
{
    return cJSON_GetStringValue(vector_find(row, name));
}

const char *vector_text(const cJSON *row, const char *name)
{
    const char *text = cJSON_GetStringValue(vectors_part(row, name));
    if (text == NULL)
        fail_msg("%s: no text in %s", name, cJSON_PrintUnformatted(row));
    return text;
}

bool vector_is_set(const cJSON *row, const char *name)
{
    const cJSON *found = vector_find(row, name);
    return cJSON_IsTrue(found) || (cJSON_IsNumber(found) && found->valuedouble != 0);
}

uint64_t vector_number(const cJSON *row, const char *name)
{
    const cJSON *found = vector_find(row, name);
    const char *text = cJSON_GetStringValue(found);
    if (text != NULL)
        return strtoull(text, NULL, 10);
    return cJSON_IsNumber(found) ? (uint64_t)found->valuedouble : 0;
}

int64_t vector_signed(const cJSON *row, const char *name)
{
    const cJSON *found = vector_find(row, name);
    const char *text = cJSON_GetStringValue(found);
    if (text != NULL)
        return strtoll(text, NULL, 10);
    return cJSON_IsNumber(found) ? (int64_t)found->valuedouble : 0;
}
