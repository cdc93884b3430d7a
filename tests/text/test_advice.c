// SPDX-License-Identifier: MIT
// Sentences of what is wrong, by the examples that the browser is held to as well. Their rows are those of the engine's
// tables and functions.
#include "class_vector.h"

#include <string.h>

#include "reel/words.h"
#include "text/advice.h"

static cJSON *examples;

static int set_up(void **state)
{
    (void)state;
    examples = vectors_open("advice");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(examples);
    return 0;
}

static struct reel_advice advice_of(const cJSON *row)
{
    return (struct reel_advice){.live_bytes = vector_number(row, "live_bytes"),
                                .live_blocks = vector_number(row, "live_blocks"),
                                .alone_pages = vector_number(row, "alone_pages"),
                                .median_age_ns = vector_number(row, "median_age_ns"),
                                .neighbour_stack = (uint32_t)vector_number(row, "neighbour_stack"),
                                .neighbour_lifetime_ns = vector_number(row, "neighbour_lifetime_ns"),
                                .neighbour_blocks = vector_number(row, "neighbour_blocks")};
}

static void what_pins_is_told_with_its_neighbours(void **state)
{
    char text[ADVICE_BYTES];
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "pinned"))
    {
        struct reel_advice advice = advice_of(vectors_part(row, "advice"));
        struct reel_class_state class = class_of_vector(vectors_part(row, "size"));
        assert_string_equal(advice_pinned(text, &advice, &class), vector_text(row, "text"));
    }
    cJSON_ArrayForEach(row, vectors_rows(examples, "neighbour"))
    {
        struct reel_advice advice = advice_of(vectors_part(row, "advice"));
        assert_string_equal(advice_neighbour(text, &advice), vector_text(row, "text"));
    }
    (void)state;
}

static void sparse_pages_are_one_or_many(void **state)
{
    char text[ADVICE_BYTES];
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "sparse"))
    {
        const cJSON *facts = vectors_part(row, "sparse");
        const struct reel_blame_sparse sparse = {.pages = vector_number(facts, "pages"),
                                                 .held_bytes = vector_number(facts, "pinned_bytes"),
                                                 .blocks = vector_number(facts, "live_blocks"),
                                                 .block_bytes = vector_number(facts, "usable_bytes")};
        assert_string_equal(advice_sparse(text, &sparse), vector_text(row, "text"));
    }
    (void)state;
}

static void what_is_missing_is_told(void **state)
{
    char text[ADVICE_BYTES];
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "lost"))
        assert_string_equal(advice_lost(text, vector_number(row, "events")), vector_text(row, "text"));
    cJSON_ArrayForEach(row, vectors_rows(examples, "damaged"))
        assert_string_equal(advice_damaged(text, vector_number(row, "events")), vector_text(row, "text"));
    cJSON_ArrayForEach(row, vectors_rows(examples, "missing"))
    {
        const cJSON *facts = vectors_part(row, "loss");
        const struct reel_loss loss = {.process = (uint32_t)vector_number(facts, "process"),
                                       .kind = vector_text(facts, "kind"),
                                       .count = vector_number(facts, "loss_count")};
        assert_string_equal(advice_missing(text, &loss), vector_text(row, "text"));
    }
    (void)state;
}

static void wrong_stacks_are_told(void **state)
{
    char text[ADVICE_BYTES];
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "wrong_stacks")) assert_string_equal(
        advice_wrong_stacks(text, vector_number(row, "differences"), vector_number(row, "verified")),
        vector_text(row, "text"));
    cJSON_ArrayForEach(row, vectors_rows(examples, "difference"))
    {
        const cJSON *facts = vectors_part(row, "difference");
        const struct reel_difference_summary difference = {.process = (uint32_t)vector_number(facts, "process"),
                                                           .number = (uint32_t)vector_number(facts, "number"),
                                                           .thread = (uint32_t)vector_number(facts, "thread"),
                                                           .t_ns = vector_number(facts, "t_ns")};
        assert_string_equal(advice_difference(text, &difference), vector_text(row, "text"));
    }
    (void)state;
}

static void misuses_are_counted_and_told(void **state)
{
    char text[ADVICE_BYTES];
    const cJSON *row;
    cJSON_ArrayForEach(row, vectors_rows(examples, "misuses"))
    {
        uint64_t counts[REEL_MISUSE_COUNT] = {0};
        for (int kind = 1; kind < REEL_MISUSE_COUNT; kind++)
            counts[kind] = vector_number(vectors_part(row, "counts"), reel_words_of_misuse((enum reel_misuse)kind));
        assert_string_equal(advice_misuses(text, counts), vector_text(row, "text"));
    }
    cJSON_ArrayForEach(row, vectors_rows(examples, "misuse"))
    {
        const cJSON *facts = vectors_part(row, "finding");
        const struct reel_finding_summary finding = {.process = (uint32_t)vector_number(facts, "process"),
                                                     .event = vector_number(facts, "event"),
                                                     .misuse = reel_words_to_misuse(vector_text_or_null(facts, "kind")),
                                                     .address = vector_number(facts, "address"),
                                                     .size_bytes = (uint64_t)vector_signed(facts, "size_bytes"),
                                                     .true_size_bytes = vector_number(facts, "true_size_bytes")};
        assert_string_equal(advice_misuse(text, &finding), vector_text(row, "text"));
    }
    (void)state;
}

// The kind of a loss is what stands in the reel, of any length.
static void a_sentence_is_cut(void **state)
{
    char text[ADVICE_BYTES];
    char kind[2 * ADVICE_BYTES];
    memset(kind, 'x', sizeof kind - 1);
    kind[sizeof kind - 1] = '\0';
    advice_missing(text, &(struct reel_loss){.process = 1, .kind = kind, .count = UINT64_MAX});
    assert_true(strlen(text) < ADVICE_BYTES);
    assert_non_null(strstr(text, "xxx (process 1)"));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_pins_is_told_with_its_neighbours),
        cmocka_unit_test(sparse_pages_are_one_or_many),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(wrong_stacks_are_told),
        cmocka_unit_test(misuses_are_counted_and_told),
        cmocka_unit_test(a_sentence_is_cut),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
