// SPDX-License-Identifier: MIT
// Error lines. Decides nothing but the exit status that an engine's error means.
#include "cli/complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "text/format.h"

#define LINE_BYTES 2048

int cli_complain(int status, const char *format, ...)
{
    char text[LINE_BYTES];
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fflush(stdout);
    fprintf(stderr, "heapreel: %s\n", format_text(line, sizeof line, text));
    return status;
}

int cli_complain_error(const struct reel_error *error)
{
    return cli_complain(error->status == REEL_E_ARGUMENT ? CLI_USAGE : CLI_CANNOT, "%s", error->text);
}

int cli_flush_answer(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return cli_complain(CLI_CANNOT, "cannot write the answer: %s", strerror(errno != 0 ? errno : EIO));
}
