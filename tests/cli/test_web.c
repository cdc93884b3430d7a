// SPDX-License-Identifier: MIT
// What heapreel web and heapreel report check, and what they hand on to Python: an installation of its own, whose
// interpreter prints what it is told.
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_BYTES 512

static char program[PATH_BYTES];
static char reel_path[FIXTURE_PATH_BYTES];

// An interpreter that answers the question for missing packages with this line, and tells all else that it gets.
static void answer_as(const char *missing)
{
    const char *path = fixture_path("python");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "#!/bin/sh\nif [ \"$1\" = -c ]; then echo '%s'; exit; fi\n"
            "for word in \"$@\"; do printf '[%%s]' \"$word\"; done\n"
            "printf '\\n%%s %%s %%s\\n' \"$PYTHONPATH\" \"$PYTHONSAFEPATH\" \"$PYTHONDONTWRITEBYTECODE\"\n",
            missing);
    assert_int_equal(fchmod(fileno(file), 0755), 0);
    assert_int_equal(fclose(file), 0);
    setenv("HEAPREEL_PYTHON", path, 1);
}

static int install(void **state)
{
    (void)state;
    struct fixture_run run;
    struct fixture_reel reel;
    const char *prefix = fixture_path("elsewhere");
    FIXTURE_RUN(&run, "sh", "-c",
                "mkdir -p $1/bin $1/lib && mkdir -p $1/bin/$2/heapreel/web/static && cp $3 $1/bin && "
                "cd $1/bin/$2/heapreel/web/static && touch index.html report.html",
                "sh", prefix, HEAPREEL_SHARE_FROM_BIN, HEAPREEL_PROGRAM);
    snprintf(program, sizeof program, "%s/bin/heapreel", prefix);
    fixture_begin(&reel, "web.reel");
    fixture_alloc(&reel, 0x1000, 8, 24);
    fixture_finish(&reel);
    memcpy(reel_path, reel.path, sizeof reel_path);
    return run.status;
}

static void options_and_reels_are_handed_on(void **state)
{
    (void)state;
    struct fixture_run run;
    char wanted[2 * PATH_BYTES];
    answer_as("");
    FIXTURE_RUN(&run, program, "web", reel_path, "--port", "0", "--host", "::1", "--limit-seconds", "5", "--no-browser",
                reel_path);
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    assert_true(strncmp(run.out, "[-m][heapreel_web][serve][--extension][/", 40) == 0);
    assert_non_null(strstr(run.out, "/heapreel/reel.so][--static][/"));
    snprintf(wanted, sizeof wanted,
             "/heapreel/web/static][--host][::1][--port][0][--limit-seconds][5][--no-browser][--][%s][%s]\n/",
             reel_path, reel_path);
    assert_non_null(strstr(run.out, wanted));
    assert_non_null(strstr(run.out, "/heapreel/web 1 1\n"));
}

static void a_report_has_its_bounds(void **state)
{
    (void)state;
    struct fixture_run run;
    char wanted[2 * PATH_BYTES];
    answer_as("");
    FIXTURE_RUN(&run, program, "report", reel_path, "-o", "x.html", "--force", "--max-size", "3", "--points", "40");
    assert_string_equal(run.err, "");
    snprintf(wanted, sizeof wanted, "[--output][x.html][--force][--max-bytes][3000000][--points][40][--][%s]\n",
             reel_path);
    assert_true(strncmp(run.out, "[-m][heapreel_web][report][--extension][/", 41) == 0);
    assert_non_null(strstr(run.out, wanted));
}

static void what_is_no_reel_is_refused_before_anything_runs(void **state)
{
    (void)state;
    struct fixture_run run;
    answer_as("");
    FIXTURE_RUN(&run, program, "web", reel_path, "/etc/passwd");
    fixture_assert_refused(&run, 3, "/etc/passwd: not a reel");
    FIXTURE_RUN(&run, program, "report", "/nowhere.reel", "-o", "x.html");
    fixture_assert_refused(&run, 3, "/nowhere.reel");
}

static void words_that_make_no_sense_are_usage_errors(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "web");
    fixture_assert_refused(&run, 2, "no reel is named");
    FIXTURE_HEAPREEL(&run, "web", "--port", "65536", reel_path);
    fixture_assert_refused(&run, 2, "--port 65536");
    FIXTURE_HEAPREEL(&run, "web", "--host", "", reel_path);
    fixture_assert_refused(&run, 2, "--host");
    FIXTURE_HEAPREEL(&run, "web", "--limit-seconds", "0", reel_path);
    fixture_assert_refused(&run, 2, "--limit-seconds 0");
    FIXTURE_HEAPREEL(&run, "report", reel_path);
    fixture_assert_refused(&run, 2, "-o X.html");
    FIXTURE_HEAPREEL(&run, "report", "-o", "x.html");
    fixture_assert_refused(&run, 2, "no reel is named");
    FIXTURE_HEAPREEL(&run, "report", reel_path, reel_path, "-o", "x.html");
    fixture_assert_refused(&run, 2, "one word too many");
}

static void missing_packages_are_named(void **state)
{
    (void)state;
    struct fixture_run run;
    answer_as("python3-flask python3-waitress");
    FIXTURE_RUN(&run, program, "web", reel_path);
    fixture_assert_refused(&run, 3, "apt-get install python3-flask python3-waitress");
    FIXTURE_RUN(&run, program, "doctor");
    assert_non_null(strstr(run.out, "absent   web viewer "));
    assert_non_null(strstr(run.out, "python3-flask"));
}

static void an_interpreter_that_is_none_is_named(void **state)
{
    (void)state;
    struct fixture_run run;
    static const char *const interpreters[] = {"/nowhere/python3", "/bin/false", "/bin/true", "/etc/passwd"};
    for (size_t i = 0; i < sizeof interpreters / sizeof interpreters[0]; i++)
    {
        setenv("HEAPREEL_PYTHON", interpreters[i], 1);
        FIXTURE_RUN(&run, program, "web", reel_path);
        fixture_assert_refused(&run, 3, interpreters[i]);
        assert_non_null(strstr(run.err, "HEAPREEL_PYTHON"));
    }
}

static void an_installation_without_pages_says_so(void **state)
{
    (void)state;
    struct fixture_run run;
    answer_as("");
    FIXTURE_RUN(&run, "sh", "-c",
                "cd $1/heapreel/web/static && mv report.html away && { $2 report $3 -o x.html; status=$?; } && "
                "mv away report.html && exit $status",
                "sh", fixture_path("elsewhere/bin/" HEAPREEL_SHARE_FROM_BIN), program, reel_path);
    fixture_assert_refused(&run, 3, "report.html: is not there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_reels_are_handed_on),
        cmocka_unit_test(a_report_has_its_bounds),
        cmocka_unit_test(what_is_no_reel_is_refused_before_anything_runs),
        cmocka_unit_test(words_that_make_no_sense_are_usage_errors),
        cmocka_unit_test(missing_packages_are_named),
        cmocka_unit_test(an_interpreter_that_is_none_is_named),
        cmocka_unit_test(an_installation_without_pages_says_so),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
