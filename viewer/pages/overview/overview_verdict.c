// SPDX-License-Identifier: MIT
// What the overview says first: what is missing from the recording, and the verdict with the figures and names that it
// needs. What the words are, the verdict itself knows.
#include "viewer/pages/overview/overview.h"

#include "text/advice.h"
#include "text/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum
{
    NAME_BYTES = 512,
    WARNINGS_SHOWN = 3,
};

// ---- what is missing

__attribute__((format(printf, 2, 3))) static void warn(char text[OVERVIEW_TEXT_BYTES], const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    if (length != 0 && length + 3 < OVERVIEW_TEXT_BYTES)
        length += (size_t)snprintf(text + length, OVERVIEW_TEXT_BYTES - length, "; ");
    va_start(arguments, format);
    vsnprintf(text + length, OVERVIEW_TEXT_BYTES - length, format, arguments);
    va_end(arguments);
}

static void warn_of_losses(char text[OVERVIEW_TEXT_BYTES], const struct reel_summary *summary)
{
    char count[FORMAT_BYTES];
    char kind[64];
    for (size_t i = 0; i < summary->loss_count && i < WARNINGS_SHOWN; i++)
        warn(text, "MISSING: %s %s", format_count(count, summary->losses[i].count),
             format_text(kind, sizeof kind, summary->losses[i].kind));
    if (summary->loss_count > WARNINGS_SHOWN)
        warn(text, "and %zu more losses", summary->loss_count - WARNINGS_SHOWN);
}

// False: the reel is whole. What is missing changes what all figures mean: it comes first.
bool overview_warnings(struct page_view *view, char text[OVERVIEW_TEXT_BYTES])
{
    const struct reel_summary *summary = model_summary(view->model);
    uint64_t damaged = reel_replay_damaged_events(model_replay(view->model));
    char count[FORMAT_BYTES];
    char sentence[ADVICE_BYTES];
    text[0] = '\0';
    if (summary->figures.lost_events != 0)
        warn(text, "LOST: %s events; the figures are too small", format_count(count, summary->figures.lost_events));
    if (damaged != 0)
        warn(text, "%s", advice_damaged(sentence, damaged));
    if (!summary->is_complete && !model_is_live(view->model))
        warn(text, "CUT OFF: the recording did not end; this is what was saved");
    warn_of_losses(text, summary);
    if (summary->figures.verify_differences != 0)
        warn(text, "WRONG STACKS: %s", format_count(count, summary->figures.verify_differences));
    bool is_lossy = text[0] != '\0';
    if (summary->finding_count != 0)
        warn(text, "MISUSE: %s found, 8 shows it", format_count(count, summary->finding_count));
    return is_lossy;
}

// ---- verdict

static void name_rounding(struct page_view *view, struct verdict_facts *facts, char name[NAME_BYTES])
{
    const struct reel_measured *rows = NULL;
    struct reel_measured total;
    struct model_of of;
    struct reel_error error = {0};
    size_t count = 0;
    if (model_measured_by(view->model, view->state, REEL_MEASURE_ROUNDING, &rows, &count, &total, &of, &error) !=
            REEL_OK ||
        count == 0 || rows[0].bytes <= 0)
        return;
    snprintf(name, NAME_BYTES, "%s", model_stack_name(view->model, rows[0].stack));
    facts->rounding = (struct verdict_culprit){.name = name, .bytes = (uint64_t)rows[0].bytes};
}

// Advice knows how old the blocks are that pin; it reads many events for more than that, too many while following.
static void name_pinning(struct page_view *view, struct verdict_facts *facts, char name[NAME_BYTES])
{
    const struct overview *own = view->own;
    const struct overview_list *list = &own->lists[OVERVIEW_PINNED];
    const struct reel_advice *advice = NULL;
    struct model_of of;
    struct reel_error error = {0};
    size_t count = 0;
    overview_take_list(view, OVERVIEW_PINNED);
    if (list->row_count == 0)
        return;
    snprintf(name, NAME_BYTES, "%s", model_stack_name(view->model, list->rows[0].stack));
    facts->pinned = (struct verdict_culprit){.name = name, .bytes = list->rows[0].bytes};
    if (view->state->is_following || model_advice(view->model, view->state, &advice, &count, &of, &error) != REEL_OK ||
        count == 0 || advice[0].stack != list->rows[0].stack)
        return;
    uint64_t age_ns = advice[0].median_age_ns;
    facts->pinned.has_since = true;
    facts->pinned.since_ns = facts->t_ns > age_ns ? facts->t_ns - age_ns : 0;
}

// A process that was chosen has figures only while it runs.
static bool is_gone(const struct page_view *view, char text[VERDICT_BYTES])
{
    const struct reel_summary *summary = model_summary(view->model);
    char begin[FORMAT_BYTES];
    char end[FORMAT_BYTES];
    size_t count = 0;
    uint32_t process = view->state->process;
    const struct reel_replay_process *all = reel_replay_processes(model_replay(view->model), &count);
    if (process == 0 || process > count || all[process - 1].is_running)
        return false;
    snprintf(text, VERDICT_BYTES, "Process %u does not run at this moment.", process);
    for (size_t i = 0; i < summary->process_count; i++)
        if (summary->processes[i].process == process && summary->processes[i].end != 0)
            snprintf(text, VERDICT_BYTES, "Process %u does not run at this moment: it did from %s to %s.", process,
                     format_time(begin, summary->processes[i].begin_ns),
                     format_time(end, summary->processes[i].end_ns));
    return true;
}

enum verdict_kind overview_verdict(struct page_view *view, bool is_lossy, char text[VERDICT_BYTES])
{
    const struct reel_figures *run = overview_figures(view);
    const struct reel_identity *identity = NULL;
    const struct reel_heap_state *heap = NULL;
    struct verdict_facts facts = {.peak_bytes = run->peak_live_bytes, .peak_ns = run->peak_t_ns, .is_lossy = is_lossy};
    struct model_of of;
    struct reel_error error = {0};
    char name[NAME_BYTES];
    if (is_gone(view, text))
        return VERDICT_NOTHING;
    if (model_heap(view->model, view->state, &heap, &error) != REEL_OK ||
        model_identity(view->model, view->state, &identity, &of, &error) != REEL_OK)
    {
        format_text(text, VERDICT_BYTES, error.text);
        return VERDICT_NOTHING;
    }
    facts.identity = *identity;
    facts.live_blocks = heap->live_blocks + heap->inherited_blocks;
    model_time_of(view->model, view->state->moment, &facts.t_ns, &error);
    enum verdict_kind kind = verdict_kind(&facts);
    if (kind == VERDICT_PINNED)
        name_pinning(view, &facts, name);
    else if (kind == VERDICT_ROUNDING)
        name_rounding(view, &facts, name);
    verdict_print(text, &facts);
    return kind;
}
