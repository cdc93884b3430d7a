// SPDX-License-Identifier: MIT
// Lists, prints and clocks. It judges nothing.
#include "replay_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void stop_if(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
    {
        fprintf(stderr, "replay_speed: %s\n", error->text);
        exit(3);
    }
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct spent spent_now(void)
{
    return (struct spent){.wall_s = seconds_of(CLOCK_MONOTONIC), .cpu_s = seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

struct spent spent_since(struct spent begin)
{
    struct spent now = spent_now();
    return (struct spent){.wall_s = now.wall_s - begin.wall_s, .cpu_s = now.cpu_s - begin.cpu_s};
}

double resident_bytes(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    if (file != NULL)
        fclose(file);
    const char *resident = strchr(line, ' '); // the second number
    return resident == NULL ? 0 : (double)strtoul(resident, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

void figures_add(struct figures *figures, const char *name, double value)
{
    if (figures->count == FIGURES_MAX)
        abort(); // make the list longer
    struct figure *figure = &figures->list[figures->count++];
    snprintf(figure->name, sizeof figure->name, "%s", name);
    figure->value = value;
}

static int compare_wall(const void *left, const void *right)
{
    double a = ((const struct spent *)left)->wall_s;
    double b = ((const struct spent *)right)->wall_s;
    return (a > b) - (a < b);
}

static int compare_cpu(const void *left, const void *right)
{
    double a = ((const struct spent *)left)->cpu_s;
    double b = ((const struct spent *)right)->cpu_s;
    return (a > b) - (a < b);
}

static void add_ms(struct figures *figures, const char *name, const char *what, double seconds)
{
    char full[FIGURE_NAME_BYTES];
    snprintf(full, sizeof full, "%s_%s_ms", name, what);
    figures_add(figures, full, seconds * 1e3);
}

void figures_add_spent(struct figures *figures, const char *name, struct spent *spent, size_t count)
{
    if (count == 1)
    {
        add_ms(figures, name, "wall", spent->wall_s);
        add_ms(figures, name, "cpu", spent->cpu_s);
    }
    if (count <= 1)
        return;
    size_t p95 = (count * 95 - 1) / 100;
    qsort(spent, count, sizeof *spent, compare_wall);
    add_ms(figures, name, "median", spent[count / 2].wall_s);
    add_ms(figures, name, "p95", spent[p95].wall_s);
    add_ms(figures, name, "max", spent[count - 1].wall_s);
    qsort(spent, count, sizeof *spent, compare_cpu);
    add_ms(figures, name, "cpu_median", spent[count / 2].cpu_s);
    add_ms(figures, name, "cpu_p95", spent[p95].cpu_s);
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
