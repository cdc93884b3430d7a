// SPDX-License-Identifier: MIT
// Moving in time: play, pause, speeds, steps by event, column and mark, zoom. Changes the state alone; the caller moves
// the model.
#ifndef HEAPREEL_VIEWER_TRANSPORT_H
#define HEAPREEL_VIEWER_TRANSPORT_H

#include "viewer/page.h"

#define TRANSPORT_SPEED_LEAST (1.0 / 64)
#define TRANSPORT_SPEED_MOST 1024.0

struct transport
{
    bool is_playing;
    bool is_frozen;     // stopped following by its key, and has not moved since: the key goes on following
    double speed;       // seconds of the run for a second of the clock
    uint64_t played_ns; // of the run, where playing stands between two frames
    uint64_t clock_ns;  // when that was
};

void transport_init(struct transport *transport);
// Sets the speed at which a run of that length is a film of ten seconds to a minute, where speeds reach so far.
void transport_fit(struct transport *transport, uint64_t run_ns);
// Actions of the scope TIME. `columns` of the timeline are time. Gives enum reaction, or-ed.
unsigned transport_take(struct transport *transport, struct page_view *view, enum action action, int columns,
                        uint64_t clock_ns);
// While it plays: the moment at that time of the clock. Pauses at the end; there a recording is followed.
unsigned transport_advance(struct transport *transport, struct page_view *view, uint64_t clock_ns);
// "1x", "paused", "following"
const char *transport_says(const struct transport *transport, const struct page_view *view);

#endif
