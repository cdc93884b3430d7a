// SPDX-License-Identifier: MIT
// What was measured of one reel, in the order of measuring, and the clocks and counters that it is taken from.
#ifndef HEAPREEL_BENCH_REPLAY_FIGURES_H
#define HEAPREEL_BENCH_REPLAY_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reel/status.h"

#define FIGURES_MAX 64

// A figure's name ends with its unit.
struct figure
{
    char name[48];
    double value;
};

struct figures
{
    size_t count;
    struct figure list[FIGURES_MAX];
};

void figures_add(struct figures *figures, const char *name, double value);
// Of the times of one action in seconds, which are sorted: NAME_median_ms, NAME_p95_ms and NAME_max_ms.
void figures_add_times(struct figures *figures, const char *name, double *seconds, size_t count);
void figures_print(const struct figures *figures, const char *title, bool as_json);

// Of the process's CPU time, which what others do on the machine is not in; or of the clock on the wall, after
// measure_wall_time.
double seconds_now(void);
void measure_wall_time(void);
// Resident bytes of this process.
double resident_bytes(void);
// Ends the program with the error's text.
void stop_if(int status, const struct reel_error *error);

#endif
