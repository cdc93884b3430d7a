// SPDX-License-Identifier: MIT
// Whether somebody else still has the reel open: a recording that was cut off looks like one that goes on, but for
// that.
#include "viewer/model/model_internal.h"

#include <fcntl.h>
#include <unistd.h>

int model_witness_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

void model_witness_close(int witness)
{
    if (witness >= 0)
        close(witness);
}

// SQLite holds a lock on the file as long as it is open. The kernel is asked for one that is in the way of ours; the
// list of all locks (/proc/locks) is not whole while others come and go.
bool model_is_open_elsewhere(int witness)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (witness < 0 || fcntl(witness, F_GETLK, &lock) != 0)
        return true; // not to be known: then it is taken to go on
    return lock.l_type != F_UNLCK;
}
