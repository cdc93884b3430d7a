// SPDX-License-Identifier: MIT
// Enumerations to words and back. Knows nothing else of tables.
#include "reel/words.h"

#include <stddef.h>
#include <string.h>

static const char *const ends[] = {[REEL_END_EXITED] = "exited",
                                   [REEL_END_SIGNALLED] = "signalled",
                                   [REEL_END_EXEC] = "exec",
                                   [REEL_END_STOPPED] = "stopped",
                                   [REEL_END_UNKNOWN] = "unknown"};
static const char *const roles[] = {[REEL_ZONE_SLOTS] = "slots",
                                    [REEL_ZONE_BUMP] = "bump",
                                    [REEL_ZONE_CHUNKS] = "chunks",
                                    [REEL_ZONE_METADATA] = "metadata"};
static const char *const misuses[] = {[REEL_MISUSE_DOUBLE_FREE] = "double free",
                                      [REEL_MISUSE_INVALID_FREE] = "invalid free",
                                      [REEL_MISUSE_MISALIGNED_FREE] = "misaligned free",
                                      [REEL_MISUSE_WRONG_SIZE] = "wrong size",
                                      [REEL_MISUSE_WRITE_AFTER_FREE] = "write after free",
                                      [REEL_MISUSE_OVERFLOW] = "overflow",
                                      [REEL_MISUSE_ABSURD_SIZE] = "absurd size"};

static const char *const regions[] = {[REEL_REGION_ZONE] = "zone",
                                      [REEL_REGION_METADATA] = "metadata",
                                      [REEL_REGION_HEAP] = "heap",
                                      [REEL_REGION_ARENA] = "arena",
                                      [REEL_REGION_MAPPING] = "mapping"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *word(const char *const *list, size_t count, unsigned value)
{
    return value < count ? list[value] : NULL;
}

static unsigned value_of(const char *const *list, size_t count, const char *words)
{
    for (unsigned i = 1; i < count && words != NULL; i++)
        if (strcmp(words, list[i]) == 0)
            return i;
    return 0;
}

const char *reel_words_of_end(enum reel_process_end end)
{
    const char *words = word(ends, COUNT(ends), end);
    if (words != NULL)
        return words;
    return end == 0 ? "running" : "unknown";
}

const char *reel_words_of_role(enum reel_zone_role role)
{
    return word(roles, COUNT(roles), role);
}

const char *reel_words_of_misuse(enum reel_misuse misuse)
{
    return word(misuses, COUNT(misuses), misuse);
}

const char *reel_words_of_region(enum reel_region_kind kind)
{
    return word(regions, COUNT(regions), kind);
}

enum reel_process_end reel_words_to_end(const char *words)
{
    return (enum reel_process_end)value_of(ends, COUNT(ends), words);
}

enum reel_zone_role reel_words_to_role(const char *words)
{
    return (enum reel_zone_role)value_of(roles, COUNT(roles), words);
}

enum reel_misuse reel_words_to_misuse(const char *words)
{
    return (enum reel_misuse)value_of(misuses, COUNT(misuses), words);
}
