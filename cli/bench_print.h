// SPDX-License-Identifier: MIT
// How the answer of heapreel bench looks: a table for each workload, or one JSON document.
#ifndef HEAPREEL_CLI_BENCH_PRINT_H
#define HEAPREEL_CLI_BENCH_PRINT_H

#include <cjson/cJSON.h>

#include "lab/bench.h"

void bench_print_text(const struct lab_bench *bench, const struct lab_bench_workload *workload,
                      const struct lab_bench_row *rows);

cJSON *bench_json_begin(const struct lab_bench *bench);
void bench_json_add(cJSON *document, const struct lab_bench *bench, const struct lab_bench_workload *workload,
                    const struct lab_bench_row *rows);
// Prints and deletes it; the exit status.
int bench_json_end(cJSON *document, bool is_complete);

#endif
