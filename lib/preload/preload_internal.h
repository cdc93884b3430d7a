// SPDX-License-Identifier: MIT
// What the files of lib/preload share.
#ifndef HEAPREEL_PRELOAD_PRELOAD_INTERNAL_H
#define HEAPREEL_PRELOAD_PRELOAD_INTERNAL_H

#include <stddef.h>

// A new thread has its first event: arranges that its ring is given back when it ends.
void preload_note_thread(void);

// The environment for a program that is about to be started, with our variables in it: environment itself if they are
// there, else a copy in storage, which holds at least preload_environment_bytes(environment). No allocation: it runs in
// children of vfork.
size_t preload_environment_bytes(char *const *environment);
char *const *preload_environment(char *const *environment, void *storage);

// Reads the variables that preload_environment will restore; once, in the constructor.
void preload_environment_remember(char *const *environment);

#endif
