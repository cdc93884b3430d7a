// SPDX-License-Identifier: MIT
// The result codes of reel/ and the one list of their English texts.
#ifndef HEAPREEL_REEL_STATUS_H
#define HEAPREEL_REEL_STATUS_H

// code, value, what it means
#define REEL_STATUS_LIST(X)                                                                                            \
    X(REEL_OK, 0, "success")                                                                                           \
    X(REEL_E_NO_MEMORY, -1, "out of memory")                                                                           \
    X(REEL_E_OPEN, -2, "cannot open the file")                                                                         \
    X(REEL_E_EXISTS, -3, "the file exists already")                                                                    \
    X(REEL_E_NOT_A_REEL, -4, "not a reel")                                                                             \
    X(REEL_E_NEWER, -5, "the reel was made by a newer version")                                                        \
    X(REEL_E_DAMAGED, -6, "the reel is damaged")                                                                       \
    X(REEL_E_FULL, -7, "no space left on the device")                                                                  \
    X(REEL_E_IO, -8, "input or output failed")                                                                         \
    X(REEL_E_ARGUMENT, -9, "bad argument")                                                                             \
    X(REEL_E_CANCELLED, -10, "cancelled")                                                                              \
    X(REEL_E_BUSY, -11, "the reel is in use")

enum reel_status
{
#define REEL_STATUS_ENUM(code, value, text) code = (value),
    REEL_STATUS_LIST(REEL_STATUS_ENUM)
#undef REEL_STATUS_ENUM
};

// What went wrong, where, and what to do, as one line without a newline. Caller's storage; written only on failure.
// Functions that take one accept NULL.
struct reel_error
{
    enum reel_status status;
    char text[1024];
};

// The English text of a code, a constant; "unknown status" for numbers that are none.
const char *reel_status_text(enum reel_status status);

#endif
