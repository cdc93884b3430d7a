// SPDX-License-Identifier: MIT
// Where the way to a moment begins: where the state stands, at a keyframe, or at the beginning.
//
// A long way is gone bare, with a journal of its last part, and the blocks are counted at its end: from the moment it
// can be gone back at once. Costs are in the time of a bare event, as measured (bench/).
#include "reel/keyframe.h"
#include "reel/replay/replay_internal.h"

#include "reel/error.h"
#include "reel/size_ranges.h"
#include "reel/sqlite.h"

#define COST_COUNTED 2                         // an event with all sums
#define COST_UNDONE 3                          // the same, back
#define COST_COUNTING 2                        // a block, when a bare state is counted
#define COST_LOADING 2                         // a block of a keyframe
#define STACKS_CLEARED 4                       // at the cost of one event, when a bare state is counted
#define COST_OF_TABLES 4096                    // when a bare state is counted, however few the blocks
#define WAY_SHORT (UINT64_C(1) << 19)          // no keyframe is looked for
#define WAY_OF_A_FRAME (UINT64_C(5) << 18)     // less than 33 ms, its chunks decoded by a second thread
#define WAY_AFTER_KEYFRAME (UINT64_C(1) << 21) // as it may be
#define WRITTEN_STRETCH (UINT64_C(1) << 22)
#define WAY_FOLLOWED (UINT64_C(1) << 22) // a second or two of the fastest programs
#define WAY_SPARED (UINT64_C(1) << 18)   // who follows goes at once: a quarter of a second at a million events a second
#define LOAD_AHEAD 24

static void begin_anew(struct reel_replay *replay)
{
    replay_state_clear(&replay->state);
    replay->events = 0;
    replay->t_ns = 0;
    replay->damaged_events = 0;
    replay->is_broken = false;
}

struct replay_keyframe replay_keyframe_before(struct reel_replay *replay, uint64_t events)
{
    struct sqlite3_stmt *row = NULL;
    struct replay_keyframe keyframe = {0};
    if (reel_reader_version(replay->reader) >= REEL_KEYFRAME_FORMAT_MIN &&
        sqlite3_prepare_v2(reel_reader_database(replay->reader),
                           "SELECT events, t_ns, live_blocks FROM main.keyframe WHERE events < ? "
                           "ORDER BY events DESC LIMIT 1",
                           -1, &row, NULL) == SQLITE_OK)
    {
        sqlite3_bind_int64(row, 1, (int64_t)events);
        if (sqlite3_step(row) == SQLITE_ROW)
            keyframe = (struct replay_keyframe){.events = (uint64_t)sqlite3_column_int64(row, 0),
                                                .t_ns = (uint64_t)sqlite3_column_int64(row, 1),
                                                .blocks = (uint64_t)sqlite3_column_int64(row, 2)};
    }
    sqlite3_finalize(row);
    return keyframe;
}

// A keyframe has turns of its moment behind it; a state that stands there has not taken them.
static bool has_turn_at(const struct replay_lives *lives, uint64_t event)
{
    size_t turn = replay_lives_turn_at(lives, event);
    return turn < lives->turn_count && lives->turns[turn].event == event;
}

// The end of the first chunk that ends not before the time; the end of the reel if that cannot be found.
static uint64_t chunk_end_since(struct reel_replay *replay, uint64_t oldest_ns)
{
    struct sqlite3_stmt *row = NULL;
    uint64_t moment = replay->event_count;
    if (sqlite3_prepare_v2(reel_reader_database(replay->reader),
                           "SELECT first_event + events, end_ns FROM main.chunk ORDER BY first_event DESC", -1, &row,
                           NULL) == SQLITE_OK)
        while (sqlite3_step(row) == SQLITE_ROW && (uint64_t)sqlite3_column_int64(row, 1) >= oldest_ns)
            moment = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return moment < replay->event_count ? moment : replay->event_count;
}

uint64_t reel_replay_newest(struct reel_replay *replay, uint64_t oldest_ns)
{
    uint64_t end = replay->event_count;
    replay->followed = end;
    if (replay->is_settled || end - replay->events < WAY_SPARED)
        return end;
    if (replay->events != 0 && replay->t_ns >= oldest_ns)
        return replay->followed = replay->events;
    struct replay_keyframe keyframe = replay_keyframe_before(replay, end);
    uint64_t newest = keyframe.t_ns >= oldest_ns ? keyframe.events + has_turn_at(&replay->state.lives, keyframe.events)
                                                 : chunk_end_since(replay, oldest_ns);
    if (newest > replay->events)
        replay->followed = newest;
    return replay->followed;
}

// The child for which that copy of a process waits; 0: none that is recorded.
static uint32_t child_of(const struct replay_lives *lives, uint32_t parent, uint32_t fork_serial)
{
    for (uint32_t i = parent + 1; i < lives->count; i++)
        if (lives->all[i].parent == parent && lives->all[i].fork_serial == fork_serial &&
            lives->all[i].fork_event != REPLAY_NEVER)
            return i;
    return 0;
}

static uint8_t class_of(const struct replay_classes *classes, const struct reel_block *block)
{
    if (classes->told.count == 0)
        return reel_range_of_size(replay_usable_bytes(block));
    return block->size_class != 0 ? reel_classes_with_id(&classes->told, block->size_class - 1u) : 0;
}

static int load_blocks(struct replay_state *state, struct replay_heap *heap, const struct reel_keyframe_heap *loaded)
{
    const struct reel_block *blocks = loaded->blocks;
    int status = reel_blocks_reserve(&heap->blocks, loaded->block_count);
    for (size_t i = 0; i < loaded->block_count && status == REEL_OK; i++)
    {
        bool is_new;
        if (i + LOAD_AHEAD < loaded->block_count)
            blocks_prefetch_group(&heap->blocks, blocks[i + LOAD_AHEAD].address);
        struct reel_block *block = blocks_enter(&heap->blocks, blocks[i].address, &is_new);
        if (block == NULL)
            return REEL_E_NO_MEMORY;
        *block = blocks[i];
        block->size_class = class_of(&state->classes, block);
        if (!is_new) // a keyframe has an address once
            continue;
        replay_sums_add(&heap->classes[block->size_class].live, block, replay_usable_bytes(block));
        heap->live_slot_bytes += state->classes.slot_bytes[block->size_class];
    }
    return status;
}

static int load_heap(struct replay_state *state, const struct reel_keyframe_heap *loaded)
{
    uint32_t process =
        loaded->fork_serial == 0 ? loaded->process : child_of(&state->lives, loaded->process, loaded->fork_serial);
    if (process == 0 || process >= state->lives.count || state->heaps[process] != NULL)
        return REEL_OK;
    struct replay_heap *heap = state->heaps[process] = replay_state_heap_for(state, loaded->block_count);
    if (heap == NULL)
        return REEL_E_NO_MEMORY;
    heap->peak_slot_bytes = loaded->peak_slot_bytes;
    for (size_t i = 0; i < loaded->class_count; i++)
    {
        uint8_t number = reel_classes_with_id(&state->classes.told, loaded->classes[i].class_id);
        if (number == 0)
            continue;
        heap->classes[number].carved_slots = loaded->classes[i].carved_slots;
        heap->classes[number].peak_live_slots = loaded->classes[i].peak_live_slots;
    }
    int status = load_blocks(state, heap, loaded);
    state->live_blocks += heap->blocks.count;
    return status;
}

// Processes that run at the keyframe, with blocks or without.
static int begin_processes(struct replay_state *state, uint64_t events)
{
    int status = REEL_OK;
    for (size_t i = 1; i < state->lives.count && status == REEL_OK; i++)
    {
        const struct replay_life *life = &state->lives.all[i];
        bool is_running = life->begin_event < events && life->end_event >= events;
        state->processes[i].is_running = is_running;
        if (!is_running || state->heaps[i] != NULL)
            continue;
        state->heaps[i] = replay_heap_create();
        status = state->heaps[i] != NULL ? REEL_OK : REEL_E_NO_MEMORY;
    }
    return status;
}

static int load(struct reel_replay *replay, const struct reel_keyframe *keyframe, struct reel_error *error)
{
    int status = REEL_OK;
    begin_anew(replay);
    replay->events = keyframe->events;
    replay->state.is_bare = true;
    replay->state.turn_next = replay_lives_turn_at(&replay->state.lives, keyframe->events);
    for (size_t i = 0; i < keyframe->heap_count && status == REEL_OK; i++)
        status = load_heap(&replay->state, &keyframe->heaps[i]);
    if (status == REEL_OK)
        status = begin_processes(&replay->state, keyframe->events);
    if (status == REEL_OK)
        return REEL_OK;
    replay->is_broken = true;
    return reel_error_set(error, status, "out of memory for the keyframe at %llu events",
                          (unsigned long long)keyframe->events);
}

// Begins at the last keyframe before the moment that can be read, or at the beginning.
static int begin_at_keyframe(struct reel_replay *replay, uint64_t events, struct reel_error *error)
{
    struct reel_keyframe_copy *copy = NULL;
    int status = reel_keyframe_read(replay->reader, 1, events - 1, &copy, error);
    if (status != REEL_OK)
        return status;
    if (copy != NULL)
        status = load(replay, reel_keyframe_get(copy), error);
    else
        begin_anew(replay);
    reel_keyframe_free(copy);
    return status;
}

// Who follows a reel that is being recorded goes on from near its end, and hardly ever back; and does so all the time.
static bool is_following(const struct reel_replay *replay, uint64_t events)
{
    return !replay->is_settled && (events == replay->event_count || events == replay->followed) &&
           events - replay->events <= WAY_FOLLOWED;
}

static uint64_t cost_of_counting(const struct replay_state *state)
{
    return state->live_blocks * COST_COUNTING + state->stack_count / STACKS_CLEARED + COST_OF_TABLES;
}

// What it costs to go on from where the state stands; UINT64_MAX: there is no way.
static uint64_t cost_of_going_on(const struct reel_replay *replay, uint64_t events)
{
    if (replay->is_broken || (events < replay->events && events < replay->state.journal.from))
        return UINT64_MAX;
    if (events < replay->events)
        return (replay->events - events) * COST_UNDONE;
    uint64_t way = events - replay->events;
    uint64_t bare = way + cost_of_counting(&replay->state);
    return way * COST_COUNTED < bare ? way * COST_COUNTED : bare;
}

bool replay_is_step(const struct reel_replay *replay, uint64_t events)
{
    uint64_t jump = replay->state.live_blocks * (COST_LOADING + COST_COUNTING) + WAY_AFTER_KEYFRAME;
    return events < replay->events && (replay->events - events) * COST_UNDONE < jump;
}

static uint64_t cost_of_jump(const struct replay_keyframe *keyframe, uint64_t events)
{
    return events - keyframe->events + keyframe->blocks * (COST_LOADING + COST_COUNTING);
}

bool replay_is_near_keyframes(struct reel_replay *replay, uint64_t from)
{
    const struct replay_keyframe keyframe = replay_keyframe_before(replay, from);
    return cost_of_jump(&keyframe, from) <= WAY_OF_A_FRAME;
}

// Whether a step back stays on the journal even if a keyframe is nearer: from there the next one would have no journal.
static bool is_kept(struct reel_replay *replay, uint64_t events)
{
    uint64_t from = replay->state.journal.from;
    return events >= from && replay_is_step(replay, events) && !replay_is_near_keyframes(replay, from);
}

static uint64_t journal_begin(uint64_t from, uint64_t events)
{
    return events - from < WRITTEN_STRETCH ? from : events - WRITTEN_STRETCH;
}

// A long way is gone bare. The journal of a counted state goes on, unless the way is longer than it is to reach back.
static void choose_bare(struct reel_replay *replay, uint64_t events)
{
    struct replay_state *state = &replay->state;
    uint64_t way = events - replay->events;
    uint64_t written = is_following(replay, events) ? 0 : events - journal_begin(replay->events, events);
    bool is_long = way * COST_COUNTED > way + cost_of_counting(state);
    if (!state->is_bare && !is_long)
        return;
    state->is_written = !state->is_bare && written == way;
    state->is_bare = true;
    replay->written_from = events - written;
    replay->bare_until = events;
}

// Who follows may stand at a keyframe itself, whose time its row tells: no event is read. Elsewhere the way to a moment
// begins before it, so that its last event and its turns are seen.
int replay_start(struct reel_replay *replay, uint64_t events, struct reel_error *error)
{
    struct replay_keyframe keyframe = {0};
    uint64_t going_on = cost_of_going_on(replay, events);
    uint64_t before = events;
    int status = REEL_OK;
    if (is_following(replay, events) && events == replay->followed && !has_turn_at(&replay->state.lives, events))
        before++;
    if (is_following(replay, events) || going_on > WAY_SHORT)
        keyframe = replay_keyframe_before(replay, before);
    bool is_jump = keyframe.events != 0 && cost_of_jump(&keyframe, events) < going_on && !is_kept(replay, events);
    bool is_anew = !is_jump && going_on == UINT64_MAX;
    if (is_anew)
        begin_anew(replay);
    uint64_t from = is_jump ? keyframe.events : replay->events;
    bool is_scrubbing = !is_following(replay, events);
    if (is_scrubbing && (is_jump || is_anew))
        replay_rear_jump(replay, events, journal_begin(from, events));
    if (is_scrubbing) // a second thread is sooner there, and takes a tenth more in all
        replay_window_begin_ahead(&replay->window, from, events);
    if (is_jump)
        status = begin_at_keyframe(replay, before, error);
    if (is_jump && replay->events == keyframe.events)
        replay->t_ns = keyframe.t_ns;
    if (status == REEL_OK && events > replay->events)
        choose_bare(replay, events);
    return status;
}
