// SPDX-License-Identifier: MIT
// Assembler whose call-frame information is wrong: it takes rbp for a frame pointer, or misses a word, or says what
// lies anywhere. The program itself runs well, and must do so recorded.
#include <stdint.h>
#include <stdlib.h>

// Calls the function in rdi with rbp holding rsi.
void rbp_is_no_frame(void (*function)(void), uintptr_t rbp);
__asm__(".text\n"
        ".p2align 4\n"
        ".type rbp_is_no_frame, @function\n"
        "rbp_is_no_frame:\n"
        ".cfi_startproc\n"
        "pushq %rbp\n"
        ".cfi_def_cfa rbp, 16\n"
        ".cfi_offset rbp, -16\n"
        "movq %rsi, %rbp\n"
        "call *%rdi\n"
        "popq %rbp\n"
        ".cfi_def_cfa rsp, 8\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size rbp_is_no_frame, . - rbp_is_no_frame\n");

void misses_a_word(void (*function)(void), uintptr_t word);
__asm__(".type misses_a_word, @function\n"
        "misses_a_word:\n"
        ".cfi_startproc\n"
        "pushq %rsi\n"
        "call *%rdi\n"
        "addq $8, %rsp\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size misses_a_word, . - misses_a_word\n");

void is_enormous(void (*function)(void), uintptr_t word);
__asm__(".type is_enormous, @function\n"
        "is_enormous:\n"
        ".cfi_startproc\n"
        "subq $8, %rsp\n"
        ".cfi_def_cfa_offset 67108848\n"
        "call *%rdi\n"
        "addq $8, %rsp\n"
        ".cfi_def_cfa_offset 8\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size is_enormous, . - is_enormous\n");

static void *volatile latest;

static __attribute__((noinline)) void allocate(void)
{
    latest = malloc(100);
    free(latest);
}

int main(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    const uintptr_t values[] = {0,
                                7,
                                8,
                                4096,
                                here + 8,
                                here + (16 << 20),
                                here - (1 << 20),
                                here | 7,
                                UINTPTR_MAX - 7,
                                (uintptr_t)allocate,
                                0xdeadbeefdeadbee8};
    for (int round = 0; round < 3; round++)
        for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
        {
            rbp_is_no_frame(allocate, values[i]);
            misses_a_word(allocate, values[i]);
            is_enormous(allocate, values[i]);
            allocate();
        }
    return 0;
}
