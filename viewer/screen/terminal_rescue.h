// SPDX-License-Identifier: MIT
// What must happen however the process ends: the terminal is put back as it was found, and what was written to stderr
// meanwhile is shown. Knows no ncurses: it is given the bytes to send.
#ifndef HEAPREEL_VIEWER_TERMINAL_RESCUE_H
#define HEAPREEL_VIEWER_TERMINAL_RESCUE_H

#include <signal.h>
#include <stdbool.h>

// Remembers the terminal's modes; before anything changes them.
void rescue_remember(void);
// From here on a crash sends `sequence` to the terminal and puts its modes back, and then does what it would have done;
// SIGTERM, SIGHUP and SIGINT are noted, and, as SIGWINCH, come only while rescue_waiting_mask is in force, so that none
// is missed. What goes to stderr is kept if that is the terminal.
void rescue_arm(const char *sequence);
// The program's own signal mask, for ppoll().
const sigset_t *rescue_waiting_mask(void);
bool rescue_is_asked_to_end(void);
// The signals as they were; stderr as it was, with what it was to show.
void rescue_disarm(void);

#endif
