// SPDX-License-Identifier: MIT
// Every text that names an allocator: what it means, and the whole complaint about each that is wrong.
#include "cases.h"

#include "heap/options.h"

#include <string.h>

#define NAMES "system, bump:lifo, bump, bump:fifo, bump:none, zoned, splitmerge"
#define ZONED_OPTIONS "quarantine, quarantine-bytes, guards, fill, canary, zone-bytes, on-misuse"

static const struct heap_options plain = {.quarantine_bytes = 64 * 1024};

static void assert_means(const char *text, struct heap_options expected)
{
    struct heap_options options;
    struct base_text complaint;
    memset(&options, 0xa5, sizeof options);
    if (!heap_options_parse(&options, text, &complaint))
        fail_msg("'%s': %s", text, complaint.bytes);
    assert_int_equal(complaint.length, 0);
    assert_int_equal(options.kind, expected.kind);
    assert_int_equal(options.on_misuse, expected.on_misuse);
    assert_int_equal(options.quarantine, expected.quarantine);
    assert_int_equal(options.quarantine_bytes, expected.quarantine_bytes);
    assert_int_equal(options.zone_bytes, expected.zone_bytes);
    assert_int_equal(options.has_guards, expected.has_guards);
    assert_int_equal(options.is_filled, expected.is_filled);
    assert_int_equal(options.has_canary, expected.has_canary);
}

static struct heap_options with_kind(enum heap_kind kind)
{
    struct heap_options options = plain;
    options.kind = kind;
    return options;
}

static void a_name_alone_means_its_defaults(void **state)
{
    (void)state;
    assert_means(NULL, with_kind(HEAP_SYSTEM));
    assert_means("", with_kind(HEAP_SYSTEM));
    assert_means("system", with_kind(HEAP_SYSTEM));
    assert_means("bump", with_kind(HEAP_BUMP_LIFO));
    assert_means("bump:lifo", with_kind(HEAP_BUMP_LIFO));
    assert_means("bump:fifo", with_kind(HEAP_BUMP_FIFO));
    assert_means("bump:none", with_kind(HEAP_BUMP_NONE));
    assert_means("zoned", with_kind(HEAP_ZONED));
    assert_means("splitmerge", with_kind(HEAP_SPLITMERGE));
}

static void each_option_sets_its_field_alone(void **state)
{
    (void)state;
    struct heap_options options = with_kind(HEAP_ZONED);
    assert_means("zoned,quarantine=none", options);
    assert_means("zoned,guards=off,fill=off,canary=off", options);
    options.quarantine = HEAP_QUARANTINE_FIFO;
    assert_means("zoned,quarantine=fifo", options);
    options.quarantine = HEAP_QUARANTINE_RANDOM;
    assert_means("zoned,quarantine=random", options);
    options = with_kind(HEAP_ZONED);
    options.has_guards = true;
    assert_means("zoned,guards=on", options);
    options.has_guards = false;
    options.is_filled = true;
    assert_means("zoned,fill=on", options);
    options.is_filled = false;
    options.has_canary = true;
    assert_means("zoned,canary=on", options);
    options.has_canary = false;
    options.on_misuse = HEAP_ON_MISUSE_ABORT;
    assert_means("zoned,on-misuse=abort", options);
    options.kind = HEAP_BUMP_NONE;
    options.on_misuse = HEAP_ON_MISUSE_REPORT;
    assert_means("bump:none,on-misuse=report", options);
}

static void options_are_taken_together_and_the_last_one_counts(void **state)
{
    (void)state;
    assert_means("zoned,guards=on,guards=off,quarantine=fifo,quarantine-bytes=1M,fill=on,canary=on,zone-bytes=2G,"
                 "on-misuse=report",
                 (struct heap_options){.kind = HEAP_ZONED,
                                       .quarantine = HEAP_QUARANTINE_FIFO,
                                       .quarantine_bytes = 1 << 20,
                                       .zone_bytes = UINT64_C(2) << 30,
                                       .is_filled = true,
                                       .has_canary = true,
                                       .on_misuse = HEAP_ON_MISUSE_REPORT});
}

static void sizes_take_suffixes(void **state)
{
    (void)state;
    const struct
    {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        {"zoned,zone-bytes=0", 0},
        {"zoned,zone-bytes=4711", 4711},
        {"zoned,zone-bytes=3K", 3 << 10},
        {"zoned,zone-bytes=3M", 3 << 20},
        {"zoned,zone-bytes=3G", UINT64_C(3) << 30},
        {"zoned,zone-bytes=3T", UINT64_C(3) << 40},
        {"zoned,zone-bytes=18446744073709551615", UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
        struct heap_options expected = with_kind(HEAP_ZONED);
        expected.zone_bytes = rows[i].bytes;
        assert_means(rows[i].text, expected);
    }
}

static void what_is_wrong_is_said_with_what_there_is(void **state)
{
    (void)state;
    const struct
    {
        const char *text;
        const char *complaint;
    } rows[] = {
        {"jemalloc", "there is no allocator 'jemalloc', but " NAMES},
        {"Zoned", "there is no allocator 'Zoned', but " NAMES},
        {"zoned ", "there is no allocator 'zoned ', but " NAMES},
        {",guards=on", "there is no allocator '', but " NAMES},
        {"zoned,guard=on", "'zoned' has no option 'guard', but " ZONED_OPTIONS},
        {"zoned,", "'zoned' has no option '', but " ZONED_OPTIONS},
        {"zoned,,fill=on", "'zoned' has no option '', but " ZONED_OPTIONS},
        {"bump:fifo,guards=on", "'bump:fifo' has no option 'guards', but on-misuse"},
        {"zoned,guards", "option 'guards' is not '', but on, off"},
        {"zoned,guards=", "option 'guards' is not '', but on, off"},
        {"zoned,guards=yes", "option 'guards' is not 'yes', but on, off"},
        {"zoned,quarantine=lifo", "option 'quarantine' is not 'lifo', but fifo, random, none"},
        {"splitmerge,on-misuse=die", "option 'on-misuse' is not 'die', but report, abort"},
        {"zoned,zone-bytes=", "option 'zone-bytes' is not '', but a number, with or without K, M, G or T"},
        {"zoned,zone-bytes=-1", "option 'zone-bytes' is not '-1', but a number, with or without K, M, G or T"},
        {"zoned,zone-bytes=1k", "option 'zone-bytes' is not '1k', but a number, with or without K, M, G or T"},
        {"zoned,zone-bytes=1KB", "option 'zone-bytes' is not '1KB', but a number, with or without K, M, G or T"},
        {"zoned,zone-bytes=M", "option 'zone-bytes' is not 'M', but a number, with or without K, M, G or T"},
        {"zoned,quarantine-bytes=18446744073709551616",
         "option 'quarantine-bytes' is not '18446744073709551616', but a number, with or without K, M, G or T"},
        {"zoned,quarantine-bytes=16777216T",
         "option 'quarantine-bytes' is not '16777216T', but a number, with or without K, M, G or T"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
        struct heap_options options;
        struct base_text complaint;
        assert_false(heap_options_parse(&options, rows[i].text, &complaint));
        assert_string_equal(complaint.bytes, rows[i].complaint);
        assert_false(complaint.is_cut);
    }
}

static void a_text_without_end_is_refused(void **state)
{
    (void)state;
    char text[1000];
    struct heap_options options;
    struct base_text complaint;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_false(heap_options_parse(&options, text, &complaint));
    assert_string_equal(complaint.bytes, "the name of an allocator and its options are longer than 255 bytes");
    text[255] = 0;
    assert_false(heap_options_parse(&options, text, &complaint));
    assert_non_null(strstr(complaint.bytes, "', but system"));
    assert_false(complaint.is_cut);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_alone_means_its_defaults),
        cmocka_unit_test(each_option_sets_its_field_alone),
        cmocka_unit_test(options_are_taken_together_and_the_last_one_counts),
        cmocka_unit_test(sizes_take_suffixes),
        cmocka_unit_test(what_is_wrong_is_said_with_what_there_is),
        cmocka_unit_test(a_text_without_end_is_refused),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
