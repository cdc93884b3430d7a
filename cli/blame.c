// SPDX-License-Identifier: MIT
// heapreel blame: who pins the memory that is free and cannot be given back. Asks the engine; printed elsewhere.
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/blame_print.h"
#include "cli/command.h"

#define LIMIT_DEFAULT 10
#define ADVICE_MAX 5

static const struct argp_option options[] = {
    QUESTION_AT,   QUESTION_PROCESS, QUESTION_LIMIT("At most N stacks, 10 by default; 0: all"),
    QUESTION_JSON, QUESTION_FAIL_IF, {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct question *question = state->input;
    if (key == ARGP_KEY_INIT)
        question->limit = LIMIT_DEFAULT;
    return question_take(key, argument, state, question);
}

static int compare_culprits(const void *left, const void *right)
{
    const struct blame_culprit *a = left;
    const struct blame_culprit *b = right;
    if (a->share->pinned_bytes != b->share->pinned_bytes)
        return a->share->pinned_bytes > b->share->pinned_bytes ? -1 : 1;
    if (a->share->rounding_bytes != b->share->rounding_bytes)
        return a->share->rounding_bytes > b->share->rounding_bytes ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static int rank(struct blame_answer *answer, struct reel_error *error)
{
    size_t count = 0;
    const struct reel_blame_share *shares = reel_blame_stacks(answer->blame, &count);
    answer->culprits = calloc(count + 1, sizeof *answer->culprits);
    if (answer->culprits == NULL)
        return question_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        if (shares[i].live_blocks != 0)
            answer->culprits[answer->culprit_count++] =
                (struct blame_culprit){.stack = (uint32_t)i, .share = &shares[i]};
    qsort(answer->culprits, answer->culprit_count, sizeof *answer->culprits, compare_culprits);
    return REEL_OK;
}

static int ask(struct blame_answer *answer, struct reel_error *error)
{
    const struct question_heap *heap = &answer->heap;
    struct answer_progress progress;
    int status = reel_replay_identity(heap->replay, heap->process, &answer->identity, error);
    if (status != REEL_OK)
        return status;
    answer_progress_begin(&progress, "blaming");
    status = reel_blame_make(&answer->blame, heap->replay, heap->process, &progress.progress, error);
    answer_progress_end(&progress);
    if (status == REEL_OK)
        status = rank(answer, error);
    if (status != REEL_OK)
        return status;
    answer_progress_begin(&progress, "looking for neighbours");
    status = reel_blame_advice(answer->blame, heap->replay, heap->process, ADVICE_MAX, &progress.progress,
                               &answer->advice, &answer->advice_count, error);
    answer_progress_end(&progress);
    return status;
}

static int run(void *context)
{
    const struct question *question = context;
    struct blame_answer answer = {.question = question};
    struct reel_error error = {0};
    int status = question_open(&answer.heap, question);
    if (status != CLI_OK)
        return status;
    int answered = ask(&answer, &error);
    if (answered == REEL_OK)
        answered = question->is_json ? blame_print_json(&answer, &error) : blame_print_text(&answer, &error);
    free(answer.advice);
    free(answer.culprits);
    reel_blame_destroy(answer.blame);
    return question_end(&answer.heap, question, answered, &error);
}

const struct cli_command cli_blame = {
    .name = "blame",
    .arguments = "F",
    .purpose = "Name the call stacks whose blocks keep free memory from being given back, with what proves it",
    .details = "Pinned are the free bytes on pages with a live block; the blocks that touch a page share them. "
               "Advice names stacks whose blocks pin more than they hold. " FAIL_IF_HELP,
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct question),
    .run = run,
};
