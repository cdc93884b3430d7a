// SPDX-License-Identifier: MIT
// Keys and the mouse as they come from the terminal.
//
// The mouse's reports are read here and not by ncurses: that reads the form with numbers, which is the only one for
// wide screens, only where the terminal's description has it, and those of tmux and screen have not.
#include "viewer/screen/terminal_keys.h"

#include <ncurses.h>
#include <time.h>

#define REPORT_BYTES 32
#define DOUBLE_CLICK_NS INT64_C(400000000)

enum own_key
{
    OWN_SHIFT_LEFT = KEY_MAX + 1,
    OWN_SHIFT_RIGHT,
    OWN_CONTROL_LEFT,
    OWN_CONTROL_RIGHT,
    OWN_SHIFT_TAB,
    OWN_HOME,
    OWN_END,
    OWN_F1, // to F4
    OWN_MOUSE = OWN_F1 + 4,
};

static const struct
{
    const char *sequence;
    int key;
} sequences[] = {
    {"\033[1;2D", OWN_SHIFT_LEFT},
    {"\033[1;2C", OWN_SHIFT_RIGHT},
    {"\033[d", OWN_SHIFT_LEFT},
    {"\033[c", OWN_SHIFT_RIGHT},
    {"\033[1;5D", OWN_CONTROL_LEFT},
    {"\033[1;5C", OWN_CONTROL_RIGHT},
    {"\033Od", OWN_CONTROL_LEFT},
    {"\033Oc", OWN_CONTROL_RIGHT},
    {"\033[Z", OWN_SHIFT_TAB},
    {"\033[H", OWN_HOME},
    {"\033OH", OWN_HOME},
    {"\033[1~", OWN_HOME},
    {"\033[7~", OWN_HOME},
    {"\033[F", OWN_END},
    {"\033OF", OWN_END},
    {"\033[4~", OWN_END},
    {"\033[8~", OWN_END},
    {"\033OP", OWN_F1},
    {"\033OQ", OWN_F1 + 1},
    {"\033OR", OWN_F1 + 2},
    {"\033OS", OWN_F1 + 3},
    {"\033[11~", OWN_F1},
    {"\033[12~", OWN_F1 + 1},
    {"\033[13~", OWN_F1 + 2},
    {"\033[14~", OWN_F1 + 3},
};

static const struct
{
    int key;
    uint32_t code;
} codes[] = {
    {KEY_UP, KEY_CODE_UP},
    {KEY_DOWN, KEY_CODE_DOWN},
    {KEY_LEFT, KEY_CODE_LEFT},
    {KEY_RIGHT, KEY_CODE_RIGHT},
    {KEY_SLEFT, KEY_CODE_SHIFT_LEFT},
    {KEY_SRIGHT, KEY_CODE_SHIFT_RIGHT},
    {OWN_SHIFT_LEFT, KEY_CODE_SHIFT_LEFT},
    {OWN_SHIFT_RIGHT, KEY_CODE_SHIFT_RIGHT},
    {OWN_CONTROL_LEFT, KEY_CODE_CONTROL_LEFT},
    {OWN_CONTROL_RIGHT, KEY_CODE_CONTROL_RIGHT},
    {KEY_PPAGE, KEY_CODE_PAGE_UP},
    {KEY_NPAGE, KEY_CODE_PAGE_DOWN},
    {KEY_HOME, KEY_CODE_HOME},
    {OWN_HOME, KEY_CODE_HOME},
    {KEY_END, KEY_CODE_END},
    {OWN_END, KEY_CODE_END},
    {KEY_BTAB, KEY_CODE_SHIFT_TAB},
    {OWN_SHIFT_TAB, KEY_CODE_SHIFT_TAB},
    {KEY_DC, KEY_CODE_DELETE},
    {KEY_BACKSPACE, 127},
    {KEY_ENTER, 13},
    {KEY_RESIZE, KEY_CODE_RESIZE},
};

static struct
{
    int64_t pressed_ns; // 0: not lately
    int x;
    int y;
} last_click;

void terminal_keys_begin(bool has_mouse)
{
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        define_key(sequences[i].sequence, sequences[i].key);
    if (has_mouse)
        define_key("\033[<", OWN_MOUSE);
    last_click.pressed_ns = 0;
}

static bool is_second_click(int x, int y)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    bool is_second = last_click.pressed_ns != 0 && now_ns - last_click.pressed_ns < DOUBLE_CLICK_NS &&
                     last_click.x == x && last_click.y == y;
    last_click.pressed_ns = is_second ? 0 : now_ns; // a third click begins anew
    last_click.x = x;
    last_click.y = y;
    return is_second;
}

// The three numbers of a report, of which the beginning has been read. False: it is none.
static bool read_report(unsigned numbers[3], bool *is_release)
{
    wint_t byte = 0;
    int index = 0;
    for (int i = 0; i < REPORT_BYTES && get_wch(&byte) == OK; i++)
    {
        if (byte >= '0' && byte <= '9' && numbers[index] < 100000)
            numbers[index] = numbers[index] * 10 + (unsigned)byte - '0';
        else if (byte == ';' && index < 2)
            index++;
        else
        {
            *is_release = byte == 'm';
            return index == 2 && (byte == 'M' || byte == 'm');
        }
    }
    return false;
}

enum mouse_bits
{
    MOUSE_BUTTON = 3,
    MOUSE_MOVES = 32,
    MOUSE_WHEEL = 64,
};

static uint32_t read_mouse(struct terminal_mouse *mouse)
{
    unsigned numbers[3] = {0};
    bool is_release = false;
    if (!read_report(numbers, &is_release) || is_release || numbers[1] == 0 || numbers[2] == 0)
        return KEY_CODE_NONE;
    unsigned button = numbers[0] & MOUSE_BUTTON;
    bool is_wheel = (numbers[0] & MOUSE_WHEEL) != 0;
    if (is_wheel ? button > 1 : button != 0)
        return KEY_CODE_NONE;
    *mouse = (struct terminal_mouse){.x = (int)numbers[1] - 1, .y = (int)numbers[2] - 1};
    if (is_wheel)
        mouse->wheel = button == 0 ? -1 : 1;
    else if (numbers[0] & MOUSE_MOVES)
        mouse->is_dragged = true;
    else
    {
        mouse->is_pressed = true;
        mouse->is_double = is_second_click(mouse->x, mouse->y);
    }
    return KEY_CODE_MOUSE;
}

// What follows Esc at once is a sequence that nobody here knows; its letters are no keys. Esc alone, and Esc before
// another key, is Esc.
static uint32_t after_escape(void)
{
    wint_t byte = 0;
    if (get_wch(&byte) != OK)
        return 27;
    if (byte != '[' && byte != 'O')
    {
        unget_wch((wchar_t)byte);
        return 27;
    }
    for (int i = 0; i < REPORT_BYTES && get_wch(&byte) == OK; i++)
        if (byte >= '@' && byte <= '~')
            break;
    return KEY_CODE_NONE;
}

uint32_t terminal_keys_next(struct terminal_mouse *mouse)
{
    wint_t key = 0;
    int kind = get_wch(&key);
    if (kind == OK && key == 27)
        return after_escape();
    if (kind == OK)
        return key == '\n' ? 13 : key == '\b' ? 127 : (uint32_t)key;
    if (kind != KEY_CODE_YES)
        return KEY_CODE_NONE;
    if (key == OWN_MOUSE)
        return read_mouse(mouse);
    if (key >= OWN_F1 && key < OWN_F1 + 4)
        return KEY_CODE_F1 + (uint32_t)key - OWN_F1;
    if (key >= KEY_F(1) && key <= KEY_F(12))
        return KEY_CODE_F1 + (uint32_t)key - KEY_F(1);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if ((wint_t)codes[i].key == key)
            return codes[i].code;
    return KEY_CODE_NONE;
}
