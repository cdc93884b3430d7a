// SPDX-License-Identifier: MIT
// A radix sort, from the lowest bits that differ to the highest; bits that are the same in all addresses are passed
// over. Several times as fast as a sort that compares, and blocks stay where they are.
#include "reel/keyframe_order.h"

#include "reel/status.h"
#include "reel/table_memory.h"

#define DIGIT_BITS 11u
#define DIGITS (1u << DIGIT_BITS)

static void sort_by_digit(const struct keyframe_key *from, struct keyframe_key *to, size_t count, unsigned low_bit)
{
    uint32_t begins[DIGITS + 1] = {0};
    for (size_t i = 0; i < count; i++)
        begins[1 + (from[i].address >> low_bit) % DIGITS]++;
    for (size_t digit = 1; digit < DIGITS; digit++)
        begins[digit + 1] += begins[digit];
    for (size_t i = 0; i < count; i++)
        to[begins[(from[i].address >> low_bit) % DIGITS]++] = from[i];
}

// Bits that are not the same in all.
static uint64_t make_keys(const struct reel_block *blocks, size_t count, struct keyframe_key *keys, uint64_t *any_bits)
{
    uint64_t differing = 0;
    *any_bits = 0;
    for (size_t i = 0; i < count; i++)
    {
        keys[i] = (struct keyframe_key){.address = blocks[i].address, .index = (uint32_t)i};
        differing |= blocks[i].address ^ blocks[0].address;
        *any_bits |= blocks[i].address;
    }
    return differing;
}

static size_t keys_bytes(size_t count)
{
    return (count + 1) * sizeof(struct keyframe_key);
}

int keyframe_order_find(struct keyframe_order *order, const struct reel_block *blocks, size_t count, unsigned shift_max)
{
    uint64_t any_bits;
    struct keyframe_key *from = table_memory_allocate(keys_bytes(count));
    struct keyframe_key *to = table_memory_allocate(keys_bytes(count));
    if (from == NULL || to == NULL)
    {
        table_memory_free(from, keys_bytes(count));
        table_memory_free(to, keys_bytes(count));
        return REEL_E_NO_MEMORY;
    }
    uint64_t differing = make_keys(blocks, count, from, &any_bits);
    while (differing != 0)
    {
        unsigned low_bit = (unsigned)__builtin_ctzll(differing);
        sort_by_digit(from, to, count, low_bit);
        struct keyframe_key *sorted = to;
        to = from;
        from = sorted;
        differing &= low_bit + DIGIT_BITS < 64 ? ~UINT64_C(0) << (low_bit + DIGIT_BITS) : 0;
    }
    table_memory_free(to, keys_bytes(count));
    any_bits |= UINT64_C(1) << shift_max;
    *order = (struct keyframe_order){.keys = from, .count = count, .shift = (unsigned)__builtin_ctzll(any_bits)};
    return REEL_OK;
}

void keyframe_order_free(struct keyframe_order *order)
{
    table_memory_free(order->keys, keys_bytes(order->count));
    *order = (struct keyframe_order){0};
}
