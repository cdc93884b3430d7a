// SPDX-License-Identifier: MIT
// The grammar of --fail-if. Knows no figure.
#include "cli/fail_if.h"

#include <string.h>

#include "cli/fail_if_terms.h"
#include "cli/parse.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz_"
#define DIGITS "0123456789"
#define SHARE_MAX 100

struct reading
{
    struct argp_state *state;
    const char *text;
    const char *at;
    bool is_wrong;
};

static const struct
{
    const char *sign;
    enum fail_if_operator operation;
} operators[] = {
    {"<=", FAIL_IF_LESS_OR_EQUAL}, {">=", FAIL_IF_GREATER_OR_EQUAL}, {"==", FAIL_IF_EQUAL}, {"!=", FAIL_IF_NOT_EQUAL},
    {"<", FAIL_IF_LESS},           {">", FAIL_IF_GREATER},
};

static const struct
{
    const char *name;
    long double bytes;
} units[] = {
    {"B", 1},
    {"KiB", 1024},
    {"MiB", 1024.0L * 1024},
    {"GiB", 1024.0L * 1024 * 1024},
    {"TiB", 1024.0L * 1024 * 1024 * 1024},
};

static void skip_blanks(struct reading *reading)
{
    reading->at += strspn(reading->at, " \t");
}

// Tells the first mistake only.
static void refuse(struct reading *reading, const char *at, const char *why)
{
    if (!reading->is_wrong)
        cli_usage_error(reading->state, "--fail-if '%s': %s at character %zu", reading->text, why,
                        (size_t)(at - reading->text) + 1);
    reading->is_wrong = true;
}

static const struct fail_if_term *read_term(struct reading *reading)
{
    const char *name = reading->at;
    size_t bytes = strspn(name, NAME_CHARACTERS);
    const struct fail_if_term *term = fail_if_find_term(name, bytes);
    if (term == NULL)
        refuse(reading, name, bytes != 0 ? "there is no such term" : "a term is missing");
    reading->at += bytes;
    return term;
}

static enum fail_if_operator read_operator(struct reading *reading)
{
    skip_blanks(reading);
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strncmp(reading->at, operators[i].sign, strlen(operators[i].sign)) == 0)
        {
            reading->at += strlen(operators[i].sign);
            return operators[i].operation;
        }
    refuse(reading, reading->at, "one of < <= > >= == != is missing");
    return FAIL_IF_LESS;
}

// Digits with an optional fraction, the same in every locale.
static long double read_number(struct reading *reading)
{
    long double number = 0;
    long double place = 1;
    skip_blanks(reading);
    if (strspn(reading->at, DIGITS) == 0)
        refuse(reading, reading->at, "a number is missing");
    for (; *reading->at >= '0' && *reading->at <= '9'; reading->at++)
        number = number * 10 + (*reading->at - '0');
    if (*reading->at != '.')
        return number;
    if (strspn(reading->at + 1, DIGITS) == 0)
        refuse(reading, reading->at + 1, "a digit is missing");
    for (reading->at++; *reading->at >= '0' && *reading->at <= '9'; reading->at++)
        number += (*reading->at - '0') * (place /= 10);
    return number;
}

static void read_unit(struct reading *reading, struct fail_if_comparison *comparison)
{
    const char *unit = reading->at + strspn(reading->at, " \t");
    size_t bytes = strcspn(unit, " \t");
    if (*unit == '%')
    {
        if (comparison->term->whole_name == NULL)
            refuse(reading, unit, "no % is known of this term");
        else if (comparison->limit > SHARE_MAX)
            refuse(reading, unit, "more than 100 %");
        comparison->is_share = true;
        reading->at = unit + 1;
        return;
    }
    if (bytes == 0 || strncmp(unit, "and", bytes) == 0 || strncmp(unit, "or", bytes) == 0)
        return;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == bytes && memcmp(unit, units[i].name, bytes) == 0)
        {
            if (!comparison->term->is_bytes)
                refuse(reading, unit, "this term is no amount of bytes");
            comparison->limit *= units[i].bytes;
            reading->at = unit + bytes;
            return;
        }
    refuse(reading, unit, "none of the units B, KiB, MiB, GiB, TiB, %");
}

static void read_comparison(struct reading *reading, struct fail_if_comparison *comparison)
{
    skip_blanks(reading);
    comparison->begin = (size_t)(reading->at - reading->text);
    comparison->term = read_term(reading);
    if (reading->is_wrong)
        return;
    comparison->operation = read_operator(reading);
    comparison->limit = read_number(reading);
    if (reading->is_wrong)
        return;
    read_unit(reading, comparison);
    comparison->text_bytes = (size_t)(reading->at - reading->text) - comparison->begin;
}

// False at the end of the text, or after a mistake.
static bool read_joint(struct reading *reading, bool *is_or)
{
    const char *before = reading->at;
    skip_blanks(reading);
    size_t bytes = strcspn(reading->at, " \t");
    if (reading->is_wrong || bytes == 0)
        return false;
    *is_or = bytes == 2 && memcmp(reading->at, "or", 2) == 0;
    bool is_and = bytes == 3 && memcmp(reading->at, "and", 3) == 0;
    if ((!*is_or && !is_and) || before == reading->at)
    {
        refuse(reading, reading->at, "`and` or `or` is missing");
        return false;
    }
    reading->at += bytes;
    return true;
}

error_t fail_if_take(struct argp_state *state, const char *text, struct fail_if *fail_if)
{
    struct reading reading = {.state = state, .text = text, .at = text};
    bool is_or = true;
    *fail_if = (struct fail_if){.text = text};
    do
    {
        if (fail_if->count == FAIL_IF_COMPARISONS_MAX)
        {
            refuse(&reading, reading.at, "one comparison too many");
            break;
        }
        struct fail_if_comparison *comparison = &fail_if->comparisons[fail_if->count++];
        comparison->begins_alternative = is_or;
        read_comparison(&reading, comparison);
    } while (read_joint(&reading, &is_or));
    return reading.is_wrong ? EINVAL : 0;
}

bool fail_if_asks_heap(const struct fail_if *fail_if)
{
    for (size_t i = 0; i < fail_if->count; i++)
        if (fail_if->comparisons[i].term->is_of_heap)
            return true;
    return false;
}
