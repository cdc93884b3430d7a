// SPDX-License-Identifier: MIT
// The figures of the parts as tables. Measures nothing.
#include "bench/event_measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLUMN "| %-40s |"
#define NAME_RULE "| ---------------------------------------- |"
#define FIGURE_RULE " --------------- |"

static const char *const setting_titles[EVENT_SETTING_COUNT] = {"one thread", "two threads", "ring read"};
static const char *const setting_keys[EVENT_SETTING_COUNT] = {"alone", "threads", "read"};
static const struct event_figure none = {.least_ns = -1};

static void print_figure(struct event_figure figure)
{
    if (figure.least_ns < 0)
        printf(" –               |");
    else
        printf(" %6.1f (%6.1f) |", figure.median_ns, figure.least_ns);
}

static const struct event_measured *find(const char *name, uint32_t depth)
{
    for (uint32_t i = 0; i < event_measured_count; i++)
        if (event_measured[i].depth == depth && strcmp(event_measured[i].part->name, name) == 0)
            return &event_measured[i];
    return NULL;
}

static void print_rule(uint32_t figures)
{
    printf(NAME_RULE);
    for (uint32_t i = 0; i < figures; i++)
        printf(FIGURE_RULE);
    printf("\n");
}

static void print_without_depth(void)
{
    printf(NAME_COLUMN, "ns: median (least)");
    for (uint32_t i = 0; i < EVENT_SETTING_COUNT; i++)
        printf(" %-15s |", setting_titles[i]);
    printf("\n");
    print_rule(EVENT_SETTING_COUNT);
    for (uint32_t i = 0; i < event_measured_count; i++)
    {
        if (event_measured[i].depth > 0)
            continue;
        printf(NAME_COLUMN, event_measured[i].part->text);
        for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
            print_figure(event_measured[i].figures[setting]);
        printf("\n");
    }
}

static void print_row(const struct event_part *part, enum event_setting setting)
{
    printf(NAME_COLUMN, part->text);
    for (uint32_t d = 0; d < event_depth_count; d++)
    {
        const struct event_measured *measured = find(part->name, event_depths[d]);
        print_figure(measured ? measured->figures[setting] : none);
    }
    printf("\n");
}

static void print_by_depth(enum event_setting setting)
{
    char title[64];
    snprintf(title, sizeof title, "%s, by frames", setting_titles[setting]);
    printf("\n" NAME_COLUMN, title);
    for (uint32_t d = 0; d < event_depth_count; d++)
        printf(" %-15" PRIu32 " |", event_depths[d]);
    printf("\n");
    print_rule(event_depth_count);
    for (uint32_t i = 0; i < event_part_count; i++)
        if (event_parts[i].has_depth && (setting == EVENT_ALONE || event_parts[i].ring_used))
            print_row(&event_parts[i], setting);
}

static void print_ratio(enum event_setting setting)
{
    static const char *const names[] = {"alloc_same", "alloc_one_new", "alloc_two_new"};
    const struct event_figure theirs = find("libunwind", 22)->figures[EVENT_ALONE];
    printf("\nwhole alloc over unw_backtrace, 22 frames, %s:", setting_titles[setting]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        const struct event_figure ours = find(names[i], 22)->figures[setting];
        printf(" %s %.2f (%.2f)", names[i], ours.median_ns / theirs.median_ns, ours.least_ns / theirs.least_ns);
    }
    printf("\n");
}

static bool is_measured(enum event_setting setting)
{
    return find("alloc_same", 22)->figures[setting].least_ns >= 0;
}

void event_table_print(void)
{
    print_without_depth();
    for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
        if (is_measured(setting))
            print_by_depth(setting);
    for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
        if (is_measured(setting))
            print_ratio(setting);
}

void event_table_print_json(void)
{
    printf("[");
    for (uint32_t i = 0; i < event_measured_count; i++)
    {
        const struct event_measured *measured = &event_measured[i];
        printf("%s\n  {\"part\": \"%s\", \"frames\": %" PRIu32, i > 0 ? "," : "", measured->part->name,
               measured->depth);
        for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
            if (measured->figures[setting].least_ns >= 0)
                printf(", \"%s_median_ns\": %.2f, \"%s_least_ns\": %.2f", setting_keys[setting],
                       measured->figures[setting].median_ns, setting_keys[setting],
                       measured->figures[setting].least_ns);
        printf("}");
    }
    printf("\n]\n");
}
