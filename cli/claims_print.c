// SPDX-License-Identifier: MIT
// Prints claims, what was expected and what the lab measured. Computes and judges nothing.
#include "cli/claims_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/json.h"
#include "text/format.h"

#define RANGE_BYTES (2 * FORMAT_BYTES + 16)
#define PROCESSOR_BYTES 128

static const char *format_value(char buffer[FORMAT_BYTES], double value, enum lab_unit unit)
{
    if (isinf(value))
        snprintf(buffer, FORMAT_BYTES, "never");
    else if (unit == LAB_UNIT_BYTES)
        format_bytes(buffer, (uint64_t)value);
    else if (unit == LAB_UNIT_COUNT && value >= 0)
        format_count(buffer, (uint64_t)value);
    else
        snprintf(buffer, FORMAT_BYTES, unit == LAB_UNIT_PERCENT ? "%.3g %%" : "%.5g", value);
    return buffer;
}

static const char *format_range(char buffer[RANGE_BYTES], const struct lab_expectation *expected, enum lab_unit unit)
{
    char min[FORMAT_BYTES];
    char max[FORMAT_BYTES];
    format_value(min, expected->min, unit);
    format_value(max, expected->max, unit);
    bool is_expected = expected->expects == LAB_EXPECTS_TO_HOLD || expected->expects == LAB_EXPECTS_TO_FAIL;
    if (!is_expected)
        snprintf(buffer, RANGE_BYTES, "-");
    else if (strcmp(min, max) == 0)
        snprintf(buffer, RANGE_BYTES, "%s", min);
    else if (isinf(expected->max))
        snprintf(buffer, RANGE_BYTES, "at least %s", min);
    else if (expected->min <= 0)
        snprintf(buffer, RANGE_BYTES, "at most %s", max);
    else
        snprintf(buffer, RANGE_BYTES, "%s to %s", min, max);
    return buffer;
}

static const char *format_measured(char buffer[FORMAT_BYTES], const struct lab_result *result, enum lab_unit unit)
{
    return result->is_measured ? format_value(buffer, result->measured, unit) : "-";
}

// Of the widest name.
static int name_columns(const struct claims_answer *answer)
{
    size_t columns = strlen("ALLOCATOR");
    for (size_t i = 0; i < answer->allocator_count; i++)
        if (strlen(answer->allocators[i].name) > columns)
            columns = strlen(answer->allocators[i].name);
    return (int)columns;
}

static void print_result(const struct lab_result *result, const char *allocator, int columns, enum lab_unit unit)
{
    char expected[RANGE_BYTES];
    char measured[FORMAT_BYTES];
    char why[sizeof result->why];
    printf("    %-*s  %-20s %12s  %s", columns, allocator, format_range(expected, &result->expected, unit),
           format_measured(measured, result, unit), lab_verdict_text(result->verdict));
    printf("%s%s\n", result->why[0] != '\0' ? ": " : "", format_text(why, sizeof why, result->why));
}

void claims_print_text(const struct claims_answer *answer, const struct lab_claim *claim)
{
    int columns = name_columns(answer);
    printf("%s: %s\n", claim->id, claim->title);
    for (size_t i = 0; claim->measures[i].figure != NULL; i++)
    {
        printf("  %s: %s\n", claim->measures[i].figure, claim->measures[i].quantity);
        printf("    %-*s  %-20s %12s  %s\n", columns, "ALLOCATOR", "EXPECTED", "MEASURED", "VERDICT");
        for (size_t j = 0; j < answer->allocator_count; j++)
            print_result(&answer->results[j][i], answer->allocators[j].name, columns, claim->measures[i].unit);
    }
    printf("\n");
    fflush(stdout);
}

void claims_print_text_end(const struct claims_answer *answer)
{
    const char *between = "";
    for (enum lab_verdict verdict = 0; verdict < LAB_VERDICT_COUNT; verdict++)
        if (answer->verdict_counts[verdict] != 0 || verdict == LAB_VIOLATED)
        {
            printf("%s%zu %s", between, answer->verdict_counts[verdict], lab_verdict_text(verdict));
            between = ", ";
        }
    printf("\n");
}

static const char *read_processor(char text[PROCESSOR_BYTES])
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");
    snprintf(text, PROCESSOR_BYTES, "unknown processor");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "model name : %127[^\n]", text) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return text;
}

static const char *read_kernel(struct utsname *about)
{
    return uname(about) == 0 ? about->release : "unknown";
}

void claims_print_markdown_begin(const struct claims_answer *answer)
{
    char processor[PROCESSOR_BYTES];
    struct utsname about;
    printf("Version %s, %s, %ld processors, Linux %s.\n\n| claim | measure |", HEAPREEL_VERSION,
           read_processor(processor), sysconf(_SC_NPROCESSORS_ONLN), read_kernel(&about));
    for (size_t i = 0; i < answer->allocator_count; i++)
        printf(" %s |", answer->allocators[i].name);
    printf("\n|---|---|");
    for (size_t i = 0; i < answer->allocator_count; i++)
        printf("---|");
    printf("\n");
}

// "measured", and what it was to be where something was expected.
static void print_cell(const struct lab_result *result, enum lab_unit unit)
{
    static const char *const signs[LAB_VERDICT_COUNT] = {
        [LAB_HOLDS] = " holds", [LAB_FAILS_AS_DESIGNED] = " fails", [LAB_VIOLATED] = " **VIOLATED**"};
    char expected[RANGE_BYTES];
    char measured[FORMAT_BYTES];
    const char *sign = signs[result->verdict];
    printf(" %s%s", result->why[0] != '\0' ? result->why : format_measured(measured, result, unit),
           sign != NULL ? sign : "");
    if (sign != NULL)
        printf(" (%s)", format_range(expected, &result->expected, unit));
    printf(" |");
}

void claims_print_markdown(const struct claims_answer *answer, const struct lab_claim *claim)
{
    for (size_t i = 0; claim->measures[i].figure != NULL; i++)
    {
        printf("| %s | `%s` |", i == 0 ? claim->id : "", claim->measures[i].figure);
        for (size_t j = 0; j < answer->allocator_count; j++)
            print_cell(&answer->results[j][i], claim->measures[i].unit);
        printf("\n");
    }
    fflush(stdout);
}

cJSON *claims_json_begin(bool is_quick)
{
    char processor[PROCESSOR_BYTES];
    struct utsname about;
    cJSON *document = cJSON_CreateObject();
    json_add_text(document, "version", HEAPREEL_VERSION);
    json_add_text(document, "processor", read_processor(processor));
    json_add_integer(document, "processors", sysconf(_SC_NPROCESSORS_ONLN));
    json_add_text(document, "kernel", read_kernel(&about));
    cJSON_AddBoolToObject(document, "is_quick", is_quick);
    cJSON_AddArrayToObject(document, "results");
    return document;
}

// Null: there is no number; "infinite" has none in JSON.
static void add_number(cJSON *object, const char *name, bool is_there, double number)
{
    if (is_there && isfinite(number))
        cJSON_AddNumberToObject(object, name, number);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_result(cJSON *list, const char *allocator, const struct lab_claim *claim,
                       const struct lab_measure *measure, const struct lab_result *result)
{
    static const char *const units[] = {[LAB_UNIT_COUNT] = "count",
                                        [LAB_UNIT_RATIO] = "ratio",
                                        [LAB_UNIT_PERCENT] = "percent",
                                        [LAB_UNIT_BYTES] = "bytes"};
    enum lab_expects expects = result->expected.expects;
    bool has_range = expects == LAB_EXPECTS_TO_HOLD || expects == LAB_EXPECTS_TO_FAIL;
    cJSON *item = cJSON_CreateObject();
    json_add_text(item, "claim", claim->id);
    json_add_text(item, "title", claim->title);
    json_add_text(item, "figure", measure->figure);
    json_add_text(item, "quantity", measure->quantity);
    json_add_text(item, "unit", units[measure->unit]);
    json_add_text(item, "allocator", allocator);
    add_number(item, "expected_min", has_range, result->expected.min);
    add_number(item, "expected_max", has_range, result->expected.max);
    add_number(item, "measured", result->is_measured, result->measured);
    cJSON_AddBoolToObject(item, "is_never", result->is_measured && isinf(result->measured));
    json_add_text(item, "verdict", lab_verdict_text(result->verdict));
    json_add_text(item, "why", result->why);
    cJSON_AddItemToArray(list, item);
}

void claims_json_add(cJSON *document, const struct claims_answer *answer, const struct lab_claim *claim)
{
    cJSON *list = cJSON_GetObjectItem(document, "results");
    for (size_t i = 0; claim->measures[i].figure != NULL; i++)
        for (size_t j = 0; j < answer->allocator_count; j++)
            add_result(list, answer->allocators[j].name, claim, &claim->measures[i], &answer->results[j][i]);
}

int claims_json_end(cJSON *document, const struct claims_answer *answer, bool is_complete)
{
    json_add_count(document, "violated", answer->verdict_counts[LAB_VIOLATED]);
    cJSON_AddBoolToObject(document, "is_complete", is_complete);
    return json_print(document);
}

void claims_print_list(void)
{
    for (const struct lab_claim *claim = lab_claims; claim->id != NULL; claim++)
    {
        printf("%-11s %s\n", claim->id, claim->title);
        for (const struct lab_measure *measure = claim->measures; measure->figure != NULL; measure++)
            printf("            %s %s: %s\n", claim->sample, measure->figure, measure->quantity);
    }
}
