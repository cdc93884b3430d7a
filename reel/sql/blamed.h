// SPDX-License-Identifier: MIT
// The blame that functions with the parameters t and process ask for. Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_BLAMED_H
#define HEAPREEL_REEL_SQL_BLAMED_H

#include "reel/blame.h"
#include "reel/sql/function.h"

// Moves the replay to the moment. *blame is the caller's, to be destroyed; *process 0: all.
int sql_blame_make(struct sql_call *call, struct reel_blame **blame, uint32_t *process, struct reel_error *error);

#endif
