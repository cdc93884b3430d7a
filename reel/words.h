// SPDX-License-Identifier: MIT
// The words that stand in the tables for the constants of the C interface: one list for writer and readers.
#ifndef HEAPREEL_REEL_WORDS_H
#define HEAPREEL_REEL_WORDS_H

#include "reel/replay.h"
#include "reel/writer.h"

// Constants. A number that is none of the enumeration gives NULL, but for the end of a process: it is "running" at 0
// and "unknown" otherwise.
const char *reel_words_of_end(enum reel_process_end end);
const char *reel_words_of_role(enum reel_zone_role role);
const char *reel_words_of_misuse(enum reel_misuse misuse);
const char *reel_words_of_region(enum reel_region_kind kind);

// The constant; 0 for NULL and for what is no such word.
enum reel_process_end reel_words_to_end(const char *words);
enum reel_zone_role reel_words_to_role(const char *words);
enum reel_misuse reel_words_to_misuse(const char *words);

#endif
