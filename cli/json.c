// SPDX-License-Identifier: MIT
// cJSON with exact integers. Knows no command.
#include "cli/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "text/format.h"

static void add_raw(cJSON *object, const char *name, const char *text)
{
    cJSON_AddRawToObject(object, name, text);
}

void json_add_integer(cJSON *object, const char *name, int64_t number)
{
    char text[FORMAT_BYTES];
    snprintf(text, sizeof text, "%" PRId64, number);
    add_raw(object, name, text);
}

void json_add_count(cJSON *object, const char *name, uint64_t number)
{
    char text[FORMAT_BYTES];
    snprintf(text, sizeof text, "%" PRIu64, number);
    add_raw(object, name, text);
}

void json_add_seconds(cJSON *object, const char *name, uint64_t ns)
{
    char text[FORMAT_BYTES];
    snprintf(text, sizeof text, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
    add_raw(object, name, text);
}

void json_add_text(cJSON *object, const char *name, const char *text)
{
    if (text == NULL)
    {
        cJSON_AddNullToObject(object, name);
        return;
    }
    size_t size = strlen(text) + 1;
    char *clean = malloc(size);
    cJSON_AddStringToObject(object, name, clean != NULL ? format_utf8(clean, size, text) : "");
    free(clean);
}

int json_print(cJSON *document)
{
    char *text = cJSON_Print(document);
    cJSON_Delete(document);
    if (text == NULL)
        return cli_complain(CLI_CANNOT, "out of memory");
    puts(text);
    cJSON_free(text);
    return cli_flush_answer(CLI_OK);
}
