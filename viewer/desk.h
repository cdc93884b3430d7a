// SPDX-License-Identifier: MIT
// All that is on the screen and how it answers keys and the mouse, without a terminal: state, pages, prompt, help,
// transport, the frame around them.
#ifndef HEAPREEL_VIEWER_DESK_H
#define HEAPREEL_VIEWER_DESK_H

#include "viewer/frame.h"
#include "viewer/help.h"
#include "viewer/layout.h"
#include "viewer/page.h"
#include "viewer/prompt.h"
#include "viewer/screen/terminal.h"
#include "viewer/time/transport.h"

#define DESK_NOTE_BYTES (STATE_TEXT_BYTES + 256)

struct desk
{
    struct model *model;
    struct state state;
    struct page_view views[PAGE_COUNT];
    struct transport transport;
    struct prompt prompt;
    struct help help;
    struct layout layout; // as drawn last
    bool is_maximised;
    bool is_ended;                // the user has quit
    char note[DESK_NOTE_BYTES];   // in the footer until the next key
    struct reel_error seek_error; // why the model is not where the state is; status 0: it is
};

// False: no memory. The model stays the caller's.
bool desk_init(struct desk *desk, struct model *model);
void desk_fini(struct desk *desk);

// Each gives enum reaction, or-ed. clock_ns: any clock that runs evenly.
unsigned desk_key(struct desk *desk, uint32_t key, uint64_t clock_ns);
unsigned desk_mouse(struct desk *desk, const struct terminal_mouse *mouse, uint64_t clock_ns);
// What time does by itself: playing.
unsigned desk_tick(struct desk *desk, uint64_t clock_ns);
// Looks what has been recorded since, and goes there if the state follows.
unsigned desk_refresh(struct desk *desk);

// Moves the model to where the state is; desk_draw does so too.
void desk_move(struct desk *desk);
void desk_draw(struct desk *desk, struct canvas *canvas);
// In the footer of a canvas that is drawn: what the engine does.
void desk_draw_progress(const struct desk *desk, struct canvas *canvas, const char *what, double fraction);

#endif
