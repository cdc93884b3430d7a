// SPDX-License-Identifier: MIT
// Makes lines of the model's answers. What matters more comes first: what is missing, what the program does wrong, what
// pins memory, what only grows.
#include "viewer/pages/findings/findings_sections.h"

#include "text/advice.h"
#include "text/format.h"
#include "text/stack.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    WIDE = 60, // columns from which amounts have a column of their own
    WIDE_FRAMES = 76,
    AT_SENTENCE = 17,
    AT_EVIDENCE = 7,
    AT_NARROW = 2,
    GROWTH_SHOWN = 10,
    DIFFERENCES_SHOWN = 3,
};

static int indent_of(const struct findings_lines *lines, int wide)
{
    return lines->width >= WIDE ? wide : AT_NARROW;
}

// ---- stacks as evidence

static void add_stack_line(struct findings_lines *lines, struct page_view *view, const char *label, uint32_t stack)
{
    char frames[TEXT_STACK_LINE_BYTES];
    char line[TEXT_STACK_LINE_BYTES + 32];
    struct reel_error error = {0};
    if (text_stack_line(frames, model_reader(view->model), stack, &error) != REEL_OK)
        format_text(frames, sizeof frames, error.text);
    snprintf(line, sizeof line, "%-12s  %s", label, frames);
    findings_add_line(lines, ROLE_TITLE, indent_of(lines, AT_EVIDENCE), line);
}

static void add_frame(struct findings_lines *lines, const struct reel_frame *frame)
{
    char function[STACK_TEXT_BYTES];
    char place[STACK_TEXT_BYTES];
    char module[STACK_TEXT_BYTES];
    char line[3 * STACK_TEXT_BYTES + 8];
    text_function(function, frame);
    text_place(place, frame);
    format_text(module, sizeof module, text_base_name(frame->module));
    snprintf(line, sizeof line, "%-*s  %s%s%s", lines->width >= WIDE_FRAMES ? 32 : 0, function, place,
             place[0] != '\0' ? "  " : "", module);
    findings_add_line(lines, ROLE_TEXT, indent_of(lines, AT_EVIDENCE), line);
}

static void add_frames(struct findings_lines *lines, struct page_view *view, uint32_t stack)
{
    struct text_stack *read = NULL;
    struct reel_error error = {0};
    if (text_stack_read(&read, model_reader(view->model), stack, &error) != REEL_OK)
        return;
    for (size_t i = 0; i < read->count; i++)
        add_frame(lines, &read->frames[i]);
    free(read);
}

static void add_failure(struct findings_lines *lines, const char *what, const struct reel_error *error)
{
    char reason[sizeof error->text];
    char line[sizeof error->text + 64];
    snprintf(line, sizeof line, "%s: %s", what,
             error->status == REEL_E_CANCELLED ? "stopped; Enter asks again"
                                               : format_text(reason, sizeof reason, error->text));
    findings_add_heading(lines, ROLE_WARNING, line);
}

// ---- what is missing

static void add_difference(struct findings_lines *lines, struct page_view *view,
                           const struct reel_difference_summary *difference)
{
    char text[ADVICE_BYTES];
    bool is_open = findings_add_item(lines, FINDING_DIFFERENCE, difference->process << 16 ^ difference->number,
                                     difference->walked_stack);
    findings_add_text(lines, ROLE_WARNING, AT_NARROW, 2, advice_difference(text, difference));
    if (!is_open)
        return;
    add_stack_line(lines, view, "walked", difference->walked_stack);
    add_stack_line(lines, view, "libunwind", difference->unwound_stack);
}

static void add_losses(struct findings_lines *lines, struct page_view *view, const struct reel_summary *summary)
{
    char text[ADVICE_BYTES];
    const struct reel_figures *figures = &summary->figures;
    if (!summary->is_complete && !model_is_live(view->model))
        findings_add_heading(lines, ROLE_WARNING, ADVICE_NOT_COMPLETE);
    if (figures->lost_events != 0)
        findings_add_heading(lines, ROLE_WARNING, advice_lost(text, figures->lost_events));
    for (size_t i = 0; i < summary->loss_count; i++)
        findings_add_heading(lines, ROLE_WARNING, advice_missing(text, &summary->losses[i]));
    if (figures->verify_differences == 0)
        return;
    findings_add_heading(lines, ROLE_WARNING,
                         advice_wrong_stacks(text, figures->verify_differences, figures->verify_count));
    for (size_t i = 0; i < summary->difference_count && i < DIFFERENCES_SHOWN; i++)
        add_difference(lines, view, &summary->differences[i]);
}

// ---- misuse

static void add_misuse(struct findings_lines *lines, struct page_view *view, size_t number,
                       const struct reel_finding_summary *finding)
{
    char text[ADVICE_BYTES];
    bool is_open = findings_add_item(lines, FINDING_MISUSE, (uint32_t)number, finding->stack);
    findings_add_text(lines, ROLE_TITLE, AT_NARROW, 2, advice_misuse(text, finding));
    add_stack_line(lines, view, "noticed in", finding->stack);
    if (!is_open)
        return;
    if (finding->alloc_stack != 0)
        add_stack_line(lines, view, "allocated by", finding->alloc_stack);
    if (finding->first_free_stack != 0)
        add_stack_line(lines, view, "freed by", finding->first_free_stack);
    add_frames(lines, view, finding->stack);
}

static void add_misuses(struct findings_lines *lines, struct page_view *view, const struct reel_summary *summary)
{
    char counts[ADVICE_BYTES];
    char heading[ADVICE_BYTES + 16];
    if (summary->finding_count == 0)
        return;
    snprintf(heading, sizeof heading, "MISUSE: %s", advice_misuses(counts, summary->finding_counts));
    findings_add_heading(lines, ROLE_WARNING, heading);
    for (size_t i = 0; i < summary->first_finding_count; i++)
        add_misuse(lines, view, i, &summary->first_findings[i]);
}

// ---- advice

static void add_sentence(struct findings_lines *lines, size_t number, const char *amount, const char *sentence)
{
    char text[ADVICE_BYTES + 2 * FORMAT_BYTES];
    if (lines->width >= WIDE)
        snprintf(text, sizeof text, "%3zu  %10s  %s", number, amount, sentence);
    else
        snprintf(text, sizeof text, "%s %s", amount, sentence);
    findings_add_text(lines, ROLE_TITLE, 0, indent_of(lines, AT_SENTENCE), text);
}

static void add_advice(struct findings_lines *lines, struct page_view *view, size_t number,
                       const struct reel_advice *advice)
{
    struct reel_class_state class = reel_replay_class(model_replay(view->model), advice->class_number);
    char amount[FORMAT_BYTES];
    char text[ADVICE_BYTES];
    bool is_open = findings_add_item(lines, FINDING_ADVICE, advice->stack, advice->stack);
    add_sentence(lines, number, format_bytes(amount, advice->pinned_bytes), advice_pinned(text, advice, &class));
    add_stack_line(lines, view, "allocated by", advice->stack);
    if (!is_open)
        return;
    add_frames(lines, view, advice->stack);
    if (advice->neighbour_stack == 0)
        return;
    findings_add_text(lines, ROLE_LABEL, indent_of(lines, AT_EVIDENCE), 2, advice_neighbour(text, advice));
    add_stack_line(lines, view, "allocated by", advice->neighbour_stack);
}

static void add_sparse(struct findings_lines *lines, struct page_view *view)
{
    const struct reel_blame *blame = NULL;
    struct reel_error error = {0};
    struct model_of of;
    char text[ADVICE_BYTES];
    if (model_blame(view->model, view->state, &blame, &of, &error) != REEL_OK || blame == NULL)
        return;
    struct reel_blame_sparse sparse = reel_blame_sparse(blame);
    if (sparse.pages != 0)
        findings_add_heading(lines, ROLE_LABEL, advice_sparse(text, &sparse));
}

// False: there is no answer, and a line says why.
static bool add_all_advice(struct findings_lines *lines, struct page_view *view, struct model_of *of)
{
    const struct reel_advice *advice = NULL;
    struct reel_error error = {0};
    size_t count = 0;
    if ((error.status = model_advice(view->model, view->state, &advice, &count, of, &error)) != REEL_OK)
    {
        add_failure(lines, "advice", &error);
        return false;
    }
    add_sparse(lines, view);
    if (count != 0)
        findings_add_heading(lines, ROLE_LABEL, ADVICE_HEADING);
    for (size_t i = 0; i < count; i++)
        add_advice(lines, view, i + 1, &advice[i]);
    return true;
}

// ---- growth

static void add_growth(struct findings_lines *lines, struct page_view *view, size_t number,
                       const struct reel_growth *growth)
{
    char amount[FORMAT_BYTES];
    char first[FORMAT_BYTES];
    char last[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char text[ADVICE_BYTES];
    bool is_open = findings_add_item(lines, FINDING_GROWTH, growth->stack, growth->stack);
    snprintf(text, sizeof text, "more: from %s to %s in %s block%s", format_bytes(first, growth->first_bytes),
             format_bytes(last, growth->last_bytes), format_count(blocks, growth->last_blocks),
             growth->last_blocks == 1 ? "" : "s");
    add_sentence(lines, number, format_bytes(amount, growth->last_bytes - growth->first_bytes), text);
    add_stack_line(lines, view, "allocated by", growth->stack);
    if (is_open)
        add_frames(lines, view, growth->stack);
}

static bool add_all_growth(struct findings_lines *lines, struct page_view *view)
{
    const struct reel_growth *rows = NULL;
    struct reel_error error = {0};
    struct model_of of;
    char text[ADVICE_BYTES];
    size_t count = 0;
    if ((error.status = model_growth(view->model, view->state, &rows, &count, &of, &error)) != REEL_OK)
    {
        add_failure(lines, "growth", &error);
        return false;
    }
    if (count == 0)
        return true;
    snprintf(text, sizeof text, "stacks whose live bytes only grow, from %s to %s%s%s",
             view->state->mark_a != STATE_NO_EVENT ? "A" : "the beginning",
             view->state->mark_b != STATE_NO_EVENT ? "B" : "here",
             page_is_of_one_process(view) ? ", in all processes" : "",
             count > GROWTH_SHOWN ? ", the first of them" : "");
    findings_add_heading(lines, ROLE_LABEL, text);
    for (size_t i = 0; i < count && i < GROWTH_SHOWN; i++)
        add_growth(lines, view, i + 1, &rows[i]);
    return true;
}

void findings_fill(struct findings_lines *lines, struct page_view *view, struct model_of *of)
{
    const struct reel_summary *summary = model_summary(view->model);
    *of = (struct model_of){.moment = view->state->moment};
    add_losses(lines, view, summary);
    add_misuses(lines, view, summary);
    size_t before = lines->item_count;
    bool has_advice = add_all_advice(lines, view, of);
    bool has_growth = add_all_growth(lines, view);
    if (has_advice && has_growth && lines->item_count == before && lines->line_count != 0)
        findings_add_text(lines, ROLE_TEXT, 0, 0,
                          "no stack whose blocks pin more than they hold, and none that only grows up to here; W is "
                          "the moment of most waste, $ the end");
}
