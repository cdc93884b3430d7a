// SPDX-License-Identifier: MIT
// Where the parts of Heapreel lie, found from the running program, so that it works in a build tree and wherever it is
// installed.
#ifndef HEAPREEL_CLI_INSTALLED_H
#define HEAPREEL_CLI_INSTALLED_H

#include <stdbool.h>
#include <stddef.h>

#define INSTALLED_PRELOAD "libheapreel.so"
#define INSTALLED_EXTENSION "heapreel/reel.so"
#define INSTALLED_SAMPLES "heapreel/samples"
#define INSTALLED_WEB "heapreel/web"

// Absolute path of a file or folder in the library directory. False if the program cannot tell where it is itself, or
// the path is longer than the buffer; whether it exists is not asked.
bool installed_library(const char *name, char *path, size_t size);
// The same in the folder of what does not depend on the machine.
bool installed_share(const char *name, char *path, size_t size);

#endif
