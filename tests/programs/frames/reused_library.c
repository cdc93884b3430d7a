// SPDX-License-Identifier: MIT
// A library of which two kinds are made, with -DFRAME_BYTES and -DNAME each: they lie at the same place when one is
// loaded after the other, return addresses are equal, and frames are not. It allocates also while it is loaded and
// unloaded.
#include <stdlib.h>

#define TEXT_OF(text) #text
#define TEXT(text) TEXT_OF(text)

// Code of one length, whatever the size is.
__asm__(".set frame_bytes, " TEXT(FRAME_BYTES));
__asm__(".text\n"
        ".p2align 4\n"
        ".type " TEXT(NAME) ", @function\n");
__asm__(TEXT(NAME) ":\n"
                   ".cfi_startproc\n"
                   "subq $frame_bytes, %rsp\n"
                   ".cfi_adjust_cfa_offset frame_bytes\n"
                   "call *%rdi\n"
                   "addq $frame_bytes, %rsp\n"
                   ".cfi_adjust_cfa_offset -frame_bytes\n"
                   "ret\n"
                   ".cfi_endproc\n");
__asm__(".size " TEXT(NAME) ", . - " TEXT(NAME));
void NAME(void (*function)(void));

static void *volatile latest;

static void allocate(void)
{
    latest = malloc(LOADING_BYTES);
    free(latest);
}

__attribute__((constructor)) static void begin(void)
{
    NAME(allocate);
}

__attribute__((destructor)) static void end(void)
{
    NAME(allocate);
}

__attribute__((visibility("default"))) void call_through(void (*function)(void))
{
    NAME(function);
    __asm__ volatile("" ::: "memory");
}
