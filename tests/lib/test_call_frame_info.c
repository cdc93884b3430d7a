// SPDX-License-Identifier: MIT
// Rules as they are read from call-frame information, at places in assembler that nobody calls.
#include "record/unwind_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// cmocka needs the three above.
#include <cmocka.h>

// A function, where the information stands as given.
#define PLACE(name, information)                                                                                       \
    __asm__(".text\n" #name ":\n.cfi_startproc\n" information "nop\nnop\n.cfi_endproc\n");                             \
    extern const char name[]

PLACE(at_entry, "");
PLACE(after_push, ".cfi_adjust_cfa_offset 8\n.cfi_offset rbp, -16\n");
PLACE(with_frame_pointer, ".cfi_def_cfa rbp, 16\n.cfi_offset rbp, -16\n");
PLACE(in_epilogue, ".cfi_def_cfa rbp, 16\n.cfi_offset rbp, -16\n.cfi_remember_state\n.cfi_def_cfa rsp, 8\n"
                   ".cfi_restore rbp\n");
PLACE(after_epilogue, ".cfi_def_cfa rbp, 16\n.cfi_offset rbp, -16\n.cfi_remember_state\n.cfi_def_cfa rsp, 8\n"
                      ".cfi_restore rbp\n.cfi_restore_state\n");
PLACE(realigned, ".cfi_escape 0x10, 6, 2, 0x76, 0\n.cfi_escape 0x0f, 3, 0x76, 0x78, 0x06\n");
PLACE(large_frame, ".cfi_def_cfa_offset 100008\n.cfi_offset rbp, -32768\n");
PLACE(far_rbp, ".cfi_def_cfa_offset 100008\n.cfi_offset rbp, -32776\n");
PLACE(outermost, ".cfi_undefined rip\n");
PLACE(signal_frame, ".cfi_signal_frame\n");
PLACE(from_rbx, ".cfi_def_cfa rbx, 16\n");
PLACE(by_rsp_expression, ".cfi_escape 0x0f, 2, 0x77, 16\n");
PLACE(rbp_in_register, ".cfi_register rbp, r12\n");
PLACE(rbp_lost, ".cfi_undefined rbp\n");
PLACE(rsp_saved, ".cfi_offset rsp, -16\n");
// DW_CFA_val_offset, which not every assembler knows.
PLACE(rsp_by_value, ".cfi_escape 0x14, 7, 1\n");
PLACE(return_address_elsewhere, ".cfi_offset rip, -16\n");
PLACE(other_registers, ".cfi_offset rbx, -24\n.cfi_restore rbx\n.cfi_undefined r11\n.cfi_escape 0x14, 12, 1\n");
PLACE(not_known, ".cfi_escape 0x2d\n");
PLACE(state_that_was_not_remembered, ".cfi_escape 0x0b\n");
__asm__(".text\nwithout:\nnop\nnop\n");
extern const char without[];

static struct unwind_rule rule_at(const char *place)
{
    return unwind_rule_read((uintptr_t)place);
}

static void assert_rule(const char *place, enum unwind_rule_kind kind, int cfa_offset, enum unwind_rbp_kind rbp_kind,
                        int rbp_offset)
{
    struct unwind_rule rule = rule_at(place);
    assert_int_equal(rule.kind, kind);
    assert_int_equal(rule.cfa_offset, cfa_offset);
    assert_int_equal(rule.rbp_kind, rbp_kind);
    if (rbp_kind != UNWIND_RBP_SAME)
        assert_int_equal(rule.rbp_offset, rbp_offset);
}

static void what_compilers_write_becomes_a_rule(void **state)
{
    (void)state;
    assert_rule(at_entry, UNWIND_FROM_RSP, 8, UNWIND_RBP_SAME, 0);
    assert_rule(after_push, UNWIND_FROM_RSP, 16, UNWIND_RBP_FROM_CFA, -16);
    assert_rule(with_frame_pointer, UNWIND_FROM_RBP, 16, UNWIND_RBP_FROM_CFA, -16);
    assert_rule(in_epilogue, UNWIND_FROM_RSP, 8, UNWIND_RBP_SAME, 0);
    assert_rule(after_epilogue, UNWIND_FROM_RBP, 16, UNWIND_RBP_FROM_CFA, -16);
    assert_rule(realigned, UNWIND_AT_RBP, -8, UNWIND_RBP_FROM_RBP, 0);
    assert_rule(large_frame, UNWIND_FROM_RSP, 100008, UNWIND_RBP_FROM_CFA, -32768);
    assert_rule(other_registers, UNWIND_FROM_RSP, 8, UNWIND_RBP_SAME, 0);
    assert_int_equal(rule_at(outermost).kind, UNWIND_END);
}

static void what_a_rule_cannot_say_is_hard(void **state)
{
    (void)state;
    const char *const places[] = {far_rbp,
                                  signal_frame,
                                  from_rbx,
                                  by_rsp_expression,
                                  rbp_in_register,
                                  rbp_lost,
                                  rsp_saved,
                                  rsp_by_value,
                                  return_address_elsewhere,
                                  not_known,
                                  state_that_was_not_remembered,
                                  without};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        assert_int_equal(rule_at(places[i]).kind, UNWIND_HARD);
    assert_int_equal(unwind_rule_read(0).kind, UNWIND_HARD);
    assert_int_equal(unwind_rule_read(UINT64_MAX).kind, UNWIND_HARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_compilers_write_becomes_a_rule),
        cmocka_unit_test(what_a_rule_cannot_say_is_hard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
