// SPDX-License-Identifier: MIT
// Closes every descriptor but its standard output in the middle of its work, and opens others under their numbers.
#define _GNU_SOURCE
#include "counted.h"

#include <fcntl.h>

int main(void)
{
    for (size_t i = 1; i <= 1000; i++)
        counted_free(counted_malloc(i));
    close(STDIN_FILENO);
    close(STDERR_FILENO);
    close_range(3, ~0u, 0);
    for (int i = 0; i < 100; i++)
        if (open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
            return 1;
    for (size_t i = 1; i <= 100000; i++)
        counted_free(counted_malloc(i % 3000));
    counted_report();
    return 0;
}
