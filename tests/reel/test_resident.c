// SPDX-License-Identifier: MIT
// Resident pages as bytes, as rows, and as they are read back.
#include "recording.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "reel/resident.h"
#include "reel/sqlite.h"

#define PAGE UINT64_C(4096)
#define MAPPINGS_MAX 12
#define RUNS_MAX 100

struct pages
{
    struct reel_resident_mapping mappings[MAPPINGS_MAX];
    size_t mapping_count;
    struct reel_resident_run runs[RUNS_MAX];
    size_t run_count;
};

static const struct pages simple = {
    .mappings = {{0x10000, 0x20000, true, false},
                 {0x20000, 0x21000, false, true},
                 {0x7f0000000000, 0x7f0000100000, false, false}},
    .mapping_count = 3,
    .runs = {{0x10000, 0x12000}, {0x13000, 0x20000}, {0x20000, 0x21000}, {0x7f00000ff000, 0x7f0000100000}},
    .run_count = 4,
};

static int encode(const struct pages *pages, void **data, size_t *bytes)
{
    return reel_resident_encode(pages->mappings, pages->mapping_count, pages->runs, pages->run_count, data, bytes);
}

static void assert_same(const struct pages *pages, const struct reel_resident *resident)
{
    assert_int_equal(resident->mapping_count, pages->mapping_count);
    assert_int_equal(resident->run_count, pages->run_count);
    for (size_t i = 0; i < pages->mapping_count; i++)
    {
        assert_int_equal(resident->mappings[i].begin, pages->mappings[i].begin);
        assert_int_equal(resident->mappings[i].end, pages->mappings[i].end);
        assert_int_equal(resident->mappings[i].is_break, pages->mappings[i].is_break);
        assert_int_equal(resident->mappings[i].is_inaccessible, pages->mappings[i].is_inaccessible);
    }
    for (size_t i = 0; i < pages->run_count; i++)
    {
        assert_int_equal(resident->runs[i].begin, pages->runs[i].begin);
        assert_int_equal(resident->runs[i].end, pages->runs[i].end);
    }
}

static void assert_comes_back(const struct pages *pages)
{
    struct reel_resident *resident = NULL;
    void *data = NULL;
    size_t bytes = 0;
    assert_int_equal(encode(pages, &data, &bytes), REEL_OK);
    assert_int_equal(reel_resident_decode(data, bytes, &resident), REEL_OK);
    assert_same(pages, resident);
    reel_resident_free(resident);
    free(data);
}

// Any mappings with any runs, up to the end of the address space.
static void make_random(struct stream *stream, struct pages *pages)
{
    uint64_t at = 0;
    *pages = (struct pages){.mapping_count = stream_random(stream, MAPPINGS_MAX + 1)};
    for (size_t i = 0; i < pages->mapping_count; i++)
    {
        struct reel_resident_mapping *mapping = &pages->mappings[i];
        mapping->begin = at + PAGE * stream_random(stream, i % 3 == 0 ? 1 : UINT64_C(1) << 47);
        mapping->end = mapping->begin + PAGE * (1 + stream_random(stream, 30));
        mapping->is_break = stream_random(stream, 2) == 0;
        mapping->is_inaccessible = stream_random(stream, 3) == 0;
        at = mapping->begin + PAGE * stream_random(stream, 2);
        while (at < mapping->end && pages->run_count < RUNS_MAX)
        {
            uint64_t end = at + PAGE * (1 + stream_random(stream, 5));
            end = end < mapping->end ? end : mapping->end;
            pages->runs[pages->run_count++] = (struct reel_resident_run){at, end};
            at = end + PAGE * (1 + stream_random(stream, 5));
        }
        at = mapping->end;
    }
}

static void what_is_encoded_comes_back(void **state)
{
    (void)state;
    const struct pages none = {.mapping_count = 0};
    const struct pages last = {
        .mappings = {{0, PAGE, false, false}, {UINT64_MAX - PAGE + 1 - PAGE, UINT64_MAX - PAGE + 1, false, true}},
        .mapping_count = 2,
        .runs = {{0, PAGE}},
        .run_count = 1};
    struct pages pages;
    struct stream stream;
    assert_comes_back(&none);
    assert_comes_back(&simple);
    assert_comes_back(&last);
    stream_init(&stream, 23, 1);
    for (int round = 0; round < 3000; round++)
    {
        make_random(&stream, &pages);
        assert_comes_back(&pages);
    }
}

static void what_is_out_of_order_is_refused(void **state)
{
    (void)state;
    struct pages wrong[10];
    void *data = NULL;
    size_t bytes = 0;
    for (size_t i = 0; i < 10; i++)
        wrong[i] = simple;
    wrong[0].mappings[1].begin = 0x1f000;   // over the one before
    wrong[1].mappings[0].end = 0x10000;     // empty
    wrong[2].mappings[2].end = 0x7f0000f0f; // before its begin
    wrong[3].runs[0].begin = 0xf000;        // before its mapping
    wrong[4].runs[1].begin = 0x12000;       // touches the one before
    wrong[5].runs[1].end = 0x21000;         // past its mapping
    wrong[6].runs[3].end = 0x7f0000101000;  // past the last
    wrong[7].runs[2].end = 0x20fff;         // no whole page
    wrong[8].mapping_count = 2;             // a run in no mapping
    wrong[9].runs[0].begin = wrong[9].runs[0].end;
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(encode(&wrong[i], &data, &bytes), REEL_E_ARGUMENT);
}

static void flipped_and_missing_bytes_are_noticed(void **state)
{
    (void)state;
    struct reel_resident *resident = NULL;
    void *data = NULL;
    size_t bytes = 0;
    assert_int_equal(encode(&simple, &data, &bytes), REEL_OK);
    uint8_t *encoded = data;
    for (size_t i = 0; i < bytes * 8; i++)
    {
        encoded[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(reel_resident_decode(encoded, bytes, &resident), REEL_E_DAMAGED);
        encoded[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t length = 0; length < bytes; length++)
        assert_int_equal(reel_resident_decode(encoded, length, &resident), REEL_E_DAMAGED);
    free(data);
}

// In its own storage, so that a read past the end is noticed.
static int decode_signed(const uint8_t *bytes, size_t count, struct reel_resident **resident)
{
    uint8_t *copy = malloc(count);
    assert_non_null(copy);
    memcpy(copy, bytes, count);
    uint64_t checksum = XXH64(copy + 8, count - 8, 0);
    memcpy(copy, &checksum, 8);
    int status = reel_resident_decode(copy, count, resident);
    free(copy);
    return status;
}

// What somebody made with a right checksum: refused, or ranges in order and within bounds.
static void forged_bytes_are_refused_or_in_order(void **state)
{
    (void)state;
    struct pages pages;
    struct stream stream;
    size_t refused = 0;
    stream_init(&stream, 29, 1);
    for (int round = 0; round < 30000; round++)
    {
        struct reel_resident *resident = NULL;
        void *data = NULL;
        size_t bytes = 0;
        uint8_t forged[4096];
        make_random(&stream, &pages);
        assert_int_equal(encode(&pages, &data, &bytes), REEL_OK);
        assert_true(bytes < sizeof forged);
        memcpy(forged, data, bytes);
        free(data);
        for (uint64_t i = stream_random(&stream, 4); i > 0; i--)
            forged[16 + stream_random(&stream, bytes - 16)] = (uint8_t)stream_random(&stream, 256);
        if (decode_signed(forged, bytes - stream_random(&stream, 2), &resident) != REEL_OK)
        {
            refused++;
            continue;
        }
        assert_int_equal(reel_resident_encode(resident->mappings, resident->mapping_count, resident->runs,
                                              resident->run_count, &data, &bytes),
                         REEL_OK);
        free(data);
        reel_resident_free(resident);
    }
    assert_true(refused > 5000 && refused < 29000);
}

static void a_newer_version_is_told(void **state)
{
    (void)state;
    struct reel_resident *resident = NULL;
    void *data = NULL;
    size_t bytes = 0;
    uint32_t version = 2;
    assert_int_equal(encode(&simple, &data, &bytes), REEL_OK);
    memcpy((uint8_t *)data + 12, &version, sizeof version);
    assert_int_equal(decode_signed(data, bytes, &resident), REEL_E_NEWER);
    free(data);
}

static void add_sample(struct recording *recording, struct reel_writer *writer, uint32_t process, uint64_t t_ns,
                       const struct pages *pages)
{
    const struct reel_residency sample = {.process = process, .t_ns = t_ns, .resident_bytes = PAGE};
    assert_ok(reel_writer_add_residency(writer, &sample, &recording->error), recording->error);
    assert_ok(reel_writer_add_resident_pages(writer, pages->mappings, pages->mapping_count, pages->runs,
                                             pages->run_count, &recording->error),
              recording->error);
}

static void assert_read(struct recording *recording, struct reel_reader *reader, uint32_t process, uint64_t t_ns,
                        const struct pages *pages, uint64_t sample_ns)
{
    struct reel_resident *resident = NULL;
    assert_ok(reel_resident_read(reader, process, t_ns, &resident, &recording->error), recording->error);
    if (pages == NULL)
    {
        assert_null(resident);
        return;
    }
    assert_non_null(resident);
    assert_int_equal(resident->t_ns, sample_ns);
    assert_same(pages, resident);
    reel_resident_free(resident);
}

static void the_last_sample_not_later_is_read(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 2);
    struct reel_reader *reader = NULL;
    struct pages fewer = simple;
    fewer.run_count = 2;
    add_sample(recording, writer, 1, 100, &simple);
    add_sample(recording, writer, 2, 150, &fewer);
    add_sample(recording, writer, 1, 200, &simple); // no row of its own
    add_sample(recording, writer, 1, 300, &fewer);
    assert_ok(reel_writer_finish(writer, 1000, &recording->error), recording->error);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM resident_pages"), 3);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM residency JOIN resident_pages USING "
                                                      "(residency, process, t_ns)"),
                     3);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_read(recording, reader, 1, 99, NULL, 0);
    assert_read(recording, reader, 1, 100, &simple, 100);
    assert_read(recording, reader, 1, 299, &simple, 200);
    assert_read(recording, reader, 1, 300, &fewer, 300);
    assert_read(recording, reader, 1, UINT64_MAX, &fewer, 300);
    assert_read(recording, reader, 2, 300, &fewer, 150);
    assert_read(recording, reader, 2, 149, NULL, 0);
    assert_read(recording, reader, 3, 300, NULL, 0);
    reel_reader_close(reader);
}

static void damaged_rows_are_told_and_old_reels_have_none(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_reader *reader = NULL;
    struct reel_resident *resident = NULL;
    add_sample(recording, writer, 1, 100, &simple);
    assert_ok(reel_writer_finish(writer, 1000, &recording->error), recording->error);
    recording_change(recording->path, "UPDATE resident_pages SET data = x'00'");
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_int_equal(reel_resident_read(reader, 1, 100, &resident, &recording->error), REEL_E_DAMAGED);
    assert_non_null(strstr(recording->error.text, "resident pages of process 1"));
    reel_reader_close(reader);
    recording_change(recording->path, "DROP TABLE resident_pages; PRAGMA user_version = 3");
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_read(recording, reader, 1, 100, NULL, 0);
    reel_reader_close(reader);
}

static void pages_without_a_sample_are_refused_and_the_writer_goes_on(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_error *error = &recording->error;
    const struct reel_resident_run stray = {0x9000, 0xa000};
    assert_int_equal(reel_writer_add_resident_pages(writer, simple.mappings, 3, simple.runs, 4, error),
                     REEL_E_ARGUMENT);
    add_sample(recording, writer, 1, 100, &simple);
    assert_int_equal(reel_writer_add_resident_pages(writer, simple.mappings, 3, &stray, 1, error), REEL_E_ARGUMENT);
    assert_ok(reel_writer_finish(writer, 1000, error), *error);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM resident_pages"), 1);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_comes_back),
        cmocka_unit_test(what_is_out_of_order_is_refused),
        cmocka_unit_test(flipped_and_missing_bytes_are_noticed),
        cmocka_unit_test(forged_bytes_are_refused_or_in_order),
        cmocka_unit_test(a_newer_version_is_told),
        IN_DIRECTORY(the_last_sample_not_later_is_read),
        IN_DIRECTORY(damaged_rows_are_told_and_old_reels_have_none),
        IN_DIRECTORY(pages_without_a_sample_are_refused_and_the_writer_goes_on),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
