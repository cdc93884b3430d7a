// SPDX-License-Identifier: MIT
// Prints what the lab measured. Computes nothing.
#include "cli/bench_print.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/json.h"
#include "text/format.h"

#define ALLOCATOR_COLUMNS 40
#define CELL_BYTES 32

// "12.3", or "-" where nothing was measured.
static const char *format_figure(char cell[CELL_BYTES], double figure, int digits)
{
    if (figure <= 0)
        return "-";
    snprintf(cell, CELL_BYTES, "%.*f", digits, figure);
    return cell;
}

static void print_row(const char *allocator, const struct lab_bench_row *row, bool is_parallel)
{
    char cells[5][CELL_BYTES];
    char bytes[FORMAT_BYTES];
    printf("  %-*s", ALLOCATOR_COLUMNS, allocator);
    if (row->runs == 0)
    {
        printf("  %s%s\n", row->is_failed ? "FAILED: " : "", row->why);
        return;
    }
    printf(" %10s %7s", format_figure(cells[0], row->ns, 1), format_figure(cells[1], row->time_ratio, 2));
    printf(" %10s %7s", row->resident_bytes > 0 ? format_bytes(bytes, (uint64_t)row->resident_bytes) : "-",
           format_figure(cells[2], row->resident_ratio, 2));
    if (is_parallel)
        printf(" %10s %7s", format_figure(cells[3], row->alone_ns, 1), format_figure(cells[4], row->scaling, 2));
    printf("%s%s\n", row->is_failed ? "  FAILED: " : "", row->is_failed ? row->why : "");
}

void bench_print_text(const struct lab_bench *bench, const struct lab_bench_workload *workload,
                      const struct lab_bench_row *rows)
{
    bool is_parallel = rows[0].scaling > 0;
    char name[sizeof bench->allocators[0].name + sizeof "x "];
    snprintf(name, sizeof name, "x %s", bench->allocators[0].name);
    printf("%s: %s\n", workload->name, workload->purpose);
    printf("  %-*s %10s %7s %10s %7s", ALLOCATOR_COLUMNS, "ALLOCATOR", "NS/OP", name, "RESIDENT", name);
    printf("%s\n", is_parallel ? "  ALONE NS SCALING" : "");
    for (size_t i = 0; i < bench->allocator_count; i++)
        print_row(bench->allocators[i].name, &rows[i], is_parallel);
    printf("\n");
    fflush(stdout);
}

cJSON *bench_json_begin(const struct lab_bench *bench)
{
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "compared_with", bench->allocators[0].name);
    json_add_count(document, "runs", bench->runs);
    json_add_count(document, "divisor", bench->divisor);
    cJSON_AddItemToObject(document, "workloads", cJSON_CreateArray());
    return document;
}

// null where nothing was measured.
static void add_figure(cJSON *object, const char *name, double figure)
{
    char text[CELL_BYTES];
    snprintf(text, sizeof text, "%.4f", figure);
    cJSON_AddRawToObject(object, name, figure > 0 ? text : "null");
}

static cJSON *json_row(const char *allocator, const struct lab_bench_row *row)
{
    cJSON *item = cJSON_CreateObject();
    json_add_text(item, "allocator", allocator);
    json_add_count(item, "runs", row->runs);
    add_figure(item, "ns_per_operation", row->ns);
    add_figure(item, "time_ratio", row->time_ratio);
    add_figure(item, "alone_ns_per_operation", row->alone_ns);
    add_figure(item, "scaling", row->scaling);
    json_add_count(item, "resident_bytes", (uint64_t)row->resident_bytes);
    add_figure(item, "resident_ratio", row->resident_ratio);
    json_add_count(item, "live_bytes", (uint64_t)row->live_bytes);
    cJSON_AddBoolToObject(item, "is_failed", row->is_failed);
    json_add_text(item, "why", row->why[0] != '\0' ? row->why : NULL);
    return item;
}

void bench_json_add(cJSON *document, const struct lab_bench *bench, const struct lab_bench_workload *workload,
                    const struct lab_bench_row *rows)
{
    cJSON *item = cJSON_CreateObject();
    cJSON *list = cJSON_CreateArray();
    json_add_text(item, "workload", workload->name);
    json_add_text(item, "purpose", workload->purpose);
    cJSON_AddItemToObject(item, "results", list);
    for (size_t i = 0; i < bench->allocator_count; i++)
        cJSON_AddItemToArray(list, json_row(bench->allocators[i].name, &rows[i]));
    cJSON_AddItemToArray(cJSON_GetObjectItem(document, "workloads"), item);
}

int bench_json_end(cJSON *document, bool is_complete)
{
    cJSON_AddBoolToObject(document, "is_complete", is_complete);
    return json_print(document);
}
