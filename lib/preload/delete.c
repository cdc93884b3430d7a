// SPDX-License-Identifier: MIT
// C++'s sized deletes, whose sizes `zoned` checks. For every other allocator, and for a block that is not its own, they
// are what they would have been without us. Plain deletes and all of new are left to the C++ library, which comes to
// the malloc family.
//
// All of these end in calls that replace their own frame: the stack of the free is that of the function that deletes.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

#include <dlfcn.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

typedef void sized_delete(void *block, size_t size);
typedef void aligned_delete(void *block, size_t size, size_t alignment);

EXPORT sized_delete delete_object __asm__("_ZdlPvm");
EXPORT sized_delete delete_array __asm__("_ZdaPvm");
EXPORT aligned_delete delete_aligned_object __asm__("_ZdlPvmSt11align_val_t");
EXPORT aligned_delete delete_aligned_array __asm__("_ZdaPvmSt11align_val_t");
// Present if a C++ library was loaded with the program.
extern void *operator_new(size_t size) __asm__("_Znwm") __attribute__((weak));

enum delete_form
{
    OBJECT,
    ARRAY,
    ALIGNED_OBJECT,
    ALIGNED_ARRAY,
    FORM_COUNT,
};

static const char *const symbols[FORM_COUNT] = {"_ZdlPvm", "_ZdaPvm", "_ZdlPvmSt11align_val_t",
                                                "_ZdaPvmSt11align_val_t"};

// The definitions after ours; is_known is set after the function, which is NULL if there is none.
static struct
{
    void *function;
    bool is_known;
} definitions[FORM_COUNT];

// POSIX promises that an object pointer from dlsym can hold a function.
union definition
{
    void *found;
    sized_delete *sized;
    aligned_delete *aligned;
};

static union definition find_next(enum delete_form form)
{
    if (!__atomic_load_n(&definitions[form].is_known, __ATOMIC_ACQUIRE))
    {
        __atomic_store_n(&definitions[form].function, dlsym(RTLD_NEXT, symbols[form]), __ATOMIC_RELAXED);
        __atomic_store_n(&definitions[form].is_known, true, __ATOMIC_RELEASE);
    }
    return (union definition){.found = __atomic_load_n(&definitions[form].function, __ATOMIC_RELAXED)};
}

// Not what an operator new of the program's own has carved out of something else.
static bool is_checked(void *block)
{
    return preload_heap_options.kind == HEAP_ZONED && preload_heap()->usable_size(block) != 0;
}

static inline void delete_sized(enum delete_form form, void *block, size_t size)
{
    union definition next;
    if (is_checked(block))
        preload_free_sized(block, size);
    else if ((next = find_next(form)).found)
        next.sized(block, size);
    else
        free(block);
}

static inline void delete_aligned(enum delete_form form, void *block, size_t size, size_t alignment)
{
    union definition next;
    if (is_checked(block))
        preload_free_aligned_sized(block, alignment, size);
    else if ((next = find_next(form)).found)
        next.aligned(block, size, alignment);
    else
        free(block);
}

void preload_find_deletes(void)
{
    for (int form = 0; operator_new && form < FORM_COUNT; form++)
        find_next((enum delete_form)form);
}

void delete_object(void *block, size_t size)
{
    delete_sized(OBJECT, block, size);
}

void delete_array(void *block, size_t size)
{
    delete_sized(ARRAY, block, size);
}

void delete_aligned_object(void *block, size_t size, size_t alignment)
{
    delete_aligned(ALIGNED_OBJECT, block, size, alignment);
}

void delete_aligned_array(void *block, size_t size, size_t alignment)
{
    delete_aligned(ALIGNED_ARRAY, block, size, alignment);
}
