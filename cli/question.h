// SPDX-License-Identifier: MIT
// What the commands that answer about the heap at a moment have in common: their options, and the heap there.
#ifndef HEAPREEL_CLI_QUESTION_H
#define HEAPREEL_CLI_QUESTION_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/fail_if.h"
#include "reel/replay.h"

#define QUESTION_MOMENT_DEFAULT "peak"

enum question_key
{
    QUESTION_KEY_AT = 512, // above those of any command
    QUESTION_KEY_LIMIT,
    QUESTION_KEY_PROCESS,
    QUESTION_KEY_JSON,
    QUESTION_KEY_FAIL_IF,
};

#define QUESTION_MOMENTS "12.5s, #1000000, 40%, peak (the default), worst or end"
#define QUESTION_AT                                                                                                    \
    {                                                                                                                  \
        "at", QUESTION_KEY_AT, "M", 0, "Moment: " QUESTION_MOMENTS, 0                                                  \
    }
#define QUESTION_LIMIT(text)                                                                                           \
    {                                                                                                                  \
        "limit", QUESTION_KEY_LIMIT, "N", 0, text, 0                                                                   \
    }
#define QUESTION_PROCESS                                                                                               \
    {                                                                                                                  \
        "process", QUESTION_KEY_PROCESS, "N", 0, "Process number N of the reel alone; without it all that run then", 0 \
    }
#define QUESTION_JSON                                                                                                  \
    {                                                                                                                  \
        "json", QUESTION_KEY_JSON, NULL, 0, "Answer in JSON", 0                                                        \
    }
#define QUESTION_FAIL_IF                                                                                               \
    {                                                                                                                  \
        "fail-if", QUESTION_KEY_FAIL_IF, "EXPR", 0, "Exit with status 1 if this is true of the figures", 0             \
    }

struct question
{
    const char *reel;
    const char *moment; // "peak" from ARGP_KEY_INIT on
    uint64_t limit;     // 0: all
    uint64_t process;   // 0: all
    bool is_json;
    struct fail_if fail_if;
};

// A reel, replayed to the question's moment.
struct question_heap
{
    struct reel_reader *reader;
    struct reel_replay *replay;
    uint64_t events;
    uint32_t process;
};

// For a command's take(): the options above and the one reel.
error_t question_take(int key, char *argument, struct argp_state *state, struct question *question);

// CLI_OK, or the exit status after a complaint; then there is nothing to close. Without seeking: stands anywhere.
int question_open(struct question_heap *heap, const struct question *question);
int question_open_without_seeking(struct question_heap *heap, const struct question *question);
void question_close(struct question_heap *heap);

// Moves there, with a line that tells how far it is. REEL_OK or a negative reel_status.
int question_seek(struct question_heap *heap, uint64_t events, struct reel_error *error);

// Events that the answer lacks, as they cannot be read.
uint64_t question_damaged_events(const struct question_heap *heap);

// Returns REEL_E_NO_MEMORY.
int question_fail_memory(struct reel_error *error);

// The exit status of a command: a complaint where answered is a negative reel_status, else what --fail-if says of the
// heap at its moment, when the answer has gone out.
int question_end(struct question_heap *heap, const struct question *question, int answered, struct reel_error *error);

#endif
