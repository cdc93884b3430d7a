// SPDX-License-Identifier: MIT
// The chunk codec: up to 65,536 events to bytes and back. Knows nothing of files; a chunk can be decoded without any
// other. The format is told in docs/chunk.md.
//
// The decoder takes its bytes for hostile: every length is checked, and a checksum finds flipped bits.
#ifndef HEAPREEL_REEL_CODEC_H
#define HEAPREEL_REEL_CODEC_H

#include "reel/event.h"

#include <stddef.h>
#include <stdint.h>

#define REEL_CHUNK_EVENTS_MAX 65536
#define REEL_CHUNK_VERSION 2

// State, scratch memory and compression contexts, for one thread at a time. Decoding ends a chunk that is being
// encoded.
struct reel_codec;

int reel_codec_create(struct reel_codec **out); // REEL_OK or REEL_E_NO_MEMORY
void reel_codec_destroy(struct reel_codec *codec);

// Encoding: begin a chunk, put its events as they come, and take what it has become, as often as wanted; put may go on
// after that. At most REEL_CHUNK_EVENTS_MAX events, with times that do not decrease. births[i] says for a free or
// resize which event of the chunk allocated its block, by its number in the chunk, or REEL_BIRTH_ELSEWHERE; a wrong one
// costs space, nothing else. NULL: all elsewhere. The process of an event is not stored.
void reel_codec_begin(struct reel_codec *codec, uint64_t first_event);
void reel_codec_put(struct reel_codec *codec, const struct reel_event *events, const uint32_t *births, size_t count);
// *data is the codec's, valid until its next use. REEL_E_ARGUMENT: there is no event.
int reel_codec_finish(struct reel_codec *codec, const void **data, size_t *bytes);
// The three in one. REEL_E_ARGUMENT: none or too many events.
int reel_codec_encode(struct reel_codec *codec, uint64_t first_event, const struct reel_event *events,
                      const uint32_t *births, size_t count, const void **data, size_t *bytes);

// Which process each thread belongs to: process_of_thread[thread], for threads below thread_count; process 0 for
// others.
struct reel_thread_map
{
    const uint32_t *process_of_thread;
    size_t thread_count;
};

// Decodes into events, which has room for REEL_CHUNK_EVENTS_MAX. Returns REEL_OK, REEL_E_DAMAGED or REEL_E_NEWER. A
// decoded event need not make sense: kinds are known ones, addresses, threads and stacks are any number.
int reel_codec_decode(struct reel_codec *codec, const void *data, size_t bytes, const struct reel_thread_map *threads,
                      struct reel_event *events, size_t *count, uint64_t *first_event);

// The same, and what the chunk tells of lives within it, in births, which has room for REEL_CHUNK_EVENTS_MAX: of a free
// or resize the number in the chunk of the event that allocated its block, of an alloc the number of the free that
// ended its block, or REEL_BIRTH_ELSEWHERE. What is linked is checked: it has the same address and process, a free
// comes after its alloc, an alloc has one free at most and a free one alloc, resizes lie between.
//
// A chunk that the writer made links no block that took the place of a live one, and between a linked alloc and its
// free no other one at that address is born: nothing at the address lives before the one and after the other.
int reel_codec_decode_with_births(struct reel_codec *codec, const void *data, size_t bytes,
                                  const struct reel_thread_map *threads, struct reel_event *events, uint32_t *births,
                                  size_t *count, uint64_t *first_event);

#endif
