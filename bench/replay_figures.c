// SPDX-License-Identifier: MIT
// Lists, prints and clocks. It judges nothing.
#include "replay_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static clockid_t measured_clock = CLOCK_PROCESS_CPUTIME_ID;

void stop_if(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
    {
        fprintf(stderr, "replay_speed: %s\n", error->text);
        exit(3);
    }
}

void measure_wall_time(void)
{
    measured_clock = CLOCK_MONOTONIC;
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(measured_clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long size = 0;
    unsigned long resident = 0;
    if (file == NULL || fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

void figures_add(struct figures *figures, const char *name, double value)
{
    if (figures->count == FIGURES_MAX)
        abort(); // make the list longer
    struct figure *figure = &figures->list[figures->count++];
    snprintf(figure->name, sizeof figure->name, "%s", name);
    figure->value = value;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

void figures_add_times(struct figures *figures, const char *name, double *seconds, size_t count)
{
    char full[48];
    if (count == 0)
        return;
    qsort(seconds, count, sizeof *seconds, compare);
    snprintf(full, sizeof full, "%s_median_ms", name);
    figures_add(figures, full, seconds[count / 2] * 1e3);
    snprintf(full, sizeof full, "%s_p95_ms", name);
    figures_add(figures, full, seconds[(count * 95 - 1) / 100] * 1e3);
    snprintf(full, sizeof full, "%s_max_ms", name);
    figures_add(figures, full, seconds[count - 1] * 1e3);
}

static void print_json(const struct figures *figures, const char *title)
{
    printf("{\"reel\": \"%s\"", title);
    for (size_t i = 0; i < figures->count; i++)
        printf(", \"%s\": %.6g", figures->list[i].name, figures->list[i].value);
    puts("}");
}

void figures_print(const struct figures *figures, const char *title, bool as_json)
{
    if (as_json)
    {
        print_json(figures, title);
        return;
    }
    printf("%s\n", title);
    for (size_t i = 0; i < figures->count; i++)
        printf("  %-36s %14.*f\n", figures->list[i].name, figures->list[i].value < 1e4 ? 2 : 0, figures->list[i].value);
}
