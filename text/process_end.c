// SPDX-License-Identifier: MIT
// Ends of processes: the exit status or the name of the signal where there is one, else the word of the reel.
#include "text/process_end.h"

#include "reel/words.h"

#include <stdio.h>
#include <string.h>

char *process_end(char text[PROCESS_END_BYTES], const struct reel_process_summary *process)
{
    const char *signal = process->end == REEL_END_SIGNALLED ? sigabbrev_np(process->signal) : NULL;
    if (process->end == REEL_END_EXITED)
        snprintf(text, PROCESS_END_BYTES, "exit %d", process->exit_status);
    else if (signal != NULL)
        snprintf(text, PROCESS_END_BYTES, "SIG%s", signal);
    else if (process->end == REEL_END_SIGNALLED)
        snprintf(text, PROCESS_END_BYTES, "signal %d", process->signal);
    else
        snprintf(text, PROCESS_END_BYTES, "%s", reel_words_of_end(process->end));
    return text;
}
