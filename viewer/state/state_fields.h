// SPDX-License-Identifier: MIT
// The words in which a state is written, the same for writing and reading it. Internal to the files of the state.
#ifndef HEAPREEL_VIEWER_STATE_FIELDS_H
#define HEAPREEL_VIEWER_STATE_FIELDS_H

#include "viewer/state/state.h"

#define STATE_VERSION "1"
#define STATE_BEGIN "begin" // the moment before the first event
#define STATE_END "end"     // of a zoom: the end of the reel, whenever that is
#define STATE_NS_IN_S UINT64_C(1000000000)

#endif
