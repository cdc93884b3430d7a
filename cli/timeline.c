// SPDX-License-Identifier: MIT
// heapreel timeline: the run from its beginning to its end, drawn, as a table, or as JSON.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "reel/moment.h"
#include "reel/timeline.h"
#include "text/format.h"

#define KEY_POINTS 256
#define KEY_FROM 257
#define KEY_AT 258
#define KEY_JSON 259
#define POINTS_MAX 1000000
#define COLUMNS_DEFAULT 80
#define COLUMNS_MAX 500
#define LABEL_COLUMNS 13
#define ROWS 10
#define POINTS_OF_JSON 100

struct settings
{
    const char *reel;
    const char *from; // NULL: the beginning
    const char *at;   // NULL: the end
    uint64_t points;  // 0: as many as there is room for
    bool is_json;
};

struct timeline
{
    struct reel_reader *reader;
    struct reel_timeline_point *points;
    size_t count;
};

static const struct argp_option options[] = {
    {"points", KEY_POINTS, "N", 0, "N stretches of equal time as a table; without it the run is drawn", 0},
    {"limit", KEY_POINTS, "N", 0, "The same", 0},
    {"from", KEY_FROM, "M", 0, "From the moment on: 12.5s, #1000000, 40%, peak, worst or end", 0},
    {"at", KEY_AT, "M", 0, "Up to the moment, end by default", 0},
    {"json", KEY_JSON, NULL, 0, "Answer in JSON, 100 points if --points does not say how many", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_POINTS:
        return cli_take_number(state, "--points", argument, 1, POINTS_MAX, &settings->points);
    case KEY_FROM:
        settings->from = argument;
        return 0;
    case KEY_AT:
        settings->at = argument;
        return 0;
    case KEY_JSON:
        settings->is_json = true;
        return 0;
    default:
        return cli_take_reel(state, key, argument, &settings->reel);
    }
}

static size_t columns_of_drawing(void)
{
    size_t width = terminal_width(stdout);
    size_t columns = (width != 0 ? width : COLUMNS_DEFAULT) - LABEL_COLUMNS;
    return columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
}

static int find(const struct timeline *timeline, const char *moment, uint64_t *t_ns, struct reel_error *error)
{
    uint64_t events = 0;
    int status = moment != NULL ? reel_moment_parse(timeline->reader, moment, &events, error) : REEL_OK;
    if (status == REEL_OK && moment != NULL)
        status = reel_moment_time(timeline->reader, events, t_ns, error);
    return status;
}

static int ask(const struct settings *settings, struct timeline *timeline, struct reel_error *error)
{
    uint64_t begin_ns = 0;
    uint64_t end_ns = UINT64_MAX;
    int status = find(timeline, settings->from, &begin_ns, error);
    if (status == REEL_OK)
        status = find(timeline, settings->at, &end_ns, error);
    if (status != REEL_OK)
        return status;
    timeline->count = settings->points != 0 ? (size_t)settings->points
                      : settings->is_json   ? POINTS_OF_JSON
                                            : columns_of_drawing();
    return reel_timeline_read(timeline->reader, begin_ns, end_ns, timeline->count, &timeline->points, error);
}

// ---- for people

static uint64_t greatest(const struct timeline *timeline, size_t offset)
{
    uint64_t most = 0;
    for (size_t i = 0; i < timeline->count; i++)
    {
        uint64_t value = 0;
        memcpy(&value, (const char *)&timeline->points[i] + offset, sizeof value);
        most = value > most ? value : most;
    }
    return most;
}

// How many rows of the drawing a value fills, of most 1 at least.
static unsigned rows_of(uint64_t value, uint64_t most)
{
    unsigned rows = most != 0 ? (unsigned)((double)value * ROWS / (double)most + 0.5) : 0;
    return rows == 0 && value != 0 ? 1 : rows;
}

static void draw_live(const struct timeline *timeline, uint64_t most)
{
    char line[COLUMNS_MAX + 1];
    char label[FORMAT_BYTES];
    for (unsigned row = ROWS; row > 0; row--)
    {
        size_t columns = 0;
        for (size_t i = 0; i < timeline->count; i++)
        {
            const struct reel_timeline_point *point = &timeline->points[i];
            line[i] = rows_of(point->live_bytes_min, most) >= row   ? '#'
                      : rows_of(point->live_bytes_max, most) >= row ? ':'
                                                                    : ' ';
            columns = line[i] != ' ' ? i + 1 : columns;
        }
        line[columns] = '\0';
        format_bytes(label, (uint64_t)((double)most / ROWS * row + 0.5));
        printf("%10s | %s\n", row == ROWS || row == ROWS / 2 ? label : "", line);
    }
}

// One row of characters, by tenths of the greatest.
static void draw_row(const struct timeline *timeline, const char *name, size_t offset, uint64_t most)
{
    static const char ramp[] = " .:-=+*#%@@";
    char line[COLUMNS_MAX + 1];
    for (size_t i = 0; i < timeline->count; i++)
    {
        uint64_t value = 0;
        memcpy(&value, (const char *)&timeline->points[i] + offset, sizeof value);
        line[i] = ramp[rows_of(value, most)];
    }
    line[timeline->count] = '\0';
    printf("%10s | %s\n", name, line);
}

static void print_drawing(const struct timeline *timeline)
{
    char bytes[FORMAT_BYTES];
    char begin[FORMAT_BYTES];
    char end[FORMAT_BYTES];
    char allocations[FORMAT_BYTES];
    const struct reel_timeline_point *last = &timeline->points[timeline->count - 1];
    uint64_t live = greatest(timeline, offsetof(struct reel_timeline_point, live_bytes_max));
    uint64_t resident = greatest(timeline, offsetof(struct reel_timeline_point, resident_bytes));
    uint64_t busiest = greatest(timeline, offsetof(struct reel_timeline_point, allocations));
    printf("live bytes from %s to %s; in each column from # (least) to : (greatest)\n",
           format_time(begin, timeline->points[0].begin_ns), format_time(end, last->end_ns));
    draw_live(timeline, live);
    if (resident != 0)
        draw_row(timeline, "resident", offsetof(struct reel_timeline_point, resident_bytes), resident);
    draw_row(timeline, "allocates", offsetof(struct reel_timeline_point, allocations), busiest);
    printf("\n  @ is the most: ");
    if (resident != 0)
        printf("%s resident, ", format_bytes(bytes, resident));
    printf("%s allocation%s in a column\n", format_count(allocations, busiest), busiest == 1 ? "" : "s");
}

static void print_table(const struct timeline *timeline)
{
    char time[FORMAT_BYTES];
    char allocations[FORMAT_BYTES];
    char frees[FORMAT_BYTES];
    char least[FORMAT_BYTES];
    char most[FORMAT_BYTES];
    char live[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char resident[FORMAT_BYTES];
    printf("%12s %13s %13s %10s %10s %10s %13s %10s\n", "UP TO", "ALLOCATIONS", "FREES", "LEAST", "GREATEST", "LIVE",
           "BLOCKS", "RESIDENT");
    for (size_t i = 0; i < timeline->count; i++)
    {
        const struct reel_timeline_point *point = &timeline->points[i];
        printf("%12s %13s %13s %10s %10s %10s %13s %10s\n", format_time(time, point->end_ns),
               format_count(allocations, point->allocations), format_count(frees, point->frees),
               format_bytes(least, point->live_bytes_min), format_bytes(most, point->live_bytes_max),
               format_bytes(live, point->live_bytes), format_count(blocks, point->live_blocks),
               point->resident_bytes != 0 ? format_bytes(resident, point->resident_bytes) : "-");
    }
}

// ---- for programs

static cJSON *point_object(const struct reel_timeline_point *point)
{
    cJSON *object = cJSON_CreateObject();
    json_add_count(object, "begin_ns", point->begin_ns);
    json_add_count(object, "end_ns", point->end_ns);
    json_add_count(object, "events", point->events);
    json_add_count(object, "allocations", point->allocations);
    json_add_count(object, "frees", point->frees);
    json_add_count(object, "resizes", point->resizes);
    json_add_count(object, "requested_bytes", point->requested_bytes);
    json_add_count(object, "live_bytes_min", point->live_bytes_min);
    json_add_count(object, "live_bytes_max", point->live_bytes_max);
    json_add_count(object, "live_bytes", point->live_bytes);
    json_add_count(object, "live_blocks", point->live_blocks);
    if (point->resident_bytes != 0)
        json_add_count(object, "resident_bytes", point->resident_bytes);
    else
        cJSON_AddNullToObject(object, "resident_bytes");
    return object;
}

static int print_json(const struct timeline *timeline)
{
    cJSON *document = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(document, "points");
    for (size_t i = 0; i < timeline->count; i++)
        cJSON_AddItemToArray(list, point_object(&timeline->points[i]));
    return json_print(document);
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct timeline timeline = {0};
    struct reel_error error = {0};
    int status = answer_open(&timeline.reader, settings->reel);
    if (status != CLI_OK)
        return status;
    if (ask(settings, &timeline, &error) != REEL_OK)
        status = cli_complain_error(&error);
    else if (settings->is_json)
        status = print_json(&timeline);
    else
    {
        if (settings->points != 0)
            print_table(&timeline);
        else
            print_drawing(&timeline);
        status = cli_flush_answer(CLI_OK);
    }
    free(timeline.points);
    reel_reader_close(timeline.reader);
    return status;
}

const struct cli_command cli_timeline = {
    .name = "timeline",
    .arguments = "F",
    .purpose = "Draw the live bytes of the run over its time, or print them as a table",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
