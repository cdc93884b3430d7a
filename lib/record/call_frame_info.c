// SPDX-License-Identifier: MIT
// Reading .eh_frame: finds the row of call-frame information for an address and turns it into a rule. Understands what
// compilers emit for x86-64; whatever it does not understand is a hard rule, never a guess.
#define _GNU_SOURCE
#include "record/byte_reader.h"
#include "record/unwind_rule.h"

#include <dlfcn.h>
#include <string.h>

enum
{
    REGISTER_RBP = 6,
    REGISTER_RSP = 7,
    REGISTER_RETURN = 16,
    REMEMBERED_MAX = 8,
    // Pointer encodings, DW_EH_PE_*.
    ENCODING_PC_RELATIVE_4 = 0x1b,
    ENCODING_TABLE = 0x3b, // relative to the header, 4 bytes signed
    // Operations of an expression.
    OP_DEREF = 0x06,
    OP_BREG_RBP = 0x76,
};

// What a common information entry says to all functions that share it.
struct common
{
    uint64_t code_alignment;
    int64_t data_alignment;
    bool is_signal_frame;
    bool has_augmentation;
    bool has_relative_code; // addresses of code are written as 4 bytes relative to their place
    struct reader instructions;
};

static struct reader open_entry(const uint8_t *entry)
{
    struct reader reader = {.at = entry, .end = entry + 4};
    uint64_t length = read_fixed(&reader, 4);
    reader.is_bad = length == 0 || length == UINT32_MAX;
    reader.end = reader.at + (reader.is_bad ? 0 : length);
    return reader;
}

// Only addresses written as 4 bytes relative to their place are understood; other encodings are not used on x86-64.
static void read_augmentation(struct reader *reader, const char *letters, struct common *common)
{
    common->has_augmentation = letters[0] == 'z';
    if (!common->has_augmentation)
    {
        reader->is_bad |= letters[0] != 0;
        return;
    }
    uint64_t length = read_uleb(reader);
    const uint8_t *end = reader->at + length;
    for (letters++; *letters && !reader->is_bad; letters++)
    {
        uint64_t encoding;
        if (*letters == 'S')
            common->is_signal_frame = true;
        else if (*letters == 'R')
            common->has_relative_code = read_fixed(reader, 1) == ENCODING_PC_RELATIVE_4;
        else if (*letters == 'L')
            skip(reader, 1);
        else if (*letters == 'P')
        {
            encoding = read_fixed(reader, 1);
            reader->is_bad |= (encoding & 0x0f) != 0x0b && (encoding & 0x0f) != 0x03;
            skip(reader, 4);
        }
        else
            reader->is_bad = true;
    }
    reader->at = end;
}

static bool read_common(const uint8_t *entry, struct common *common)
{
    struct reader reader = open_entry(entry);
    reader.is_bad |= read_fixed(&reader, 4) != 0;
    uint64_t version = read_fixed(&reader, 1);
    const char *letters = (const char *)reader.at;
    while (!reader.is_bad && read_fixed(&reader, 1))
        continue;
    common->code_alignment = read_uleb(&reader);
    common->data_alignment = read_sleb(&reader);
    uint64_t return_register = version == 1 ? read_fixed(&reader, 1) : read_uleb(&reader);
    reader.is_bad |= (version != 1 && version != 3) || return_register != REGISTER_RETURN;
    if (!reader.is_bad)
        read_augmentation(&reader, letters, common);
    common->instructions = reader;
    return !reader.is_bad && common->has_relative_code;
}

enum place_kind
{
    PLACE_SAME = 0,
    PLACE_CFA_OFFSET,
    PLACE_RBP_OFFSET, // expression: rbp + offset
    PLACE_UNDEFINED,
    PLACE_OTHER,
};

struct place
{
    enum place_kind kind;
    int64_t offset;
};

enum cfa_kind
{
    CFA_REGISTER = 0,
    CFA_AT_RBP, // expression: the word at rbp + offset
    CFA_OTHER,
};

struct row
{
    enum cfa_kind cfa_kind;
    uint64_t cfa_register;
    int64_t cfa_offset;
    struct place rbp;
    struct place rsp;
    struct place return_address;
};

struct machine
{
    const struct common *common;
    uint64_t location;
    uint64_t target; // rows that begin after it do not apply
    struct row row;
    struct row initial; // after the common instructions
    struct row remembered[REMEMBERED_MAX];
    size_t remembered_count;
};

// Where the row keeps a register of the caller; NULL: nobody asks.
static struct place *place_of(struct row *row, uint64_t number)
{
    switch (number)
    {
    case REGISTER_RBP:
        return &row->rbp;
    case REGISTER_RSP:
        return &row->rsp;
    case REGISTER_RETURN:
        return &row->return_address;
    default:
        return NULL;
    }
}

static void place_register(struct machine *machine, uint64_t number, struct place place)
{
    struct place *kept = place_of(&machine->row, number);
    if (kept)
        *kept = place;
}

static void restore_register(struct machine *machine, uint64_t number)
{
    const struct place *initial = place_of(&machine->initial, number);
    if (initial)
        place_register(machine, number, *initial);
}

// Understands `rbp + n` and, with is_deref, `the word at rbp + n`.
static bool read_rbp_expression(struct reader *reader, bool *is_deref, int64_t *offset)
{
    struct reader expression = *reader;
    uint64_t length = read_uleb(&expression);
    *reader = expression;
    skip(reader, length);
    expression.end = reader->at;
    if (reader->is_bad || read_fixed(&expression, 1) != OP_BREG_RBP)
        return false;
    *offset = read_sleb(&expression);
    *is_deref = expression.at < expression.end && read_fixed(&expression, 1) == OP_DEREF;
    return !expression.is_bad && expression.at == expression.end;
}

static void define_cfa_by_expression(struct machine *machine, struct reader *reader)
{
    bool is_deref = false;
    bool is_known = read_rbp_expression(reader, &is_deref, &machine->row.cfa_offset);
    machine->row.cfa_kind = is_known && is_deref ? CFA_AT_RBP : CFA_OTHER;
}

static void place_by_expression(struct machine *machine, struct reader *reader)
{
    uint64_t number = read_uleb(reader);
    struct place place = {.kind = PLACE_OTHER};
    bool is_deref = false;
    if (read_rbp_expression(reader, &is_deref, &place.offset) && !is_deref)
        place.kind = PLACE_RBP_OFFSET;
    place_register(machine, number, place);
}

static void define_cfa(struct machine *machine, uint64_t number, int64_t offset)
{
    machine->row.cfa_kind = CFA_REGISTER;
    machine->row.cfa_register = number;
    machine->row.cfa_offset = offset;
}

static void remember_row(struct machine *machine, struct reader *reader)
{
    if (machine->remembered_count == REMEMBERED_MAX)
        reader->is_bad = true;
    else
        machine->remembered[machine->remembered_count++] = machine->row;
}

static void recall_row(struct machine *machine, struct reader *reader)
{
    if (machine->remembered_count == 0)
        reader->is_bad = true;
    else
        machine->row = machine->remembered[--machine->remembered_count];
}

// Opcodes whose first operand is a register. A switch over the instruction set: long, but flat.
static void execute_on_register(struct machine *machine, struct reader *reader, uint64_t opcode)
{
    uint64_t number = read_uleb(reader);
    int64_t alignment = machine->common->data_alignment;
    switch (opcode)
    {
    case 0x05: // DW_CFA_offset_extended
        place_register(machine, number, (struct place){PLACE_CFA_OFFSET, (int64_t)read_uleb(reader) * alignment});
        break;
    case 0x06: // DW_CFA_restore_extended
        restore_register(machine, number);
        break;
    case 0x07: // DW_CFA_undefined
        place_register(machine, number, (struct place){.kind = PLACE_UNDEFINED});
        break;
    case 0x08: // DW_CFA_same_value
        place_register(machine, number, (struct place){.kind = PLACE_SAME});
        break;
    case 0x0c: // DW_CFA_def_cfa
        define_cfa(machine, number, (int64_t)read_uleb(reader));
        break;
    case 0x0d: // DW_CFA_def_cfa_register
        define_cfa(machine, number, machine->row.cfa_offset);
        break;
    case 0x11: // DW_CFA_offset_extended_sf
        place_register(machine, number, (struct place){PLACE_CFA_OFFSET, read_sleb(reader) * alignment});
        break;
    case 0x12: // DW_CFA_def_cfa_sf
        define_cfa(machine, number, read_sleb(reader) * alignment);
        break;
    case 0x09: // DW_CFA_register
    case 0x14: // DW_CFA_val_offset and its signed form
    case 0x15:
        read_uleb(reader);
        place_register(machine, number, (struct place){.kind = PLACE_OTHER});
        break;
    default: // not known, and so nothing after it is
        reader->is_bad = true;
    }
}

static void advance(struct machine *machine, uint64_t steps)
{
    machine->location += steps * machine->common->code_alignment;
}

// Opcodes that carry an operand in their low bits.
static void execute_primary(struct machine *machine, struct reader *reader, uint64_t opcode, uint64_t operand)
{
    switch (opcode)
    {
    case 0x40: // DW_CFA_advance_loc
        advance(machine, operand);
        break;
    case 0x80: // DW_CFA_offset
        place_register(machine, operand,
                       (struct place){PLACE_CFA_OFFSET, (int64_t)read_uleb(reader) * machine->common->data_alignment});
        break;
    default: // DW_CFA_restore
        restore_register(machine, operand);
    }
}

static void execute_extended(struct machine *machine, struct reader *reader, uint64_t opcode)
{
    switch (opcode)
    {
    case 0x00: // DW_CFA_nop
        break;
    case 0x02: // DW_CFA_advance_loc1, 2, 4
    case 0x03:
    case 0x04:
        advance(machine, read_fixed(reader, (size_t)1 << (opcode - 0x02)));
        break;
    case 0x0a:
        remember_row(machine, reader);
        break;
    case 0x0b:
        recall_row(machine, reader);
        break;
    case 0x0e: // DW_CFA_def_cfa_offset
        machine->row.cfa_offset = (int64_t)read_uleb(reader);
        break;
    case 0x0f: // DW_CFA_def_cfa_expression
        define_cfa_by_expression(machine, reader);
        break;
    case 0x10: // DW_CFA_expression
        place_by_expression(machine, reader);
        break;
    case 0x13: // DW_CFA_def_cfa_offset_sf
        machine->row.cfa_offset = read_sleb(reader) * machine->common->data_alignment;
        break;
    case 0x2e: // DW_CFA_GNU_args_size
        read_uleb(reader);
        break;
    default:
        execute_on_register(machine, reader, opcode);
    }
}

// Returns false when the row that applies to the target is complete.
static bool execute(struct machine *machine, struct reader *reader)
{
    uint64_t opcode = read_fixed(reader, 1);
    if (opcode & 0xc0)
        execute_primary(machine, reader, opcode & 0xc0, opcode & 0x3f);
    else
        execute_extended(machine, reader, opcode);
    return machine->location <= machine->target;
}

static bool run(struct machine *machine, struct reader instructions)
{
    while (!instructions.is_bad && instructions.at < instructions.end && execute(machine, &instructions))
        continue;
    return !instructions.is_bad;
}

static struct unwind_rule rule_of(const struct row *row)
{
    const struct unwind_rule hard = {.kind = UNWIND_HARD};
    struct unwind_rule rule = {0};
    if (row->return_address.kind == PLACE_UNDEFINED)
        return (struct unwind_rule){.kind = UNWIND_END};
    if (row->return_address.kind != PLACE_CFA_OFFSET || row->return_address.offset != -8 ||
        row->rsp.kind != PLACE_SAME || row->cfa_offset != (int32_t)row->cfa_offset ||
        row->rbp.offset != (int16_t)row->rbp.offset)
        return hard;
    if (row->cfa_kind == CFA_AT_RBP)
        rule.kind = UNWIND_AT_RBP;
    else if (row->cfa_kind == CFA_REGISTER && row->cfa_register == REGISTER_RSP)
        rule.kind = UNWIND_FROM_RSP;
    else if (row->cfa_kind == CFA_REGISTER && row->cfa_register == REGISTER_RBP)
        rule.kind = UNWIND_FROM_RBP;
    else
        return hard;
    if (row->rbp.kind == PLACE_OTHER || row->rbp.kind == PLACE_UNDEFINED)
        return hard;
    if (row->rbp.kind == PLACE_CFA_OFFSET)
        rule.rbp_kind = UNWIND_RBP_FROM_CFA;
    else if (row->rbp.kind == PLACE_RBP_OFFSET)
        rule.rbp_kind = UNWIND_RBP_FROM_RBP;
    rule.cfa_offset = (int32_t)row->cfa_offset;
    rule.rbp_offset = (int16_t)row->rbp.offset;
    return rule;
}

// Runs the program of the function's entry. It must cover the address: the table names the last function that begins
// before.
static struct unwind_rule rule_from_entry(const uint8_t *entry, uint64_t address)
{
    const struct unwind_rule hard = {.kind = UNWIND_HARD};
    struct common common = {0};
    struct reader reader = open_entry(entry);
    const uint8_t *common_field = reader.at;
    uint64_t distance = read_fixed(&reader, 4);
    if (reader.is_bad || distance == 0 || !read_common(common_field - distance, &common) || common.is_signal_frame)
        return hard;
    uint64_t begin = (uint64_t)read_pc_relative(&reader);
    uint64_t length = read_fixed(&reader, 4);
    if (address - begin >= length)
        return hard;
    if (common.has_augmentation)
        skip(&reader, read_uleb(&reader));
    struct machine machine = {.common = &common, .target = UINT64_MAX};
    if (!run(&machine, common.instructions))
        return hard;
    machine.initial = machine.row;
    machine.location = begin;
    machine.target = address;
    return run(&machine, reader) ? rule_of(&machine.row) : hard;
}

// Both relative to the header.
struct search_pair
{
    int32_t begin; // first address of a function
    int32_t entry;
};

// The table of .eh_frame_hdr, sorted by begin.
struct search_table
{
    const uint8_t *header;
    const struct search_pair *pairs;
    uint32_t count;
};

static bool open_table(const uint8_t *header, struct search_table *table)
{
    const uint8_t expected[4] = {1, ENCODING_PC_RELATIVE_4, 0x03, ENCODING_TABLE};
    if (memcmp(header, expected, sizeof expected) != 0)
        return false;
    table->header = header;
    memcpy(&table->count, header + 8, sizeof table->count);
    table->pairs = (const void *)(header + 12);
    return table->count > 0;
}

static const uint8_t *find_entry(const struct search_table *table, uint64_t address)
{
    int64_t offset = (int64_t)(address - (uintptr_t)table->header);
    uint32_t low = 0;
    uint32_t high = table->count;
    while (high - low > 1)
    {
        uint32_t middle = low + (high - low) / 2;
        if (table->pairs[middle].begin <= offset)
            low = middle;
        else
            high = middle;
    }
    return table->pairs[low].begin <= offset ? table->header + table->pairs[low].entry : NULL;
}

struct unwind_rule unwind_rule_read(uint64_t address)
{
    const struct unwind_rule hard = {.kind = UNWIND_HARD};
    struct dl_find_object object;
    struct search_table table;
    // The loader takes a pointer that it never follows.
    if (_dl_find_object((void *)(uintptr_t)address, &object) != 0 || !object.dlfo_eh_frame ||
        !open_table(object.dlfo_eh_frame, &table))
        return hard;
    const uint8_t *entry = find_entry(&table, address);
    return entry ? rule_from_entry(entry, address) : hard;
}
