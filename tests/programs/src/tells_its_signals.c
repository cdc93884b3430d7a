// SPDX-License-Identifier: MIT
// Says that it is ready, waits for one signal, names it, and ends with its number as status.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    sigset_t signals;
    int number = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGWINCH);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    puts("ready");
    fflush(stdout);
    if (sigwait(&signals, &number) != 0)
        return 1;
    free(malloc(100));
    printf("got %s\n", sigabbrev_np(number));
    return number;
}
