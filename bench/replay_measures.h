// SPDX-License-Identifier: MIT
// What is measured of a reel, each in a reader of its own that is opened for it.
#ifndef HEAPREEL_BENCH_REPLAY_MEASURES_H
#define HEAPREEL_BENCH_REPLAY_MEASURES_H

#include "replay_figures.h"

struct measure_config
{
    const char *path;
    uint64_t seed;
    size_t tries; // of what is done at random moments
};

// replay_reading.c: the file without a state.
void measure_file(const struct measure_config *config, struct figures *figures);
void measure_decode(const struct measure_config *config, struct figures *figures);

// replay_moving.c: the state.
void measure_playing(const struct measure_config *config, struct figures *figures);       // to the end in 200 steps
void measure_memory(const struct measure_config *config, struct figures *figures);        // of a reader at the peak
void measure_first_answers(const struct measure_config *config, struct figures *figures); // from opening on
void measure_seeks(const struct measure_config *config, struct figures *figures);         // to random moments
void measure_steps(const struct measure_config *config, struct figures *figures);         // of a 200th, both ways

// replay_blame.c
void measure_blame(const struct measure_config *config, struct figures *figures); // at the peak

// replay_history.c
void measure_history(const struct measure_config *config, struct figures *figures);

#endif
