// SPDX-License-Identifier: MIT
// Printing of ranked stacks. Ranks nothing.
#include "cli/ranking.h"

#include <stdio.h>

#include "cli/frames.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "text/format.h"

error_t ranking_take_measure(struct argp_state *state, const char *name, enum reel_measure *measure)
{
    if (reel_measure_parse(name, measure))
        return 0;
    return cli_usage_error(state, "--by %s: there are live, peak, allocated, temporary, leaked, pinned, rounding",
                           name);
}

static uint64_t magnitude(int64_t number)
{
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

static const char *sign_of(int64_t number)
{
    return number > 0 ? "+" : number < 0 ? "-" : "";
}

char *ranking_format_change(char *buffer, int64_t bytes)
{
    char amount[FORMAT_BYTES];
    snprintf(buffer, FORMAT_BYTES, "%s%.30s", sign_of(bytes), format_bytes(amount, magnitude(bytes)));
    return buffer;
}

static int print_stack(const struct ranking *ranking, size_t index, struct reel_error *error)
{
    const struct reel_measured *row = &ranking->rows[index];
    char bytes[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    format_count(blocks, magnitude(row->blocks));
    const char *plural = magnitude(row->blocks) == 1 ? "" : "s";
    if (ranking->has_signs)
        printf("\n%3zu  %11s  %s%s block%s\n", index + 1, ranking_format_change(bytes, row->bytes),
               sign_of(row->blocks), blocks, plural);
    else
        printf("\n%3zu  %10s  %7s  %s block%s\n", index + 1, format_bytes(bytes, magnitude(row->bytes)),
               format_share(share, magnitude(row->bytes), magnitude(ranking->total.bytes)), blocks, plural);
    return frames_print(stdout, ranking->reader, row->stack, error);
}

int ranking_print(const struct ranking *ranking, struct reel_error *error)
{
    char bytes[FORMAT_BYTES];
    int64_t left = ranking->total.bytes;
    int status = REEL_OK;
    for (size_t i = 0; i < ranking->count && status == REEL_OK; i++)
    {
        status = print_stack(ranking, i, error);
        left -= ranking->rows[i].bytes;
    }
    if (status == REEL_OK && ranking->has_signs && left != 0)
        printf("\n     %11s  in other stacks; see --limit\n", ranking_format_change(bytes, left));
    else if (status == REEL_OK && left > 0)
        printf("\n     %10s  in other stacks; see --limit\n", format_bytes(bytes, magnitude(left)));
    return status;
}

int ranking_add_json(cJSON *document, const struct ranking *ranking, struct reel_error *error)
{
    int status = REEL_OK;
    json_add_integer(document, "bytes", ranking->total.bytes);
    json_add_integer(document, "blocks", ranking->total.blocks);
    cJSON *list = cJSON_AddArrayToObject(document, "stacks");
    for (size_t i = 0; i < ranking->count && status == REEL_OK; i++)
    {
        cJSON *item = cJSON_CreateObject();
        json_add_count(item, "stack", ranking->rows[i].stack);
        json_add_integer(item, "bytes", ranking->rows[i].bytes);
        json_add_integer(item, "blocks", ranking->rows[i].blocks);
        cJSON_AddItemToArray(list, item);
        status = frames_add_json(item, ranking->reader, ranking->rows[i].stack, error);
    }
    return status;
}
