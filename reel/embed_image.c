// SPDX-License-Identifier: MIT
// Part of the build: embed_image OUTPUT writes a C file that holds an empty reel, made by SQLite from the schema, as
// the constant reel_empty_image. Executing the schema takes twice as many instructions as all else of a short
// recording.
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "reel/schema.h"
#include "reel/sqlite.h"

#define PATH_BYTES 4096

static int make_reel(const char *path)
{
    struct sqlite3 *database = NULL;
    int status = reel_sqlite_open(&database, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    const char *const steps[] = {"PRAGMA page_size = 4096; PRAGMA auto_vacuum = 0; PRAGMA journal_mode = MEMORY; BEGIN",
                                 reel_schema_sql, "COMMIT"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == SQLITE_OK; i++)
        status = sqlite3_exec(database, steps[i], NULL, NULL, NULL);
    if (status != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", path, database != NULL ? sqlite3_errmsg(database) : "out of memory");
    sqlite3_close(database);
    return status == SQLITE_OK ? 0 : -1;
}

// Most bytes are zero and left out.
static void write_bytes(FILE *image, FILE *output)
{
    long at = 0;
    fprintf(output,
            "// Generated from schema.sql.\n#include \"reel/schema.h\"\n\nconst uint8_t reel_empty_image[] = {\n");
    for (int byte = getc(image); byte != EOF; byte = getc(image), at++)
        if (byte != 0)
            fprintf(output, "[%ld] = %d,\n", at, byte);
    fprintf(output, "[%ld] = 0};\nconst size_t reel_empty_image_bytes = sizeof reel_empty_image;\n", at - 1);
}

int main(int argument_count, char **arguments)
{
    char path[PATH_BYTES];
    if (argument_count != 2)
        return 2;
    snprintf(path, sizeof path, "%s.reel", arguments[1]);
    unlink(path);
    int status = make_reel(path);
    FILE *image = status == 0 ? fopen(path, "rbe") : NULL;
    FILE *output = status == 0 ? fopen(arguments[1], "we") : NULL;
    if (image != NULL && output != NULL)
        write_bytes(image, output);
    status = image == NULL || output == NULL || ferror(image) ? -1 : 0;
    if (image != NULL)
        fclose(image);
    if (output != NULL && fclose(output) != 0)
        status = -1;
    unlink(path);
    return status == 0 ? 0 : 1;
}
