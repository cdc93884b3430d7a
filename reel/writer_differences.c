// SPDX-License-Identifier: MIT
// Stacks that were captured both ways, with two results. Refuses to say which of them is right.
#include "reel/writer_internal.h"

#include "reel/error.h"

int reel_writer_find_thread(struct reel_writer *writer, uint32_t process, int32_t tid, uint64_t t_ns, uint32_t *thread,
                            struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    *thread = 0;
    if (writer_process(writer, process, error) == NULL)
        return REEL_E_ARGUMENT;
    int status = writer_check(writer, error);
    if (status != REEL_OK || (row = writer_statement(writer, error, WRITER_SELECT_THREAD)) == NULL)
        return writer->failure.status;
    sqlite3_bind_int64(row, 1, process);
    sqlite3_bind_int64(row, 2, tid);
    sqlite3_bind_int64(row, 3, (int64_t)t_ns);
    if (sqlite3_step(row) == SQLITE_ROW)
        *thread = (uint32_t)sqlite3_column_int64(row, 0);
    else
        status = writer_fail_sqlite(writer, error);
    sqlite3_reset(row);
    return status;
}

int reel_writer_add_difference(struct reel_writer *writer, const struct reel_difference_info *info,
                               struct reel_error *error)
{
    if (writer_process(writer, info->process, error) == NULL)
        return REEL_E_ARGUMENT;
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    if (info->thread > writer->thread_count || info->walked_stack > writer->stacks.pair_count ||
        info->unwound_stack > writer->stacks.pair_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: there is no thread %u, stack %u or stack %u", writer->path,
                              info->thread, info->walked_stack, info->unwound_stack);
    writer_saw_time(writer, info->t_ns);
    return writer_run(writer, error, WRITER_INSERT_DIFFERENCE, "iiiiii", (int64_t)info->process, (int64_t)info->number,
                      (int64_t)info->thread, (int64_t)info->t_ns, (int64_t)info->walked_stack,
                      (int64_t)info->unwound_stack);
}
