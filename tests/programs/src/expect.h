// SPDX-License-Identifier: MIT
// EXPECT(fact): counts and prints the facts that do not hold.
#ifndef HEAPREEL_TESTS_EXPECT_H
#define HEAPREEL_TESTS_EXPECT_H

#include <stdio.h>

static int failures;

#define EXPECT(fact)                                                                                                   \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(fact))                                                                                                   \
        {                                                                                                              \
            failures++;                                                                                                \
            printf("line %d: not so: %s\n", __LINE__, #fact);                                                          \
        }                                                                                                              \
    } while (0)

#endif
