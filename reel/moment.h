// SPDX-License-Identifier: MIT
// Moments: the written positions in a reel, `12.5s`, `#1000000`, `40%`, `peak`, `worst`, `end`, turned into an event
// number.
//
// `worst` is the moment at which the heap was least filled since the peak: of the ends of all chunks the one with the
// greatest gap between the greatest live bytes up to there and the live bytes; the end, if they never fell.
#ifndef HEAPREEL_REEL_MOMENT_H
#define HEAPREEL_REEL_MOMENT_H

#include "reel/reader.h"

// Sets *events to how many events have happened at the moment: the state there is the state after that many events.
// Text that is no moment gives REEL_E_ARGUMENT and a line that lists the forms.
int reel_moment_parse(struct reel_reader *reader, const char *text, uint64_t *events, struct reel_error *error);

// The time of the last event before a moment; 0: there is none.
int reel_moment_time(struct reel_reader *reader, uint64_t events, uint64_t *t_ns, struct reel_error *error);

#endif
