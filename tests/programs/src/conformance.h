// SPDX-License-Identifier: MIT
// Facts about the malloc family, each a small function with a name that tells it. The arbiter is what glibc documents.
//
// A fact is run in a process of its own and ends at the first thing that is not so. What an allocator promises beyond
// the C library stands in the environment: ALLOCATOR_PROMISES=lock-free,no-reuse.
#ifndef HEAPREEL_TESTS_CONFORMANCE_H
#define HEAPREEL_TESTS_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

    struct fact
    {
        const char *name;
        void (*check)(void);
    };

#define FACT(function)                                                                                                 \
    {                                                                                                                  \
#function, function                                                                                            \
    }

    // Each ends with a row of NULL.
    extern const struct fact facts_of_refusals[];
    extern const struct fact facts_of_alignment[];
    extern const struct fact facts_of_contents[];
    extern const struct fact facts_of_edges[];
    extern const struct fact facts_of_threads[];
    extern const struct fact facts_of_forks[];
    extern const struct fact facts_of_limits[];
    extern const struct fact facts_of_cxx[];

    // End the fact's process.
    __attribute__((noreturn)) void conformance_fail(const char *file, int line, const char *what);
    __attribute__((noreturn)) void conformance_skip(const char *why);

#define EXPECT(truth) ((truth) ? (void)0 : conformance_fail(__FILE__, __LINE__, #truth))

    bool allocator_promises(const char *what);
    // Runs the fact of that name afresh, in a new image of this program, with so much address space; returns in it.
    void conformance_begin_again_with(size_t address_space_bytes, const char *name);

    // A pattern that tells a block's bytes from those of all others, by what it is made of.
    void fill(void *block, size_t bytes, size_t salt);
    bool is_filled(const void *block, size_t bytes, size_t salt);

#ifdef __cplusplus
}
#endif

#endif
