// SPDX-License-Identifier: MIT
// Opening reels for the commands. Asks the engine, complains for it.
#include "cli/answer.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"

static int tick(void *context, double fraction)
{
    struct answer_progress *progress = context;
    int percent = (int)(fraction * 100);
    // The first tick comes at once; short work has no second one.
    if (progress->shown_percent < 0 || percent == progress->shown_percent)
    {
        progress->shown_percent = progress->shown_percent < 0 ? 0 : progress->shown_percent;
        return 0;
    }
    progress->shown_percent = percent;
    fprintf(stderr, "\rheapreel: %s %d %%\033[K", progress->what, percent);
    return 0;
}

int answer_open(struct reel_reader **reader, const char *path)
{
    struct reel_error error = {0};
    return reel_reader_open(reader, path, &error) == REEL_OK ? CLI_OK : cli_complain_error(&error);
}

int answer_check(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        struct reel_reader *reader = NULL;
        int status = answer_open(&reader, paths[i]);
        if (status != CLI_OK)
            return status;
        reel_reader_close(reader);
    }
    return CLI_OK;
}

void answer_progress_begin(struct answer_progress *progress, const char *what)
{
    *progress = (struct answer_progress){.what = what, .shown_percent = -1};
    if (isatty(STDERR_FILENO))
        progress->progress = (struct reel_progress){.tick = tick, .context = progress};
}

void answer_progress_end(struct answer_progress *progress)
{
    if (progress->shown_percent > 0)
        fprintf(stderr, "\r\033[K");
}
