// SPDX-License-Identifier: MIT
// Findings, and the allocation and first free of the blocks that they name. Where a block no longer lived as the
// finding came, these are found in one pass over the reel's events, at its end, and only if a finding needs it.
//
// A finding asks about an address in a process at a moment. What happens at such an address is followed in a `place`;
// a forked child's places take over from its parent's at the fork.
#include "reel/writer_internal.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader.h"
#include "reel/words.h"

enum
{
    QUESTIONS_MAX = 65536,
    PLACES_MAX = 4 * QUESTIONS_MAX, // ancestors beyond are not asked
};

struct deed
{
    uint64_t event; // REEL_NO_EVENT: none
    uint32_t stack;
};

struct place
{
    uint32_t process;
    uint64_t address;
    uint64_t block;     // where the live block begins that reaches over the address
    struct deed alloc;  // of that block
    struct deed before; // alloc of the block that was freed last at this very address
    struct deed freed;  // its free
};

struct question
{
    int64_t finding;
    uint64_t moment; // so many events are before it
    uint64_t address;
    uint32_t process;
    bool is_past; // asks for the block that was freed, else for the one that lives
};

struct fork
{
    uint64_t event; // the child's places begin after so many events
    uint32_t parent;
    uint32_t child;
};

struct search
{
    struct question *questions; // by moment
    struct place *places;       // by process and address
    struct fork *forks;         // by event
    size_t question_count, question_max, question_next;
    size_t place_count, place_max;
    size_t fork_count, fork_max, fork_next;
};

#define SEARCH_RESERVE(search, one, many)                                                                              \
    writer_reserve(&(search)->many, &(search)->one##_max, (search)->one##_count, sizeof *(search)->many)

static const struct deed no_deed = {REEL_NO_EVENT, 0};

// ---- what is asked

static bool read_question(struct search *search, struct sqlite3_stmt *row)
{
    if (!SEARCH_RESERVE(search, question, questions))
        return false;
    enum reel_misuse misuse = reel_words_to_misuse((const char *)sqlite3_column_text(row, 4));
    search->questions[search->question_count++] =
        (struct question){.finding = sqlite3_column_int64(row, 0),
                          .moment = (uint64_t)sqlite3_column_int64(row, 1),
                          .address = (uint64_t)sqlite3_column_int64(row, 2),
                          .process = (uint32_t)sqlite3_column_int64(row, 3),
                          .is_past = misuse == REEL_MISUSE_DOUBLE_FREE || misuse == REEL_MISUSE_INVALID_FREE ||
                                     misuse == REEL_MISUSE_WRITE_AFTER_FREE};
    return true;
}

static bool read_fork(struct search *search, struct sqlite3_stmt *row)
{
    if (!SEARCH_RESERVE(search, fork, forks))
        return false;
    search->forks[search->fork_count++] = (struct fork){.event = (uint64_t)sqlite3_column_int64(row, 0),
                                                        .parent = (uint32_t)sqlite3_column_int64(row, 1),
                                                        .child = (uint32_t)sqlite3_column_int64(row, 2)};
    return true;
}

static int read_rows(struct reel_writer *writer, struct reel_error *error, enum writer_statement query, int64_t limit,
                     bool (*read)(struct search *, struct sqlite3_stmt *), struct search *search)
{
    struct sqlite3_stmt *rows = writer_statement(writer, error, query);
    if (rows == NULL)
        return writer->failure.status;
    int result = SQLITE_ROW;
    bool has_memory = true;
    sqlite3_bind_int64(rows, 1, limit);
    while (has_memory && (result = sqlite3_step(rows)) == SQLITE_ROW)
        has_memory = read(search, rows);
    int status = REEL_OK;
    if (!has_memory)
        status = writer_fail_memory(writer, error);
    else if (result != SQLITE_DONE)
        status = writer_fail_sqlite(writer, error);
    sqlite3_reset(rows);
    return status;
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    return a->address < b->address ? -1 : a->address > b->address;
}

// The first place at or after the address of the process, or after all of its.
static size_t place_from(const struct search *search, uint32_t process, uint64_t address)
{
    const struct place key = {.process = process, .address = address};
    size_t low = 0;
    size_t high = search->place_count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (compare_places(&search->places[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool add_place(struct search *search, uint32_t process, uint64_t address)
{
    if (!SEARCH_RESERVE(search, place, places))
        return false;
    search->places[search->place_count++] =
        (struct place){.process = process, .address = address, .alloc = no_deed, .before = no_deed, .freed = no_deed};
    return true;
}

static void sort_places(struct search *search)
{
    size_t kept = 0;
    qsort(search->places, search->place_count, sizeof *search->places, compare_places);
    for (size_t i = 0; i < search->place_count; i++)
        if (kept == 0 || compare_places(&search->places[kept - 1], &search->places[i]) != 0)
            search->places[kept++] = search->places[i];
    search->place_count = kept;
}

// A place for each question, and for each place of a child one of its parent. Children come after their parents, so
// that one walk from the last fork to the first finds all ancestors.
static bool make_places(struct search *search)
{
    for (size_t i = 0; i < search->question_count; i++)
        if (!add_place(search, search->questions[i].process, search->questions[i].address))
            return false;
    sort_places(search);
    for (size_t i = search->fork_count; i-- > 0;)
    {
        const struct fork *fork = &search->forks[i];
        size_t count = search->place_count;
        for (size_t k = place_from(search, fork->child, 0);
             k < count && search->places[k].process == fork->child && search->place_count < PLACES_MAX; k++)
            if (!add_place(search, fork->parent, search->places[k].address))
                return false;
        if (search->place_count != count)
            sort_places(search);
    }
    return true;
}

// ---- what happened

static void inherit(struct search *search, const struct fork *fork)
{
    for (size_t i = place_from(search, fork->child, 0);
         i < search->place_count && search->places[i].process == fork->child; i++)
    {
        size_t of_parent = place_from(search, fork->parent, search->places[i].address);
        if (of_parent == search->place_count)
            continue;
        struct place copy = search->places[of_parent];
        if (copy.process != fork->parent || copy.address != search->places[i].address)
            continue;
        copy.process = fork->child;
        search->places[i] = copy;
    }
}

static void see_alloc(struct search *search, const struct reel_event *event, uint64_t number)
{
    uint64_t reach = event->usable_bytes != 0 ? event->usable_bytes : 1;
    for (size_t i = place_from(search, event->process, event->address); i < search->place_count; i++)
    {
        struct place *place = &search->places[i];
        if (place->process != event->process || place->address - event->address >= reach)
            return;
        place->block = event->address;
        place->alloc = (struct deed){number, event->stack};
    }
}

static void see_free(struct search *search, const struct reel_event *event, uint64_t number)
{
    for (size_t i = place_from(search, event->process, event->address); i < search->place_count; i++)
    {
        struct place *place = &search->places[i];
        if (place->process != event->process || place->alloc.event == REEL_NO_EVENT || place->block != event->address)
            return;
        if (place->address == event->address)
        {
            place->before = place->alloc;
            place->freed = (struct deed){number, event->stack};
        }
        place->alloc = no_deed;
    }
}

static int answer(struct reel_writer *writer, struct search *search, const struct question *question,
                  struct reel_error *error)
{
    const struct place *place = &search->places[place_from(search, question->process, question->address)];
    bool is_live = !question->is_past && place->alloc.event != REEL_NO_EVENT;
    const struct deed *alloc = is_live ? &place->alloc : &place->before;
    const struct deed *freed = question->is_past ? &place->freed : &no_deed;
    return writer_run(writer, error, WRITER_UPDATE_FINDING, "iiiii", (int64_t)alloc->event, (int64_t)alloc->stack,
                      (int64_t)freed->event, (int64_t)freed->stack, question->finding);
}

// What comes before the event with that number.
static int catch_up(struct reel_writer *writer, struct search *search, uint64_t number, struct reel_error *error)
{
    int status = REEL_OK;
    while (status == REEL_OK)
    {
        const struct question *question = &search->questions[search->question_next];
        bool is_asked = search->question_next < search->question_count && question->moment <= number;
        const struct fork *fork = &search->forks[search->fork_next];
        bool is_forked = search->fork_next < search->fork_count && fork->event <= number;
        if (is_forked && (!is_asked || fork->event <= question->moment))
        {
            inherit(search, fork);
            search->fork_next++;
        }
        else if (is_asked)
        {
            status = answer(writer, search, question, error);
            search->question_next++;
        }
        else
            break;
    }
    return status;
}

static int replay(struct reel_writer *writer, struct search *search, struct reel_cursor *cursor,
                  struct reel_error *error)
{
    const struct reel_event *events;
    size_t count = 1;
    uint64_t first;
    int status = REEL_OK;
    while (status == REEL_OK && count != 0 && search->question_next < search->question_count)
    {
        status = reel_cursor_next(cursor, &events, &count, &first, error);
        for (size_t i = 0; i < count && status == REEL_OK; i++)
        {
            status = catch_up(writer, search, first + i, error);
            if (events[i].kind == REEL_EVENT_ALLOC)
                see_alloc(search, &events[i], first + i);
            else if (events[i].kind == REEL_EVENT_FREE)
                see_free(search, &events[i], first + i);
        }
    }
    return status == REEL_OK ? catch_up(writer, search, REEL_NO_EVENT, error) : status;
}

static int replay_all(struct reel_writer *writer, struct search *search, struct reel_error *error)
{
    struct reel_reader *reader = NULL;
    struct reel_cursor *cursor = NULL;
    int status = reel_reader_attach(&reader, writer->database, error);
    if (status == REEL_OK)
        status = reel_cursor_open(&cursor, reader, 0, UINT64_MAX, error);
    if (status == REEL_OK)
        status = replay(writer, search, cursor, error);
    reel_cursor_close(cursor);
    reel_reader_close(reader);
    return status;
}

int writer_answer_findings(struct reel_writer *writer, struct reel_error *error)
{
    struct search search = {0};
    int status = read_rows(writer, error, WRITER_SELECT_QUESTIONS, QUESTIONS_MAX, read_question, &search);
    if (status == REEL_OK && search.question_count != 0)
        status = read_rows(writer, error, WRITER_SELECT_FORKS, -1, read_fork, &search);
    if (status == REEL_OK && search.question_count != 0)
        status = make_places(&search) ? replay_all(writer, &search, error) : writer_fail_memory(writer, error);
    free(search.questions);
    free(search.places);
    free(search.forks);
    return status;
}

int reel_writer_add_finding(struct reel_writer *writer, const struct reel_finding_info *info, struct reel_error *error)
{
    struct writer_process *process = writer_running_process(writer, info->process, error);
    const char *kind = reel_words_of_misuse(info->misuse);
    if (process == NULL)
        return writer_refusal(writer);
    bool is_thread = info->thread >= 1 && info->thread <= writer->thread_count &&
                     writer->threads[info->thread - 1].process == info->process;
    if (kind == NULL || !is_thread || info->stack > writer->stacks.pair_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: no finding: misuse %d, thread %u, stack %u", writer->path,
                              (int)info->misuse, info->thread, info->stack);
    // A free that was a misuse has taken its block away, or there was none: what lives at the address now is another.
    const struct reel_block *block =
        info->free_event == REEL_NO_EVENT && info->misuse != REEL_MISUSE_WRITE_AFTER_FREE && info->address != 0
            ? reel_blocks_find(&process->blocks, info->address)
            : NULL;
    writer_saw_time(writer, info->t_ns);
    return writer_run(
        writer, error, WRITER_INSERT_FINDING, "iiiitiiiiiii", (int64_t)info->process, (int64_t)info->thread,
        (int64_t)writer->ledger.figures.events, (int64_t)info->t_ns, kind, (int64_t)info->address,
        (int64_t)info->size_bytes, (int64_t)info->true_size_bytes, (int64_t)info->stack, (int64_t)info->free_event,
        block != NULL ? (int64_t)block->birth_event : INT64_C(-1), block != NULL ? (int64_t)block->stack : INT64_C(0));
}
