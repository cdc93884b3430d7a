// SPDX-License-Identifier: MIT
// How the answer of heapreel blame looks: a verdict, stacks and advice for people, or one JSON document.
#ifndef HEAPREEL_CLI_BLAME_PRINT_H
#define HEAPREEL_CLI_BLAME_PRINT_H

#include "cli/question.h"
#include "reel/blame.h"

struct blame_culprit
{
    uint32_t stack;
    const struct reel_blame_share *share;
};

struct blame_answer
{
    const struct question *question;
    struct question_heap heap;
    struct reel_identity identity;
    struct reel_blame *blame;
    struct blame_culprit *culprits; // by pinned bytes, all
    size_t culprit_count;
    struct reel_advice *advice;
    size_t advice_count;
};

// REEL_OK or a negative reel_status; the second also an exit status of its own.
int blame_print_text(const struct blame_answer *answer, struct reel_error *error);
int blame_print_json(const struct blame_answer *answer, struct reel_error *error);

#endif
