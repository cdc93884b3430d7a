// SPDX-License-Identifier: MIT
// The first look at a file, by its own bytes: SQLite would say "file is not a database" to five different mishaps.
#include "reel/reader_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reel/error.h"
#include "reel/schema.h"

#define HEADER_BYTES 100 // of a SQLite database; numbers in it are big-endian
#define OFFSET_PAGE_SIZE 16
#define OFFSET_CHANGE_COUNTER 24
#define OFFSET_PAGE_COUNT 28
#define OFFSET_VERSION 60
#define OFFSET_APPLICATION 68
#define OFFSET_VALID_FOR 92

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t page_bytes_of(const uint8_t *header)
{
    uint64_t bytes = (uint64_t)header[OFFSET_PAGE_SIZE] << 8 | header[OFFSET_PAGE_SIZE + 1];
    return bytes == 1 ? 65536 : bytes;
}

static bool is_log_with_content(const char *path)
{
    struct stat status;
    char *name = sqlite3_mprintf("%s-wal", path);
    bool has_content = name != NULL && stat(name, &status) == 0 && status.st_size > 0;
    sqlite3_free(name);
    return has_content;
}

static int read_header(const char *path, uint8_t *header, size_t *header_bytes, uint64_t *file_bytes,
                       struct reel_error *error)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT)
        return reel_error_set(error, REEL_E_OPEN,
                              "%s: there is no such file; record one with: heapreel record -o %s "
                              "PROGRAM",
                              path, path);
    if (file < 0)
        return reel_error_set(error, REEL_E_OPEN, "%s: cannot open the file: %s", path, strerror(errno));
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
    {
        close(file);
        return reel_error_set(error, REEL_E_NOT_A_REEL, "%s: not a reel: not a regular file", path);
    }
    ssize_t got = pread(file, header, HEADER_BYTES, 0);
    close(file);
    if (got < 0)
        return reel_error_set(error, REEL_E_IO, "%s: cannot read the file: %s", path, strerror(errno));
    *header_bytes = (size_t)got;
    *file_bytes = (uint64_t)status.st_size;
    return REEL_OK;
}

int reader_check_identity(const char *name, uint32_t application_id, uint32_t version, struct reel_error *error)
{
    if (application_id != REEL_APPLICATION_ID)
        return reel_error_set(error, REEL_E_NOT_A_REEL,
                              "%s: not a reel: a SQLite database of another application (id 0x%08x)", name,
                              application_id);
    if (version > REEL_FORMAT_VERSION)
        return reel_error_set(error, REEL_E_NEWER,
                              "%s: the reel has format version %u and this Heapreel reads up to %d; use a newer one",
                              name, version, REEL_FORMAT_VERSION);
    if (version == 0)
        return reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: it has no format version", name);
    return REEL_OK;
}

// The page count in the header can only be trusted when it was written by the last change, and while a log holds newer
// pages the file may be short.
static int check_length(const char *path, const uint8_t *header, uint64_t file_bytes, bool has_log,
                        struct reel_error *error)
{
    uint64_t expected_bytes = page_bytes_of(header) * big_endian(header + OFFSET_PAGE_COUNT);
    bool is_valid = big_endian(header + OFFSET_CHANGE_COUNTER) == big_endian(header + OFFSET_VALID_FOR);
    if (has_log || !is_valid || file_bytes >= expected_bytes)
        return REEL_OK;
    return reel_error_set(error, REEL_E_DAMAGED,
                          "%s: the reel is truncated: %llu of %llu bytes are there; copy it again", path,
                          (unsigned long long)file_bytes, (unsigned long long)expected_bytes);
}

int reader_examine_file(const char *path, struct reel_error *error, bool *has_log)
{
    uint8_t header[HEADER_BYTES];
    size_t header_bytes = 0;
    uint64_t file_bytes = 0;
    int status = read_header(path, header, &header_bytes, &file_bytes, error);
    if (status != REEL_OK)
        return status;
    *has_log = is_log_with_content(path);
    static const char magic[] = "SQLite format 3";
    if (header_bytes == 0)
        return reel_error_set(error, REEL_E_NOT_A_REEL, "%s: not a reel: the file is empty", path);
    if (memcmp(header, magic, header_bytes < sizeof magic ? header_bytes : sizeof magic) != 0)
        return reel_error_set(error, REEL_E_NOT_A_REEL, "%s: not a reel: not a SQLite database", path);
    if (header_bytes < HEADER_BYTES)
        return reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is truncated: only %zu bytes are there", path,
                              header_bytes);
    status = reader_check_identity(path, big_endian(header + OFFSET_APPLICATION), big_endian(header + OFFSET_VERSION),
                                   error);
    return status == REEL_OK ? check_length(path, header, file_bytes, *has_log, error) : status;
}
