// SPDX-License-Identifier: MIT
// Formats the line of a failure. Refuses to print it: that is the caller's decision.
#include "tracer/failure.h"

#include <stdarg.h>
#include <stdio.h>

int failure_set(struct reel_error *error, enum reel_status status, const char *format, ...)
{
    if (error != NULL)
    {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}
