// SPDX-License-Identifier: MIT
// The figures of the parts as tables. Measures nothing.
#include "bench/event_measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMN "| %-40s |"
#define NAME_RULE "| ---------------------------------------- |"
#define FIGURE_RULE " --------------- |"

enum
{
    ACCOUNT_FRAMES = 22,
};

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

// Of a part that is there: the name is one of this file's.
static const struct event_figure *figures_of(const char *name, uint32_t depth)
{
    const struct event_measured *measured = find(name, depth);
    if (!measured)
        abort();
    return measured->figures;
}

static void print_rule(uint32_t figures)
{
    printf(NAME_RULE);
    for (uint32_t i = 0; i < figures; i++)
        printf(FIGURE_RULE);
    printf("\n");
}

static void print_setting_titles(const char *title)
{
    printf(NAME_COLUMN, title);
    for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
        printf(" %-15s |", setting_titles[setting]);
    printf("\n");
    print_rule(EVENT_SETTING_COUNT);
}

static void print_without_depth(void)
{
    print_setting_titles("ns: median (least)");
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

static void print_ratios(void)
{
    static const char *const names[] = {"alloc_same", "alloc_one_new", "alloc_two_new"};
    double theirs = figures_of("libunwind", ACCOUNT_FRAMES)[EVENT_ALONE].median_ns;
    print_setting_titles("over unw_backtrace, 22 frames");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        printf(NAME_COLUMN, find(names[i], ACCOUNT_FRAMES)->part->text);
        for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
            printf(" %-15.2f |", figures_of(names[i], ACCOUNT_FRAMES)[setting].median_ns / theirs);
        printf("\n");
    }
    printf("\n");
}

static bool is_measured(enum event_setting setting)
{
    return figures_of("alloc_same", ACCOUNT_FRAMES)[setting].least_ns >= 0;
}

// What does not differ between settings is measured in one.
static double median_of(const char *name, uint32_t depth, enum event_setting setting)
{
    const struct event_figure *figures = figures_of(name, depth);
    return figures[figures[setting].least_ns < 0 ? EVENT_ALONE : setting].median_ns;
}

enum account
{
    ACCOUNT_CLOCK,
    ACCOUNT_WRITE,
    ACCOUNT_MARK,
    ACCOUNT_WALK,
    ACCOUNT_REST,
    ACCOUNT_WHOLE,
    ACCOUNT_LINES,
};

// The steps are measured one after the other; in an event they overlap, and the rest may be negative.
static void account_for(enum event_setting setting, double *account)
{
    double call = median_of("nothing", ACCOUNT_FRAMES, setting);
    account[ACCOUNT_CLOCK] = median_of(setting == EVENT_ALONE ? "rdtsc" : "rdtscp", 0, setting);
    account[ACCOUNT_WRITE] = median_of("write_prefetched", 0, setting);
    account[ACCOUNT_MARK] = median_of("mark", 0, setting) - account[ACCOUNT_CLOCK];
    account[ACCOUNT_WALK] = median_of("capture_one_new", ACCOUNT_FRAMES, setting) - call;
    account[ACCOUNT_WHOLE] = median_of("alloc_one_new", ACCOUNT_FRAMES, setting) - call;
    account[ACCOUNT_REST] = account[ACCOUNT_WHOLE];
    for (int line = 0; line < ACCOUNT_REST; line++)
        account[ACCOUNT_REST] -= account[line];
}

static void print_account(void)
{
    static const char *const titles[ACCOUNT_LINES] = {
        [ACCOUNT_CLOCK] = "floor: the clock",
        [ACCOUNT_WRITE] = "floor: 32 bytes into the ring",
        [ACCOUNT_MARK] = "busy mark and commit",
        [ACCOUNT_WALK] = "walk, with the stack's node",
        [ACCOUNT_REST] = "the rest, less what overlaps",
        [ACCOUNT_WHOLE] = "alloc, 22 frames, 1 of them new",
    };
    double accounts[EVENT_SETTING_COUNT][ACCOUNT_LINES];
    for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
        account_for(setting, accounts[setting]);
    print_setting_titles("account, ns (median)");
    for (int line = 0; line < ACCOUNT_LINES; line++)
    {
        printf(NAME_COLUMN, titles[line]);
        for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
            printf(" %-15.1f |", accounts[setting][line]);
        printf("\n");
    }
    printf("\n");
}

void event_table_print(void)
{
    if (is_measured(EVENT_READ))
    {
        print_account();
        print_ratios();
    }
    print_without_depth();
    for (uint32_t setting = 0; setting < EVENT_SETTING_COUNT; setting++)
        if (is_measured(setting))
            print_by_depth(setting);
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
