// SPDX-License-Identifier: MIT
// Numbers as bytes that tables have in their blobs.
#include "recording.h"

#include "reel/leb128.h"

static void numbers_come_back_from_as_few_bytes_as_they_need(void **state)
{
    (void)state;
    for (unsigned bits = 1; bits <= 64; bits++)
    {
        uint64_t greatest = UINT64_MAX >> (64 - bits);
        uint8_t data[LEB128_BYTES_MAX];
        uint64_t number = 0;
        const uint8_t *end = leb128_put(data, greatest);
        struct leb128_source source = {data, end};
        assert_int_equal(end - data, (bits + 6) / 7);
        assert_true(leb128_get(&source, &number));
        assert_int_equal(number, greatest);
        assert_ptr_equal(source.at, end);
        source = (struct leb128_source){data, end - 1};
        assert_false(leb128_get(&source, &number)); // it ends too early
    }
}

static void numbers_of_more_than_64_bits_are_refused(void **state)
{
    (void)state;
    uint8_t data[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00};
    uint64_t number = 0;
    assert_false(leb128_get(&(struct leb128_source){data, data + sizeof data}, &number)); // bit 64
    data[9] = 0x81;
    assert_false(leb128_get(&(struct leb128_source){data, data + sizeof data}, &number)); // an 11th byte
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back_from_as_few_bytes_as_they_need),
        cmocka_unit_test(numbers_of_more_than_64_bits_are_refused),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
