// SPDX-License-Identifier: MIT
// A library whose free changes errno: what is wrong with it is known.
#include <errno.h>

extern void __libc_free(void *block);
void free(void *block);

void free(void *block)
{
    __libc_free(block);
    errno = EBADF;
}
