// SPDX-License-Identifier: MIT
// Makes and releases what belongs to one process image. Refuses to write the reel.
#include "tracer/process.h"

#include "tracer/failure.h"

#include <stdlib.h>
#include <string.h>

int process_open(struct process **out, int directory_fd, const char *file_name, const struct wire_session *session,
                 struct queue_pool *pool, struct reel_error *error)
{
    // The copy of the channel's header is aligned to cache lines, which calloc does not promise.
    struct process *process = aligned_alloc(_Alignof(struct process), sizeof *process);
    *out = NULL;
    if (process == NULL)
        return failure_set(error, REEL_E_NO_MEMORY, "out of memory for a process");
    memset(process, 0, sizeof *process);
    process->follow.pidfd = -1;
    int status = channel_open(&process->channel, directory_fd, file_name, session, error);
    if (status != REEL_OK)
    {
        free(process);
        return status;
    }
    if (drain_open(&process->source, &process->channel, pool) != REEL_OK ||
        stacks_open(&process->stacks, &process->channel, &process->modules) != REEL_OK)
    {
        process_close(process);
        return failure_set(error, REEL_E_NO_MEMORY, "out of memory for the tables of a process");
    }
    process->feed = (struct merge_feed){
        .source = &process->source, .begin_time = process->channel.constants.begin_time, .owner = process};
    follow_open(&process->follow, process->channel.constants.pid, process->channel.constants.process_start);
    *out = process;
    return REEL_OK;
}

void process_close(struct process *process)
{
    if (process == NULL)
        return;
    follow_close(&process->follow);
    stacks_close(&process->stacks);
    modules_clean_up(&process->modules);
    drain_close(&process->source);
    channel_close(&process->channel);
    free(process);
}

bool process_is_drained(const struct process *process)
{
    for (uint32_t i = 0; i < process->source.ring_count; i++)
        if (!drain_is_empty(&process->source.rings[i]))
            return false;
    return process->feed.has_begun && channel_ring_used(&process->channel) == process->source.ring_count;
}

void process_command(const struct process *process, char *text, size_t bytes)
{
    size_t length = process->channel.constants.command_bytes;
    if (length >= bytes)
        length = bytes - 1;
    memcpy(text, process->channel.constants.command, length);
    while (length > 0 && text[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    text[length] = '\0';
}
