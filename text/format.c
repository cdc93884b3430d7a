// SPDX-License-Identifier: MIT
// Numbers and foreign text for people: the same on every machine and in every locale.
#include "text/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define NS_IN_S UINT64_C(1000000000)

struct scale
{
    uint64_t value;
    const char *unit;
};

char *format_count(char buffer[FORMAT_BYTES], uint64_t count)
{
    char digits[FORMAT_BYTES];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *out = buffer;
    for (int i = 0; i < length; i++)
    {
        if (i != 0 && (length - i) % 3 == 0)
            *out++ = ' ';
        *out++ = digits[i];
    }
    *out = '\0';
    return buffer;
}

// whole / part, rounded to the nearest, without overflow.
static uint64_t divide_rounded(uint64_t whole, uint64_t part)
{
    return whole / part + (whole % part >= part - part / 2);
}

// With as many decimals as three digits leave room for, at most max_decimals. False if it rounds up to `limit` of the
// unit: the next unit says it better.
static bool print_scaled(char buffer[FORMAT_BYTES], uint64_t value, struct scale scale, uint64_t limit,
                         unsigned max_decimals)
{
    // Each rounded from the value itself: rounding twice would turn 12.345 into 12.4.
    uint64_t rest = value % scale.value;
    uint64_t hundredths = value / scale.value * 100 + divide_rounded(rest * 100, scale.value);
    uint64_t tenths = value / scale.value * 10 + divide_rounded(rest * 10, scale.value);
    if (max_decimals == 2 && hundredths < 1000)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 ".%02" PRIu64 " %s", hundredths / 100, hundredths % 100, scale.unit);
    else if (tenths < 1000)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, scale.unit);
    else if (divide_rounded(value, scale.value) < limit)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " %s", divide_rounded(value, scale.value), scale.unit);
    else
        return false;
    return true;
}

char *format_bytes(char buffer[FORMAT_BYTES], uint64_t bytes)
{
    static const struct scale scales[] = {
        {UINT64_C(1) << 10, "KiB"}, {UINT64_C(1) << 20, "MiB"}, {UINT64_C(1) << 30, "GiB"},
        {UINT64_C(1) << 40, "TiB"}, {UINT64_C(1) << 50, "PiB"},
    };
    const size_t last = sizeof scales / sizeof scales[0] - 1;
    if (bytes < 1024)
    {
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " B", bytes);
        return buffer;
    }
    size_t i = 0;
    while (i < last && bytes >= scales[i + 1].value)
        i++;
    while (!print_scaled(buffer, bytes, scales[i], i < last ? 1024 : UINT64_MAX, 1))
        i++;
    return buffer;
}

char *format_duration(char buffer[FORMAT_BYTES], uint64_t ns)
{
    static const struct scale scales[] = {{1000, "us"}, {1000000, "ms"}, {NS_IN_S, "s"}};
    uint64_t seconds = divide_rounded(ns, NS_IN_S);
    uint64_t minutes = divide_rounded(seconds, 60);
    if (ns == 0)
        snprintf(buffer, FORMAT_BYTES, "0 s");
    else if (ns < 1000)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " ns", ns);
    else if (seconds >= 3600)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " h %02" PRIu64 " min", minutes / 60, minutes % 60);
    else if (seconds >= 60)
        snprintf(buffer, FORMAT_BYTES, "%" PRIu64 " min %02" PRIu64 " s", seconds / 60, seconds % 60);
    else
    {
        size_t i = ns >= NS_IN_S ? 2 : ns >= 1000000 ? 1 : 0;
        while (!print_scaled(buffer, ns, scales[i], 1000, 2))
            i++;
    }
    return buffer;
}

char *format_time(char buffer[FORMAT_BYTES], uint64_t t_ns)
{
    uint64_t ms = divide_rounded(t_ns, 1000000);
    snprintf(buffer, FORMAT_BYTES, "%" PRIu64 ".%03" PRIu64 " s", ms / 1000, ms % 1000);
    return buffer;
}

char *format_share(char buffer[FORMAT_BYTES], uint64_t part, uint64_t whole)
{
    if (whole == 0)
    {
        snprintf(buffer, FORMAT_BYTES, "-");
        return buffer;
    }
    if (part == 0 || part == whole)
    {
        snprintf(buffer, FORMAT_BYTES, part == 0 ? "0 %%" : "100 %%");
        return buffer;
    }
    // Exact for less than 2^53: the sizes of a heap.
    uint64_t permille = (uint64_t)((double)part * 1000.0 / (double)whole + 0.5);
    permille = permille == 0 ? 1 : permille == 1000 && part < whole ? 999 : permille;
    snprintf(buffer, FORMAT_BYTES, "%" PRIu64 ".%" PRIu64 " %%", permille / 10, permille % 10);
    return buffer;
}

// Bytes of the well-formed printable character that begins here; 0: none does.
static size_t character_bytes(const unsigned char *text)
{
    static const struct
    {
        unsigned char first_min, first_max, second_min, second_max;
        size_t bytes;
    } forms[] = {
        {0x20, 0x7e, 0, 0, 1},       {0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    {
        if (text[0] < forms[i].first_min || text[0] > forms[i].first_max)
            continue;
        if (forms[i].bytes > 1 && (text[1] < forms[i].second_min || text[1] > forms[i].second_max))
            return 0;
        for (size_t j = 2; j < forms[i].bytes; j++)
            if (text[j] < 0x80 || text[j] > 0xbf)
                return 0;
        return forms[i].bytes;
    }
    return 0;
}

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

static char *copy_clean(char *buffer, size_t size, const char *text, bool keeps_controls)
{
    const unsigned char *in = (const unsigned char *)(text != NULL ? text : "");
    char *out = buffer;
    const char *end = buffer + size - 1;
    while (*in != '\0')
    {
        size_t bytes = keeps_controls && is_control(*in) ? 1 : character_bytes(in);
        size_t printed = bytes != 0 ? bytes : 1;
        if ((size_t)(end - out) < printed)
            break;
        for (size_t i = 0; i < printed; i++)
            *out++ = bytes != 0 ? (char)in[i] : '?';
        in += printed;
    }
    *out = '\0';
    return buffer;
}

char *format_text(char *buffer, size_t size, const char *text)
{
    return copy_clean(buffer, size, text, false);
}

char *format_utf8(char *buffer, size_t size, const char *text)
{
    return copy_clean(buffer, size, text, true);
}
