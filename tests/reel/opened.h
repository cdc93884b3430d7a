// SPDX-License-Identifier: MIT
// A random reel that is open: what was written, a reader of it, and a replay at its beginning.
#ifndef HEAPREEL_TESTS_REEL_OPENED_H
#define HEAPREEL_TESTS_REEL_OPENED_H

#include "random_reel.h"
#include "reel/replay.h"

struct opened
{
    struct recording *recording;
    struct random_reel reel;
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct stream dice;
};

void opened_make(struct opened *opened, struct recording *recording, const struct random_shape *shape);
// A small one, of a seed: each is another kind of program.
void opened_make_small(struct opened *opened, struct recording *recording, uint64_t seed);
// The reader and the replay anew, after the file was changed.
void opened_again(struct opened *opened);
void opened_close(struct opened *opened);

#endif
