// SPDX-License-Identifier: MIT
// Copies of a parent's blocks, kept from the announcement of a fork until the child is added. A child that never comes
// must not hold its copy for ever: the oldest copies go when all of them together exceed a limit.
#include "reel/writer_totals.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_BLOCKS_MAX 4000000

static void drop(struct writer_fork *fork)
{
    reel_blocks_fini(&fork->blocks);
    writer_heap_destroy(fork->heap);
    free(fork->totals);
}

static void forget(struct reel_writer *writer, size_t index)
{
    memmove(&writer->forks[index], &writer->forks[index + 1], (writer->fork_count - index - 1) * sizeof *writer->forks);
    writer->fork_count--;
}

// The newest copy stays in any case: its child is on the way.
static void limit(struct reel_writer *writer)
{
    size_t kept = 0;
    for (size_t i = 0; i < writer->fork_count; i++)
        kept += writer->forks[i].blocks.count + 1024;
    while (writer->fork_count > 1 && kept > KEPT_BLOCKS_MAX)
    {
        kept -= writer->forks[0].blocks.count + 1024;
        drop(&writer->forks[0]);
        forget(writer, 0);
    }
}

int writer_keep_fork(struct reel_writer *writer, uint32_t process, uint32_t serial)
{
    struct writer_process *parent = &writer->processes[process - 1];
    struct writer_fork fork = {.process = process, .serial = serial, .event = writer->ledger.figures.events};
    if (!WRITER_RESERVE(writer, fork, forks) || reel_blocks_clone(&fork.blocks, &parent->blocks, true) != REEL_OK)
        return REEL_E_NO_MEMORY;
    if (writer_heap_copy(&fork.heap, parent->heap) != REEL_OK ||
        writer_totals_copy(&fork.totals, parent->totals) != REEL_OK)
    {
        drop(&fork);
        return REEL_E_NO_MEMORY;
    }
    size_t position = 0;
    for (const struct reel_block *block; (block = reel_blocks_next(&fork.blocks, &position)) != NULL;)
        fork.live_bytes += block->requested_bytes;
    writer->forks[writer->fork_count++] = fork;
    limit(writer);
    return REEL_OK;
}

bool writer_take_fork(struct reel_writer *writer, uint32_t process, uint32_t serial, struct writer_fork *fork)
{
    for (size_t i = writer->fork_count; i-- > 0;)
        if (writer->forks[i].process == process && writer->forks[i].serial == serial)
        {
            *fork = writer->forks[i];
            forget(writer, i);
            return true;
        }
    return false;
}

void writer_drop_forks(struct reel_writer *writer)
{
    for (size_t i = 0; i < writer->fork_count; i++)
        drop(&writer->forks[i]);
    writer->fork_count = 0;
}
