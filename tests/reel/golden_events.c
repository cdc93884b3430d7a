// SPDX-License-Identifier: MIT
// The events of the golden chunks. Must not change: the files were made from them.
#include "golden_events.h"

#include <stdbool.h>
#include <string.h>

#define HAND_COUNT 12

static const struct reel_event by_hand[HAND_COUNT] = {
    {1000000000, 0x55d0c0001010, 100, 104, 7, 1, 1, REEL_EVENT_ALLOC, 0},
    {1000000130, 0x55d0c0001080, 24, 24, 7, 1, 1, REEL_EVENT_ALLOC, REEL_EVENT_ZEROED},
    {1000000240, 0x55d0c0001010, 0, 0, 9, 1, 1, REEL_EVENT_FREE, 0},
    {1000002527, 0x55d0c0001010, 100, 104, 7, 1, 1, REEL_EVENT_ALLOC, 0},
    {1000070351, 0x7f3a80000020, 1 << 20, (1 << 20) + 4064, 300, 2, 1, REEL_EVENT_ALLOC, REEL_EVENT_ALIGNED},
    {1000070351, 0x55d0c0001080, 20, 24, 8, 1, 1, REEL_EVENT_RESIZE, 0},
    {1000070400, 0x55d0c0000100, 0, 0, 9, 1, 1, REEL_EVENT_FREE, REEL_EVENT_REALLOC},
    {1000070500, 0x55d0c0002000, 4000, 4008, 70000, 1, 1, REEL_EVENT_ALLOC, REEL_EVENT_REALLOC},
    {1000070600, 0x55d0c0009990, 5000, 5000, 9, 1, 1, REEL_EVENT_RESIZE, 0},
    {UINT64_C(9000000000000), 0x7f3a80000020, 0, 0, 0, 3, 2, REEL_EVENT_FREE, 0},
    {UINT64_C(9000000000001), 0x7f3a80000020, UINT64_C(1) << 40, UINT64_C(1) << 40, 0, 3, 2, REEL_EVENT_ALLOC, 0},
    {UINT64_C(9000000000002), 0x55d0c0002000, 0, 0, 9, 1, 1, REEL_EVENT_FREE, 0},
};

static const uint32_t births_by_hand[HAND_COUNT] = {REEL_BIRTH_ELSEWHERE,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    0,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    1,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    4,
                                                    REEL_BIRTH_ELSEWHERE,
                                                    7};

static const uint32_t process_of_thread[] = {0, 1, 1, 2};
const struct reel_thread_map golden_threads = {process_of_thread, 4};

static void carve(struct reel_event *events)
{
    static const uint32_t carved[] = {0, 1, 4, 7, 12, 14, 16, 18, 20};
    for (size_t i = 0; i < sizeof carved / sizeof carved[0]; i++)
        events[carved[i]].flags |= REEL_EVENT_CARVED;
}

void golden_make(unsigned version, struct reel_event *events, uint32_t *births)
{
    memcpy(events, by_hand, sizeof by_hand);
    memcpy(births, births_by_hand, sizeof births_by_hand);
    for (uint32_t i = HAND_COUNT; i < GOLDEN_EVENT_COUNT; i++)
    {
        bool is_free = i % 2 == 1;
        uint64_t address = UINT64_C(0x55d0c0010000) + i / 2 % 5 * 64;
        uint64_t bytes = 24 + i / 2 % 3 * 16;
        events[i] = (struct reel_event){.t_ns = events[i - 1].t_ns + 90 + i % 7,
                                        .address = address,
                                        .requested_bytes = is_free ? 0 : bytes,
                                        .usable_bytes = is_free ? 0 : bytes + 8,
                                        .stack = is_free ? 11 : 10 + i % 4,
                                        .thread = 1,
                                        .process = 1,
                                        .kind = is_free ? REEL_EVENT_FREE : REEL_EVENT_ALLOC};
        births[i] = is_free ? i - 1 : REEL_BIRTH_ELSEWHERE;
    }
    if (version >= 2)
        carve(events);
}
