// SPDX-License-Identifier: MIT
// Puts figures of the engine into sentences. Decides nothing.
#include "text/advice.h"

#include "reel/words.h"
#include "text/class_size.h"
#include "text/format.h"

#include <stdio.h>
#include <string.h>

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

char *advice_pinned(char text[ADVICE_BYTES], const struct reel_advice *advice, const struct reel_class_state *state)
{
    char size[CLASS_SIZE_BYTES];
    char live[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char age[FORMAT_BYTES];
    char pages[FORMAT_BYTES];
    int length = snprintf(text, ADVICE_BYTES, "pinned by %s block%s of %s, class %s, %s old (median)",
                          format_count(blocks, advice->live_blocks), plural(advice->live_blocks),
                          format_bytes(live, advice->live_bytes), class_size(size, state),
                          format_duration(age, advice->median_age_ns));
    if (advice->alone_pages != 0)
        snprintf(text + length, ADVICE_BYTES - (size_t)length, "; on %s page%s nothing else lives",
                 format_count(pages, advice->alone_pages), plural(advice->alone_pages));
    return text;
}

char *advice_neighbour(char text[ADVICE_BYTES], const struct reel_advice *advice)
{
    char blocks[FORMAT_BYTES];
    char events[FORMAT_BYTES];
    char lifetime[FORMAT_BYTES];
    text[0] = '\0';
    if (advice->neighbour_stack != 0)
        snprintf(text, ADVICE_BYTES,
                 "on their pages %s block%s of one stack were freed in the last %s events, after %s each (median)",
                 format_count(blocks, advice->neighbour_blocks), plural(advice->neighbour_blocks),
                 format_count(events, REEL_ADVICE_EVENTS), format_duration(lifetime, advice->neighbour_lifetime_ns));
    return text;
}

char *advice_sparse(char text[ADVICE_BYTES], const struct reel_blame_sparse *sparse)
{
    char pages[FORMAT_BYTES];
    char held[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char bytes[FORMAT_BYTES];
    text[0] = '\0';
    if (sparse->pages != 0)
        snprintf(text, ADVICE_BYTES,
                 "%s page%s under 25 %% full hold%s %s; freeing the %s of %s block%s there would release %s",
                 format_count(pages, sparse->pages), plural(sparse->pages), sparse->pages == 1 ? "s" : "",
                 format_bytes(held, sparse->held_bytes), format_bytes(bytes, sparse->block_bytes),
                 format_count(blocks, sparse->blocks), plural(sparse->blocks), sparse->pages == 1 ? "it" : "them");
    return text;
}

char *advice_lost(char text[ADVICE_BYTES], uint64_t events)
{
    char number[FORMAT_BYTES];
    snprintf(text, ADVICE_BYTES, "LOST: %s events; the figures below are too small", format_count(number, events));
    return text;
}

char *advice_damaged(char text[ADVICE_BYTES], uint64_t events)
{
    char number[FORMAT_BYTES];
    snprintf(text, ADVICE_BYTES, "DAMAGED: %s events before here cannot be read", format_count(number, events));
    return text;
}

char *advice_missing(char text[ADVICE_BYTES], const struct reel_loss *loss)
{
    char number[FORMAT_BYTES];
    char kind[ADVICE_BYTES / 2];
    int length = snprintf(text, ADVICE_BYTES, "MISSING: %s %s", format_count(number, loss->count),
                          format_text(kind, sizeof kind, loss->kind));
    if (loss->process != 0)
        snprintf(text + length, ADVICE_BYTES - (size_t)length, " (process %u)", loss->process);
    return text;
}

char *advice_wrong_stacks(char text[ADVICE_BYTES], uint64_t differences, uint64_t verified)
{
    char number[FORMAT_BYTES];
    char other[FORMAT_BYTES];
    snprintf(text, ADVICE_BYTES, "WRONG STACKS: %s of %s; the first are below", format_count(number, differences),
             format_count(other, verified));
    return text;
}

char *advice_difference(char text[ADVICE_BYTES], const struct reel_difference_summary *difference)
{
    char time[FORMAT_BYTES];
    snprintf(text, ADVICE_BYTES, "wrong stack %u of process %u, thread %u, at %s", difference->number,
             difference->process, difference->thread, format_time(time, difference->t_ns));
    return text;
}

char *advice_misuses(char text[ADVICE_BYTES], const uint64_t counts[REEL_MISUSE_COUNT])
{
    char number[FORMAT_BYTES];
    size_t length = 0;
    text[0] = '\0';
    for (int i = 1; i < REEL_MISUSE_COUNT; i++)
    {
        if (counts[i] == 0)
            continue;
        snprintf(text + length, ADVICE_BYTES - length, "%s%s %s", length != 0 ? ", " : "",
                 format_count(number, counts[i]), reel_words_of_misuse((enum reel_misuse)i));
        length = strlen(text);
    }
    return text;
}

static void add_size(char text[ADVICE_BYTES], const char *before, uint64_t bytes, const char *after)
{
    char count[FORMAT_BYTES];
    size_t length = strlen(text);
    snprintf(text + length, ADVICE_BYTES - length, "%s%s%s", before, format_count(count, bytes), after);
}

char *advice_misuse(char text[ADVICE_BYTES], const struct reel_finding_summary *finding)
{
    const char *words = reel_words_of_misuse(finding->misuse);
    snprintf(text, ADVICE_BYTES, "%s", words != NULL ? words : "misuse");
    size_t length = strlen(text);
    if (finding->misuse == REEL_MISUSE_ABSURD_SIZE)
        add_size(text, " of ", finding->size_bytes, " bytes");
    else
        snprintf(text + length, ADVICE_BYTES - length, " at 0x%llx", (unsigned long long)finding->address);
    if (finding->misuse == REEL_MISUSE_WRONG_SIZE)
        add_size(text, ", claimed to have ", finding->size_bytes, " bytes");
    if (finding->misuse == REEL_MISUSE_OVERFLOW || finding->misuse == REEL_MISUSE_WRITE_AFTER_FREE)
        add_size(text, ", first at byte ", finding->size_bytes, "");
    if (finding->true_size_bytes != 0)
        add_size(text, " of ", finding->true_size_bytes, "");
    length = strlen(text);
    snprintf(text + length, ADVICE_BYTES - length, " (process %u, after %llu events)", finding->process,
             (unsigned long long)finding->event);
    return text;
}
