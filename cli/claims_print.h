// SPDX-License-Identifier: MIT
// How the answer of heapreel claims looks: tables for people, one JSON document, or one table for a document.
#ifndef HEAPREEL_CLI_CLAIMS_PRINT_H
#define HEAPREEL_CLI_CLAIMS_PRINT_H

#include <cjson/cJSON.h>

#include "lab/claims.h"

enum
{
    CLAIMS_ALLOCATORS_MAX = 16,
};

struct claims_answer
{
    struct lab_allocator allocators[CLAIMS_ALLOCATORS_MAX];
    size_t allocator_count;
    struct lab_result results[CLAIMS_ALLOCATORS_MAX][LAB_MEASURES_MAX]; // of one claim
    size_t verdict_counts[LAB_VERDICT_COUNT];                           // of all claims so far
};

// Each prints the results of one claim, and what follows them all.
void claims_print_text(const struct claims_answer *answer, const struct lab_claim *claim);
void claims_print_text_end(const struct claims_answer *answer);
void claims_print_markdown_begin(const struct claims_answer *answer);
void claims_print_markdown(const struct claims_answer *answer, const struct lab_claim *claim);

cJSON *claims_json_begin(bool is_quick);
void claims_json_add(cJSON *document, const struct claims_answer *answer, const struct lab_claim *claim);
// Prints and deletes it; the exit status.
int claims_json_end(cJSON *document, const struct claims_answer *answer, bool is_complete);

// What is claimed, without running anything.
void claims_print_list(void);

#endif
