// SPDX-License-Identifier: MIT
// A tree of losers: which of several sorted sequences has the least key, and after it has moved on, which now, with one
// comparison for each level.
//
//                 [0] winner
//                     |
//                 [1] loser of the final          entrants count .. 2 count - 1 are no nodes:
//               /     |                           entrant i plays its first match at node (count + i) / 2
//     [2] loser    [3] loser
//
// Keys are unequal. Comparisons are made without branches: who wins cannot be predicted.
#ifndef HEAPREEL_TRACER_TOURNAMENT_H
#define HEAPREEL_TRACER_TOURNAMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The entrant's number in the low half, what it is compared by above: time, and what decides at equal times.
__extension__ typedef unsigned __int128 tournament_key;

static inline tournament_key tournament_key_make(uint64_t time, uint32_t rank, uint32_t entrant)
{
    return (tournament_key)time << 64 | (uint64_t)rank << 32 | entrant;
}

// Of an entrant that has no more: greater than all keys.
static inline tournament_key tournament_no_key(uint32_t entrant)
{
    return tournament_key_make(UINT64_MAX, UINT32_MAX, entrant);
}

static inline bool tournament_is_key(tournament_key key)
{
    return (uint64_t)(key >> 32) != UINT64_MAX;
}

static inline uint32_t tournament_entrant(tournament_key key)
{
    return (uint32_t)key;
}

// nodes[count + i] holds the key of entrant i, for each of count > 0; nodes[0] becomes the winner.
static inline void tournament_begin(tournament_key *nodes, size_t count)
{
    for (size_t node = count; node-- > 1;) // winners first, from the leaves up
        nodes[node] = nodes[2 * node] < nodes[2 * node + 1] ? nodes[2 * node] : nodes[2 * node + 1];
    nodes[0] = nodes[1];
    for (size_t node = 1; node < count; node++)
        nodes[node] = nodes[2 * node] < nodes[2 * node + 1] ? nodes[2 * node + 1] : nodes[2 * node];
}

// The winner's next key is this one. Returns who wins now.
static inline tournament_key tournament_replace(tournament_key *nodes, size_t count, tournament_key key)
{
    for (size_t node = (count + tournament_entrant(key)) / 2; node > 0; node /= 2)
    {
        tournament_key other = nodes[node];
        bool is_less = other < key;
        nodes[node] = is_less ? key : other;
        key = is_less ? other : key;
    }
    return nodes[0] = key;
}

// The least key but the winner's.
static inline tournament_key tournament_runner_up(const tournament_key *nodes, size_t count)
{
    tournament_key least = tournament_no_key(UINT32_MAX);
    for (size_t node = (count + tournament_entrant(nodes[0])) / 2; node > 0; node /= 2)
        least = nodes[node] < least ? nodes[node] : least;
    return least;
}

#endif
