// SPDX-License-Identifier: MIT
// Rows about the pages that the kernel backs. A row that says what the process's last one said is left out.
#include "reel/writer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/resident.h"

static int add_row(struct reel_writer *writer, struct reel_error *error, struct writer_process *process,
                   const void *data, size_t bytes)
{
    const struct writer_sample *sample = &writer->sample;
    uint64_t checksum; // its own, of all that follows it
    memcpy(&checksum, data, sizeof checksum);
    if (process->pages_bytes == bytes && process->pages_checksum == checksum)
        return REEL_OK;
    process->pages_bytes = bytes;
    process->pages_checksum = checksum;
    return writer_run(writer, error, WRITER_INSERT_RESIDENT_PAGES, "iiib", sample->row, (int64_t)sample->process,
                      (int64_t)sample->t_ns, data, bytes);
}

int reel_writer_add_resident_pages(struct reel_writer *writer, const struct reel_resident_mapping *mappings,
                                   size_t mapping_count, const struct reel_resident_run *runs, size_t run_count,
                                   struct reel_error *error)
{
    void *data = NULL;
    size_t bytes = 0;
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    if (writer->sample.row == 0)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: resident pages belong to no sample", writer->path);
    int status = reel_resident_encode(mappings, mapping_count, runs, run_count, &data, &bytes);
    if (status == REEL_E_NO_MEMORY)
        return writer_fail_memory(writer, error);
    if (data == NULL)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: resident pages of process %u are not in order", writer->path,
                              writer->sample.process);
    status = add_row(writer, error, &writer->processes[writer->sample.process - 1], data, bytes);
    free(data);
    return status;
}
