// SPDX-License-Identifier: MIT
// Totals of classes to bytes and back. Does not know which classes there are.
#include "reel/class_totals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "reel/leb128.h"

#define TOTALS_MAGIC 0x54435248u // "HRCT"
#define TOTALS_VERSION 1
#define NUMBERS 6 // of a total

struct totals_head
{
    uint64_t checksum; // XXH64 with seed 0 of all bytes after it
    uint32_t magic;
    uint16_t version;
    uint16_t are_told;
};
static_assert(sizeof(struct totals_head) == 16, "a format");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the head is copied as it is");

size_t reel_class_totals_encode(const struct reel_class_totals *totals,
                                uint8_t data[static REEL_CLASS_TOTALS_BYTES_MAX])
{
    struct totals_head head = {.magic = TOTALS_MAGIC, .version = TOTALS_VERSION, .are_told = totals->are_told};
    const uint8_t *end = data + REEL_CLASS_TOTALS_BYTES_MAX;
    uint8_t *at = data + sizeof head;
    uint32_t process = 0;
    for (size_t i = 0; i < totals->count; i++)
    {
        const struct reel_class_total *total = &totals->totals[i];
        if (end - at < NUMBERS * LEB128_BYTES_MAX)
            return 0;
        at = leb128_put(at, total->process - process);
        at = leb128_put(at, total->key);
        at = leb128_put(at, total->live_blocks);
        at = leb128_put(at, total->requested_bytes);
        at = leb128_put(at, total->usable_bytes - total->requested_bytes);
        at = leb128_put(at, total->carved_slots);
        process = total->process;
    }
    size_t bytes = (size_t)(at - data);
    memcpy(data, &head, sizeof head);
    head.checksum = XXH64(data + sizeof head.checksum, bytes - sizeof head.checksum, 0);
    memcpy(data, &head, sizeof head);
    return bytes;
}

static bool get_total(struct leb128_source *source, uint32_t before, struct reel_class_total *total)
{
    uint64_t gap, key, rounding_bytes;
    if (!leb128_get(source, &gap) || !leb128_get(source, &key) || !leb128_get(source, &total->live_blocks) ||
        !leb128_get(source, &total->requested_bytes) || !leb128_get(source, &rounding_bytes) ||
        !leb128_get(source, &total->carved_slots) || gap > UINT32_MAX - before || key > UINT32_MAX)
        return false;
    total->process = before + (uint32_t)gap;
    total->key = (uint32_t)key;
    total->usable_bytes = total->requested_bytes + rounding_bytes;
    return total->process != 0;
}

static int get_all(struct leb128_source *source, struct reel_class_totals *totals)
{
    uint32_t process = 0;
    totals->totals = calloc((size_t)(source->end - source->at) / NUMBERS + 1, sizeof *totals->totals);
    if (totals->totals == NULL)
        return REEL_E_NO_MEMORY;
    while (source->at < source->end)
    {
        struct reel_class_total total;
        if (!get_total(source, process, &total))
            return REEL_E_DAMAGED;
        totals->totals[totals->count++] = total;
        process = total.process;
    }
    return REEL_OK;
}

int reel_class_totals_decode(const void *data, size_t bytes, struct reel_class_totals *totals)
{
    struct totals_head head;
    *totals = (struct reel_class_totals){0};
    if (data == NULL || bytes < sizeof head)
        return REEL_E_DAMAGED;
    memcpy(&head, data, sizeof head);
    const uint8_t *at = data;
    if (head.magic != TOTALS_MAGIC ||
        XXH64(at + sizeof head.checksum, bytes - sizeof head.checksum, 0) != head.checksum)
        return REEL_E_DAMAGED;
    if (head.version != TOTALS_VERSION)
        return REEL_E_NEWER;
    struct leb128_source source = {at + sizeof head, at + bytes};
    totals->are_told = head.are_told != 0;
    int status = get_all(&source, totals);
    if (status == REEL_OK)
        return REEL_OK;
    free(totals->totals);
    *totals = (struct reel_class_totals){0};
    return status;
}
