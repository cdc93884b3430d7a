// SPDX-License-Identifier: MIT
// The process's environment, also before libc has set it up. Read only.
#ifndef HEAPREEL_BASE_ENVIRONMENT_H
#define HEAPREEL_BASE_ENVIRONMENT_H

// The value of a variable; NULL: it is not set. Not to be kept: the program may change its environment.
const char *base_environment_find(const char *name);

#endif
