// SPDX-License-Identifier: MIT
// What was measured of one reel, in the order of measuring, and the clocks and counters that it is taken from.
#ifndef HEAPREEL_BENCH_REPLAY_FIGURES_H
#define HEAPREEL_BENCH_REPLAY_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reel/status.h"

#define FIGURES_MAX 64
#define FIGURE_NAME_BYTES 48

// A figure's name ends with its unit.
struct figure
{
    char name[FIGURE_NAME_BYTES];
    double value;
};

struct figures
{
    size_t count;
    struct figure list[FIGURES_MAX];
};

void figures_add(struct figures *figures, const char *name, double value);
// What an action took.
struct spent
{
    double wall_s; // what somebody waits
    double cpu_s;  // of all threads of the process meanwhile: what others do on the machine is not in it
};

// Of one action, which are sorted: NAME_median_ms, NAME_p95_ms and NAME_max_ms of wall time, NAME_cpu_median_ms and
// NAME_cpu_p95_ms of CPU time; of a single one NAME_wall_ms and NAME_cpu_ms.
void figures_add_spent(struct figures *figures, const char *name, struct spent *spent, size_t count);
void figures_print(const struct figures *figures, const char *title, bool as_json);

struct spent spent_now(void); // since some beginning
struct spent spent_since(struct spent begin);
// Resident bytes of this process.
double resident_bytes(void);
// Ends the program with the error's text.
void stop_if(int status, const struct reel_error *error);

#endif
