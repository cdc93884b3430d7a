// SPDX-License-Identifier: MIT
// heapreel claims: words, answers and exit statuses. What it finds about our allocators is asked elsewhere.
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lab/claims.h"

static void words_that_make_no_sense_are_usage_errors(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "claims", "--claim", "S5,S99");
    fixture_assert_refused(&run, 2, "S99 is no claim");
    FIXTURE_HEAPREEL(&run, "claims", "--claim", "S");
    fixture_assert_refused(&run, 2, "S is no claim");
    FIXTURE_HEAPREEL(&run, "claims", "--allocator", "glibc,zone");
    fixture_assert_refused(&run, 2, "zone is no allocator");
    FIXTURE_HEAPREEL(&run, "claims", "S5");
    fixture_assert_refused(&run, 2, "one word too many");
}

static void the_list_has_every_claim(void **state)
{
    (void)state;
    struct fixture_run run;
    char line[256];
    FIXTURE_HEAPREEL(&run, "claims", "--list");
    assert_int_equal(run.status, 0);
    for (const struct lab_claim *claim = lab_claims; claim->id != NULL; claim++)
    {
        snprintf(line, sizeof line, "%-11s %s\n", claim->id, claim->title);
        assert_non_null(strstr(run.out, line));
    }
}

static void the_page_has_a_row_for_every_figure(void **state)
{
    (void)state;
    static char page[65536];
    char row[256];
    FILE *file = fopen(HEAPREEL_SOURCE "/docs/claims.md", "r");
    assert_non_null(file);
    assert_int_not_equal(fread(page, 1, sizeof page - 1, file), sizeof page - 1);
    fclose(file);
    for (const struct lab_claim *claim = lab_claims; claim->id != NULL; claim++)
        for (size_t i = 0; claim->measures[i].figure != NULL; i++)
        {
            snprintf(row, sizeof row, "\n| %s | `%s` |", i == 0 ? claim->id : "", claim->measures[i].figure);
            if (strstr(page, row) == NULL)
                fail_msg("docs/claims.md has no row %s", row + 1);
        }
}

static const cJSON *result_of(const cJSON *document, const char *allocator, const char *figure)
{
    const cJSON *result = NULL;
    cJSON_ArrayForEach(result, cJSON_GetObjectItem(document, "results"))
    {
        if (strcmp(cJSON_GetObjectItem(result, "allocator")->valuestring, allocator) == 0 &&
            strcmp(cJSON_GetObjectItem(result, "figure")->valuestring, figure) == 0)
            return result;
    }
    fail_msg("no result of %s under %s", figure, allocator);
    return NULL;
}

static void json_has_what_was_expected_and_what_was_measured(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "claims", "--json", "--claim", "S5", "--allocator", "bump:fifo,bump:none,glibc,/no/such.so");
    assert_int_equal(run.status, 0);
    cJSON *document = cJSON_Parse(run.out);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(document, "is_complete")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(document, "results")), 12);
    const cJSON *result = result_of(document, "bump:fifo", "distance_min");
    assert_string_equal(cJSON_GetObjectItem(result, "verdict")->valuestring, "holds");
    assert_true(cJSON_GetObjectItem(result, "expected_min")->valuedouble == 1000);
    assert_true(cJSON_GetObjectItem(result, "measured")->valuedouble >= 1000);
    result = result_of(document, "bump:none", "distance_min");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(result, "measured")));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(result, "is_never")));
    result = result_of(document, "glibc", "distance_min");
    assert_string_equal(cJSON_GetObjectItem(result, "verdict")->valuestring, "reference");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(result, "expected_min")));
    result = result_of(document, "such.so", "distance_min");
    assert_string_equal(cJSON_GetObjectItem(result, "verdict")->valuestring, "skipped");
    cJSON_Delete(document);
}

static void a_name_selects_its_family(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "claims", "--quick", "--claim", "S4,S2", "--allocator", "bump:lifo");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "S2: "));
    assert_non_null(strstr(run.out, "S2.worst: "));
    assert_non_null(strstr(run.out, "S2.threads: "));
    assert_non_null(strstr(run.out, "S4: "));
    assert_null(strstr(run.out, "S3"));
    assert_non_null(strstr(run.out, "bump:lifo  0                               0  holds\n"));
    assert_non_null(strstr(run.out, "5 holds, 2 fails as designed, 0 VIOLATED, 2 reference\n"));
}

static void markdown_is_one_table(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "claims", "--markdown", "--claim", "S5", "--allocator", "bump:lifo,bump:none");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "\n| claim | measure | bump:lifo | bump:none |\n|---|---|---|---|\n"
                                    "| S5 | `distance_min` | 1 fails (1) | never holds (never) |\n"
                                    "|  | `distance_mean` | 1 | never |\n"));
}

// An installation whose sample tells of a stack that is none.
static void a_figure_out_of_its_range_is_a_finding(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_RUN(&run, "sh", "-c",
                "samples=$1/bin/$2/heapreel/samples; mkdir -p $1/bin $1/bin/$2/heapreel/samples && cp $3 $1/bin && "
                "ln -s $4 $1/bin/$2/ && cd $samples && printf '#!/bin/sh\\necho distance_min 2\\n' > reuse && "
                "chmod +x reuse && exec $1/bin/heapreel claims --claim S5 --allocator bump:lifo",
                "sh", fixture_path("elsewhere"), HEAPREEL_LIBRARY_FROM_BIN, HEAPREEL_PROGRAM, HEAPREEL_PRELOAD);
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.out, "bump:lifo  1                               2  VIOLATED\n"));
    assert_non_null(strstr(run.out, "bump:lifo  1                               -  VIOLATED: no such figure\n"));
}

// What the samples do to a heap, and to an allocator, is no fault of the recording.
static void recorded_samples_are_clean(void **state)
{
    (void)state;
    static const char *const samples[] = {"one_each", "dfree", "scribble", "uaf"};
    static const char *const allocators[] = {"bump:lifo", "bump:fifo", "zoned"};
    struct fixture_run run;
    char sample[512];
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        for (size_t j = 0; j < sizeof allocators / sizeof allocators[0]; j++)
        {
            const char *reel = fixture_path("sample.reel");
            snprintf(sample, sizeof sample, "%s/%s", HEAPREEL_SAMPLES, samples[i]);
            FIXTURE_HEAPREEL(&run, "record", "-q", "--force", "-o", reel, "--allocator", allocators[j], "--", sample);
            assert_int_equal(run.status, 0);
            FIXTURE_HEAPREEL(&run, "check", reel);
            if (run.status != 0)
                fail_msg("%s under %s: %s", samples[i], allocators[j], run.out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_make_no_sense_are_usage_errors),
        cmocka_unit_test(the_list_has_every_claim),
        cmocka_unit_test(the_page_has_a_row_for_every_figure),
        cmocka_unit_test(json_has_what_was_expected_and_what_was_measured),
        cmocka_unit_test(a_name_selects_its_family),
        cmocka_unit_test(markdown_is_one_table),
        cmocka_unit_test(recorded_samples_are_clean),
        cmocka_unit_test(a_figure_out_of_its_range_is_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
