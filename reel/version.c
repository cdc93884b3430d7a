// SPDX-License-Identifier: MIT
// The versions that were compiled in.
#include "reel/version.h"

int reel_api_version(void)
{
    return REEL_API_VERSION;
}

const char *reel_heapreel_version(void)
{
    return HEAPREEL_VERSION;
}
