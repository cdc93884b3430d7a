// SPDX-License-Identifier: MIT
// Inflating what zlib has deflated, whole and in pieces; and streams that are cut or changed, which must do no harm:
// run under a sanitizer, both pieces of memory end where they end.
#include "tracer/inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#define TEXT_BYTES 100000
#define DAMAGED_BYTES 3000
#define DAMAGES 1000

static uint32_t state = 1;

static uint32_t any(uint32_t limit)
{
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)state * limit >> 32);
}

// Runs, repetitions from near and far, and bytes of which some are more frequent than others.
static void make_text(uint8_t *text, size_t count, uint32_t letters)
{
    for (size_t at = 0; at < count;)
    {
        size_t length = 1 + any(any(20) == 0 ? 600 : 12);
        size_t distance = 1 + any(any(3) == 0 ? 40000 : 20);
        bool is_again = distance <= at && any(3) > 0;
        for (; length > 0 && at < count; length--, at++)
            text[at] = (uint8_t)(is_again ? text[at - distance] : any(1 + any(letters)));
    }
}

static uint8_t *deflated(const uint8_t *text, size_t count, int level, int strategy, size_t *bytes)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 9, strategy), Z_OK);
    *bytes = 2 * count + 100;
    uint8_t *result = malloc(*bytes);
    assert_non_null(result);
    stream.next_in = (uint8_t *)(uintptr_t)text;
    stream.avail_in = (uInt)count;
    stream.next_out = result;
    stream.avail_out = (uInt)*bytes;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    *bytes -= stream.avail_out;
    deflateEnd(&stream);
    uint8_t *exact = realloc(result, *bytes);
    assert_non_null(exact);
    return exact;
}

static void assert_inflates(const uint8_t *text, size_t count, int level, int strategy, size_t step)
{
    size_t bytes;
    uint8_t *source = deflated(text, count, level, strategy, &bytes);
    uint8_t *target = malloc(count);
    struct inflate *inflate = inflate_create(source, bytes, target, count);
    assert_non_null(target);
    assert_non_null(inflate);
    for (size_t end = 0; end < count;)
    {
        end = step < count - end ? end + step : count;
        assert_true(inflate_until(inflate, end));
        assert_memory_equal(target, text, end);
    }
    assert_false(inflate_until(inflate, count + 1));
    inflate_destroy(inflate);
    free(target);
    free(source);
}

static void all_kinds_of_blocks_are_inflated(void **context)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    static const uint32_t letters[] = {1, 2, 30, 256};
    static uint8_t text[TEXT_BYTES];
    (void)context;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
    {
        make_text(text, sizeof text, letters[i]);
        for (size_t at = 0; at < sizeof strategies / sizeof *strategies; at++)
            for (int level = 0; level <= 9; level += 3)
                assert_inflates(text, sizeof text, level, strategies[at], 1 + any(50000));
    }
}

static void short_texts_are_inflated(void **context)
{
    static uint8_t text[700];
    (void)context;
    for (size_t count = 1; count < sizeof text; count += 1 + count / 16)
    {
        make_text(text, count, 40);
        assert_inflates(text, count, 0, Z_DEFAULT_STRATEGY, count);
        assert_inflates(text, count, 6, Z_FIXED, 1);
        assert_inflates(text, count, 9, Z_DEFAULT_STRATEGY, 1);
    }
}

// In codes whose longest is longer than the first table's index: the more seldom a byte, the longer its code.
static void long_codes_are_inflated(void **context)
{
    static uint8_t text[TEXT_BYTES];
    (void)context;
    for (size_t at = 0; at < sizeof text; at++)
    {
        uint8_t letter = 0;
        while (letter < 200 && any(5) < 3)
            letter++;
        text[at] = (uint8_t)(letter * 37);
    }
    assert_inflates(text, sizeof text, 9, Z_HUFFMAN_ONLY, 1000);
    assert_inflates(text, sizeof text, 9, Z_DEFAULT_STRATEGY, sizeof text);
}

static int inflate_by_zlib(z_stream *stream)
{
    return inflate(stream, Z_SYNC_FLUSH);
}

// What zlib inflates whole, ours does too, and to the same.
static void assert_as_zlib(const uint8_t *source, size_t bytes, size_t wanted)
{
    uint8_t *target = calloc(1, wanted);
    uint8_t *expected = calloc(1, wanted);
    struct inflate *inflate = inflate_create(source, bytes, target, wanted);
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)source,
                       .avail_in = (uInt)bytes,
                       .next_out = expected,
                       .avail_out = (uInt)wanted};
    assert_non_null(target);
    assert_non_null(expected);
    assert_non_null(inflate);
    assert_int_equal(inflateInit2(&stream, -MAX_WBITS), Z_OK);
    int status = inflate_by_zlib(&stream);
    bool is_good = inflate_until(inflate, wanted);
    if (stream.avail_out == 0)
        assert_true(is_good);
    if (is_good && (status == Z_OK || status == Z_STREAM_END))
        assert_memory_equal(target, expected, wanted - stream.avail_out);
    inflateEnd(&stream);
    inflate_destroy(inflate);
    free(expected);
    free(target);
}

static void damage_is_survived(void **context)
{
    static uint8_t text[DAMAGED_BYTES];
    (void)context;
    for (int i = 0; i < DAMAGES; i++)
    {
        size_t bytes;
        make_text(text, sizeof text, 1 + any(256));
        uint8_t *source = deflated(text, sizeof text, i % 10, i % 3 == 0 ? Z_FIXED : Z_DEFAULT_STRATEGY, &bytes);
        for (uint32_t changes = any(4); changes > 0; changes--)
            source[any(any(2) == 0 || bytes < 60 ? (uint32_t)bytes : 60)] ^= (uint8_t)(1u << any(8));
        assert_as_zlib(source, bytes, sizeof text);
        free(source);
    }
}

static void cut_streams_are_inflated_as_far_as_they_are(void **context)
{
    static uint8_t text[DAMAGED_BYTES];
    size_t bytes;
    (void)context;
    make_text(text, sizeof text, 60);
    uint8_t *source = deflated(text, sizeof text, 9, Z_DEFAULT_STRATEGY, &bytes);
    for (size_t count = 1; count < bytes; count++)
    {
        uint8_t *cut = malloc(count);
        assert_non_null(cut);
        memcpy(cut, source, count);
        assert_as_zlib(cut, count, sizeof text);
        free(cut);
    }
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_blocks_are_inflated),
        cmocka_unit_test(short_texts_are_inflated),
        cmocka_unit_test(long_codes_are_inflated),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(cut_streams_are_inflated_as_far_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
