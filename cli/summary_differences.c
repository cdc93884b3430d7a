// SPDX-License-Identifier: MIT
// What the summary says of stacks that were captured both ways, with two results.
#include "cli/summary_print.h"

#include <stdio.h>

#include "cli/frames.h"
#include "cli/json.h"
#include "text/advice.h"
#include "text/format.h"

#define DIFFERENCES_SHOWN 3

int summary_print_differences(const struct reel_summary *summary, struct reel_reader *reader, struct reel_error *error)
{
    static const char *const labels[2] = {"walked", "libunwind"};
    char text[ADVICE_BYTES];
    char number[FORMAT_BYTES];
    size_t shown = summary->difference_count < DIFFERENCES_SHOWN ? summary->difference_count : DIFFERENCES_SHOWN;
    int status = REEL_OK;
    for (size_t i = 0; i < shown && status == REEL_OK; i++)
    {
        const struct reel_difference_summary *difference = &summary->differences[i];
        const uint32_t stacks[2] = {difference->walked_stack, difference->unwound_stack};
        printf("\n  %s\n", advice_difference(text, difference));
        status = frames_print_parting(stdout, reader, labels, stacks, error);
    }
    if (shown < summary->difference_count)
        printf("\n  ... and %s more that were kept; see --json\n",
               format_count(number, summary->difference_count - shown));
    return status;
}

int summary_add_differences(cJSON *document, const struct reel_summary *summary, struct reel_reader *reader,
                            struct reel_error *error)
{
    int status = REEL_OK;
    cJSON *list = cJSON_AddArrayToObject(document, "stack_differences");
    for (size_t i = 0; i < summary->difference_count && status == REEL_OK; i++)
    {
        const struct reel_difference_summary *difference = &summary->differences[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToArray(list, object);
        json_add_count(object, "process", difference->process);
        json_add_count(object, "number", difference->number);
        json_add_count(object, "thread", difference->thread);
        json_add_count(object, "t_ns", difference->t_ns);
        status = frames_add_stack(object, "walked", reader, difference->walked_stack, error);
        if (status == REEL_OK)
            status = frames_add_stack(object, "unwound", reader, difference->unwound_stack, error);
    }
    return status;
}
