// SPDX-License-Identifier: MIT
// The half of Heapreel that is written in Python, the package heapreel_web: whether this machine can run it, and
// becoming it. The interpreter is /usr/bin/python3, or the one that HEAPREEL_PYTHON names.
#ifndef HEAPREEL_CLI_PYTHON_H
#define HEAPREEL_CLI_PYTHON_H

#include <stdbool.h>
#include <stddef.h>

#define PYTHON_APPLICATION "index.html" // files of the built front end
#define PYTHON_REPORT "report.html"

// What a command of the package is told beside where the parts of Heapreel lie.
struct python_call
{
    const char *verb;           // of the package: "serve", "report"
    const char *page;           // the file of the built front end that it needs
    const char *const *options; // borrowed, as the package takes them
    size_t option_count;
    const char *const *reels; // borrowed
    size_t reel_count;
};

// True: the package can run here. False: what is missing and what to do, as one line without "heapreel: ". Runs the
// interpreter, and sets the variables of its environment (PYTHONPATH among them) in this process.
bool python_is_ready(const char *page, char *lack, size_t bytes);

// The command instead of this program. Does not look at the reels. Returns only on failure: the exit status, after a
// complaint.
int python_become(const struct python_call *call);

#endif
