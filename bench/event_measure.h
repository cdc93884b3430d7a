// SPDX-License-Identifier: MIT
// The parts of an event, measured: every part is repeated in short batches, all parts in turn for many rounds, so that
// what else the machine does meets all alike. The figures are the median and the least of the batches.
#ifndef HEAPREEL_BENCH_EVENT_MEASURE_H
#define HEAPREEL_BENCH_EVENT_MEASURE_H

#include "bench/event_parts.h"

// What surrounds the measured thread. Only parts that write a ring are measured in all of them.
enum event_setting
{
    EVENT_ALONE,   // it is the only thread of the process
    EVENT_THREADS, // there is another one, which does nothing to it
    EVENT_READ,    // the other one reads the ring meanwhile, on another core
    EVENT_SETTING_COUNT,
};

struct event_figure
{
    double median_ns;
    double least_ns; // below 0: not measured
};

// One part on one depth (0: it has none).
struct event_measured
{
    const struct event_part *part;
    uint32_t depth;
    uint64_t batch; // repetitions in one
    struct event_figure figures[EVENT_SETTING_COUNT];
    double *samples; // of the setting under way, ticks for one repetition
};

extern struct event_measured event_measured[];
extern uint32_t event_measured_count;

extern const uint32_t event_depths[];
extern const uint32_t event_depth_count;

// Calls visit for every part with every depth that it is measured on.
void event_measure_visit(void (*visit)(const struct event_part *part, uint32_t depth));
// Between event_parts_open and event_parts_close. Where there is one core alone, there is one setting.
void event_measure(bool is_quick);

// --- event_table.c: the figures, on standard output ---

void event_table_print(void); // Markdown
void event_table_print_json(void);

#endif
