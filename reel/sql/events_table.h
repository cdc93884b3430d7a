// SPDX-License-Identifier: MIT
// The virtual table `events`. Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_EVENTS_TABLE_H
#define HEAPREEL_REEL_SQL_EVENTS_TABLE_H

#include "reel/sqlite.h"

// Eponymous: it exists on each connection where the module is registered, without CREATE.
extern const struct sqlite3_module reel_events_module;

#endif
