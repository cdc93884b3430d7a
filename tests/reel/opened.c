// SPDX-License-Identifier: MIT
// Opens random reels. Asserts nothing about what is tested.
#include "opened.h"

#include "reel/sqlite.h"

static void open_file(struct opened *opened)
{
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_reader_open(&opened->reader, opened->recording->path, error), *error);
    assert_ok(reel_replay_open(&opened->replay, opened->reader, error), *error);
}

static void close_file(struct opened *opened)
{
    reel_replay_close(opened->replay);
    reel_reader_close(opened->reader);
}

void opened_make(struct opened *opened, struct recording *recording, const struct random_shape *shape)
{
    *opened = (struct opened){.recording = recording};
    random_reel_make(&opened->reel, recording, shape);
    stream_init(&opened->dice, shape->seed + 1000, 1);
    open_file(opened);
}

void opened_make_small(struct opened *opened, struct recording *recording, uint64_t seed)
{
    const struct random_shape shape = {.seed = seed,
                                       .event_count = 3000 + seed * 500,
                                       .live_blocks = 60 + 20 * (uint32_t)seed,
                                       .process_max = seed % 3 == 0 ? 1 : 9,
                                       .has_classes = seed % 2 == 1,
                                       .commit_every = seed % 4 == 0 ? 700 : 0};
    opened_make(opened, recording, &shape);
}

void opened_again(struct opened *opened)
{
    close_file(opened);
    open_file(opened);
}

void opened_close(struct opened *opened)
{
    close_file(opened);
    random_reel_free(&opened->reel);
}
