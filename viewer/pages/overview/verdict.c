// SPDX-License-Identifier: MIT
// The verdict. Chooses words for figures that it is given, and asks nobody.
#include "viewer/pages/overview/verdict.h"

#include "text/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LITTLE_PART 10 // of the resident bytes
#define SPREAD_PART 10 // of the kind of waste

uint64_t verdict_waste_bytes(const struct reel_identity *identity)
{
    return identity->rounding_bytes + identity->pinned_bytes + identity->retained_bytes + identity->metadata_bytes;
}

static enum verdict_kind greatest_part(const struct reel_identity *identity)
{
    const struct
    {
        enum verdict_kind kind;
        uint64_t bytes;
    } parts[] = {{VERDICT_PINNED, identity->pinned_bytes},
                 {VERDICT_RETAINED, identity->retained_bytes},
                 {VERDICT_ROUNDING, identity->rounding_bytes},
                 {VERDICT_METADATA, identity->metadata_bytes}};
    size_t greatest = 0;
    for (size_t i = 1; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].bytes > parts[greatest].bytes)
            greatest = i;
    return parts[greatest].kind;
}

enum verdict_kind verdict_kind(const struct verdict_facts *facts)
{
    uint64_t waste = verdict_waste_bytes(&facts->identity);
    if (facts->live_blocks == 0 && waste < VERDICT_LITTLE_BYTES)
        return VERDICT_NOTHING;
    if (waste < VERDICT_LITTLE_BYTES || waste < facts->identity.resident_bytes / LITTLE_PART)
        return VERDICT_LITTLE;
    return greatest_part(&facts->identity);
}

__attribute__((format(printf, 2, 3))) static void append(char text[VERDICT_BYTES], const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, VERDICT_BYTES - length, format, arguments);
    va_end(arguments);
}

static void append_nothing(char text[VERDICT_BYTES], const struct verdict_facts *facts)
{
    char bytes[FORMAT_BYTES];
    char time[FORMAT_BYTES];
    if (facts->peak_bytes == 0)
        append(text, "Nothing was allocated");
    else
        append(text, "Nothing is allocated at this moment; at the peak, %s, it was %s",
               format_time(time, facts->peak_ns), format_bytes(bytes, facts->peak_bytes));
}

// "6.0 MiB of 9.1 MiB resident (66.1 %)" between words
static void append_waste(char text[VERDICT_BYTES], const char *before, const struct verdict_facts *facts,
                         const char *after)
{
    char bytes[FORMAT_BYTES];
    char resident[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    uint64_t waste = verdict_waste_bytes(&facts->identity);
    append(text, "%s%s of %s resident (%s)%s", before, format_bytes(bytes, waste),
           format_bytes(resident, facts->identity.resident_bytes),
           format_share(share, waste, facts->identity.resident_bytes), after);
}

// Of an amount that is spread over many stacks, the first of them is no culprit.
static void append_culprit(char text[VERDICT_BYTES], const struct verdict_culprit *culprit, uint64_t whole)
{
    char bytes[FORMAT_BYTES];
    char time[FORMAT_BYTES];
    if (culprit->name == NULL || culprit->bytes == 0)
        return;
    format_bytes(bytes, culprit->bytes);
    if (culprit->bytes < whole / SPREAD_PART)
    {
        append(text, " by many stacks, of which none has more than %s, %s", bytes, culprit->name);
        return;
    }
    append(text, ": %s by %s", bytes, culprit->name);
    if (culprit->has_since)
        append(text, " since %s", format_time(time, culprit->since_ns));
}

static void append_retained(char text[VERDICT_BYTES], const struct verdict_facts *facts)
{
    char bytes[FORMAT_BYTES];
    char time[FORMAT_BYTES];
    append(text, ": %s of pages without a live block", format_bytes(bytes, facts->identity.retained_bytes));
    if (facts->peak_ns < facts->t_ns)
        append(text, ", since live bytes fell from %s at %s", format_bytes(bytes, facts->peak_bytes),
               format_time(time, facts->peak_ns));
}

char *verdict_print(char text[VERDICT_BYTES], const struct verdict_facts *facts)
{
    text[0] = '\0';
    switch (verdict_kind(facts))
    {
    case VERDICT_NOTHING:
        append_nothing(text, facts);
        break;
    case VERDICT_LITTLE:
        append_waste(text, "Little is wasted: ", facts, "");
        break;
    case VERDICT_PINNED:
        append_waste(text, "", facts, " is waste, most of it pinned");
        append_culprit(text, &facts->pinned, facts->identity.pinned_bytes);
        break;
    case VERDICT_ROUNDING:
        append_waste(text, "", facts, " is waste, most of it rounding");
        append_culprit(text, &facts->rounding, facts->identity.rounding_bytes);
        break;
    case VERDICT_RETAINED:
        append_waste(text, "", facts, " is waste, most of it retained");
        append_retained(text, facts);
        break;
    case VERDICT_METADATA:
        append_waste(text, "", facts, " is waste, most of it metadata");
        break;
    }
    append(text, facts->is_lossy ? ", as far as it was recorded." : ".");
    return text;
}

const char *verdict_remark(enum verdict_kind kind, bool is_worst)
{
    switch (kind)
    {
    case VERDICT_NOTHING:
        return "P goes to the peak, W to the moment of most waste.";
    case VERDICT_LITTLE:
        return is_worst ? "No other moment has more waste than this one." : "W goes to the moment of most waste.";
    case VERDICT_ROUNDING:
        return "Rounding: blocks are larger than was asked. 2 shows which sizes fit badly.";
    case VERDICT_PINNED:
        return "Pinned: free bytes on pages that a live block keeps. Enter opens the stack.";
    case VERDICT_RETAINED:
        return "Retained: the allocator's cache. A purge (malloc_trim) returns it.";
    case VERDICT_METADATA:
        return "Metadata: the allocator's own tables and headers. Larger blocks need fewer.";
    }
    return "";
}
