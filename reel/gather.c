// SPDX-License-Identifier: MIT
// A VFS between SQLite and its own one, for the database and the log. A write that begins where the last one ended is
// kept, and goes out with those that follow it. Refuses to know pages, but for the header of a frame in the log: that
// is how it knows the last one of a transaction.
//
// What is kept goes out before any other call for the file. Most of these return what came of it.
// SQLITE_FCNTL_CKPT_DONE cannot, but a truncation follows it and does, unless the checkpoint was a partial one, because
// somebody reads an older state. So none of a checkpoint is kept once a reader's lock was refused.
#include "reel/gather.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "reel/sqlite.h"

#define GATHER_BYTES (64 << 10) // SQLite's own VFS takes less than 128 KiB at a time
#define FRAME_HEADER_BYTES 24
#define FRAME_COMMIT_AT 4 // big endian: pages of the database after the commit; 0: the transaction goes on

struct gather_file
{
    struct sqlite3_file base;
    struct sqlite3_file *real;
    uint8_t *kept;
    sqlite3_int64 kept_begin; // its offset in the file
    int kept_bytes;
    sqlite3_int64 end; // of the last write
    int failure;       // of a write that could not tell; SQLITE_OK: none
    bool is_log;
    bool is_last_page; // log: the next write ends a transaction
    bool is_watched;   // database: somebody reads an older state
};

static struct gather_file *gather(struct sqlite3_file *file)
{
    return (struct gather_file *)file;
}

static struct sqlite3_file *real(struct sqlite3_file *file)
{
    return gather(file)->real;
}

static int flush(struct gather_file *file)
{
    int status = file->failure;
    file->failure = SQLITE_OK;
    if (file->kept_bytes > 0)
    {
        int written = file->real->pMethods->xWrite(file->real, file->kept, file->kept_bytes, file->kept_begin);
        status = status == SQLITE_OK ? written : status;
    }
    file->kept_bytes = 0;
    return status;
}

// For a call that cannot tell.
static void flush_silently(struct gather_file *file)
{
    file->failure = flush(file);
}

static void keep(struct gather_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    if (file->kept_bytes == 0)
        file->kept_begin = offset;
    memcpy(file->kept + file->kept_bytes, bytes, (size_t)count);
    file->kept_bytes += count;
}

static bool begins_last_page(const struct gather_file *file, const void *bytes, int count)
{
    static const uint8_t goes_on[4];
    return file->is_log && count == FRAME_HEADER_BYTES &&
           memcmp((const uint8_t *)bytes + FRAME_COMMIT_AT, goes_on, sizeof goes_on) != 0;
}

static int gather_write(struct sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset)
{
    struct gather_file *file = gather(base);
    bool follows = offset == file->end && count <= GATHER_BYTES;
    bool is_last = file->is_last_page;
    int status = SQLITE_OK;
    file->is_last_page = begins_last_page(file, bytes, count);
    file->end = offset + count;
    if (!follows || file->is_watched || file->kept_bytes + count > GATHER_BYTES)
        status = flush(file);
    if (status != SQLITE_OK)
        return status;
    if (!follows || file->is_watched)
        return file->real->pMethods->xWrite(file->real, bytes, count, offset);
    keep(file, bytes, count, offset);
    return is_last ? flush(file) : SQLITE_OK;
}

static int gather_close(struct sqlite3_file *base)
{
    struct gather_file *file = gather(base);
    int status = flush(file);
    int closed = file->real->pMethods->xClose(file->real);
    sqlite3_free(file->kept);
    return status == SQLITE_OK ? closed : status;
}

static int gather_read(struct sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset)
{
    int status = flush(gather(base));
    return status == SQLITE_OK ? real(base)->pMethods->xRead(real(base), bytes, count, offset) : status;
}

static int gather_truncate(struct sqlite3_file *base, sqlite3_int64 bytes)
{
    int status = flush(gather(base));
    return status == SQLITE_OK ? real(base)->pMethods->xTruncate(real(base), bytes) : status;
}

static int gather_sync(struct sqlite3_file *base, int flags)
{
    int status = flush(gather(base));
    return status == SQLITE_OK ? real(base)->pMethods->xSync(real(base), flags) : status;
}

static int gather_file_size(struct sqlite3_file *base, sqlite3_int64 *bytes)
{
    int status = flush(gather(base));
    return status == SQLITE_OK ? real(base)->pMethods->xFileSize(real(base), bytes) : status;
}

static int gather_lock(struct sqlite3_file *base, int level)
{
    flush_silently(gather(base));
    return real(base)->pMethods->xLock(real(base), level);
}

static int gather_unlock(struct sqlite3_file *base, int level)
{
    flush_silently(gather(base));
    return real(base)->pMethods->xUnlock(real(base), level);
}

static int gather_check_reserved_lock(struct sqlite3_file *base, int *is_reserved)
{
    return real(base)->pMethods->xCheckReservedLock(real(base), is_reserved);
}

// SQLITE_FCNTL_SYNC comes at the end of a transaction without log, and its answer counts.
static int gather_control(struct sqlite3_file *base, int operation, void *argument)
{
    struct gather_file *file = gather(base);
    if (operation == SQLITE_FCNTL_SYNC)
    {
        int status = flush(file);
        if (status != SQLITE_OK)
            return status;
    }
    flush_silently(file);
    if (operation == SQLITE_FCNTL_CKPT_DONE)
        file->is_watched = false;
    return file->real->pMethods->xFileControl(file->real, operation, argument);
}

static int gather_sector_bytes(struct sqlite3_file *base)
{
    return real(base)->pMethods->xSectorSize(real(base));
}

static int gather_characteristics(struct sqlite3_file *base)
{
    return real(base)->pMethods->xDeviceCharacteristics(real(base));
}

static int gather_shm_map(struct sqlite3_file *base, int region, int bytes, int is_extended, void volatile **at)
{
    return real(base)->pMethods->xShmMap(real(base), region, bytes, is_extended, at);
}

static int gather_shm_lock(struct sqlite3_file *base, int offset, int count, int flags)
{
    flush_silently(gather(base));
    int status = real(base)->pMethods->xShmLock(real(base), offset, count, flags);
    if (status == SQLITE_BUSY)
        gather(base)->is_watched = true;
    return status;
}

static void gather_shm_barrier(struct sqlite3_file *base)
{
    real(base)->pMethods->xShmBarrier(real(base));
}

static int gather_shm_unmap(struct sqlite3_file *base, int is_deleted)
{
    return real(base)->pMethods->xShmUnmap(real(base), is_deleted);
}

static const struct sqlite3_io_methods methods = {
    .iVersion = 2, // no memory-mapped pages
    .xClose = gather_close,
    .xRead = gather_read,
    .xWrite = gather_write,
    .xTruncate = gather_truncate,
    .xSync = gather_sync,
    .xFileSize = gather_file_size,
    .xLock = gather_lock,
    .xUnlock = gather_unlock,
    .xCheckReservedLock = gather_check_reserved_lock,
    .xFileControl = gather_control,
    .xSectorSize = gather_sector_bytes,
    .xDeviceCharacteristics = gather_characteristics,
    .xShmMap = gather_shm_map,
    .xShmLock = gather_shm_lock,
    .xShmBarrier = gather_shm_barrier,
    .xShmUnmap = gather_shm_unmap,
};

static struct
{
    struct sqlite3_vfs *real;
    struct sqlite3_vfs own;
} vfs;

// Journals and temporary files are not worth it.
static int gather_open(struct sqlite3_vfs *own, const char *name, struct sqlite3_file *base, int flags, int *got)
{
    struct gather_file *file = gather(base);
    (void)own;
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0)
        return vfs.real->xOpen(vfs.real, name, base, flags, got);
    *file = (struct gather_file){
        .real = (struct sqlite3_file *)(file + 1), .end = -1, .is_log = (flags & SQLITE_OPEN_WAL) != 0};
    file->kept = sqlite3_malloc(GATHER_BYTES);
    int status = file->kept != NULL ? vfs.real->xOpen(vfs.real, name, file->real, flags, got) : SQLITE_NOMEM;
    if (status == SQLITE_OK)
        base->pMethods = &methods;
    else
        sqlite3_free(file->kept);
    return status;
}

const char *reel_gather_vfs(void)
{
    if (vfs.real != NULL)
        return vfs.own.zName;
    struct sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (found == NULL)
        return NULL;
    vfs.own = *found;
    vfs.own.zName = "heapreel-gather";
    vfs.own.pNext = NULL;
    vfs.own.szOsFile += (int)sizeof(struct gather_file);
    vfs.own.xOpen = gather_open;
    if (sqlite3_vfs_register(&vfs.own, 0) != SQLITE_OK)
        return NULL;
    vfs.real = found;
    return vfs.own.zName;
}
