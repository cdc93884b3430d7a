// SPDX-License-Identifier: MIT
// What every test file here needs of cmocka: its header with what it wants before it, and running one case by name.
#ifndef HEAPREEL_TESTS_HEAP_CASES_H
#define HEAPREEL_TESTS_HEAP_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Runs the case that the first argument names, or all.
#define RUN_CASES(argument_count, arguments, tests)                                                                    \
    ((argument_count) > 1 ? cmocka_set_test_filter((arguments)[1]) : (void)0,                                          \
     cmocka_run_group_tests_name("heap", tests, NULL, NULL))

#endif
