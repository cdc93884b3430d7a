// SPDX-License-Identifier: MIT
// Sentences of what is wrong with a heap and its program. Each is one line, cut at the size of the buffer, safe for a
// terminal; the functions return the buffer.
#ifndef HEAPREEL_TEXT_ADVICE_H
#define HEAPREEL_TEXT_ADVICE_H

#include "reel/blame.h"
#include "reel/summary.h"

#define ADVICE_BYTES 320
#define ADVICE_HEADING "blocks that pin more than they hold, and would not in memory of their own (a pool or an arena)"

// "pinned by 4 096 blocks of 448 KiB, class 64, 12.5 s old (median); on 12 pages nothing else lives"; the class is
// that of the advice.
char *advice_pinned(char text[ADVICE_BYTES], const struct reel_advice *advice, const struct reel_class_state *state);
// Of the blocks that were freed beside them; "" where that is not known.
char *advice_neighbour(char text[ADVICE_BYTES], const struct reel_advice *advice);
// "12 pages under 25 % full hold ..."; "" where there are none.
char *advice_sparse(char text[ADVICE_BYTES], const struct reel_blame_sparse *sparse);
// What is missing from a recording, before any figure because it changes what they mean.
#define ADVICE_NOT_COMPLETE "NOT COMPLETE: the recording is still running or was cut off"
char *advice_lost(char text[ADVICE_BYTES], uint64_t events);
char *advice_damaged(char text[ADVICE_BYTES], uint64_t events);
char *advice_missing(char text[ADVICE_BYTES], const struct reel_loss *loss);
// "WRONG STACKS: 3 of 1 000; the first are below"
char *advice_wrong_stacks(char text[ADVICE_BYTES], uint64_t differences, uint64_t verified);
// "wrong stack 1 of process 1, thread 2, at 0.120 s": captured both ways, with two results.
char *advice_difference(char text[ADVICE_BYTES], const struct reel_difference_summary *difference);
// "2 double free, 1 overflow"
char *advice_misuses(char text[ADVICE_BYTES], const uint64_t counts[REEL_MISUSE_COUNT]);
// "double free at 0x7f... (process 1, after 12 events)", and what the sizes mean.
char *advice_misuse(char text[ADVICE_BYTES], const struct reel_finding_summary *finding);

#endif
