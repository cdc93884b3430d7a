// SPDX-License-Identifier: MIT
// UTF-8, and the widths of characters. wcwidth() is not asked: it answers by the locale, and what is drawn must be the
// same in all of them.
#include "viewer/screen/utf8.h"

#include <stddef.h>

struct range
{
    uint32_t first;
    uint32_t last;
};

// Letters and signs of one column; what is wide, combines, or runs from right to left is in none of them.
static const struct range narrow[] = {
    {0x20, 0x7e},     {0xa1, 0xac},     {0xae, 0x2ff},                    // Latin
    {0x370, 0x377},   {0x37a, 0x37f},   {0x384, 0x482},   {0x48a, 0x52f}, // Greek, Cyrillic
    {0x531, 0x556},   {0x561, 0x587},   {0x10d0, 0x10fa},                 // Armenian, Georgian
    {0x1e00, 0x1fff}, {0x2010, 0x2027}, {0x2030, 0x205e},                 // Latin and Greek with accents, punctuation
    {0x2070, 0x209c}, {0x20a0, 0x20bf}, {0x2100, 0x218b},                 // raised and lowered, currencies, letterlike
    {0x2190, 0x2319}, {0x2400, 0x2426}, {0x2460, 0x25fc},                 // arrows, mathematics, boxes, blocks, shapes
    {0x2800, 0x28ff}, {0x2900, 0x2aff}, {0xfffd, 0xfffd},
};

static unsigned tail_bytes(unsigned char lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return 1;
    if ((lead & 0xf0) == 0xe0)
        return 2;
    return lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
}

uint32_t utf8_next(const char **text)
{
    const unsigned char *bytes = (const unsigned char *)*text;
    unsigned tail = tail_bytes(bytes[0]);
    uint32_t character = bytes[0];
    if (character == 0)
        return 0;
    (*text)++;
    if (character < 0x80)
        return character;
    character &= 0x3fu >> tail;
    for (unsigned i = 1; i <= tail; i++)
    {
        if ((bytes[i] & 0xc0) != 0x80)
            return '?';
        character = character << 6 | (bytes[i] & 0x3fu);
    }
    static const uint32_t least[] = {UINT32_MAX, 0x80, 0x800, 0x10000};
    if (character < least[tail] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
        return '?';
    *text += tail;
    return character;
}

int utf8_put(char bytes[UTF8_BYTES_MAX], uint32_t character)
{
    if (character < 0x80)
    {
        bytes[0] = (char)character;
        return 1;
    }
    int tail = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    bytes[0] = (char)(leads[tail] | character >> (6 * tail));
    for (int i = 1; i <= tail; i++)
        bytes[i] = (char)(0x80 | (character >> (6 * (tail - i)) & 0x3f));
    return tail + 1;
}

bool utf8_is_one_column(uint32_t character)
{
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        if (character <= narrow[i].last)
            return character >= narrow[i].first;
    return false;
}
