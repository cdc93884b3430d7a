// SPDX-License-Identifier: MIT
// Measures what replay costs on reels: replay_speed [--json] [--tries N] [--only NAME] REEL... Figures in events
// a second are of CPU time, those in milliseconds of wall time; a table for each reel, or a line of JSON. Judges
// nothing.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay_measures.h"

static const struct
{
    const char *name;
    void (*measure)(const struct measure_config *config, struct figures *figures);
} measures[] = {
    {"file", measure_file},           {"decode", measure_decode}, {"memory", measure_memory},
    {"first", measure_first_answers}, {"play", measure_playing},  {"seek", measure_seeks},
    {"step", measure_steps},          {"blame", measure_blame},   {"history", measure_history},
};

#define MEASURE_COUNT (sizeof measures / sizeof *measures)

struct options
{
    bool as_json;
    const char *only; // NULL: all
    size_t tries;
};

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                          {"tries", required_argument, NULL, 't'},
                                          {"only", required_argument, NULL, 'o'},
                                          {0}};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        switch (option)
        {
        case 'j':
            options->as_json = true;
            break;
        case 't':
            options->tries = strtoul(optarg, NULL, 10);
            break;
        case 'o':
            options->only = optarg;
            break;
        default:
            return false;
        }
    return optind < argc && options->tries != 0;
}

static void measure_reel(const char *path, const struct options *options)
{
    struct figures figures = {0};
    const struct measure_config config = {.path = path, .seed = 1, .tries = options->tries};
    for (size_t i = 0; i < MEASURE_COUNT; i++)
        if (options->only == NULL || strcmp(options->only, measures[i].name) == 0)
            measures[i].measure(&config, &figures);
    figures_print(&figures, path, options->as_json);
}

int main(int argc, char **argv)
{
    struct options options = {.tries = 100};
    if (!read_options(argc, argv, &options))
    {
        fputs("usage: replay_speed [--json] [--tries N] [--only", stderr);
        for (size_t i = 0; i < MEASURE_COUNT; i++)
            fprintf(stderr, "%c%s", i == 0 ? ' ' : '|', measures[i].name);
        fputs("] REEL...\n", stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++)
        measure_reel(argv[i], &options);
    return 0;
}
