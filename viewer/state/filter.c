// SPDX-License-Identifier: MIT
// The filter as a user types it, and back. Does not filter: pages do.
#include "viewer/state/state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "text/class_size.h"
#include "text/format.h"

#define WORD_BYTES 128

struct word
{
    char text[WORD_BYTES]; // as it stands there, for complaints
    char key[16];
    char value[WORD_BYTES];
};

static int refuse(const struct word *word, const char *known, struct reel_error *error)
{
    char quoted[WORD_BYTES];
    return reel_error_set(error, REEL_E_ARGUMENT, "%s: %s", format_text(quoted, sizeof quoted, word->text), known);
}

// --- classes

// Blanks end a word.
static void leave_out_blanks(char *text)
{
    char *out = text;
    for (const char *in = text; *in != '\0'; in++)
        if (*in != ' ')
            *out++ = *in;
    *out = '\0';
}

static void name_class(char text[CLASS_SIZE_BYTES], const struct reel_class_state *class)
{
    class_size(text, class);
    leave_out_blanks(text);
}

static bool is_class(const struct reel_replay *replay, uint32_t number, struct reel_class_state *class)
{
    *class = reel_replay_class(replay, number);
    return class->number == number;
}

static bool find_name(const struct reel_replay *replay, const char *name, uint32_t *number)
{
    struct reel_class_state class;
    char text[CLASS_SIZE_BYTES];
    for (uint32_t i = 0; i < REEL_CLASS_NUMBERS; i++)
    {
        if (!is_class(replay, i, &class))
            continue;
        name_class(text, &class);
        if (strcasecmp(text, name) != 0)
            continue;
        *number = i;
        return true;
    }
    return false;
}

// Digits with k, m or g behind them; *text moves on.
static bool take_size(const char **text, uint64_t *bytes)
{
    static const char units[] = "kmg";
    uint64_t unit = 1;
    *bytes = 0;
    if (!isdigit((unsigned char)**text))
        return false;
    for (; isdigit((unsigned char)**text); (*text)++)
    {
        uint64_t digit = (uint64_t)(**text - '0');
        if (*bytes > (UINT64_MAX - digit) / 10)
            return false;
        *bytes = *bytes * 10 + digit;
    }
    const char *found = **text != '\0' ? strchr(units, tolower((unsigned char)**text)) : NULL;
    if (found != NULL)
    {
        unit = UINT64_C(1) << (10 * (found - units + 1));
        (*text)++;
    }
    if (*bytes > UINT64_MAX / unit)
        return false;
    *bytes *= unit;
    return true;
}

// The class whose blocks have that usable size; one of slots that are not aligned, where there are two.
static bool find_size(const struct reel_replay *replay, const char *text, uint32_t *number)
{
    struct reel_class_state class;
    uint64_t bytes;
    bool is_found = false;
    if (!take_size(&text, &bytes) || *text != '\0')
        return false;
    for (uint32_t i = 1; i < REEL_CLASS_NUMBERS; i++)
    {
        if (!is_class(replay, i, &class) || bytes < class.least_bytes || bytes > class.greatest_bytes)
            continue;
        if (is_found && class.is_aligned)
            continue;
        *number = i;
        is_found = true;
    }
    return is_found;
}

static bool find_number(const char *text, uint32_t *number)
{
    size_t digits = strspn(text + 1, "0123456789");
    unsigned long value = digits != 0 && digits <= 3 ? strtoul(text + 1, NULL, 10) : REEL_CLASS_NUMBERS;
    *number = (uint32_t)value;
    return text[1 + digits] == '\0' && value < REEL_CLASS_NUMBERS;
}

static int take_class(struct filter *filter, const struct reel_replay *replay, const struct word *word,
                      struct reel_error *error)
{
    static const char known[] = "no class; write its name or a size in it (class:48, class:large)";
    bool is_number = word->value[0] == '#';
    bool is_found = is_number && find_number(word->value, &filter->class_number);
    if (!is_number && replay != NULL)
        is_found = find_name(replay, word->value, &filter->class_number) ||
                   find_size(replay, word->value, &filter->class_number);
    filter->has_class = true;
    return is_found ? REEL_OK : refuse(word, known, error);
}

// --- sizes

// "64", "64-1k", "<64", "<=64", ">4k", ">=4k". A bound of nothing at all is none.
static bool parse_sizes(const char *text, uint64_t *least, uint64_t *most)
{
    uint64_t bytes;
    char sign = *text == '<' || *text == '>' ? *text++ : '\0';
    bool is_equal = sign != '\0' && *text == '=';
    text += is_equal;
    if (!take_size(&text, &bytes))
        return false;
    *least = sign == '<' ? 0 : bytes;
    *most = sign == '>' ? 0 : bytes;
    if (sign == '<' && !is_equal && bytes != 0)
        --*most;
    if (sign == '>' && !is_equal && ++*least == 0)
        return false;
    if (sign == '\0' && *text == '-')
    {
        text++;
        if (!take_size(&text, most) || *most < *least)
            return false;
    }
    return *text == '\0' && (sign == '>' ? *least != 0 : *most != 0);
}

static void print_size(char text[FORMAT_BYTES], uint64_t bytes)
{
    static const char units[] = "kmg";
    int unit = 0;
    for (; unit < 3 && bytes != 0 && bytes % 1024 == 0; unit++)
        bytes /= 1024;
    snprintf(text, FORMAT_BYTES, "%llu%.*s", (unsigned long long)bytes, unit != 0, unit != 0 ? &units[unit - 1] : "");
}

// --- words

// The next word of the text, whose value may stand in quotes. False: there is none.
static bool take_word(const char **text, struct word *word)
{
    const char *begin = *text + strspn(*text, " ");
    size_t key = strcspn(begin, " :");
    const char *value = begin[key] == ':' ? begin + key + 1 : begin + key;
    bool is_quoted = *value == '"' && strchr(value + 1, '"') != NULL;
    value += is_quoted;
    size_t length = strcspn(value, is_quoted ? "\"" : " ");
    *text = value + length + is_quoted;
    snprintf(word->text, sizeof word->text, "%.*s", (int)(*text - begin), begin);
    snprintf(word->key, sizeof word->key, "%.*s", (int)key, begin);
    snprintf(word->value, sizeof word->value, "%.*s", (int)length, value);
    if (strcmp(word->key, "class") == 0)
        leave_out_blanks(word->value);
    return *begin != '\0';
}

static int take_function(struct filter *filter, const struct word *word, struct reel_error *error)
{
    if (word->value[0] == '\0' || strlen(word->value) >= sizeof filter->function)
        return refuse(word, "write a part of a function's name, as fn:parse", error);
    strcpy(filter->function, word->value);
    return REEL_OK;
}

static int take(struct filter *filter, const struct reel_replay *replay, const struct word *word,
                struct reel_error *error)
{
    if (strcmp(word->key, "class") == 0)
        return take_class(filter, replay, word, error);
    if (strcmp(word->key, "fn") == 0)
        return take_function(filter, word, error);
    if (strcmp(word->key, "size") != 0)
        return refuse(word, "no filter; known are class:48 size:64-1k fn:parse process:2", error);
    return parse_sizes(word->value, &filter->least_bytes, &filter->most_bytes)
               ? REEL_OK
               : refuse(word, "no sizes from 1 on; write size:64, size:64-1k, size:>=4k or size:<64", error);
}

int filter_parse(struct filter *filter, const struct reel_replay *replay, const char *text, struct reel_error *error)
{
    struct filter parsed = {0};
    struct word word;
    int status = REEL_OK;
    while (status == REEL_OK && take_word(&text, &word))
        status = take(&parsed, replay, &word, error);
    if (status == REEL_OK)
        *filter = parsed;
    return status;
}

static size_t print_class(const struct filter *filter, const struct reel_replay *replay, char *text, size_t size)
{
    char name[CLASS_SIZE_BYTES] = "";
    struct reel_class_state class;
    uint32_t number = 0;
    if (replay != NULL && is_class(replay, filter->class_number, &class))
        name_class(name, &class);
    if (name[0] == '\0' || !find_name(replay, name, &number) || number != filter->class_number)
        snprintf(name, sizeof name, "#%u", filter->class_number);
    return (size_t)snprintf(text, size, "class:%s", name);
}

static size_t print_sizes(const struct filter *filter, char *text, size_t size)
{
    char least[FORMAT_BYTES];
    char most[FORMAT_BYTES];
    print_size(least, filter->least_bytes);
    print_size(most, filter->most_bytes);
    if (filter->most_bytes == 0)
        return (size_t)snprintf(text, size, "size:>=%s", least);
    if (filter->least_bytes == 0)
        return (size_t)snprintf(text, size, "size:<=%s", most);
    bool is_one = filter->least_bytes == filter->most_bytes;
    return (size_t)snprintf(text, size, "size:%s%s%s", least, is_one ? "" : "-", is_one ? "" : most);
}

void filter_print(const struct filter *filter, const struct reel_replay *replay, char text[STATE_TEXT_BYTES])
{
    const char *quote = strchr(filter->function, ' ') != NULL ? "\"" : "";
    size_t length = 0;
    text[0] = '\0';
    if (filter->has_class)
        length += print_class(filter, replay, text, STATE_TEXT_BYTES);
    if (filter->least_bytes != 0 || filter->most_bytes != 0)
    {
        length += (size_t)snprintf(text + length, STATE_TEXT_BYTES - length, "%s", length != 0 ? " " : "");
        length += print_sizes(filter, text + length, STATE_TEXT_BYTES - length);
    }
    if (filter->function[0] != '\0')
        snprintf(text + length, STATE_TEXT_BYTES - length, "%sfn:%s%s%s", length != 0 ? " " : "", quote,
                 filter->function, quote);
}

bool filter_is_empty(const struct filter *filter)
{
    return !filter->has_class && filter->least_bytes == 0 && filter->most_bytes == 0 && filter->function[0] == '\0';
}

bool filter_is_same(const struct filter *left, const struct filter *right)
{
    return left->has_class == right->has_class && (!left->has_class || left->class_number == right->class_number) &&
           left->least_bytes == right->least_bytes && left->most_bytes == right->most_bytes &&
           strcmp(left->function, right->function) == 0;
}
