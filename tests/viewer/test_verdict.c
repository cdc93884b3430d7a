// SPDX-License-Identifier: MIT
// What the verdict says of heaps of each kind.
#include "tests/text/vectors.h"

#include <string.h>

#include "viewer/pages/overview/verdict.h"

static enum verdict_kind kind_of(const cJSON *row)
{
    static const char *const kinds[] = {
        [VERDICT_NOTHING] = "nothing", [VERDICT_LITTLE] = "little",     [VERDICT_ROUNDING] = "rounding",
        [VERDICT_PINNED] = "pinned",   [VERDICT_RETAINED] = "retained", [VERDICT_METADATA] = "metadata"};
    for (unsigned kind = VERDICT_NOTHING; kind <= VERDICT_METADATA; kind++)
        if (strcmp(kinds[kind], vector_text(row, "kind")) == 0)
            return (enum verdict_kind)kind;
    fail_msg("%s: no kind of verdict", vector_text(row, "kind"));
    return VERDICT_NOTHING;
}

static struct verdict_culprit culprit_of(const cJSON *facts, const char *kind)
{
    const cJSON *culprit = vector_find(facts, kind);
    return (struct verdict_culprit){.name = vector_text_or_null(culprit, "name"),
                                    .bytes = vector_number(culprit, "bytes"),
                                    .has_since = vector_find(culprit, "since_ns") != NULL,
                                    .since_ns = vector_number(culprit, "since_ns")};
}

static struct verdict_facts facts_of(const cJSON *facts)
{
    const cJSON *identity = vectors_part(facts, "identity");
    return (struct verdict_facts){.identity = {.resident_bytes = vector_number(identity, "resident_bytes"),
                                               .requested_bytes = vector_number(identity, "requested_bytes"),
                                               .rounding_bytes = vector_number(identity, "rounding_bytes"),
                                               .pinned_bytes = vector_number(identity, "pinned_bytes"),
                                               .retained_bytes = vector_number(identity, "retained_bytes"),
                                               .metadata_bytes = vector_number(identity, "metadata_bytes")},
                                  .live_blocks = vector_number(facts, "live_blocks"),
                                  .peak_bytes = vector_number(facts, "peak_bytes"),
                                  .peak_ns = vector_number(facts, "peak_ns"),
                                  .t_ns = vector_number(facts, "t_ns"),
                                  .is_lossy = vector_is_set(facts, "is_lossy"),
                                  .pinned = culprit_of(facts, "pinned"),
                                  .rounding = culprit_of(facts, "rounding")};
}

static void heaps_of_each_kind_have_their_sentence(void **state)
{
    char text[VERDICT_BYTES];
    cJSON *examples = vectors_open("verdict");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "sentences"))
    {
        struct verdict_facts facts = facts_of(vectors_part(row, "facts"));
        assert_int_equal(verdict_kind(&facts), kind_of(row));
        assert_string_equal(verdict_print(text, &facts), vector_text(row, "text"));
    }
    cJSON_Delete(examples);
    (void)state;
}

static void each_kind_has_a_remark(void **state)
{
    cJSON *examples = vectors_open("verdict");
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "remarks"))
        assert_string_equal(verdict_remark(kind_of(row), vector_is_set(row, "is_worst")), vector_text(row, "text"));
    cJSON_Delete(examples);
    (void)state;
}

// The bound itself, which the examples surround.
static void little_waste_in_a_small_heap_is_little(void **state)
{
    struct verdict_facts facts = {
        .identity = {.resident_bytes = VERDICT_LITTLE_BYTES, .pinned_bytes = VERDICT_LITTLE_BYTES - 1},
        .live_blocks = 1};
    assert_int_equal(verdict_kind(&facts), VERDICT_LITTLE);
    facts.identity.pinned_bytes++;
    assert_int_equal(verdict_kind(&facts), VERDICT_PINNED);
    (void)state;
}

static void a_name_that_is_too_long_is_cut(void **state)
{
    char name[2 * VERDICT_BYTES];
    char text[VERDICT_BYTES];
    struct verdict_facts facts = {.identity = {.resident_bytes = 10 << 20, .pinned_bytes = 6 << 20}, .live_blocks = 1};
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    facts.pinned = (struct verdict_culprit){.name = name, .bytes = 1 << 20};
    assert_int_equal(strlen(verdict_print(text, &facts)), VERDICT_BYTES - 1);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heaps_of_each_kind_have_their_sentence),
        cmocka_unit_test(each_kind_has_a_remark),
        cmocka_unit_test(little_waste_in_a_small_heap_is_little),
        cmocka_unit_test(a_name_that_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
