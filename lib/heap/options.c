// SPDX-License-Identifier: MIT
// Reads the text that names an allocator. Every name, option and value stands in one table, from which the complaints
// are made as well. Refuses what it does not know; opens nothing.
#include "heap/options.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum
{
    TEXT_BYTES_MAX = 256,
    CHOICES_MAX = 3,
    QUARANTINE_BYTES_DEFAULT = 64 * 1024,
};

static const struct name_row
{
    const char *name;
    enum heap_kind kind;
} names[] = {
    {"system", HEAP_SYSTEM},         {"bump:lifo", HEAP_BUMP_LIFO}, {"bump", HEAP_BUMP_LIFO},
    {"bump:fifo", HEAP_BUMP_FIFO},   {"bump:none", HEAP_BUMP_NONE}, {"zoned", HEAP_ZONED},
    {"splitmerge", HEAP_SPLITMERGE},
};

// A choice is stored as an int, a switch as a bool, a size as uint64_t.
static const struct option_row
{
    const char *name;
    enum
    {
        CHOICE,
        SWITCH,
        SIZE,
    } type;
    size_t offset;
    bool is_zoned_only;
    const char *choices[CHOICES_MAX];
    int choice_values[CHOICES_MAX];
} option_rows[] = {
    {"quarantine",
     CHOICE,
     offsetof(struct heap_options, quarantine),
     true,
     {"fifo", "random", "none"},
     {HEAP_QUARANTINE_FIFO, HEAP_QUARANTINE_RANDOM, HEAP_QUARANTINE_NONE}},
    {"quarantine-bytes", SIZE, offsetof(struct heap_options, quarantine_bytes), true, {NULL}, {0}},
    {"guards", SWITCH, offsetof(struct heap_options, has_guards), true, {"on", "off"}, {true, false}},
    {"fill", SWITCH, offsetof(struct heap_options, is_filled), true, {"on", "off"}, {true, false}},
    {"canary", SWITCH, offsetof(struct heap_options, has_canary), true, {"on", "off"}, {true, false}},
    {"zone-bytes", SIZE, offsetof(struct heap_options, zone_bytes), true, {NULL}, {0}},
    {"on-misuse",
     CHOICE,
     offsetof(struct heap_options, on_misuse),
     false,
     {"report", "abort"},
     {HEAP_ON_MISUSE_REPORT, HEAP_ON_MISUSE_ABORT}},
};

enum
{
    NAME_COUNT = sizeof names / sizeof *names,
    OPTION_COUNT = sizeof option_rows / sizeof *option_rows,
};

static bool allows(const struct option_row *row, enum heap_kind kind)
{
    return !row->is_zoned_only || kind == HEAP_ZONED;
}

static void add_all(struct base_text *text, const char *const *pieces)
{
    for (; *pieces; pieces++)
        base_text_add(text, *pieces);
}

#define ADD(text, ...) add_all((text), (const char *const[]){__VA_ARGS__, NULL})

static bool complain_of_name(struct base_text *complaint, const char *name)
{
    ADD(complaint, "there is no allocator '", name, "', but");
    for (int i = 0; i < NAME_COUNT; i++)
        ADD(complaint, i == 0 ? " " : ", ", names[i].name);
    return false;
}

static bool complain_of_option(struct base_text *complaint, const char *allocator, const char *option,
                               enum heap_kind kind)
{
    ADD(complaint, "'", allocator, "' has no option '", option, "', but");
    const char *between = " ";
    for (int i = 0; i < OPTION_COUNT; i++)
        if (allows(&option_rows[i], kind))
        {
            ADD(complaint, between, option_rows[i].name);
            between = ", ";
        }
    return false;
}

static bool complain_of_value(struct base_text *complaint, const struct option_row *row, const char *value)
{
    ADD(complaint, "option '", row->name, "' is not '", value, "', but");
    if (row->type == SIZE)
        base_text_add(complaint, " a number, with or without K, M, G or T");
    for (int i = 0; i < CHOICES_MAX && row->choices[i]; i++)
        ADD(complaint, i == 0 ? " " : ", ", row->choices[i]);
    return false;
}

static bool parse_size(const char *text, uint64_t *size)
{
    static const char suffixes[] = "KMGT";
    uint64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *at - '0', &number))
            return false;
    if (at == text)
        return false;
    const char *suffix = *at ? strchr(suffixes, *at) : NULL;
    if (suffix && __builtin_mul_overflow(number, UINT64_C(1024) << (10 * (suffix - suffixes)), &number))
        return false;
    *size = number;
    return suffix ? at[1] == 0 : *at == 0;
}

static const int *find_choice(const struct option_row *row, const char *value)
{
    for (int i = 0; i < CHOICES_MAX && row->choices[i]; i++)
        if (strcmp(row->choices[i], value) == 0)
            return &row->choice_values[i];
    return NULL;
}

static_assert(sizeof(enum heap_quarantine) == sizeof(int) && sizeof(enum heap_on_misuse) == sizeof(int),
              "a choice is stored as an int");

// False: no such value.
static bool set_option(struct heap_options *options, const struct option_row *row, const char *value)
{
    char *field = (char *)options + row->offset;
    if (row->type == SIZE)
    {
        uint64_t size;
        if (!parse_size(value, &size))
            return false;
        memcpy(field, &size, sizeof size);
        return true;
    }
    const int *chosen = find_choice(row, value);
    if (!chosen)
        return false;
    if (row->type == SWITCH)
        memcpy(field, &(bool){*chosen != 0}, sizeof(bool));
    else
        memcpy(field, chosen, sizeof *chosen);
    return true;
}

static bool parse_option(struct heap_options *options, const char *allocator, char *option, struct base_text *complaint)
{
    char *equals = strchr(option, '=');
    if (equals)
        *equals = 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strcmp(option_rows[i].name, option) == 0 && allows(&option_rows[i], options->kind))
        {
            const char *value = equals ? equals + 1 : "";
            return set_option(options, &option_rows[i], value) || complain_of_value(complaint, &option_rows[i], value);
        }
    return complain_of_option(complaint, allocator, option, options->kind);
}

// Ends the word at its comma; returns what comes after it, NULL where there is none.
static char *cut_word(char *word)
{
    char *comma = strchr(word, ',');
    if (!comma)
        return NULL;
    *comma = 0;
    return comma + 1;
}

static bool parse_name(struct heap_options *options, const char *name)
{
    for (int i = 0; i < NAME_COUNT; i++)
        if (strcmp(names[i].name, name) == 0)
        {
            options->kind = names[i].kind;
            return true;
        }
    return false;
}

bool heap_options_parse(struct heap_options *options, const char *text, struct base_text *complaint)
{
    char words[TEXT_BYTES_MAX];
    *options = (struct heap_options){.kind = HEAP_SYSTEM, .quarantine_bytes = QUARANTINE_BYTES_DEFAULT};
    base_text_clear(complaint);
    if (!text || !*text)
        return true;
    size_t length = strlen(text);
    if (length >= sizeof words)
    {
        base_text_add(complaint, "the name of an allocator and its options are longer than 255 bytes");
        return false;
    }
    memcpy(words, text, length + 1);
    char *option = cut_word(words);
    if (!parse_name(options, words))
        return complain_of_name(complaint, words);
    while (option)
    {
        char *next = cut_word(option);
        if (!parse_option(options, words, option, complaint))
            return false;
        option = next;
    }
    return true;
}
