// SPDX-License-Identifier: MIT
// Frames as compilers make them: of changing size, realigned, with arguments on the stack, left by tail calls, deep.
#include "frames.h"

#include <alloca.h>
#include <immintrin.h>
#include <stdarg.h>
#include <string.h>

enum
{
    DEEPER_THAN_THE_LIMIT = 300,
};

static NOT_INLINED void plain(unsigned depth)
{
    descend(depth);
    descend(depth);
    KEEPS_ITS_FRAME();
}

// One call from two places, and one place at two depths of the stack.
static NOT_INLINED void with_alloca(unsigned depth)
{
    for (unsigned i = 0; i < 3; i++)
    {
        size_t bytes = 16 + choose(3000);
        memset(alloca(bytes), (int)i, bytes);
        descend(depth);
    }
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void with_variable_array(unsigned depth)
{
    unsigned length = 1 + choose(200);
    unsigned long array[length];
    memset(array, 0, sizeof array);
    __asm__ volatile("" ::"r"(array) : "memory");
    descend(depth);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void with_aligned_local(unsigned depth)
{
    char local[192] __attribute__((aligned(64)));
    __asm__ volatile("" ::"r"(local) : "memory");
    descend(depth);
    KEEPS_ITS_FRAME();
}

// The frame moves, is realigned and has arguments on the caller's side: its CFA is kept in a word of its own.
static NOT_INLINED void with_everything(unsigned depth, long a, long b, long c, long d, long e, long f, long g, long h)
{
    char local[256] __attribute__((aligned(128)));
    size_t bytes = 16 + choose(500);
    memset(alloca(bytes), 1, bytes);
    __asm__ volatile("" ::"r"(local), "r"(a + b + c + d + e + f + g + h) : "memory");
    descend(depth);
    __asm__ volatile("" ::"r"(g), "r"(h) : "memory");
}

static NOT_INLINED void realigned_with_arguments(unsigned depth)
{
    with_everything(depth, 1, 2, 3, 4, 5, 6, 7, 8);
    KEEPS_ITS_FRAME();
}

__attribute__((force_align_arg_pointer)) static NOT_INLINED void realigned_on_entry(unsigned depth)
{
    char local[64] __attribute__((aligned(32)));
    __asm__ volatile("" ::"r"(local) : "memory");
    descend(depth);
    KEEPS_ITS_FRAME();
}

__attribute__((target("avx"))) static NOT_INLINED void with_avx_vectors(unsigned depth)
{
    __m256d vectors[4];
    for (int i = 0; i < 4; i++)
        vectors[i] = _mm256_set1_pd(i);
    __asm__ volatile("" ::"r"(vectors) : "memory");
    descend(depth);
    __asm__ volatile("" ::"x"(vectors[3]) : "memory");
}

static NOT_INLINED void with_avx(unsigned depth)
{
    if (__builtin_cpu_supports("avx"))
        with_avx_vectors(depth);
    else
        plain(depth);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void tail_end(unsigned depth)
{
    descend(depth);
    KEEPS_ITS_FRAME();
}

#if defined __has_attribute && defined __clang__
#define TAIL __attribute__((musttail)) return
#else
#define TAIL return
#endif

static NOT_INLINED void tail_middle(unsigned depth)
{
    descend(depth);
    TAIL tail_end(depth);
}

static NOT_INLINED void tail_calls(unsigned depth)
{
    descend(depth);
    TAIL tail_middle(depth);
}

static NOT_INLINED void take_arguments(unsigned depth, ...)
{
    va_list arguments;
    va_start(arguments, depth);
    double sum = va_arg(arguments, double) + va_arg(arguments, int);
    __asm__ volatile("" ::"x"(sum) : "memory");
    descend(depth);
    va_end(arguments);
}

static NOT_INLINED void variable_arguments(unsigned depth)
{
    take_arguments(depth, 1.5, 2, 3.5, 4, 5.5, 6, 7.5, 8, 9.5, 10);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void recurse(unsigned depth, unsigned levels)
{
    if (levels == 0)
        descend(depth);
    else
        recurse(depth, levels - 1);
    KEEPS_ITS_FRAME();
}

// Out and in again: what lies on the stack from last time looks like frames.
static NOT_INLINED void shallow_recursion(unsigned depth)
{
    for (unsigned i = 0; i < 4; i++)
        recurse(depth, choose(20));
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void deep_recursion(unsigned depth)
{
    recurse(depth, DEEPER_THAN_THE_LIMIT);
    KEEPS_ITS_FRAME();
}

const struct frames_shape shapes_of_compilers[] = {
    {"plain", plain},
    {"with_alloca", with_alloca},
    {"with_variable_array", with_variable_array},
    {"with_aligned_local", with_aligned_local},
    {"realigned_with_arguments", realigned_with_arguments},
    {"realigned_on_entry", realigned_on_entry},
    {"with_avx", with_avx},
    {"tail_calls", tail_calls},
    {"variable_arguments", variable_arguments},
    {"shallow_recursion", shallow_recursion},
    {"deep_recursion", deep_recursion},
    {NULL, NULL},
};
