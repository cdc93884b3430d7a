// SPDX-License-Identifier: MIT
// What the events on the way here have destroyed, so that they can be undone: blocks that were freed, replaced or
// resized, and greatest counts that were passed.
#ifndef HEAPREEL_REEL_REPLAY_JOURNAL_H
#define HEAPREEL_REEL_REPLAY_JOURNAL_H

#include "reel/blocks.h"

#define REPLAY_JOURNAL_ENTRIES_MAX (1u << 21) // 80 MiB
#define REPLAY_JOURNAL_ENTRIES_MIN 1024u

enum replay_undo_kind
{
    REPLAY_UNDO_BLOCK = 1,      // it was there before the event
    REPLAY_UNDO_CLASS_PEAK = 2, // address: the class, whose greatest count was one less
    REPLAY_UNDO_SLOT_PEAK = 3,  // requested_bytes: the greatest sum of slots before
};

struct replay_undo
{
    uint64_t event : 56;
    uint64_t kind : 8; // enum replay_undo_kind
    struct reel_block block;
};

struct replay_journal
{
    struct replay_undo *entries; // in the order of events
    size_t count, max;
    uint64_t from; // moments from this one on can be gone back to
};

void replay_journal_fini(struct replay_journal *journal);
// Forgets all: only the moment itself can be gone back to.
void replay_journal_begin(struct replay_journal *journal, uint64_t moment);
// Makes room for one more, or forgets the older half.
void replay_journal_make_room(struct replay_journal *journal, uint64_t event);

static inline void replay_journal_put(struct replay_journal *journal, uint64_t event, enum replay_undo_kind kind,
                                      const struct reel_block *block)
{
    if (__builtin_expect(journal->count == journal->max, 0))
        replay_journal_make_room(journal, event);
    if (__builtin_expect(journal->count < journal->max, 1))
        journal->entries[journal->count++] =
            (struct replay_undo){.event = event & UINT64_C(0xffffffffffffff), .kind = (uint8_t)kind, .block = *block};
}

// Takes the last entry of that event, NULL: there is none; those of later events are undone, and go. Valid until the
// next put.
static inline const struct replay_undo *replay_journal_take(struct replay_journal *journal, uint64_t event)
{
    while (journal->count != 0 && journal->entries[journal->count - 1].event > event)
        journal->count--;
    if (journal->count == 0 || journal->entries[journal->count - 1].event != event)
        return NULL;
    return &journal->entries[--journal->count];
}

#endif
