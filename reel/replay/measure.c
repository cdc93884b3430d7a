// SPDX-License-Identifier: MIT
// Stacks and their amounts: finds out for each measure where the sums by stack come from, and makes rows of them.
#include "reel/measure.h"

#include <stdlib.h>
#include <string.h>

#include "reel/blame.h"
#include "reel/error.h"
#include "reel/reader_internal.h"
#include "reel/replay/block_walk.h"
#include "reel/replay/history_read.h"
#include "reel/replay/measure_pass.h"
#include "reel/replay/replay_internal.h"

static const char *const measure_names[REEL_MEASURE_COUNT] = {
    [REEL_MEASURE_LIVE] = "live",           [REEL_MEASURE_PEAK] = "peak",     [REEL_MEASURE_ALLOCATED] = "allocated",
    [REEL_MEASURE_TEMPORARY] = "temporary", [REEL_MEASURE_LEAKED] = "leaked", [REEL_MEASURE_PINNED] = "pinned",
    [REEL_MEASURE_ROUNDING] = "rounding",
};

static const char *const verb_names[] = {
    [REEL_RANGE_ALLOCATED] = "allocated",
    [REEL_RANGE_FREED] = "freed",
    [REEL_RANGE_ALIVE] = "alive",
    [REEL_RANGE_UNFREED] = "unfreed",
};
#define VERB_COUNT (sizeof verb_names / sizeof *verb_names)

static int fail_memory(struct reel_error *error)
{
    reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the sums of stacks");
    return REEL_E_NO_MEMORY;
}

// --- names

static const char *name_of(const char *const *names, size_t count, size_t index)
{
    return index < count && names[index] != NULL ? names[index] : "unknown";
}

// 0: there is none.
static size_t find_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

const char *reel_measure_name(enum reel_measure measure)
{
    return name_of(measure_names, REEL_MEASURE_COUNT, (size_t)measure);
}

bool reel_measure_parse(const char *name, enum reel_measure *measure)
{
    size_t found = find_name(measure_names, REEL_MEASURE_COUNT, name);
    if (found != 0)
        *measure = (enum reel_measure)found;
    return found != 0;
}

const char *reel_range_verb_name(enum reel_range_verb verb)
{
    return name_of(verb_names, VERB_COUNT, (size_t)verb);
}

bool reel_range_verb_parse(const char *name, enum reel_range_verb *verb)
{
    size_t found = find_name(verb_names, VERB_COUNT, name);
    if (found != 0)
        *verb = (enum reel_range_verb)found;
    return found != 0;
}

// --- sums by stack

static int open_sums(struct measure_sums *sums, const struct reel_replay *replay, uint32_t process,
                     struct reel_error *error)
{
    if (process >= replay->state.lives.count)
    {
        reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
        return REEL_E_ARGUMENT;
    }
    history_begin_count(replay->reader);
    sums->count = replay->state.stack_count;
    sums->stacks = calloc(sums->count, sizeof *sums->stacks);
    return sums->stacks != NULL ? REEL_OK : fail_memory(error);
}

static int seek(struct reel_replay *replay, uint64_t events, const struct reel_progress *progress,
                struct reel_error *error)
{
    int status = reel_replay_seek(replay, events, progress, error);
    history_count_way(replay);
    return status;
}

static void add_own_block(void *context, const struct reel_block *block)
{
    if (!block->is_inherited)
        measure_add(context, block->stack, block->requested_bytes, 1);
}

// What all hold is kept by stack; what one process holds is added up.
static int sum_live(struct reel_replay *replay, uint32_t process, uint64_t events, struct measure_sums *sums,
                    const struct reel_progress *progress, struct reel_error *error)
{
    size_t count;
    int status = seek(replay, events, progress, error);
    if (status == REEL_OK && process != 0)
        return replay_walk_blocks(replay, process, add_own_block, sums, NULL, error);
    const struct reel_stack_state *stacks = reel_replay_stacks(replay, &count);
    for (size_t i = 0; status == REEL_OK && i < count; i++)
        sums->stacks[i] = (struct measure_sum){stacks[i].requested_bytes, stacks[i].live_blocks};
    return status;
}

static void add_own_rounding(void *context, const struct reel_block *block)
{
    if (!block->is_inherited)
        measure_add(context, block->stack, replay_usable_bytes(block) - block->requested_bytes, 1);
}

static int sum_rounding(struct reel_replay *replay, uint32_t process, uint64_t events, struct measure_sums *sums,
                        const struct reel_progress *progress, struct reel_error *error)
{
    size_t count;
    int status = seek(replay, events, progress, error);
    if (status == REEL_OK && process != 0)
        status = replay_walk_blocks(replay, process, add_own_rounding, sums, NULL, error);
    const struct reel_stack_state *stacks = reel_replay_stacks(replay, &count);
    for (size_t i = 0; status == REEL_OK && process == 0 && i < count; i++)
        sums->stacks[i] = (struct measure_sum){stacks[i].rounding_bytes, stacks[i].live_blocks};
    for (size_t i = 0; i < sums->count; i++)
        if (sums->stacks[i].bytes == 0)
            sums->stacks[i].blocks = 0;
    return status;
}

static int sum_peak(struct reel_replay *replay, uint32_t process, uint64_t events, struct measure_sums *sums,
                    const struct reel_progress *progress, struct reel_error *error)
{
    struct history_part parts[] = {{progress, 0, 0.5}, {progress, 0.5, 1}};
    struct reel_progress search = history_part_progress(&parts[0]);
    struct reel_progress live = history_part_progress(&parts[1]);
    uint64_t moment = 0;
    int status = measure_find_peak(replay, process, events, &moment, &search, error);
    return status == REEL_OK ? sum_live(replay, process, moment, sums, &live, error) : status;
}

static int sum_pinned(struct reel_replay *replay, uint32_t process, uint64_t events, struct measure_sums *sums,
                      const struct reel_progress *progress, struct reel_error *error)
{
    struct history_part parts[] = {{progress, 0, 0.5}, {progress, 0.5, 1}};
    struct reel_progress part = history_part_progress(&parts[0]);
    struct reel_progress make = history_part_progress(&parts[1]);
    struct reel_blame *blame = NULL;
    size_t count = 0;
    int status = seek(replay, events, &part, error);
    if (status == REEL_OK)
        status = reel_blame_make(&blame, replay, process, &make, error);
    if (status != REEL_OK)
        return status;
    const struct reel_blame_share *shares = reel_blame_stacks(blame, &count);
    for (size_t i = 0; i < count; i++)
        if (shares[i].pinned_bytes != 0)
            measure_add(sums, (uint32_t)i, shares[i].pinned_bytes, shares[i].live_blocks);
    reel_blame_destroy(blame);
    return REEL_OK;
}

// At its end a process still has what it never freed.
static int sum_leaked(struct reel_replay *replay, uint32_t process, uint64_t events, struct measure_sums *sums,
                      const struct reel_progress *progress, struct reel_error *error)
{
    const struct replay_lives *lives = &replay->state.lives;
    uint64_t before = 0;
    int status = REEL_OK;
    for (size_t i = 0; i < lives->turn_count && lives->turns[i].event <= events && status == REEL_OK; i++)
    {
        const struct replay_turn *turn = &lives->turns[i];
        if (turn->kind != REPLAY_TURN_END || (process != 0 && process != turn->process))
            continue;
        double whole = events != 0 ? (double)events : 1;
        struct history_part part = {progress, (double)before / whole, (double)turn->event / whole};
        struct reel_progress way = history_part_progress(&part);
        before = turn->event;
        status = seek(replay, turn->event, &way, error);
        if (status == REEL_OK)
            status = replay_walk_blocks(replay, turn->process, add_own_block, sums, NULL, error);
    }
    return status;
}

static int sum_at(struct reel_replay *replay, uint32_t process, enum reel_measure measure, uint64_t events,
                  struct measure_sums *sums, const struct reel_progress *progress, struct reel_error *error)
{
    uint64_t event_count = reel_reader_event_count(replay->reader);
    events = events < event_count ? events : event_count;
    switch (measure)
    {
    case REEL_MEASURE_LIVE:
        return sum_live(replay, process, events, sums, progress, error);
    case REEL_MEASURE_PEAK:
        return sum_peak(replay, process, events, sums, progress, error);
    case REEL_MEASURE_ALLOCATED:
        return measure_pass(replay, process, MEASURE_ALLOCATED, 0, events, sums, progress, error);
    case REEL_MEASURE_TEMPORARY:
        return measure_pass(replay, process, MEASURE_TEMPORARY, 0, events, sums, progress, error);
    case REEL_MEASURE_LEAKED:
        return sum_leaked(replay, process, events, sums, progress, error);
    case REEL_MEASURE_PINNED:
        return sum_pinned(replay, process, events, sums, progress, error);
    case REEL_MEASURE_ROUNDING:
        return sum_rounding(replay, process, events, sums, progress, error);
    default:
        return reel_error_set(error, REEL_E_ARGUMENT, "there is no measure with number %d", (int)measure);
    }
}

// --- rows

static uint64_t magnitude(int64_t number)
{
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

// Without their signs: only differences have any.
static int compare_rows(const void *left, const void *right)
{
    const struct reel_measured *a = left;
    const struct reel_measured *b = right;
    if (a->bytes != b->bytes && magnitude(a->bytes) != magnitude(b->bytes))
        return magnitude(a->bytes) > magnitude(b->bytes) ? -1 : 1;
    if (a->blocks != b->blocks && magnitude(a->blocks) != magnitude(b->blocks))
        return magnitude(a->blocks) > magnitude(b->blocks) ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static int make_rows(const struct measure_sums *sums, struct reel_measured **rows, size_t *count,
                     struct reel_measured *total, struct reel_error *error)
{
    struct measure_sum all = {0};
    size_t used = 0;
    for (size_t i = 0; i < sums->count; i++)
        used += sums->stacks[i].bytes != 0 || sums->stacks[i].blocks != 0;
    struct reel_measured *made = calloc(used + 1, sizeof *made);
    if (made == NULL)
        return fail_memory(error);
    size_t filled = 0;
    for (size_t i = 0; i < sums->count; i++)
    {
        const struct measure_sum *sum = &sums->stacks[i];
        if (sum->bytes == 0 && sum->blocks == 0)
            continue;
        all.bytes += sum->bytes;
        all.blocks += sum->blocks;
        made[filled++] = (struct reel_measured){(uint32_t)i, (int64_t)sum->bytes, (int64_t)sum->blocks};
    }
    qsort(made, filled, sizeof *made, compare_rows);
    *rows = made;
    *count = filled;
    *total = (struct reel_measured){0, (int64_t)all.bytes, (int64_t)all.blocks};
    return REEL_OK;
}

int reel_measure_at(struct reel_replay *replay, uint32_t process, enum reel_measure measure, uint64_t events,
                    const struct reel_progress *progress, struct reel_measured **rows, size_t *count,
                    struct reel_measured *total, struct reel_error *error)
{
    struct measure_sums sums = {0};
    int status = open_sums(&sums, replay, process, error);
    if (status == REEL_OK)
        status = sum_at(replay, process, measure, events, &sums, progress, error);
    if (status == REEL_OK)
        status = make_rows(&sums, rows, count, total, error);
    free(sums.stacks);
    return status;
}

int reel_measure_difference(struct reel_replay *replay, uint32_t process, enum reel_measure measure, uint64_t first,
                            uint64_t second, const struct reel_progress *progress, struct reel_measured **rows,
                            size_t *count, struct reel_measured *total, struct reel_error *error)
{
    struct history_part parts[] = {{progress, 0, 0.5}, {progress, 0.5, 1}};
    struct reel_progress before = history_part_progress(&parts[0]);
    struct reel_progress after = history_part_progress(&parts[1]);
    struct measure_sums sums = {0};
    struct measure_sums begun = {0};
    int status = open_sums(&sums, replay, process, error);
    if (status == REEL_OK)
        status = open_sums(&begun, replay, process, error);
    if (status == REEL_OK)
        status = sum_at(replay, process, measure, first, &begun, &before, error);
    uint64_t left_out_events = replay->reader->left_out_events;
    history_begin_count(replay->reader); // the second moment's events may be the same
    if (status == REEL_OK)
        status = sum_at(replay, process, measure, second, &sums, &after, error);
    if (left_out_events > replay->reader->left_out_events)
        replay->reader->left_out_events = left_out_events;
    for (size_t i = 0; status == REEL_OK && i < sums.count; i++)
    {
        sums.stacks[i].bytes -= begun.stacks[i].bytes;
        sums.stacks[i].blocks -= begun.stacks[i].blocks;
    }
    if (status == REEL_OK)
        status = make_rows(&sums, rows, count, total, error);
    free(sums.stacks);
    free(begun.stacks);
    return status;
}

// --- ranges

struct survivors
{
    struct measure_sums *sums;
    uint64_t born_from;
    uint64_t born_before;
};

static void add_survivor(void *context, const struct reel_block *block)
{
    const struct survivors *survivors = context;
    if (!block->is_inherited && block->birth_event >= survivors->born_from &&
        block->birth_event < survivors->born_before)
        measure_add(survivors->sums, block->stack, block->requested_bytes, 1);
}

// Who lives at the end says when it was born: no event between is asked.
static int sum_survivors(struct reel_replay *replay, uint32_t process, uint64_t end, struct survivors *survivors,
                         const struct reel_progress *progress, struct reel_error *error)
{
    int status = seek(replay, end, progress, error);
    return status == REEL_OK ? replay_walk_blocks(replay, process, add_survivor, survivors, NULL, error) : status;
}

static int sum_range(struct reel_replay *replay, uint32_t process, enum reel_range_verb verb, uint64_t begin,
                     uint64_t end, struct measure_sums *sums, const struct reel_progress *progress,
                     struct reel_error *error)
{
    struct survivors alive = {sums, 0, begin};
    struct survivors unfreed = {sums, begin, end};
    switch (verb)
    {
    case REEL_RANGE_ALLOCATED:
        return measure_pass(replay, process, MEASURE_ALLOCATED, begin, end, sums, progress, error);
    case REEL_RANGE_FREED:
        return measure_pass(replay, process, MEASURE_FREED, begin, end, sums, progress, error);
    case REEL_RANGE_ALIVE:
        return sum_survivors(replay, process, end, &alive, progress, error);
    case REEL_RANGE_UNFREED:
        return sum_survivors(replay, process, end, &unfreed, progress, error);
    default:
        return reel_error_set(error, REEL_E_ARGUMENT, "there is no way with number %d to look at a range", (int)verb);
    }
}

int reel_measure_range(struct reel_replay *replay, uint32_t process, enum reel_range_verb verb, uint64_t begin,
                       uint64_t end, const struct reel_progress *progress, struct reel_measured **rows, size_t *count,
                       struct reel_measured *total, struct reel_error *error)
{
    struct measure_sums sums = {0};
    uint64_t event_count = reel_reader_event_count(replay->reader);
    end = end < event_count ? end : event_count;
    if (begin > end)
        return reel_error_set(error, REEL_E_ARGUMENT, "the range begins after %llu events and ends after %llu",
                              (unsigned long long)begin, (unsigned long long)end);
    int status = open_sums(&sums, replay, process, error);
    if (status == REEL_OK)
        status = sum_range(replay, process, verb, begin, end, &sums, progress, error);
    if (status == REEL_OK)
        status = make_rows(&sums, rows, count, total, error);
    free(sums.stacks);
    return status;
}
