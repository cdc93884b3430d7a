// SPDX-License-Identifier: MIT
// Threads of this library in a process that belongs to somebody else.
#ifndef HEAPREEL_REEL_THREAD_H
#define HEAPREEL_REEL_THREAD_H

#include <pthread.h>
#include <stdbool.h>

// Begins a thread that no signal is delivered to: handlers are the process's own. It is to be joined. False: there is
// none to be had.
bool reel_thread_begin(pthread_t *thread, void *(*run)(void *context), void *context);

#endif
