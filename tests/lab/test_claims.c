// SPDX-License-Identifier: MIT
// Verdicts: on made-up figures, and on samples made up as shell scripts. The real samples are run by the command.
#include "lab/claims.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/heapreel-claims.XXXXXX";
static const struct lab_allocator plain = {.name = "glibc", .is_installed = true};
static const struct lab_allocator as_lifo = {.name = "bump:lifo", .spec = "bump:lifo", .is_installed = true};
static const struct lab_allocator as_zoned = {.name = "zoned", .spec = "zoned", .is_installed = true};
static const struct lab_allocator as_absent = {.name = "bump:fifo", .spec = "bump:fifo"};
static const struct lab_allocator as_splitmerge = {.name = "splitmerge", .spec = "splitmerge", .is_installed = true};
static struct lab_result results[LAB_MEASURES_MAX];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    char path[128];
    (void)state;
    snprintf(path, sizeof path, "%s/sample", folder);
    unlink(path);
    return rmdir(folder);
}

// Of two measures: what lifo is promised, zoned cannot have, and for splitmerge has no meaning.
static struct lab_claim claim_of(double min, double max)
{
    struct lab_claim claim = {.id = "X", .sample = "sample", .arguments = {"full"}, .quick_arguments = {"quick"}};
    for (size_t i = 0; i < 2; i++)
    {
        claim.measures[i].figure = i == 0 ? "first" : "second";
        claim.measures[i].expectations[LAB_BUMP_LIFO] = (struct lab_expectation){LAB_EXPECTS_TO_HOLD, min, max};
        claim.measures[i].expectations[LAB_ZONED] = (struct lab_expectation){LAB_EXPECTS_TO_FAIL, min, max};
        claim.measures[i].expectations[LAB_SPLITMERGE].expects = LAB_EXPECTS_NO_MEANING;
    }
    return claim;
}

static void write_sample(const char *script)
{
    char path[128];
    snprintf(path, sizeof path, "%s/sample", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

static void run(const struct lab_claim *claim, const struct lab_allocator *allocator, const char *script)
{
    const struct lab_claims_run run = {.samples_folder = folder};
    write_sample(script);
    assert_true(lab_claim_run(&run, claim, allocator, results));
}

static void a_figure_in_its_range_holds_or_fails_as_designed(void **state)
{
    (void)state;
    const struct lab_claim claim = claim_of(5, 7);
    run(&claim, &as_lifo, "echo first 5; echo second 7");
    assert_int_equal(results[0].verdict, LAB_HOLDS);
    assert_int_equal(results[1].verdict, LAB_HOLDS);
    assert_true(results[0].measured == 5 && results[1].measured == 7);
    run(&claim, &as_zoned, "echo first 6; echo second 6");
    assert_int_equal(results[0].verdict, LAB_FAILS_AS_DESIGNED);
}

static void a_figure_out_of_its_range_is_a_violation(void **state)
{
    (void)state;
    const struct lab_claim claim = claim_of(5, 7);
    run(&claim, &as_lifo, "echo first 4.999; echo second 6");
    assert_int_equal(results[0].verdict, LAB_VIOLATED);
    assert_int_equal(results[1].verdict, LAB_HOLDS);
    run(&claim, &as_zoned, "echo first 7.001; echo second nan");
    assert_int_equal(results[0].verdict, LAB_VIOLATED);
    assert_int_equal(results[1].verdict, LAB_VIOLATED);
}

static void what_never_comes_is_infinite(void **state)
{
    (void)state;
    const struct lab_claim claim = claim_of(1000, INFINITY);
    run(&claim, &as_lifo, "echo first inf; echo second 999");
    assert_int_equal(results[0].verdict, LAB_HOLDS);
    assert_int_equal(results[1].verdict, LAB_VIOLATED);
}

static void a_sample_that_fails_violates_what_is_promised(void **state)
{
    (void)state;
    const struct lab_claim claim = claim_of(0, 100);
    run(&claim, &as_lifo, "echo first 5; kill -SEGV $$");
    assert_int_equal(results[0].verdict, LAB_VIOLATED);
    assert_false(results[0].is_measured);
    assert_string_equal(results[0].why, "killed by SIGSEGV");
    run(&claim, &as_lifo, "echo first 5; echo no such option >&2; exit 2");
    assert_int_equal(results[0].verdict, LAB_VIOLATED);
    assert_string_equal(results[0].why, "ended with 2: no such option");
    run(&claim, &as_lifo, "echo first 5");
    assert_int_equal(results[0].verdict, LAB_HOLDS);
    assert_int_equal(results[1].verdict, LAB_VIOLATED);
    run(&claim, &plain, "exit 3");
    assert_int_equal(results[0].verdict, LAB_REFERENCE);
}

static void of_others_nothing_is_expected(void **state)
{
    (void)state;
    const struct lab_claim claim = claim_of(5, 7);
    const struct lab_allocator with_option = {.spec = "zoned,canary=on", .is_installed = true};
    run(&claim, &plain, "echo first 100; echo second 100");
    assert_int_equal(results[0].verdict, LAB_REFERENCE);
    assert_true(results[0].is_measured && results[0].measured == 100);
    run(&claim, &with_option, "echo first 100; echo second 100");
    assert_int_equal(results[0].verdict, LAB_REFERENCE);
}

static void what_is_absent_or_has_no_meaning_is_not_run(void **state)
{
    (void)state;
    const struct lab_claim claim = claim_of(5, 7);
    run(&claim, &as_absent, "kill -9 $$");
    assert_int_equal(results[0].verdict, LAB_SKIPPED);
    assert_int_equal(results[1].verdict, LAB_SKIPPED);
    assert_string_equal(results[1].why, "not installed");
    run(&claim, &as_splitmerge, "kill -9 $$");
    assert_int_equal(results[0].verdict, LAB_NOT_APPLICABLE);
    assert_string_equal(results[0].why, "");
}

static void a_quick_run_gets_its_own_arguments(void **state)
{
    (void)state;
    const struct lab_claims_run quick = {.samples_folder = folder, .is_quick = true};
    const struct lab_claim claim = claim_of(5, 7);
    const char *script = "test \"$1\" = full && echo first 5 || echo first 6; echo second 5";
    run(&claim, &as_lifo, script);
    assert_true(results[0].measured == 5);
    assert_true(lab_claim_run(&quick, &claim, &as_lifo, results));
    assert_true(results[0].measured == 6);
}

static void an_interrupt_ends_the_run(void **state)
{
    (void)state;
    const struct lab_claims_run run = {.samples_folder = folder};
    const struct lab_claim claim = claim_of(5, 7);
    write_sample("kill -INT $$");
    assert_false(lab_claim_run(&run, &claim, &plain, results));
}

// The script needs 64 MiB of address space; a step of the search is a quarter of a doubling.
static void the_floor_of_address_space_is_found(void **state)
{
    (void)state;
    struct lab_claim claim = claim_of(60 << 20, 80 << 20);
    claim.is_floor_wanted = true;
    claim.measures[1].figure = "floor_bytes";
    run(&claim, &as_lifo,
        "limit=$(ulimit -v); test $limit = unlimited || test $limit -ge 65000 || exit 1; echo first 67108864");
    assert_int_equal(results[0].verdict, LAB_HOLDS);
    assert_int_equal(results[1].verdict, LAB_HOLDS);
}

static void every_claim_can_be_judged(void **state)
{
    (void)state;
    for (const struct lab_claim *claim = lab_claims; claim->id != NULL; claim++)
    {
        for (const struct lab_claim *other = lab_claims; other != claim; other++)
            assert_string_not_equal(claim->id, other->id);
        assert_non_null(claim->measures[0].figure);
        assert_null(claim->measures[LAB_MEASURES_MAX].figure);
        assert_true((claim->arguments[0] == NULL) == (claim->quick_arguments[0] == NULL));
        for (size_t i = 0; claim->measures[i].figure != NULL; i++)
            for (size_t j = 0; j < LAB_DESIGN_COUNT; j++)
                assert_true(claim->measures[i].expectations[j].min <= claim->measures[i].expectations[j].max);
    }
}

static void each_name_of_ours_has_its_design(void **state)
{
    (void)state;
    static const char *const names[] = {"bump:lifo",  "bump:fifo", "bump:none", "zoned", LAB_ZONED_GUARDED_NAME,
                                        "splitmerge", "system"};
    struct lab_allocator allocator;
    char complaint[256];
    for (enum lab_design design = 0; design <= LAB_DESIGN_OTHER; design++)
    {
        assert_true(lab_allocator_find(&allocator, names[design], "/no/such.so", complaint, sizeof complaint));
        assert_int_equal(lab_design_of(&allocator), design);
    }
    assert_true(lab_allocator_find(&allocator, "bump", "/no/such.so", complaint, sizeof complaint));
    assert_int_equal(lab_design_of(&allocator), LAB_BUMP_LIFO);
    assert_int_equal(lab_design_of(&plain), LAB_DESIGN_OTHER);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_in_its_range_holds_or_fails_as_designed),
        cmocka_unit_test(a_figure_out_of_its_range_is_a_violation),
        cmocka_unit_test(what_never_comes_is_infinite),
        cmocka_unit_test(a_sample_that_fails_violates_what_is_promised),
        cmocka_unit_test(of_others_nothing_is_expected),
        cmocka_unit_test(what_is_absent_or_has_no_meaning_is_not_run),
        cmocka_unit_test(a_quick_run_gets_its_own_arguments),
        cmocka_unit_test(an_interrupt_ends_the_run),
        cmocka_unit_test(the_floor_of_address_space_is_found),
        cmocka_unit_test(every_claim_can_be_judged),
        cmocka_unit_test(each_name_of_ours_has_its_design),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
