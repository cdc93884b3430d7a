// SPDX-License-Identifier: MIT
// Chunks that are decoded before they are asked for, by a thread that has nothing but their bytes: whoever reads the
// file gives them, in order, and takes the events in the same order. The thread is there between begin and end alone.
//
//   give ──▶ [chunk, chunk] ──▶ the thread decodes ──▶ take
#ifndef HEAPREEL_REEL_READER_AHEAD_H
#define HEAPREEL_REEL_READER_AHEAD_H

#include "reel/codec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_AHEAD_CHUNKS 2
#define READER_AHEAD_BYTES_MAX (4u << 20) // a larger chunk has no place here

struct reader_ahead_chunk
{
    uint64_t first; // as its row says, with the next
    uint64_t expected;
    uint8_t *data;
    size_t bytes, max_bytes;
    int status;                // of the codec, as the rest
    struct reel_event *events; // REEL_CHUNK_EVENTS_MAX, as the births
    uint32_t *births;
    size_t count;
    uint64_t own_first;
};

struct reader_ahead;

int reader_ahead_create(struct reader_ahead **out);    // REEL_OK or REEL_E_NO_MEMORY; without a thread
void reader_ahead_destroy(struct reader_ahead *ahead); // NULL is allowed; ends it

// The map must stay until the end. False: no thread.
bool reader_ahead_begin(struct reader_ahead *ahead, const struct reel_thread_map *threads);
bool reader_ahead_is_begun(const struct reader_ahead *ahead);
// What was given and not taken is dropped; waits for the chunk that is being decoded, if any.
void reader_ahead_drop(struct reader_ahead *ahead);
void reader_ahead_end(struct reader_ahead *ahead);

bool reader_ahead_has_room(const struct reader_ahead *ahead);
bool reader_ahead_is_empty(const struct reader_ahead *ahead);
// Copies the bytes of the chunk behind those that were given; there is room. False: it is too large, or no memory.
bool reader_ahead_give(struct reader_ahead *ahead, uint64_t first, uint64_t expected, const void *data, size_t bytes);
// Waits for the first one of those that were given; there is one. Its buffers may be exchanged for others of their
// size; it is valid until the next give.
struct reader_ahead_chunk *reader_ahead_take(struct reader_ahead *ahead);

#endif
