// SPDX-License-Identifier: MIT
// What the names of allocators mean. Needs none of them installed.
#include "lab/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OWN_LIBRARY "/usr/lib/os-release" // some file that is there

static struct lab_allocator allocator;
static char complaint[512];

static bool find(const char *name)
{
    return lab_allocator_find(&allocator, name, OWN_LIBRARY, complaint, sizeof complaint);
}

static void every_listed_name_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; lab_allocator_names[i] != NULL; i++)
    {
        assert_true(find(lab_allocator_names[i]));
        assert_string_equal(allocator.name, lab_allocator_names[i]);
        if (allocator.is_ours)
            assert_string_equal(allocator.spec, allocator.name);
    }
}

static void ours_are_the_preload_library_and_a_variable(void **state)
{
    (void)state;
    assert_true(find("zoned,canary=on,guards=off"));
    assert_true(allocator.is_ours && allocator.is_installed);
    assert_string_equal(allocator.preload, OWN_LIBRARY);
    assert_string_equal(allocator.spec, "zoned,canary=on,guards=off");
    assert_true(lab_allocator_find(&allocator, "zoned", "/no/such.so", complaint, sizeof complaint));
    assert_false(allocator.is_installed);
}

static void glibc_needs_nothing(void **state)
{
    (void)state;
    assert_true(find("glibc"));
    assert_true(allocator.is_installed);
    assert_false(allocator.is_ours);
    assert_string_equal(allocator.preload, "");
    assert_string_equal(allocator.spec, "");
}

static void a_path_is_a_library(void **state)
{
    (void)state;
    assert_true(find("/no/such/liballoc.so"));
    assert_string_equal(allocator.name, "liballoc.so");
    assert_string_equal(allocator.preload, "/no/such/liballoc.so");
    assert_false(allocator.is_installed || allocator.is_ours);
    assert_true(find(OWN_LIBRARY));
    assert_true(allocator.is_installed);
}

static void what_is_no_name_is_refused_with_those_that_are(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "zone", "zonedx", "bump:", "jemalloc2", "glibc,canary=on"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    {
        assert_false(find(wrong[i]));
        assert_non_null(strstr(complaint, "splitmerge"));
    }
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static char path[sizeof allocator.preload + 1];
    memset(path, '/', sizeof path - 1);
    assert_false(find(path));
}

static void options_belong_to_the_name_before_them(void **state)
{
    (void)state;
    const char *list = "zoned,canary=on,quarantine=fifo,glibc,/a=b/c.so,zoned";
    static const char *const names[] = {"zoned,canary=on,quarantine=fifo", "glibc", "/a=b/c.so", "zoned"};
    char name[64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        assert_true(lab_allocator_next(&list, name, sizeof name));
        assert_string_equal(name, names[i]);
    }
    assert_false(lab_allocator_next(&list, name, sizeof name));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_listed_name_is_one),
        cmocka_unit_test(ours_are_the_preload_library_and_a_variable),
        cmocka_unit_test(glibc_needs_nothing),
        cmocka_unit_test(a_path_is_a_library),
        cmocka_unit_test(what_is_no_name_is_refused_with_those_that_are),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(options_belong_to_the_name_before_them),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
