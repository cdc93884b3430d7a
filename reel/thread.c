// SPDX-License-Identifier: MIT
// A new thread has the mask of the one that makes it.
#include "reel/thread.h"

#include <signal.h>

bool reel_thread_begin(pthread_t *thread, void *(*run)(void *context), void *context)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_there = pthread_create(thread, NULL, run, context) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_there;
}
