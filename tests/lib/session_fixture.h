// SPDX-License-Identifier: MIT
// A session without a tracer: the directory and its page, as a tracer would make them, for tests of the program's side.
#ifndef HEAPREEL_TESTS_LIB_SESSION_FIXTURE_H
#define HEAPREEL_TESTS_LIB_SESSION_FIXTURE_H

#include "wire/session.h"

struct session_fixture
{
    char directory[64];
    struct wire_session *session; // writable
};

// The calling thread holds tracer_life. Ends the process with a message if anything fails.
void session_fixture_open(struct session_fixture *fixture, enum wire_stacks stacks, uint32_t ring_records);
// Removes the directory with everything in it.
void session_fixture_close(struct session_fixture *fixture);

#endif
