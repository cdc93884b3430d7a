// SPDX-License-Identifier: MIT
// Decodes blocks. Refuses to judge sums and headers around them: the caller has them.
#include "tracer/inflate.h"

#include "tracer/inflate_table.h"

#include <stdlib.h>
#include <string.h>

#define INFLATE_MATCH_MAX 258
#define INFLATE_WORD 8
// A turn of the fast loop reads at most three words and writes at most three literals and a match, rounded up to words.
#define INFLATE_SOURCE_SLACK (3 * INFLATE_WORD)
#define INFLATE_TARGET_SLACK (3 + INFLATE_MATCH_MAX + 2 * INFLATE_WORD)

enum inflate_block
{
    BLOCK_NONE,
    BLOCK_STORED,
    BLOCK_CODED,
    BLOCK_DAMAGED,
    BLOCK_AFTER_LAST,
};

struct source
{
    const uint8_t *at, *end;
    uint64_t bits; // before at, not yet used: the next one lowest. Above their count they are zero, or those from at on
    unsigned count; // at most 63
};

struct inflate
{
    struct source source;
    uint8_t *begin, *out, *out_end;
    enum inflate_block block;
    bool is_last;
    size_t stored_bytes; // left
    uint32_t literals[INFLATE_LITERAL_ENTRIES];
    uint32_t distances[INFLATE_DISTANCE_ENTRIES];
};

// --- bits ---

static void refill(struct source *source)
{
    for (; source->count < 56 && source->at < source->end; source->count += 8)
        source->bits |= (uint64_t)*source->at++ << source->count;
}

// To at least 56, a word at a time: the end must be as far away.
static inline void refill_fast(struct source *source)
{
    uint64_t word;
    memcpy(&word, source->at, sizeof word);
    source->bits |= word << source->count;
    source->at += (63 - source->count) / 8;
    source->count |= 56;
}

static inline void drop(struct source *source, unsigned count)
{
    source->bits >>= count;
    source->count -= count;
}

static bool take(struct source *source, unsigned count, unsigned *value)
{
    refill(source);
    if (source->count < count)
        return false;
    *value = (unsigned)low_bits(source->bits, count);
    drop(source, count);
    return true;
}

// --- headers of blocks ---

static bool build_both(struct inflate *inflate, const uint8_t *lengths, unsigned literals, unsigned distances)
{
    return inflate_table_of_literals(inflate->literals, lengths, literals) &&
           inflate_table_of_distances(inflate->distances, lengths + literals, distances);
}

static bool build_fixed(struct inflate *inflate)
{
    uint8_t lengths[INFLATE_LITERALS + INFLATE_DISTANCES];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    memset(lengths + INFLATE_LITERALS, 5, INFLATE_DISTANCES);
    return build_both(inflate, lengths, INFLATE_LITERALS, INFLATE_DISTANCES);
}

static bool build_lengths(struct source *source, uint32_t *entries, unsigned count)
{
    static const uint8_t order[INFLATE_LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[INFLATE_LENGTHS] = {0};
    for (unsigned i = 0; i < count; i++)
    {
        unsigned length;
        if (!take(source, 3, &length))
            return false;
        lengths[order[i]] = (uint8_t)length;
    }
    return inflate_table_of_lengths(entries, lengths);
}

// How often which length comes, by a symbol of 16 and more.
static bool read_run(struct source *source, unsigned symbol, uint8_t before, unsigned *count, uint8_t *length)
{
    static const uint8_t bits[] = {2, 3, 7};
    static const uint8_t least[] = {3, 3, 11};
    unsigned more;
    *length = symbol == 16 ? before : 0;
    if (!take(source, bits[symbol - 16], &more))
        return false;
    *count = least[symbol - 16] + more;
    return true;
}

static bool read_lengths(struct source *source, const uint32_t *entries, uint8_t *lengths, unsigned wanted)
{
    for (unsigned at = 0; at < wanted;)
    {
        refill(source);
        uint32_t found = entries[low_bits(source->bits, INFLATE_LENGTH_BITS)];
        unsigned symbol = found >> 16;
        unsigned count = 1;
        uint8_t length = (uint8_t)symbol;
        if (is_kind(found, ENTRY_INVALID) || code_bits(found) > source->count)
            return false;
        drop(source, code_bits(found));
        if ((symbol == 16 && at == 0) ||
            (symbol >= 16 && !read_run(source, symbol, at > 0 ? lengths[at - 1] : 0, &count, &length)) ||
            count > wanted - at)
            return false;
        memset(lengths + at, length, count);
        at += count;
    }
    return true;
}

static bool read_codes(struct inflate *inflate)
{
    uint32_t entries[INFLATE_LENGTH_ENTRIES];
    uint8_t lengths[INFLATE_LITERALS + INFLATE_DISTANCES] = {0};
    unsigned literals;
    unsigned distances;
    unsigned count;
    struct source *source = &inflate->source;
    if (!take(source, 5, &literals) || !take(source, 5, &distances) || !take(source, 4, &count))
        return false;
    literals += 257;
    distances += 1;
    return literals <= INFLATE_LITERALS && build_lengths(source, entries, count + 4) &&
           read_lengths(source, entries, lengths, literals + distances) &&
           build_both(inflate, lengths, literals, distances);
}

// Begins with the next whole byte.
static bool begin_stored(struct inflate *inflate)
{
    struct source *source = &inflate->source;
    uint16_t sizes[2];
    source->at -= source->count / 8;
    source->bits = source->count = 0;
    if ((size_t)(source->end - source->at) < sizeof sizes)
        return false;
    memcpy(sizes, source->at, sizeof sizes);
    source->at += sizeof sizes;
    inflate->stored_bytes = sizes[0];
    return (sizes[0] ^ sizes[1]) == UINT16_MAX && inflate->stored_bytes <= (size_t)(source->end - source->at);
}

static enum inflate_block begin_block(struct inflate *inflate)
{
    unsigned is_last;
    unsigned type;
    bool is_good = take(&inflate->source, 1, &is_last) && take(&inflate->source, 2, &type);
    if (!is_good)
        return BLOCK_DAMAGED;
    inflate->is_last = is_last != 0;
    switch (type)
    {
    case 0:
        return begin_stored(inflate) ? BLOCK_STORED : BLOCK_DAMAGED;
    case 1:
        return build_fixed(inflate) ? BLOCK_CODED : BLOCK_DAMAGED;
    case 2:
        return read_codes(inflate) ? BLOCK_CODED : BLOCK_DAMAGED;
    default:
        return BLOCK_DAMAGED;
    }
}

static enum inflate_block end_block(const struct inflate *inflate)
{
    return inflate->is_last ? BLOCK_AFTER_LAST : BLOCK_NONE;
}

// --- contents of blocks ---

static enum inflate_block copy_stored(struct inflate *inflate)
{
    size_t room = (size_t)(inflate->out_end - inflate->out);
    size_t bytes = inflate->stored_bytes < room ? inflate->stored_bytes : room;
    memcpy(inflate->out, inflate->source.at, bytes);
    inflate->out += bytes;
    inflate->source.at += bytes;
    inflate->stored_bytes -= bytes;
    return inflate->stored_bytes > 0 ? BLOCK_STORED : end_block(inflate);
}

static inline uint32_t find(const uint32_t *entries, unsigned index_bits, uint64_t bits)
{
    uint32_t found = entries[low_bits(bits, index_bits)];
    if (is_kind(found, ENTRY_TABLE))
        found = entries[(found >> 16) + low_bits(bits >> index_bits, more_bits(found))];
    return found;
}

static inline size_t value_of(uint32_t found, uint64_t bits)
{
    return (found >> 16) + low_bits(bits >> code_bits(found), more_bits(found));
}

// One symbol, wherever: at the ends of the source and of the target.
static enum inflate_block decode_one(struct inflate *inflate)
{
    struct source *source = &inflate->source;
    refill(source);
    uint32_t found = find(inflate->literals, INFLATE_LITERAL_BITS, source->bits);
    size_t length = value_of(found, source->bits);
    if (is_kind(found, ENTRY_INVALID) || code_bits(found) + more_bits(found) > source->count)
        return BLOCK_DAMAGED;
    drop(source, code_bits(found) + more_bits(found));
    if (is_kind(found, ENTRY_END))
        return end_block(inflate);
    if (is_kind(found, ENTRY_LITERAL))
    {
        *inflate->out++ = (uint8_t)length;
        return BLOCK_CODED;
    }
    found = find(inflate->distances, INFLATE_DISTANCE_BITS, source->bits);
    size_t distance = value_of(found, source->bits);
    if (is_kind(found, ENTRY_INVALID) || code_bits(found) + more_bits(found) > source->count ||
        distance > (size_t)(inflate->out - inflate->begin))
        return BLOCK_DAMAGED;
    drop(source, code_bits(found) + more_bits(found));
    for (; length > 0 && inflate->out < inflate->out_end; length--, inflate->out++)
        *inflate->out = *(inflate->out - distance);
    return length == 0 ? BLOCK_CODED : BLOCK_DAMAGED;
}

// May write up to a word more than the two that most matches are shorter than.
static inline uint8_t *copy_match(uint8_t *out, size_t distance, size_t length)
{
    const uint8_t *from = out - distance;
    uint8_t *end = out + length;
    if (distance < INFLATE_WORD)
    {
        while (out < end)
            *out++ = *from++;
        return end;
    }
    do
    {
        memcpy(out, from, INFLATE_WORD);
        memcpy(out + INFLATE_WORD, from + INFLATE_WORD, INFLATE_WORD);
        out += 2 * INFLATE_WORD;
        from += 2 * INFLATE_WORD;
    } while (out < end);
    return end;
}

// Many symbols, as long as neither end is near: no step needs a look at it. What the next symbol means is found before
// the match is copied, which takes longer than both.
static enum inflate_block decode_fast(struct inflate *inflate, const uint8_t *goal)
{
    struct source source = inflate->source;
    const uint8_t *limit = source.end - INFLATE_SOURCE_SLACK;
    uint8_t *out = inflate->out;
    enum inflate_block block = BLOCK_CODED;
    refill_fast(&source);
    uint32_t found = inflate->literals[low_bits(source.bits, INFLATE_LITERAL_BITS)];
    while (source.at <= limit && out < goal)
    {
        for (int i = 0; i < 3 && is_kind(found, ENTRY_LITERAL); i++)
        {
            *out++ = (uint8_t)(found >> 16);
            drop(&source, code_bits(found));
            found = inflate->literals[low_bits(source.bits, INFLATE_LITERAL_BITS)];
        }
        refill_fast(&source);
        if (!is_kind(found, ENTRY_BASE))
        {
            if (is_kind(found, ENTRY_TABLE))
                found = find(inflate->literals, INFLATE_LITERAL_BITS, source.bits);
            if (is_kind(found, ENTRY_LITERAL))
                continue;
            if (!is_kind(found, ENTRY_BASE))
            {
                drop(&source, code_bits(found));
                block = is_kind(found, ENTRY_END) ? end_block(inflate) : BLOCK_DAMAGED;
                break;
            }
        }
        size_t length = value_of(found, source.bits);
        drop(&source, code_bits(found) + more_bits(found));
        found = find(inflate->distances, INFLATE_DISTANCE_BITS, source.bits);
        size_t distance = value_of(found, source.bits);
        drop(&source, code_bits(found) + more_bits(found));
        if (!is_kind(found, ENTRY_BASE) || distance > (size_t)(out - inflate->begin))
        {
            block = BLOCK_DAMAGED;
            break;
        }
        refill_fast(&source);
        found = inflate->literals[low_bits(source.bits, INFLATE_LITERAL_BITS)];
        out = copy_match(out, distance, length);
    }
    inflate->source = source;
    inflate->out = out;
    return block;
}

static enum inflate_block decode(struct inflate *inflate, const uint8_t *goal)
{
    size_t room = (size_t)(inflate->out_end - inflate->out);
    if (inflate->source.end - inflate->source.at < INFLATE_SOURCE_SLACK || room <= INFLATE_TARGET_SLACK)
        return decode_one(inflate);
    const uint8_t *limit = inflate->out_end - INFLATE_TARGET_SLACK;
    return decode_fast(inflate, goal < limit ? goal : limit);
}

bool inflate_until(struct inflate *inflate, size_t end)
{
    if (end > (size_t)(inflate->out_end - inflate->begin))
        return false;
    const uint8_t *goal = inflate->begin + end;
    while (inflate->out < goal && inflate->block < BLOCK_DAMAGED)
        switch (inflate->block)
        {
        case BLOCK_STORED:
            inflate->block = copy_stored(inflate);
            break;
        case BLOCK_CODED:
            inflate->block = decode(inflate, goal);
            break;
        default:
            inflate->block = begin_block(inflate);
            break;
        }
    return inflate->out >= goal;
}

struct inflate *inflate_create(const uint8_t *source, size_t source_bytes, uint8_t *target, size_t target_bytes)
{
    struct inflate *inflate = malloc(sizeof *inflate);
    if (inflate == NULL)
        return NULL;
    inflate->source = (struct source){.at = source, .end = source + source_bytes};
    inflate->begin = inflate->out = target;
    inflate->out_end = target + target_bytes;
    inflate->block = BLOCK_NONE;
    inflate->is_last = false;
    inflate->stored_bytes = 0;
    return inflate;
}

void inflate_destroy(struct inflate *inflate)
{
    free(inflate);
}
