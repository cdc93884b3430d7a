// SPDX-License-Identifier: MIT
// Blame at the moment and of the process that a call says.
#include "reel/sql/blamed.h"

#include "reel/sql/arguments.h"

int sql_blame_make(struct sql_call *call, struct reel_blame **blame, uint32_t *process, struct reel_error *error)
{
    int status = sql_process(call, 1, process, error);
    if (status == REEL_OK)
        status = sql_seek(call, error);
    return status == REEL_OK ? reel_blame_make(blame, call->reel->replay, *process, &call->progress, error) : status;
}
