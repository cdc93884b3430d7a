// SPDX-License-Identifier: MIT
// heapreel bench works. No time is judged.
#include "fixture.h"

#include <string.h>

#include <cjson/cJSON.h>

static cJSON *bench_json(struct fixture_run *run, const char *allocators, const char *workload, int status)
{
    FIXTURE_HEAPREEL(run, "bench", "--quick", "--json", "--allocator", allocators, "--workload", workload);
    assert_int_equal(run->status, status);
    cJSON *document = cJSON_Parse(run->out);
    assert_non_null(document);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(document, "is_complete")));
    return document;
}

static const cJSON *first_results(const cJSON *document)
{
    return cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(document, "workloads"), 0), "results");
}

static double figure(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);
    if (!cJSON_IsNumber(item))
        fail_msg("%s is no number", name);
    return item->valuedouble;
}

static void every_workload_runs_under_glibc(void **state)
{
    (void)state;
    struct fixture_run run;
    const cJSON *workload = NULL;
    FIXTURE_HEAPREEL(&run, "bench", "--quick", "--json", "--allocator", "glibc");
    assert_int_equal(run.status, 0);
    cJSON *document = cJSON_Parse(run.out);
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(document, "workloads")) > 20);
    cJSON_ArrayForEach(workload, cJSON_GetObjectItem(document, "workloads"))
    {
        const cJSON *result = cJSON_GetArrayItem(cJSON_GetObjectItem(workload, "results"), 0);
        assert_true(figure(result, "ns_per_operation") > 0);
        assert_true(figure(result, "resident_bytes") > 0);
        assert_true(figure(result, "resident_bytes") > figure(result, "live_bytes"));
        assert_true(figure(result, "time_ratio") == 1);
    }
    cJSON_Delete(document);
}

static void glibc_stands_first_and_once(void **state)
{
    (void)state;
    struct fixture_run run;
    cJSON *document = bench_json(&run, "system,glibc", "churn-64-100", 0);
    const cJSON *results = first_results(document);
    assert_string_equal(cJSON_GetObjectItem(document, "compared_with")->valuestring, "glibc");
    assert_int_equal(cJSON_GetArraySize(results), 2);
    assert_string_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(results, 0), "allocator")->valuestring, "glibc");
    assert_true(figure(cJSON_GetArrayItem(results, 1), "time_ratio") > 0);
    cJSON_Delete(document);
}

static void the_table_has_scaling_where_two_threads_work(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "bench", "--quick", "--allocator", "glibc", "--workload", "distinct-2,churn-16-100");
    assert_int_equal(run.status, 0);
    const char *churn = strstr(run.out, "churn-16-100: ");
    const char *distinct = strstr(run.out, "distinct-2: ");
    const char *scaling = strstr(run.out, "SCALING");
    assert_true(churn != NULL && distinct > churn && scaling > distinct);
    assert_null(strstr(scaling + 1, "SCALING"));
}

static void an_allocator_that_fails_is_told_and_the_others_go_on(void **state)
{
    (void)state;
    struct fixture_run run;
    // A library that has no malloc ends the program at its start.
    cJSON *document = bench_json(&run, HEAPREEL_EXITING_LIBRARY, "churn-16", 3);
    const cJSON *results = first_results(document);
    assert_true(figure(cJSON_GetArrayItem(results, 0), "ns_per_operation") > 0);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetArrayItem(results, 1), "is_failed")));
    assert_non_null(strstr(run.err, "heapreel: bench: churn-16-100 failed under "));
    assert_non_null(strstr(run.err, "exit status 9"));
    cJSON_Delete(document);
}

static void what_is_not_there_is_left_out(void **state)
{
    (void)state;
    struct fixture_run run;
    cJSON *document = bench_json(&run, "/no/such/library.so", "churn-16-100", 0);
    assert_int_equal(cJSON_GetArraySize(first_results(document)), 1);
    assert_non_null(strstr(run.err, "/no/such/library.so is not installed"));
    cJSON_Delete(document);
}

static void wrong_words_are_refused(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "bench", "--allocator", "zork");
    fixture_assert_refused(&run, 2, "zork is no allocator");
    FIXTURE_HEAPREEL(&run, "bench", "--workload", "zork");
    fixture_assert_refused(&run, 2, "no workload begins with zork");
    FIXTURE_HEAPREEL(&run, "bench", "--runs", "0");
    fixture_assert_refused(&run, 2, "--runs 0");
    FIXTURE_HEAPREEL(&run, "bench", "zork");
    fixture_assert_refused(&run, 2, "zork is one word too many");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_workload_runs_under_glibc),
        cmocka_unit_test(glibc_stands_first_and_once),
        cmocka_unit_test(the_table_has_scaling_where_two_threads_work),
        cmocka_unit_test(an_allocator_that_fails_is_told_and_the_others_go_on),
        cmocka_unit_test(what_is_not_there_is_left_out),
        cmocka_unit_test(wrong_words_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
