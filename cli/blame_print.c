// SPDX-License-Identifier: MIT
// The answer of heapreel blame for people and for programs.
#include "cli/blame_print.h"

#include <stdio.h>

#include "cli/frames.h"
#include "cli/identity.h"
#include "cli/json.h"
#include "text/advice.h"
#include "text/format.h"
#include "text/stack.h"

#define NAME_BYTES 256
#define LABEL "       allocated by  "

static size_t shown_of(const struct blame_answer *answer)
{
    uint64_t limit = answer->question->limit;
    return limit != 0 && answer->culprit_count > limit ? (size_t)limit : answer->culprit_count;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

// ---- for people

static int print_verdict(const struct blame_answer *answer, struct reel_error *error)
{
    struct reel_blame_share total = reel_blame_total(answer->blame);
    char bytes[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char name[NAME_BYTES];
    printf("%s pinned by %s block%s at %s (after %llu events)", format_bytes(bytes, total.pinned_bytes),
           format_count(blocks, total.live_blocks), plural(total.live_blocks), answer->question->moment,
           (unsigned long long)answer->heap.events);
    if (answer->culprit_count == 0 || total.pinned_bytes == 0)
    {
        printf("\n");
        return REEL_OK;
    }
    const struct blame_culprit *first = &answer->culprits[0];
    int status = text_stack_name(name, sizeof name, answer->heap.reader, first->stack, error);
    if (status == REEL_OK)
        printf(", most by %s: %s, %s\n", name, format_bytes(bytes, first->share->pinned_bytes),
               format_share(share, first->share->pinned_bytes, total.pinned_bytes));
    return status;
}

static void print_sparse(const struct blame_answer *answer)
{
    struct reel_blame_sparse sparse = reel_blame_sparse(answer->blame);
    char text[ADVICE_BYTES];
    if (sparse.pages != 0)
        printf("%s\n", advice_sparse(text, &sparse));
}

static int print_culprit(const struct blame_answer *answer, size_t index, struct reel_error *error)
{
    const struct blame_culprit *culprit = &answer->culprits[index];
    char pinned[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char live[FORMAT_BYTES];
    char pages[FORMAT_BYTES];
    char rounding[FORMAT_BYTES];
    printf("\n%3zu  %10s  %7s  pinned by %s block%s of %s", index + 1,
           format_bytes(pinned, culprit->share->pinned_bytes),
           format_share(share, culprit->share->pinned_bytes, reel_blame_total(answer->blame).pinned_bytes),
           format_count(blocks, culprit->share->live_blocks), plural(culprit->share->live_blocks),
           format_bytes(live, culprit->share->live_bytes));
    if (culprit->share->alone_pages != 0)
        printf("; alone on %s page%s", format_count(pages, culprit->share->alone_pages),
               plural(culprit->share->alone_pages));
    if (culprit->share->rounding_bytes != 0)
        printf("; rounding %s", format_bytes(rounding, culprit->share->rounding_bytes));
    printf("\n");
    return frames_print(stdout, answer->heap.reader, culprit->stack, error);
}

static int print_culprits(const struct blame_answer *answer, struct reel_error *error)
{
    uint64_t left = reel_blame_total(answer->blame).pinned_bytes;
    size_t shown = shown_of(answer);
    char bytes[FORMAT_BYTES];
    int status = REEL_OK;
    for (size_t i = 0; i < shown && status == REEL_OK; i++)
    {
        uint64_t pinned = answer->culprits[i].share->pinned_bytes;
        status = print_culprit(answer, i, error);
        left -= pinned < left ? pinned : left;
    }
    if (status == REEL_OK && shown < answer->culprit_count)
        printf("\n     %10s  by other stacks; see --limit\n", format_bytes(bytes, left));
    return status;
}

static int print_neighbour(const struct blame_answer *answer, const struct reel_advice *advice,
                           struct reel_error *error)
{
    char text[ADVICE_BYTES];
    if (advice->neighbour_stack == 0)
        return REEL_OK;
    printf("     %s\n", advice_neighbour(text, advice));
    return frames_print_line(stdout, LABEL, answer->heap.reader, advice->neighbour_stack, error);
}

static int print_one_advice(const struct blame_answer *answer, size_t index, struct reel_error *error)
{
    const struct reel_advice *advice = &answer->advice[index];
    struct reel_class_state class = reel_replay_class(answer->heap.replay, advice->class_number);
    char pinned[FORMAT_BYTES];
    char text[ADVICE_BYTES];
    printf("\n%3zu  %10s  %s\n", index + 1, format_bytes(pinned, advice->pinned_bytes),
           advice_pinned(text, advice, &class));
    int status = frames_print_line(stdout, LABEL, answer->heap.reader, advice->stack, error);
    return status == REEL_OK ? print_neighbour(answer, advice, error) : status;
}

int blame_print_text(const struct blame_answer *answer, struct reel_error *error)
{
    int status = print_verdict(answer, error);
    if (status != REEL_OK)
        return status;
    identity_print(&answer->identity);
    print_sparse(answer);
    status = print_culprits(answer, error);
    if (answer->advice_count != 0)
        printf("\n" ADVICE_HEADING "\n");
    for (size_t i = 0; i < answer->advice_count && status == REEL_OK; i++)
        status = print_one_advice(answer, i, error);
    return status;
}

// ---- for programs

static void add_sparse(cJSON *document, const struct blame_answer *answer)
{
    struct reel_blame_sparse sparse = reel_blame_sparse(answer->blame);
    cJSON *object = cJSON_AddObjectToObject(document, "sparse");
    json_add_count(object, "pages", sparse.pages);
    json_add_count(object, "held_bytes", sparse.held_bytes);
    json_add_count(object, "blocks", sparse.blocks);
    json_add_count(object, "block_bytes", sparse.block_bytes);
}

static int add_culprit(cJSON *list, const struct blame_answer *answer, const struct blame_culprit *culprit,
                       struct reel_error *error)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(list, item);
    json_add_count(item, "stack", culprit->stack);
    json_add_count(item, "pinned_bytes", culprit->share->pinned_bytes);
    json_add_count(item, "rounding_bytes", culprit->share->rounding_bytes);
    json_add_count(item, "live_bytes", culprit->share->live_bytes);
    json_add_count(item, "live_blocks", culprit->share->live_blocks);
    json_add_count(item, "pinned_pages", culprit->share->pinned_pages);
    json_add_count(item, "alone_pages", culprit->share->alone_pages);
    return frames_add_json(item, answer->heap.reader, culprit->stack, error);
}

static int add_advice(cJSON *list, const struct blame_answer *answer, const struct reel_advice *advice,
                      struct reel_error *error)
{
    struct reel_class_state class = reel_replay_class(answer->heap.replay, advice->class_number);
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(list, item);
    json_add_count(item, "class_number", advice->class_number);
    json_add_count(item, "class_least_bytes", class.least_bytes);
    json_add_count(item, "class_greatest_bytes", class.greatest_bytes);
    json_add_count(item, "pinned_bytes", advice->pinned_bytes);
    json_add_count(item, "live_bytes", advice->live_bytes);
    json_add_count(item, "live_blocks", advice->live_blocks);
    json_add_count(item, "alone_pages", advice->alone_pages);
    json_add_count(item, "median_age_ns", advice->median_age_ns);
    json_add_count(item, "neighbour_blocks", advice->neighbour_blocks);
    json_add_count(item, "neighbour_lifetime_ns", advice->neighbour_lifetime_ns);
    int status = frames_add_stack(item, "culprit", answer->heap.reader, advice->stack, error);
    if (status == REEL_OK)
        status = frames_add_stack(item, "neighbour", answer->heap.reader, advice->neighbour_stack, error);
    return status;
}

static int fill(cJSON *document, const struct blame_answer *answer, struct reel_error *error)
{
    struct reel_blame_share total = reel_blame_total(answer->blame);
    int status = REEL_OK;
    json_add_text(document, "at", answer->question->moment);
    json_add_count(document, "after_events", answer->heap.events);
    json_add_count(document, "pinned_bytes", total.pinned_bytes);
    json_add_count(document, "rounding_bytes", total.rounding_bytes);
    json_add_count(document, "live_bytes", total.live_bytes);
    json_add_count(document, "live_blocks", total.live_blocks);
    identity_add_json(document, &answer->identity);
    add_sparse(document, answer);
    cJSON *stacks = cJSON_AddArrayToObject(document, "stacks");
    for (size_t i = 0; i < shown_of(answer) && status == REEL_OK; i++)
        status = add_culprit(stacks, answer, &answer->culprits[i], error);
    cJSON *advice = cJSON_AddArrayToObject(document, "advice");
    for (size_t i = 0; i < answer->advice_count && status == REEL_OK; i++)
        status = add_advice(advice, answer, &answer->advice[i], error);
    return status;
}

int blame_print_json(const struct blame_answer *answer, struct reel_error *error)
{
    cJSON *document = cJSON_CreateObject();
    int status = fill(document, answer, error);
    if (status == REEL_OK)
        return json_print(document);
    cJSON_Delete(document);
    return status;
}
