// SPDX-License-Identifier: MIT
// Finds the step of a clock in the times that it gave. Short gaps between events crowd around multiples of the step,
// each crowd one or two ns wide (the step is no whole number of ns, and times are cut to whole ns). The mean of a crowd
// is an exact multiple but for chance, so that the distance of neighbouring crowds gives a first step, and the farther
// ones make it better.
#include "reel/clock_steps.h"

#include <stdbool.h>

#define GAP_COUNT 512    // gaps that are looked at
#define GAP_COUNT_MIN 96 // with fewer there is no guess
#define GAP_NS_MAX 512   // longer ones are left out
#define CROWD_MIN 3      // gaps; fewer are chance
#define STEP_NS_MIN 4.0  // a shorter step gains nothing
#define SURE_NS_MAX 2048
#define OFF_NS_MAX 1.25 // from the grid: cutting to whole ns, and what the guess is off
#define TRIAL_COUNT 33  // around the distance of the two closest crowds, up to a quarter off
#define STEP_Q32 4294967296.0

static double whole(double value)
{
    return (double)(uint64_t)(value + 0.5);
}

struct crowds
{
    double mean_ns[GAP_NS_MAX];
    size_t count;
    unsigned members; // gaps in narrow crowds
};

static unsigned count_gaps(const struct reel_event *events, size_t count, unsigned *gaps_of)
{
    unsigned gap_count = 0;
    for (size_t i = 1; i < count && gap_count < GAP_COUNT; i++)
    {
        uint64_t gap_ns = events[i].t_ns - events[i - 1].t_ns;
        if (gap_ns == 0 || gap_ns >= GAP_NS_MAX)
            continue;
        gaps_of[gap_ns]++;
        gap_count++;
    }
    return gap_count;
}

static void find_crowds(const unsigned *gaps_of, struct crowds *crowds)
{
    for (unsigned first = 1, end; first < GAP_NS_MAX; first = end)
    {
        unsigned members = 0;
        unsigned sum = 0;
        for (end = first; end < GAP_NS_MAX && gaps_of[end] != 0; end++)
        {
            members += gaps_of[end];
            sum += gaps_of[end] * end;
        }
        bool is_narrow = end - first <= 2;
        crowds->members += is_narrow ? members : 0;
        if (is_narrow && members >= CROWD_MIN)
            crowds->mean_ns[crowds->count++] = (double)sum / members;
        end += end == first;
    }
}

static double least_distance(const struct crowds *crowds)
{
    double least = GAP_NS_MAX;
    for (size_t i = 1; i < crowds->count; i++)
    {
        double distance = crowds->mean_ns[i] - crowds->mean_ns[i - 1];
        least = distance < least ? distance : least;
    }
    return least;
}

// From crowd to crowd the count of steps is sure as long as the step is; the farther the crowd, the better it becomes.
static double refine(const struct crowds *crowds, double step_ns)
{
    double ns = 0;
    double steps = 0;
    for (size_t i = 0; i < crowds->count; i++)
    {
        ns += crowds->mean_ns[i];
        steps += whole(crowds->mean_ns[i] / step_ns);
        step_ns = steps > 0 ? ns / steps : step_ns;
    }
    return step_ns;
}

static bool fits(const unsigned *gaps_of, unsigned gap_count, double step_ns)
{
    unsigned fitting = 0;
    for (unsigned gap_ns = 1; gap_ns < GAP_NS_MAX; gap_ns++)
    {
        double off_ns = gap_ns - whole(gap_ns / step_ns) * step_ns;
        fitting += off_ns > -OFF_NS_MAX && off_ns < OFF_NS_MAX ? gaps_of[gap_ns] : 0;
    }
    return fitting >= gap_count - gap_count / 16;
}

void clock_steps_watch(struct clock_steps *clock, uint64_t ns, uint64_t steps)
{
    if (clock->step_q32 <= UINT64_C(1) << 32)
        return;
    clock->ns += ns;
    clock->steps += steps;
    if (clock->steps != 0)
        clock->step_q32 = (uint64_t)((double)clock->ns / (double)clock->steps * STEP_Q32);
}

// All gaps that are short enough for a sure count of steps: what cutting took from one it gave to the next.
static struct clock_steps sum_up(const struct reel_event *events, size_t count, double step_ns)
{
    struct clock_steps clock = {.step_q32 = (uint64_t)(step_ns * STEP_Q32)};
    uint64_t ns = 0;
    uint64_t steps = 0;
    for (size_t i = 1; i < count; i++)
    {
        uint64_t gap_ns = events[i].t_ns - events[i - 1].t_ns;
        if (gap_ns >= SURE_NS_MAX)
            continue;
        ns += gap_ns;
        steps += (uint64_t)whole((double)gap_ns / step_ns);
    }
    clock_steps_watch(&clock, ns, steps);
    return clock;
}

void clock_steps_guess(struct clock_steps *clock, const struct reel_event *events, size_t count)
{
    unsigned gaps_of[GAP_NS_MAX] = {0};
    struct crowds crowds = {.count = 0};
    unsigned gap_count = count_gaps(events, count, gaps_of);
    if (gap_count < GAP_COUNT_MIN)
        return;
    *clock = (struct clock_steps){.step_q32 = UINT64_C(1) << 32};
    find_crowds(gaps_of, &crowds);
    if (crowds.count < 2 || crowds.members < gap_count - gap_count / 8)
        return;
    double least_ns = least_distance(&crowds);
    for (int i = 0; i < TRIAL_COUNT; i++)
    {
        int off = i % 2 == 0 ? i / 2 : -(i + 1) / 2;
        double step_ns = refine(&crowds, least_ns + least_ns * off / TRIAL_COUNT / 2);
        if (step_ns < STEP_NS_MIN || !fits(gaps_of, gap_count, step_ns))
            continue;
        *clock = sum_up(events, count, step_ns);
        return;
    }
}
