// SPDX-License-Identifier: MIT
// What an event costs, part by part, in nanoseconds; or one part, run as often as it is told, for tools that count
// instructions.
#include "bench/event_measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die_usage(void)
{
    fprintf(stderr, "usage: event_cost [--quick] --table|--json | --list | --part NAME FRAMES COUNT\n");
    exit(2);
}

static int run_part(const char *name, uint32_t depth, uint64_t count)
{
    for (uint32_t i = 0; i < event_part_count; i++)
        if (strcmp(event_parts[i].name, name) == 0 && event_parts[i].has_depth == (depth > 0) &&
            depth >= event_parts[i].depth_min && count < EVENT_PARTS_RING_RECORDS / 2)
        {
            event_parts[i].repeat(depth, count);
            return 0;
        }
    fprintf(stderr, "event_cost: no part %s on %" PRIu32 " frames, or too often\n", name, depth);
    return 2;
}

static void list(const struct event_part *part, uint32_t depth)
{
    printf("%s %" PRIu32 "\n", part->name, depth);
}

static int run_one(char **arguments)
{
    event_parts_open();
    int status = run_part(arguments[0], (uint32_t)strtoul(arguments[1], NULL, 10), strtoull(arguments[2], NULL, 10));
    event_parts_close();
    return status;
}

static int measure(bool is_quick, bool is_json)
{
    event_parts_open();
    event_measure(is_quick);
    event_parts_close();
    if (is_json)
        event_table_print_json();
    else
        event_table_print();
    return 0;
}

int main(int argc, char **argv)
{
    const char *last = argc > 1 ? argv[argc - 1] : "";
    bool is_json = strcmp(last, "--json") == 0;
    bool is_quick = argc == 3 && strcmp(argv[1], "--quick") == 0;
    if (argc == 5 && strcmp(argv[1], "--part") == 0)
        return run_one(argv + 2);
    if ((is_json || strcmp(last, "--table") == 0) && argc == 2 + is_quick)
        return measure(is_quick, is_json);
    if (argc != 2 || strcmp(last, "--list") != 0)
        die_usage();
    event_measure_visit(list);
    return 0;
}
