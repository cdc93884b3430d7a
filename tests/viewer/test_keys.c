// SPDX-License-Identifier: MIT
// The table of keys has no gaps and no doubles, and keys are typed as they are named.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/keys.h"

#include <string.h>

#define MOST_KEYS 256

// The rows of the browser, those that it shares with the terminal among them.
static const struct
{
    const char *keys;
    const char *label;
    const char *help;
    int rank;
    const char *pages;
} browser_rows[] = {
#define KEY(action, keys, label, help, scope, rank, pages) {keys, label, help, rank, pages},
#define TERMINAL_KEY(...)
#define WEB_KEY KEY
#include "viewer/keys.def"
#undef KEY
};
#define BROWSER_ROW_COUNT (sizeof browser_rows / sizeof *browser_rows)

// Adds the keys of a row.
static void add_keys(uint32_t keys[MOST_KEYS], size_t *count, const char *names)
{
    size_t length = 0;
    for (const char *at = names; *at != '\0'; at += strspn(at, " "))
    {
        uint32_t key = keys_parse(at, &length);
        assert_int_not_equal(key, 0);
        assert_true(length > 0 && *count < MOST_KEYS);
        keys[(*count)++] = key;
        at += length;
    }
}

// A key of one scope would be taken for that of another: each works wherever it is pressed.
static void assert_no_doubles(const uint32_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(keys[i], keys[j]);
}

static void no_key_does_two_things(void **context)
{
    (void)context;
    uint32_t keys[MOST_KEYS];
    size_t count = 0;
    for (size_t row = 0; row < key_row_count; row++)
        add_keys(keys, &count, key_rows[row].keys);
    assert_true(count > key_row_count);
    assert_no_doubles(keys, count);
}

static void no_key_does_two_things_in_the_browser(void **context)
{
    (void)context;
    uint32_t keys[MOST_KEYS];
    size_t count = 0;
    for (size_t row = 0; row < BROWSER_ROW_COUNT; row++)
        add_keys(keys, &count, browser_rows[row].keys);
    assert_true(count > BROWSER_ROW_COUNT);
    assert_no_doubles(keys, count);
}

static void the_browser_has_keys_of_its_own_and_lacks_some(void **context)
{
    (void)context;
    size_t shared = 0;
    for (size_t row = 0; row < BROWSER_ROW_COUNT; row++)
    {
        assert_true(strlen(browser_rows[row].help) > 0);
        assert_true((browser_rows[row].rank != 0) == (browser_rows[row].label[0] != '\0'));
        assert_int_equal(strspn(browser_rows[row].pages, "123456789CSx"), strlen(browser_rows[row].pages));
        for (size_t own = 0; own < key_row_count; own++)
            shared += strcmp(key_rows[own].help, browser_rows[row].help) == 0;
    }
    assert_true(shared > 50);
    assert_true(shared < key_row_count && shared < BROWSER_ROW_COUNT);
    assert_int_equal(keys_action('S'), ACTION_NONE);
    assert_int_equal(keys_action('o'), ACTION_WEB);
}

static void every_row_has_keys_and_says_what_they_do(void **context)
{
    (void)context;
    for (size_t row = 0; row < key_row_count; row++)
    {
        assert_int_equal(key_rows[row].action, row + 1); // the enum and the table are one list
        assert_true(strlen(key_rows[row].keys) > 0);
        assert_true(strlen(key_rows[row].help) > 0);
        assert_true(strlen(key_rows[row].label) <= 10);
        assert_true((key_rows[row].rank != 0) == (key_rows[row].label[0] != '\0'));
        assert_int_equal(strspn(key_rows[row].pages, "123456789"), strlen(key_rows[row].pages));
    }
}

static void every_key_does_what_its_row_says(void **context)
{
    (void)context;
    assert_int_equal(keys_action('q'), ACTION_QUIT);
    assert_int_equal(keys_action(3), ACTION_QUIT);
    assert_int_equal(keys_action(KEY_CODE_F1), ACTION_HELP);
    assert_int_equal(keys_action(27), ACTION_BACK);
    assert_int_equal(keys_action(' '), ACTION_PLAY);
    assert_int_equal(keys_action('\\'), ACTION_FILTER);
    assert_int_equal(keys_action('<'), ACTION_SORT_PREVIOUS);
    assert_int_equal(keys_action(KEY_CODE_CONTROL_LEFT), ACTION_BACK_COLUMNS);
    assert_int_equal(keys_action(KEY_CODE_NONE), ACTION_NONE);
    assert_int_equal(keys_action(KEY_CODE_LOST), ACTION_NONE);
    assert_int_equal(keys_action(0x4e2d), ACTION_NONE);
}

static void names_are_read(void **context)
{
    (void)context;
    size_t length = 0;
    assert_int_equal(keys_parse("F12 q", &length), KEY_CODE_F1 + 11);
    assert_int_equal(length, 3);
    assert_int_equal(keys_parse("C-l", &length), 12);
    assert_int_equal(keys_parse("\u00e9", &length), 0xe9);
    static const char *const wrong[] = {"F0", "F13", "F1x", "Fx", "C-L", "enter", "ab", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(keys_parse(wrong[i], &length), 0);
}

static void typed_text_becomes_keys(void **context)
{
    (void)context;
    static const uint32_t wanted[] = {'P', '4', 13, 'j', 27, '<', '>', '>', ' ', KEY_CODE_PAGE_DOWN};
    uint32_t keys[16];
    assert_int_equal(keys_type("P4<Enter>j<Esc><<><>>> <PgDn>", keys, 16), 10);
    assert_memory_equal(keys, wanted, sizeof wanted);
    assert_int_equal(keys_type("abc", keys, 2), 2);
    assert_int_equal(keys_type("", keys, 2), 0);
}

static void typed_names_that_no_key_has_are_refused(void **context)
{
    (void)context;
    static const char *const wrong[] = {"<", "a<", "<Enter", "<Nothing>", "<>", "q<F99>"};
    uint32_t keys[4];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_true(keys_type(wrong[i], keys, 4) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_does_two_things),
        cmocka_unit_test(no_key_does_two_things_in_the_browser),
        cmocka_unit_test(the_browser_has_keys_of_its_own_and_lacks_some),
        cmocka_unit_test(every_row_has_keys_and_says_what_they_do),
        cmocka_unit_test(every_key_does_what_its_row_says),
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(typed_text_becomes_keys),
        cmocka_unit_test(typed_names_that_no_key_has_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
