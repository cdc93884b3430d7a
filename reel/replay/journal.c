// SPDX-License-Identifier: MIT
// The journal's memory: it grows to a bound, beyond which the oldest entries go.
#include "reel/replay/journal.h"

#include <stdlib.h>
#include <string.h>

void replay_journal_fini(struct replay_journal *journal)
{
    free(journal->entries);
    *journal = (struct replay_journal){0};
}

void replay_journal_begin(struct replay_journal *journal, uint64_t moment)
{
    journal->count = 0;
    journal->from = moment;
}

// What is before the entries that stay can be gone back to no more; an event's entries stay or go together.
static void forget_half(struct replay_journal *journal)
{
    size_t kept = journal->count / 2;
    while (kept < journal->count && journal->entries[kept].event == journal->entries[kept - 1].event)
        kept++;
    journal->from = (uint64_t)journal->entries[kept - 1].event + 1;
    journal->count -= kept;
    memmove(journal->entries, journal->entries + kept, journal->count * sizeof *journal->entries);
}

void replay_journal_make_room(struct replay_journal *journal, uint64_t event)
{
    size_t max = journal->max == 0 ? REPLAY_JOURNAL_ENTRIES_MIN : 2 * journal->max;
    struct replay_undo *entries =
        max <= REPLAY_JOURNAL_ENTRIES_MAX ? realloc(journal->entries, max * sizeof *entries) : NULL;
    if (entries != NULL)
    {
        journal->entries = entries;
        journal->max = max;
    }
    else if (journal->count > 1)
        forget_half(journal);
    else
        replay_journal_begin(journal, event + 1); // no memory for any
}
