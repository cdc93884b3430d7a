// SPDX-License-Identifier: MIT
// The ring of chunks between the one who reads and the thread that decodes. A chunk belongs to the reader until it is
// given, then to the thread until it is decoded, then to the reader again.
#include "reel/reader_ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "reel/status.h"
#include "reel/thread.h"

struct reader_ahead
{
    struct reel_codec *codec; // the thread's
    struct reel_thread_map threads;
    pthread_t thread;
    bool is_begun;        // the reader's, as the next
    unsigned taken;       // chunks since the beginning; taken <= decoded <= given <= taken + READER_AHEAD_CHUNKS
    unsigned given;       // written by the reader, under the lock
    pthread_mutex_t lock; // guards what follows, and given
    pthread_cond_t is_changed;
    unsigned decoded; // written by the thread
    bool is_ending;
    struct reader_ahead_chunk chunks[READER_AHEAD_CHUNKS]; // [number % READER_AHEAD_CHUNKS]
};

// --- the thread ---

static void decode(struct reader_ahead *ahead, struct reader_ahead_chunk *chunk)
{
    chunk->status = reel_codec_decode_with_births(ahead->codec, chunk->data, chunk->bytes, &ahead->threads,
                                                  chunk->events, chunk->births, &chunk->count, &chunk->own_first);
}

static void *run(void *context)
{
    struct reader_ahead *ahead = context;
    pthread_mutex_lock(&ahead->lock);
    while (!ahead->is_ending)
    {
        if (ahead->decoded == ahead->given)
        {
            pthread_cond_wait(&ahead->is_changed, &ahead->lock);
            continue;
        }
        struct reader_ahead_chunk *chunk = &ahead->chunks[ahead->decoded % READER_AHEAD_CHUNKS];
        pthread_mutex_unlock(&ahead->lock);
        decode(ahead, chunk);
        pthread_mutex_lock(&ahead->lock);
        ahead->decoded++;
        pthread_cond_signal(&ahead->is_changed); // the two never wait at once
    }
    pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

// --- the reader ---

static bool allocate(struct reader_ahead *ahead)
{
    bool is_there = reel_codec_create(&ahead->codec) == REEL_OK;
    for (int i = 0; i < READER_AHEAD_CHUNKS && is_there; i++)
    {
        ahead->chunks[i].events = calloc(REEL_CHUNK_EVENTS_MAX, sizeof *ahead->chunks[i].events);
        ahead->chunks[i].births = calloc(REEL_CHUNK_EVENTS_MAX, sizeof *ahead->chunks[i].births);
        is_there = ahead->chunks[i].events != NULL && ahead->chunks[i].births != NULL;
    }
    return is_there;
}

int reader_ahead_create(struct reader_ahead **out)
{
    struct reader_ahead *ahead = calloc(1, sizeof *ahead);
    if (ahead == NULL)
        return REEL_E_NO_MEMORY;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->is_changed, NULL);
    if (!allocate(ahead))
    {
        reader_ahead_destroy(ahead);
        return REEL_E_NO_MEMORY;
    }
    *out = ahead;
    return REEL_OK;
}

void reader_ahead_destroy(struct reader_ahead *ahead)
{
    if (ahead == NULL)
        return;
    reader_ahead_end(ahead);
    for (int i = 0; i < READER_AHEAD_CHUNKS; i++)
    {
        free(ahead->chunks[i].data);
        free(ahead->chunks[i].events);
        free(ahead->chunks[i].births);
    }
    reel_codec_destroy(ahead->codec);
    pthread_cond_destroy(&ahead->is_changed);
    pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}

bool reader_ahead_begin(struct reader_ahead *ahead, const struct reel_thread_map *threads)
{
    ahead->threads = *threads;
    ahead->is_ending = false;
    ahead->taken = ahead->given = ahead->decoded = 0;
    ahead->is_begun = reel_thread_begin(&ahead->thread, run, ahead);
    return ahead->is_begun;
}

bool reader_ahead_is_begun(const struct reader_ahead *ahead)
{
    return ahead->is_begun;
}

static void wait_for(struct reader_ahead *ahead, unsigned decoded)
{
    pthread_mutex_lock(&ahead->lock);
    while (ahead->decoded - ahead->taken < decoded - ahead->taken)
        pthread_cond_wait(&ahead->is_changed, &ahead->lock);
    pthread_mutex_unlock(&ahead->lock);
}

void reader_ahead_drop(struct reader_ahead *ahead)
{
    wait_for(ahead, ahead->given);
    ahead->taken = ahead->given;
}

void reader_ahead_end(struct reader_ahead *ahead)
{
    if (!ahead->is_begun)
        return;
    pthread_mutex_lock(&ahead->lock);
    ahead->is_ending = true;
    pthread_cond_signal(&ahead->is_changed);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
    ahead->is_begun = false;
}

bool reader_ahead_has_room(const struct reader_ahead *ahead)
{
    return ahead->given - ahead->taken < READER_AHEAD_CHUNKS;
}

bool reader_ahead_is_empty(const struct reader_ahead *ahead)
{
    return ahead->given == ahead->taken;
}

static bool make_room(struct reader_ahead_chunk *chunk, size_t bytes)
{
    if (bytes <= chunk->max_bytes)
        return true;
    uint8_t *data = bytes <= READER_AHEAD_BYTES_MAX ? realloc(chunk->data, bytes) : NULL;
    if (data == NULL)
        return false;
    chunk->data = data;
    chunk->max_bytes = bytes;
    return true;
}

bool reader_ahead_give(struct reader_ahead *ahead, uint64_t first, uint64_t expected, const void *data, size_t bytes)
{
    struct reader_ahead_chunk *chunk = &ahead->chunks[ahead->given % READER_AHEAD_CHUNKS];
    if (data == NULL || !make_room(chunk, bytes))
        return false;
    memcpy(chunk->data, data, bytes);
    chunk->bytes = bytes;
    chunk->first = first;
    chunk->expected = expected;
    pthread_mutex_lock(&ahead->lock);
    ahead->given++;
    pthread_cond_signal(&ahead->is_changed);
    pthread_mutex_unlock(&ahead->lock);
    return true;
}

struct reader_ahead_chunk *reader_ahead_take(struct reader_ahead *ahead)
{
    wait_for(ahead, ahead->taken + 1);
    return &ahead->chunks[ahead->taken++ % READER_AHEAD_CHUNKS];
}
