// SPDX-License-Identifier: MIT
// heapreel summary: the figures of a reel. Asks the engine; the text and the JSON are printed elsewhere.
#include "reel/summary.h"

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/question.h"
#include "cli/summary_print.h"

static const struct argp_option options[] = {
    QUESTION_JSON,
    QUESTION_FAIL_IF,
    {"at", QUESTION_KEY_AT, "M", 0, "Moment whose heap --fail-if asks about: " QUESTION_MOMENTS, 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    return question_take(key, argument, state, state->input);
}

static int answer(struct reel_reader *reader, bool is_json)
{
    struct reel_summary *summary = NULL;
    struct reel_error error = {0};
    if (reel_summary_read(&summary, reader, &error) != REEL_OK)
        return cli_complain_error(&error);
    int status = is_json ? summary_print_json(summary, reader) : summary_print_text(summary, reader);
    reel_summary_destroy(summary);
    return status;
}

// Replays to the moment, which nothing else here needs.
static int answer_and_judge_heap(const struct question *question)
{
    struct question_heap heap;
    struct reel_error error = {0};
    int status = question_open(&heap, question);
    if (status != CLI_OK)
        return status;
    return question_end(&heap, question, answer(heap.reader, question->is_json), &error);
}

static int run(void *context)
{
    const struct question *question = context;
    struct reel_reader *reader = NULL;
    if (fail_if_asks_heap(&question->fail_if))
        return answer_and_judge_heap(question);
    int status = answer_open(&reader, question->reel);
    if (status != CLI_OK)
        return status;
    status = fail_if_judge(&question->fail_if, reader, NULL, 0, answer(reader, question->is_json));
    reel_reader_close(reader);
    return status;
}

const struct cli_command cli_summary = {
    .name = "summary",
    .arguments = "F",
    .purpose = "Print the figures of a reel: peak, leaks, counts, processes, and what is missing from it",
    .details = FAIL_IF_HELP,
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct question),
    .run = run,
};
