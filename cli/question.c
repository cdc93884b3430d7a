// SPDX-License-Identifier: MIT
// Options of questions, opening, seeking. Prints no answer.
#include "cli/question.h"

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/parse.h"
#include "reel/history.h"
#include "reel/moment.h"

error_t question_take(int key, char *argument, struct argp_state *state, struct question *question)
{
    switch (key)
    {
    case ARGP_KEY_INIT:
        question->moment = QUESTION_MOMENT_DEFAULT;
        return 0;
    case QUESTION_KEY_AT:
        question->moment = argument;
        return 0;
    case QUESTION_KEY_LIMIT:
        return cli_take_number(state, "--limit", argument, 0, UINT32_MAX, &question->limit);
    case QUESTION_KEY_PROCESS:
        return cli_take_number(state, "--process", argument, 1, UINT32_MAX, &question->process);
    case QUESTION_KEY_JSON:
        question->is_json = true;
        return 0;
    case QUESTION_KEY_FAIL_IF:
        return fail_if_take(state, argument, &question->fail_if);
    default:
        return cli_take_reel(state, key, argument, &question->reel);
    }
}

static int find(struct question_heap *heap, const struct question *question)
{
    struct reel_error error = {0};
    size_t processes = 0;
    if (reel_moment_parse(heap->reader, question->moment, &heap->events, &error) != REEL_OK ||
        reel_replay_open(&heap->replay, heap->reader, &error) != REEL_OK)
        return cli_complain_error(&error);
    reel_replay_processes(heap->replay, &processes);
    if (question->process > processes)
        return cli_complain(CLI_USAGE, "--process %llu: the reel has %zu process%s; see heapreel summary",
                            (unsigned long long)question->process, processes, processes == 1 ? "" : "es");
    heap->process = (uint32_t)question->process;
    return CLI_OK;
}

int question_open_without_seeking(struct question_heap *heap, const struct question *question)
{
    *heap = (struct question_heap){0};
    int status = answer_open(&heap->reader, question->reel);
    if (status == CLI_OK)
        status = find(heap, question);
    if (status != CLI_OK)
        question_close(heap);
    return status;
}

int question_open(struct question_heap *heap, const struct question *question)
{
    struct reel_error error = {0};
    int status = question_open_without_seeking(heap, question);
    if (status != CLI_OK || question_seek(heap, heap->events, &error) == REEL_OK)
        return status;
    question_close(heap);
    return cli_complain_error(&error);
}

void question_close(struct question_heap *heap)
{
    reel_replay_close(heap->replay);
    reel_reader_close(heap->reader);
    *heap = (struct question_heap){0};
}

int question_seek(struct question_heap *heap, uint64_t events, struct reel_error *error)
{
    struct answer_progress progress;
    answer_progress_begin(&progress, "replaying");
    int status = reel_replay_seek(heap->replay, events, &progress.progress, error);
    answer_progress_end(&progress);
    return status;
}

int question_fail_memory(struct reel_error *error)
{
    *error = (struct reel_error){.status = REEL_E_NO_MEMORY, .text = "out of memory"};
    return error->status;
}

// Whether the state has passed over them, or the question itself.
uint64_t question_damaged_events(const struct question_heap *heap)
{
    uint64_t passed = reel_replay_damaged_events(heap->replay);
    uint64_t left_out = reel_history_damaged_events(heap->reader);
    return passed > left_out ? passed : left_out;
}

// What the answer lacks is told beside it.
static void tell_damage(const struct question_heap *heap)
{
    uint64_t events = question_damaged_events(heap);
    if (events != 0)
        cli_complain(CLI_OK, "%llu events before the moment are damaged and left out", (unsigned long long)events);
}

int question_end(struct question_heap *heap, const struct question *question, int answered, struct reel_error *error)
{
    int status = answered < 0 ? cli_complain_error(error) : answered;
    if (status == CLI_OK)
        status = cli_flush_answer(CLI_OK);
    if (answered >= 0)
        tell_damage(heap);
    bool asks_heap = fail_if_asks_heap(&question->fail_if);
    if (status == CLI_OK && asks_heap && question_seek(heap, heap->events, error) != REEL_OK)
        status = cli_complain_error(error);
    status = fail_if_judge(&question->fail_if, heap->reader, asks_heap ? heap->replay : NULL, heap->process, status);
    question_close(heap);
    return status;
}
