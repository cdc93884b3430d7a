// SPDX-License-Identifier: MIT
// JSON answers: exact integers, clean text, one document on stdout.
#ifndef HEAPREEL_CLI_JSON_H
#define HEAPREEL_CLI_JSON_H

#include <cjson/cJSON.h>
#include <stdint.h>

// cJSON's own numbers are doubles, which lose digits above 2^53.
void json_add_integer(cJSON *object, const char *name, int64_t number);
void json_add_count(cJSON *object, const char *name, uint64_t number);
void json_add_seconds(cJSON *object, const char *name, uint64_t ns);   // with all digits
void json_add_text(cJSON *object, const char *name, const char *text); // NULL: null; what is no UTF-8 becomes "?"

// Prints and deletes the document; the exit status.
int json_print(cJSON *document);

#endif
