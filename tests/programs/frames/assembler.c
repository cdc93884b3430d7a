// SPDX-License-Identifier: MIT
// Frames that no compiler made: assembler with call-frame information of each kind, with none, and code that is made at
// run time. Each function takes what it calls and that call's argument.
#define _GNU_SOURCE
#include "frames.h"

#include <alloca.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef void through(frames_function *function, unsigned depth);

// NAME, what it does before the call, and after.
#define ASSEMBLER(name, before, after)                                                                                 \
    __asm__(".text\n.p2align 4\n.globl " #name "\n.hidden " #name "\n.type " #name ", @function\n" #name ":\n"         \
            "endbr64\n" before "movq %rdi, %rax\nmovl %esi, %edi\ncall *%rax\n" after "ret\n.size " #name              \
            ", . - " #name "\n");                                                                                      \
    __attribute__((visibility("hidden"))) extern through name

#define ASSEMBLER_CFI(name, before, after)                                                                             \
    __asm__(".text\n.p2align 4\n.globl " #name "\n.hidden " #name "\n.type " #name ", @function\n" #name               \
            ":\n.cfi_startproc\nendbr64\n" before "movq %rdi, %rax\nmovl %esi, %edi\ncall *%rax\n" after               \
            "ret\n.cfi_endproc\n.size " #name ", . - " #name "\n");                                                    \
    __attribute__((visibility("hidden"))) extern through name

ASSEMBLER_CFI(cfa_from_rsp, "subq $24, %rsp\n.cfi_adjust_cfa_offset 24\n",
              "addq $24, %rsp\n.cfi_adjust_cfa_offset -24\n");
ASSEMBLER_CFI(cfa_from_rbp,
              "pushq %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_offset rbp, -16\nmovq %rsp, %rbp\n.cfi_def_cfa_register rbp\n"
              "subq $160, %rsp\n",
              "leave\n.cfi_def_cfa rsp, 8\n");
// rbp holds a number; only the word on the stack tells the caller's.
ASSEMBLER_CFI(rbp_is_a_number, "pushq %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_offset rbp, -16\nmovl $7, %ebp\n",
              "popq %rbp\n.cfi_adjust_cfa_offset -8\n");
// DW_CFA_def_cfa_expression: DW_OP_breg7 (rsp) + 16.
ASSEMBLER_CFI(cfa_by_expression, "pushq $0\n.cfi_escape 0x0f, 2, 0x77, 16\n", "addq $8, %rsp\n.cfi_def_cfa rsp, 8\n");
// DW_CFA_def_cfa_expression: the word at rbp - 8, as where a compiler realigns the stack; and rbp at rbp + 0.
ASSEMBLER_CFI(cfa_in_a_word,
              "leaq 8(%rsp), %r10\n.cfi_def_cfa r10, 0\nandq $-64, %rsp\npushq -8(%r10)\npushq %rbp\n"
              ".cfi_escape 0x10, 6, 2, 0x76, 0\nmovq %rsp, %rbp\npushq %r10\n.cfi_escape 0x0f, 3, 0x76, 0x78, 0x06\n"
              "subq $8, %rsp\n",
              "movq -8(%rbp), %r10\n.cfi_def_cfa r10, 0\nleave\nleaq -8(%r10), %rsp\n.cfi_def_cfa rsp, 8\n");
ASSEMBLER_CFI(cfa_from_rbx,
              "pushq %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_offset rbx, -16\nmovq %rsp, %rbx\n.cfi_def_cfa_register rbx\n"
              "andq $-64, %rsp\n",
              "movq %rbx, %rsp\n.cfi_def_cfa_register rsp\npopq %rbx\n.cfi_adjust_cfa_offset -8\n");
ASSEMBLER_CFI(rbp_in_a_register,
              "pushq %r12\n.cfi_adjust_cfa_offset 8\n.cfi_offset r12, -16\nmovq %rbp, %r12\n.cfi_register rbp, r12\n"
              "xorl %ebp, %ebp\n",
              "movq %r12, %rbp\n.cfi_same_value rbp\npopq %r12\n.cfi_adjust_cfa_offset -8\n");
ASSEMBLER(no_cfi_with_frame_pointer, "pushq %rbp\nmovq %rsp, %rbp\n", "popq %rbp\n");
ASSEMBLER(no_cfi_without_frame_pointer, "subq $24, %rsp\n", "addq $24, %rsp\n");

#define SHAPE_THROUGH(name)                                                                                            \
    static NOT_INLINED void through_##name(unsigned depth)                                                             \
    {                                                                                                                  \
        name(descend, depth);                                                                                          \
        KEEPS_ITS_FRAME();                                                                                             \
    }

SHAPE_THROUGH(cfa_from_rsp)
SHAPE_THROUGH(cfa_from_rbp)
SHAPE_THROUGH(rbp_is_a_number)
SHAPE_THROUGH(cfa_by_expression)
SHAPE_THROUGH(cfa_in_a_word)
SHAPE_THROUGH(cfa_from_rbx)
SHAPE_THROUGH(rbp_in_a_register)
SHAPE_THROUGH(no_cfi_with_frame_pointer)
SHAPE_THROUGH(no_cfi_without_frame_pointer)

// Two frames of changing size, together always of the same: what they call stands at one place, and their own return
// address does not. It comes from two places in turn, and the one from last time still stands where it stood. One
// allocation follows on the other from the same place, with nothing between them.
enum
{
    PARTS = 8,
    PART_BYTES = 64,
};

static void *blocks[PARTS];

static NOT_INLINED void allocate_block(unsigned part)
{
    blocks[part] = malloc(24);
    KEEPS_ITS_FRAME();
}

// rbp is this frame's in the allocation, or saved by a frame further in.
static NOT_INLINED void take_the_rest(unsigned part, int is_saved)
{
    char *rest = alloca((size_t)(PARTS - part) * PART_BYTES);
    __asm__ volatile("" ::"r"(rest) : "memory");
    if (is_saved)
        rbp_is_a_number(allocate_block, part);
    else
        blocks[part] = malloc(24);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void take_a_part(unsigned part, int is_saved)
{
    char *first = alloca((size_t)part * PART_BYTES);
    __asm__ volatile("" ::"r"(first) : "memory");
    if (part % 2 == 0)
        take_the_rest(part, is_saved);
    else
    {
        take_the_rest(part, is_saved);
        __asm__ volatile("nop" ::: "memory"); // not the same call
    }
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void frames_that_move(unsigned depth)
{
    for (int is_saved = 0; is_saved < 2; is_saved++)
    {
        for (unsigned part = 1; part < PARTS; part++)
            take_a_part(part, is_saved);
        for (unsigned part = 1; part < PARTS; part++)
            free(blocks[part]);
    }
    descend(depth);
    KEEPS_ITS_FRAME();
}

// Both have the call at the same place: made after each other on one page, their return addresses are equal, and their
// frames are not.
static const unsigned char made_with_frame_pointer[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf8,
                                                        0x89, 0xf7, 0xff, 0xd0, 0x5d, 0xc3};
static const unsigned char made_without_frame_pointer[] = {0x48, 0x83, 0xec, 0x08, 0x48, 0x89, 0xf8, 0x89,
                                                           0xf7, 0xff, 0xd0, 0x48, 0x83, 0xc4, 0x08, 0xc3};

static NOT_INLINED void through_made(const unsigned char *code, size_t bytes, unsigned depth)
{
    through *made;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        abort();
    memcpy(page, code, bytes);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    memcpy(&made, &page, sizeof made);
    made(descend, depth);
    munmap(page, 4096);
}

static NOT_INLINED void through_code_made_at_run_time(unsigned depth)
{
    through_made(made_with_frame_pointer, sizeof made_with_frame_pointer, depth);
    through_made(made_without_frame_pointer, sizeof made_without_frame_pointer, depth);
    KEEPS_ITS_FRAME();
}

#define SHAPE(name)                                                                                                    \
    {                                                                                                                  \
#name, name                                                                                                    \
    }

const struct frames_shape shapes_of_assembler[] = {
    SHAPE(through_cfa_from_rsp),
    SHAPE(through_cfa_from_rbp),
    SHAPE(through_rbp_is_a_number),
    SHAPE(through_cfa_by_expression),
    SHAPE(through_cfa_in_a_word),
    SHAPE(through_cfa_from_rbx),
    SHAPE(through_rbp_in_a_register),
    SHAPE(through_no_cfi_with_frame_pointer),
    SHAPE(through_no_cfi_without_frame_pointer),
    SHAPE(frames_that_move),
    SHAPE(through_code_made_at_run_time),
    {NULL, NULL},
};
