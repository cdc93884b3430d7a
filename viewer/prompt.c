// SPDX-License-Identifier: MIT
// The line that takes text, and what each kind of it does when it is taken. Moves nothing when it is not understood.
#include "viewer/prompt.h"

#include "viewer/screen/utf8.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "text/format.h"

enum
{
    KEY_ENTER = 13,
    KEY_LINE_FEED = 10,
    KEY_ESCAPE = 27,
    KEY_BACKSPACE = 127,
    KEY_CONTROL_H = 8,
    KEY_CONTROL_U = 21,
    KEY_CONTROL_W = 23,
};

struct prompt_words
{
    const char *label;
    const char *hint; // where nothing is typed yet
};

static const struct prompt_words words[] = {
    [PROMPT_NONE] = {"", ""},
    [PROMPT_GOTO] = {"Goto: ", "12.5s  #1000  40%  peak  worst  begin  end  A  B  0x7f001000"},
    [PROMPT_SEARCH] = {"Search: ", "a part of a name"},
    [PROMPT_FILTER] = {"Filter: ", "class:48  size:64-1k  fn:parse  process:2"},
};

#define PROCESS_WORD "process:"

static void print_filter(struct prompt *prompt, const struct page_view *view)
{
    char filter[STATE_TEXT_BYTES];
    char process[FORMAT_BYTES] = "";
    filter_print(&view->state->filter, model_replay(view->model), filter);
    if (view->state->process != 0)
        snprintf(process, sizeof process, PROCESS_WORD "%u%s", view->state->process, filter[0] != '\0' ? " " : "");
    snprintf(prompt->text, sizeof prompt->text, "%s%.*s", process, (int)(sizeof prompt->text - sizeof process), filter);
    prompt->length = strlen(prompt->text);
}

void prompt_open(struct prompt *prompt, enum prompt_kind kind, const struct page_view *view)
{
    *prompt = (struct prompt){.kind = kind};
    if (kind == PROMPT_FILTER)
        print_filter(prompt, view);
}

// --- editing

static void cut(struct prompt *prompt, size_t length)
{
    prompt->length = length;
    prompt->text[length] = '\0';
}

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static void erase_character(struct prompt *prompt)
{
    size_t length = prompt->length;
    while (length != 0 && is_inside_character(prompt->text[length - 1]))
        length--;
    cut(prompt, length != 0 ? length - 1 : 0);
}

static void erase_word(struct prompt *prompt)
{
    size_t length = prompt->length;
    while (length != 0 && prompt->text[length - 1] == ' ')
        length--;
    while (length != 0 && prompt->text[length - 1] != ' ')
        length--;
    cut(prompt, length);
}

static size_t room_of(const struct prompt *prompt)
{
    return prompt->kind == PROMPT_SEARCH ? STATE_SEARCH_BYTES : sizeof prompt->text;
}

static void insert(struct prompt *prompt, uint32_t character)
{
    char bytes[UTF8_BYTES_MAX];
    bool is_text = character >= ' ' && character != KEY_BACKSPACE && character < KEY_CODE_FIRST &&
                   (character < 0x80 || character >= 0xa0);
    if (!is_text)
        return;
    size_t length = (size_t)utf8_put(bytes, character);
    if (prompt->length + length >= room_of(prompt))
        return;
    memcpy(prompt->text + prompt->length, bytes, length);
    cut(prompt, prompt->length + length);
}

static void edit(struct prompt *prompt, uint32_t key)
{
    switch (key)
    {
    case KEY_BACKSPACE:
    case KEY_CONTROL_H:
        erase_character(prompt);
        break;
    case KEY_CONTROL_U:
        cut(prompt, 0);
        break;
    case KEY_CONTROL_W:
        erase_word(prompt);
        break;
    default:
        insert(prompt, key);
    }
}

// --- goto

static int find_mark(uint64_t mark, const char *name, uint64_t *events, struct reel_error *error)
{
    *events = mark;
    return mark != STATE_NO_EVENT ? REEL_OK
                                  : reel_error_set(error, REEL_E_ARGUMENT, "mark %s is not set: go there, and press %s",
                                                   name, name[0] == 'A' ? "a" : "b");
}

// It has the form of a moment, if the reel has it or not: the engine says the rest, which has room then.
static bool is_moment(const char *text)
{
    bool is_event = text[0] == '#';
    size_t digits = strspn(text + is_event, is_event ? "0123456789" : "0123456789.");
    const char *unit = text + is_event + digits;
    return digits != 0 && (is_event ? unit[0] == '\0' : strcmp(unit, "s") == 0 || strcmp(unit, "%") == 0);
}

static int find_moment(const struct page_view *view, const char *text, uint64_t *events, struct reel_error *error)
{
    if (strcasecmp(text, "a") == 0)
        return find_mark(view->state->mark_a, "A", events, error);
    if (strcasecmp(text, "b") == 0)
        return find_mark(view->state->mark_b, "B", events, error);
    int status = state_parse_moment(model_reader(view->model), text, events, error);
    if (status == REEL_E_ARGUMENT && !is_moment(text))
        return reel_error_set(error, status, "no moment; write 12.5s #1000 40%% peak worst begin end A B 0x7f00");
    return status;
}

static int go_to_address(struct page_view *view, const char *text, struct reel_error *error)
{
    struct state *state = view->state;
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    if (digits == 0 || digits > 16 || text[2 + digits] != '\0')
        return reel_error_set(error, REEL_E_ARGUMENT, "no address: write 0x and up to 16 digits, as 0x7f001000");
    state->selection.has_address = true;
    state->selection.process = state->process;
    state->selection.address = strtoull(text + 2, NULL, 16);
    state->selection.bytes = 1;
    state->page = PAGE_BLOCKS;
    return REEL_OK;
}

static int take_goto(struct page_view *view, const char *text, unsigned *reaction, struct reel_error *error)
{
    uint64_t events = 0;
    if (strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0)
        return go_to_address(view, text, error);
    int status = find_moment(view, text, &events, error);
    if (status != REEL_OK)
        return status;
    if (events != view->state->moment)
        *reaction |= REACTION_MOVE;
    view->state->moment = events;
    view->state->is_following = false;
    return REEL_OK;
}

// --- filter

static int parse_process(const struct page_view *view, const char *text, uint32_t *process, struct reel_error *error)
{
    size_t count = 0;
    size_t digits = strspn(text, "0123456789");
    unsigned long number = digits < 10 ? strtoul(text, NULL, 10) : ULONG_MAX;
    reel_replay_processes(model_replay(view->model), &count);
    if (digits == 0 || text[digits] != '\0' || number > count)
        return reel_error_set(error, REEL_E_ARGUMENT, PROCESS_WORD " is a number up to %zu, 0 for all", count);
    *process = (uint32_t)number;
    return REEL_OK;
}

// The filter without the word for the process, which is the state's own.
static int take_filter(struct page_view *view, const char *text, struct reel_error *error)
{
    char rest[STATE_TEXT_BYTES];
    char *left = rest;
    char *out = rest;
    uint32_t process = 0;
    int status = REEL_OK;
    snprintf(rest, sizeof rest, "%s", text);
    for (char *word = strsep(&left, " "); word != NULL && status == REEL_OK; word = strsep(&left, " "))
    {
        size_t length = strlen(word);
        if (strncmp(word, PROCESS_WORD, strlen(PROCESS_WORD)) == 0)
        {
            status = parse_process(view, word + strlen(PROCESS_WORD), &process, error);
            continue;
        }
        memmove(out, word, length);
        out += length;
        *out++ = left != NULL ? ' ' : '\0';
    }
    if (out == rest || out[-1] != '\0')
        *out = '\0';
    if (status == REEL_OK)
        status = filter_parse(&view->state->filter, model_replay(view->model), rest, error);
    if (status == REEL_OK)
        view->state->process = process;
    return status;
}

// --- keys

static unsigned take(struct prompt *prompt, struct page_view *view)
{
    struct reel_error error = {0};
    unsigned reaction = REACTION_TAKEN | REACTION_DRAW;
    int status = REEL_OK;
    if (prompt->kind == PROMPT_GOTO && prompt->length != 0)
        status = take_goto(view, prompt->text, &reaction, &error);
    else if (prompt->kind == PROMPT_FILTER)
        status = take_filter(view, prompt->text, &error);
    if (status == REEL_OK)
        *prompt = (struct prompt){0};
    else
        format_text(prompt->failure, sizeof prompt->failure, error.text);
    return reaction;
}

unsigned prompt_key(struct prompt *prompt, struct page_view *view, uint32_t key)
{
    prompt->failure[0] = '\0';
    if (prompt->kind == PROMPT_NONE)
        return REACTION_NONE;
    if (key == KEY_ENTER || key == KEY_LINE_FEED)
        return take(prompt, view);
    if (key == KEY_ESCAPE)
        *prompt = (struct prompt){0};
    else
        edit(prompt, key);
    if (prompt->kind == PROMPT_SEARCH)
        strcpy(view->state->search, prompt->text);
    return REACTION_TAKEN | REACTION_DRAW;
}

// --- drawing

// So much of the end of the text as has room.
static const char *tail(const char *text, int columns)
{
    while (canvas_columns(text) > columns && text[0] != '\0')
        utf8_next(&text);
    return text;
}

void prompt_draw(const struct prompt *prompt, struct canvas *canvas, struct area area)
{
    const struct prompt_words *kind = &words[prompt->kind];
    int room = area.width - canvas_columns(kind->label) - 1;
    int failure = canvas_columns(prompt->failure);
    canvas_clear(canvas, area);
    if (failure != 0 && failure + 2 > room - canvas_columns(prompt->text))
    {
        canvas_text(canvas, area, 0, 0, ROLE_WARNING, prompt->failure);
        return;
    }
    int x = canvas_text(canvas, area, 0, 0, ROLE_LABEL, kind->label);
    x = canvas_text(canvas, area, x, 0, ROLE_TEXT, tail(prompt->text, room > 0 ? room : 0));
    canvas_put(canvas, area, x, 0, ' ', ROLE_TEXT, ROLE_TEXT);
    canvas_style(canvas, area, x, 0, 1, CELL_REVERSE);
    if (failure != 0)
        canvas_text(canvas, area, x + 2, 0, ROLE_WARNING, prompt->failure);
    else if (prompt->length == 0)
        canvas_text(canvas, area, x + 2, 0, ROLE_DIM, kind->hint);
}
