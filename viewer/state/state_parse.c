// SPDX-License-Identifier: MIT
// A state from text that anybody may have written: a link, a command line. Takes all of it or nothing.
#include "viewer/state/state_fields.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "reel/error.h"
#include "reel/moment.h"
#include "text/format.h"

#define QUOTED_BYTES 48 // of foreign text in a complaint
#define NS_DIGITS 9
#define FOCUS_DIGITS 8

struct reading
{
    struct state *state;
    struct reel_reader *reader;
    const char *field;
    char *value;
    struct reel_error *error;
};

struct field
{
    const char *name;
    int (*take)(const struct reading *reading);
};

// What the browser alone has.
static const char *const browser_pages[] = {"compare", "sql", "export"};
static const char *const browser_fields[] = {"reel", "other", "colour", "columns", "sort", "q"};
#define BROWSER_PAGE_COUNT (sizeof browser_pages / sizeof *browser_pages)
#define BROWSER_FIELD_COUNT (sizeof browser_fields / sizeof *browser_fields)

// --- complaints

static int refuse(const struct reading *reading, const char *known)
{
    char quoted[QUOTED_BYTES];
    return reel_error_set(reading->error, REEL_E_ARGUMENT, "state: %s=%s: write %s", reading->field,
                          format_text(quoted, sizeof quoted, reading->value), known);
}

// The words are those of name(0), name(1) ...
static int refuse_word(const struct reading *reading, int first, int count, const char *(*name)(int number))
{
    char known[256] = "";
    for (int i = first; i < count; i++)
    {
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i == first ? "one of " : ", ", name(i));
    }
    return refuse(reading, known);
}

// --- values

static bool parse_number(const char *text, uint64_t most, uint64_t *number)
{
    *number = 0;
    if (text[0] == '\0')
        return false;
    for (; *text != '\0'; text++)
    {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || *number > (most - digit) / 10 || digit > most)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

static bool parse_address(const char *text, uint64_t *address)
{
    *address = 0;
    if (strncmp(text, "0x", 2) != 0 || text[2] == '\0')
        return false;
    for (text += 2; *text != '\0'; text++)
    {
        if (!isxdigit((unsigned char)*text) || *address >> 60 != 0)
            return false;
        *address = *address * 16 + (uint64_t)(isdigit((unsigned char)*text) ? *text - '0' : (*text | 0x20) - 'a' + 10);
    }
    return true;
}

// "1.5s", to the nanosecond.
static bool parse_seconds(char *text, uint64_t *t_ns)
{
    char digits[NS_DIGITS + 1] = "000000000";
    uint64_t seconds;
    uint64_t fraction;
    size_t length = strlen(text);
    if (length == 0 || text[length - 1] != 's')
        return false;
    text[length - 1] = '\0';
    char *point = strchr(text, '.');
    if (point != NULL)
    {
        *point = '\0';
        size_t decimals = strlen(point + 1);
        if (decimals == 0 || decimals > NS_DIGITS)
            return false;
        memcpy(digits, point + 1, decimals);
    }
    if (!parse_number(text, UINT64_MAX / STATE_NS_IN_S - 1, &seconds) || !parse_number(digits, UINT64_MAX, &fraction))
        return false;
    *t_ns = seconds * STATE_NS_IN_S + fraction;
    return true;
}

// What cannot be shown in a complaint is in no moment.
int state_parse_moment(struct reel_reader *reader, const char *text, uint64_t *events, struct reel_error *error)
{
    char quoted[QUOTED_BYTES];
    if (strcmp(text, STATE_BEGIN) != 0)
        return reel_moment_parse(reader, format_text(quoted, sizeof quoted, text), events, error);
    *events = 0;
    return REEL_OK;
}

// --- fields

static int take_version(const struct reading *reading)
{
    return strcmp(reading->value, STATE_VERSION) == 0
               ? REEL_OK
               : refuse(reading, STATE_VERSION ": this viewer knows no other version");
}

static int take_moment(const struct reading *reading)
{
    return state_parse_moment(reading->reader, reading->value, &reading->state->moment, reading->error);
}

static int take_mark(const struct reading *reading)
{
    uint64_t *mark = reading->field[0] == 'a' ? &reading->state->mark_a : &reading->state->mark_b;
    if (reading->value[0] != '\0')
        return state_parse_moment(reading->reader, reading->value, mark, reading->error);
    *mark = STATE_NO_EVENT;
    return REEL_OK;
}

static const char *name_page(int number)
{
    return page_name((enum page_number)number);
}

static bool is_among(const char *const *words, size_t count, const char *text, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
            return true;
    return false;
}

static int take_page(const struct reading *reading)
{
    if (is_among(browser_pages, BROWSER_PAGE_COUNT, reading->value, strlen(reading->value)))
    {
        reading->state->page = PAGE_OVERVIEW;
        return REEL_OK;
    }
    return page_parse(reading->value, &reading->state->page) ? REEL_OK : refuse_word(reading, 0, PAGE_COUNT, name_page);
}

static const char *name_measure(int number)
{
    return reel_measure_name((enum reel_measure)number);
}

static int take_measure(const struct reading *reading)
{
    return reel_measure_parse(reading->value, &reading->state->measure)
               ? REEL_OK
               : refuse_word(reading, REEL_MEASURE_LIVE, REEL_MEASURE_COUNT, name_measure);
}

static const char *name_mode(int number)
{
    return state_mode_name((enum state_mode)number);
}

static int take_mode(const struct reading *reading)
{
    for (int mode = MODE_MOMENT; mode <= MODE_UNFREED; mode++)
    {
        if (strcmp(name_mode(mode), reading->value) != 0)
            continue;
        reading->state->mode = (enum state_mode)mode;
        return REEL_OK;
    }
    return refuse_word(reading, MODE_MOMENT, MODE_UNFREED + 1, name_mode);
}

static int take_process(const struct reading *reading)
{
    uint64_t process;
    if (!parse_number(reading->value, UINT32_MAX, &process))
        return refuse(reading, "the number of a process, 0 for all");
    reading->state->process = (uint32_t)process;
    return REEL_OK;
}

static int take_zoom(const struct reading *reading)
{
    static const char known[] = "two times, as 1.5s..12s or 1.5s..end";
    uint64_t begin_ns;
    uint64_t end_ns = UINT64_MAX;
    char whole[STATE_TEXT_BYTES];
    snprintf(whole, sizeof whole, "%s", reading->value);
    char *end = strstr(whole, "..");
    if (end == NULL)
        return refuse(reading, known);
    *end = '\0';
    bool is_open = strcmp(end + 2, STATE_END) == 0;
    if (!parse_seconds(whole, &begin_ns) || (!is_open && !parse_seconds(end + 2, &end_ns)) || begin_ns >= end_ns)
        return refuse(reading, known);
    reading->state->zoom_begin_ns = begin_ns;
    reading->state->zoom_end_ns = end_ns;
    return REEL_OK;
}

static bool *switch_of(const struct reading *reading)
{
    if (strcmp(reading->field, "invert") == 0)
        return &reading->state->is_inverted;
    return strcmp(reading->field, "follow") == 0 ? &reading->state->is_following : &reading->state->shows_all_frames;
}

static int take_switch(const struct reading *reading)
{
    bool *is_on = switch_of(reading);
    if (strcmp(reading->value, "0") != 0 && strcmp(reading->value, "1") != 0)
        return refuse(reading, "0 or 1");
    *is_on = reading->value[0] == '1';
    return REEL_OK;
}

static const char *name_shape(int number)
{
    return state_shape_name((enum state_shape)number);
}

static int take_shape(const struct reading *reading)
{
    for (int shape = 0; shape < SHAPE_COUNT; shape++)
    {
        if (strcmp(name_shape(shape), reading->value) != 0)
            continue;
        reading->state->shape = (enum state_shape)shape;
        return REEL_OK;
    }
    return refuse_word(reading, 0, SHAPE_COUNT, name_shape);
}

static int take_focus(const struct reading *reading)
{
    uint64_t focus = 0;
    char address[sizeof "0x00000000"];
    bool is_empty = reading->value[0] == '\0';
    snprintf(address, sizeof address, "0x%s", reading->value);
    if (!is_empty && (strlen(reading->value) != FOCUS_DIGITS || !parse_address(address, &focus)))
        return refuse(reading, "eight hexadecimal digits, or nothing");
    reading->state->focus = (uint32_t)focus;
    return REEL_OK;
}

// "2/0x7f00+4096", "0x7f00"
static bool parse_place(char *text, struct selection *selection)
{
    uint64_t process = 0;
    uint64_t bytes = 1;
    char *address = strchr(text, '/');
    if (address != NULL)
        *address++ = '\0';
    bool is_right = address == NULL || parse_number(text, UINT32_MAX, &process);
    address = address != NULL ? address : text;
    char *length = strchr(address, '+');
    if (length != NULL)
        *length++ = '\0';
    is_right = is_right && (length == NULL || parse_number(length, UINT64_MAX, &bytes));
    selection->has_address = true;
    selection->process = (uint32_t)process;
    selection->bytes = bytes;
    return is_right && parse_address(address, &selection->address) && bytes - 1 <= UINT64_MAX - selection->address;
}

static bool parse_selected(char *text, struct selection *selection)
{
    uint64_t number = 0;
    bool is_class = strncmp(text, "class:", 6) == 0;
    if (strncmp(text, "at:", 3) == 0)
        return parse_place(text + 3, selection);
    if (!is_class && strncmp(text, "stack:", 6) != 0)
        return false;
    if (!parse_number(text + 6, is_class ? REEL_CLASS_NUMBERS - 1 : UINT32_MAX, &number))
        return false;
    *(is_class ? &selection->has_class : &selection->has_stack) = true;
    *(is_class ? &selection->class_number : &selection->stack) = (uint32_t)number;
    return true;
}

static int take_selection(const struct reading *reading)
{
    struct selection selection = {0};
    char whole[STATE_TEXT_BYTES];
    char *rest = whole;
    snprintf(whole, sizeof whole, "%s", reading->value);
    for (char *part = strsep(&rest, ","); part != NULL; part = strsep(&rest, ","))
        if (part[0] != '\0' && !parse_selected(part, &selection))
            return refuse(reading, "some of class:12,stack:345,at:0x7f001000+4096");
    reading->state->selection = selection;
    return REEL_OK;
}

// Classes may be named, and only a replay knows their names.
static int take_filter(const struct reading *reading)
{
    struct reel_replay *replay = NULL;
    int status = reel_replay_open(&replay, reading->reader, reading->error);
    if (status == REEL_OK)
        status = filter_parse(&reading->state->filter, replay, reading->value, reading->error);
    reel_replay_close(replay);
    return status;
}

static int take_search(const struct reading *reading)
{
    if (strlen(reading->value) >= STATE_SEARCH_BYTES)
        return refuse(reading, "a shorter part of a name");
    strcpy(reading->state->search, reading->value);
    return REEL_OK;
}

static const struct field fields[] = {
    {"v", take_version},   {"t", take_moment},      {"a", take_mark},           {"b", take_mark},
    {"p", take_page},      {"m", take_measure},     {"mode", take_mode},        {"process", take_process},
    {"z", take_zoom},      {"invert", take_switch}, {"allframes", take_switch}, {"shape", take_shape},
    {"focus", take_focus}, {"follow", take_switch}, {"sel", take_selection},    {"f", take_filter},
    {"s", take_search},
};
#define FIELD_COUNT ((int)(sizeof fields / sizeof *fields))

// --- the whole

static int hex(char digit)
{
    return isdigit((unsigned char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

// %20 to a blank; a % before anything else is itself, as in 40%. False: a byte that text cannot have.
static bool decode(char *text)
{
    char *out = text;
    for (; *text != '\0'; text++)
    {
        bool is_coded = text[0] == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]);
        *out = is_coded ? (char)(hex(text[1]) * 16 + hex(text[2])) : *text;
        if (*out++ == '\0')
            return false;
        text += is_coded ? 2 : 0;
    }
    *out = '\0';
    return true;
}

static const char *name_field(int number)
{
    return fields[number].name;
}

static int refuse_field(const struct reading *reading)
{
    struct reading unknown = *reading;
    char quoted[QUOTED_BYTES];
    unknown.value = format_text(quoted, sizeof quoted, reading->field);
    unknown.field = "field";
    return refuse_word(&unknown, 0, FIELD_COUNT, name_field);
}

static int take_field(struct reading *reading, char *text)
{
    char *equals = strchr(text, '=');
    reading->field = text;
    reading->value = equals != NULL ? equals + 1 : text + strlen(text);
    if (equals != NULL)
        *equals = '\0';
    for (int i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].name, text) == 0)
            return decode(reading->value) ? fields[i].take(reading) : refuse(reading, "no %00");
    return refuse_field(reading);
}

// The fields that are read here. False: they have as many bytes as there is room for, or more.
static bool keep_fields(char whole[STATE_TEXT_BYTES], const char *text)
{
    size_t kept = 0;
    text += text[0] == '#' ? 1 : 0; // as it stands in an address
    while (*text != '\0')
    {
        size_t length = strcspn(text, "&");
        bool is_kept = length != 0 && !is_among(browser_fields, BROWSER_FIELD_COUNT, text, strcspn(text, "=&"));
        if (is_kept && length + (kept != 0) >= STATE_TEXT_BYTES - kept)
            return false;
        if (is_kept && kept != 0)
            whole[kept++] = '&';
        memcpy(whole + kept, text, is_kept ? length : 0);
        kept += is_kept ? length : 0;
        text += length;
        text += text[0] == '&' ? 1 : 0;
    }
    whole[kept] = '\0';
    return true;
}

int state_parse(struct state *state, struct reel_reader *reader, const char *text, struct reel_error *error)
{
    struct state parsed = *state;
    struct reading reading = {.state = &parsed, .reader = reader, .error = error};
    char whole[STATE_TEXT_BYTES];
    char *rest = whole;
    int status = REEL_OK;
    if (!keep_fields(whole, text))
        return reel_error_set(error, REEL_E_ARGUMENT, "state: longer than %zu bytes: copy it again", sizeof whole - 1);
    for (char *field = strsep(&rest, "&"); field != NULL && status == REEL_OK; field = strsep(&rest, "&"))
        if (field[0] != '\0')
            status = take_field(&reading, field);
    if (status == REEL_OK)
        *state = parsed;
    return status;
}
