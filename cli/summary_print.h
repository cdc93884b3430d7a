// SPDX-License-Identifier: MIT
// A summary on stdout: a screen for people, a document for programs. Both return the exit status.
#ifndef HEAPREEL_CLI_SUMMARY_PRINT_H
#define HEAPREEL_CLI_SUMMARY_PRINT_H

#include <cjson/cJSON.h>

#include "reel/summary.h"

// reader: whose summary it is, for the names in stacks.
int summary_print_text(const struct reel_summary *summary, struct reel_reader *reader);
int summary_print_json(const struct reel_summary *summary, struct reel_reader *reader);

// Parts of them, about allocators of ours; nothing where there is nothing to say. REEL_OK or a negative reel_status.
void summary_print_heaps(const struct reel_summary *summary);
int summary_print_findings(const struct reel_summary *summary, struct reel_reader *reader, struct reel_error *error);
int summary_add_heaps(cJSON *document, const struct reel_summary *summary, struct reel_reader *reader,
                      struct reel_error *error);
// Parts of them, about stacks that were captured with two results.
int summary_print_differences(const struct reel_summary *summary, struct reel_reader *reader, struct reel_error *error);
int summary_add_differences(cJSON *document, const struct reel_summary *summary, struct reel_reader *reader,
                            struct reel_error *error);
// "  name           value  remark"
void summary_print_row(const char *name, const char *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
