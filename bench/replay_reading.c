// SPDX-License-Identifier: MIT
// What reading costs without a state: events alone, and what the file holds.
#include "replay_measures.h"

#include <sqlite3.h>

#include "reel/reader.h"

static double ask_number(struct reel_reader *reader, const char *sql)
{
    sqlite3_stmt *row = NULL;
    double number = 0;
    if (sqlite3_prepare_v2(reel_reader_database(reader), sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        number = sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    return number;
}

void measure_file(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    stop_if(reel_reader_open(&reader, config->path, &error), &error);
    figures_add(figures, "events", (double)reel_reader_event_count(reader));
    figures_add(figures, "chunk_bytes", ask_number(reader, "SELECT sum(length(data)) FROM main.chunk_data"));
    figures_add(figures, "chunk_bytes_per_event",
                ask_number(reader, "SELECT sum(length(data)) FROM main.chunk_data") /
                    (double)reel_reader_event_count(reader));
    figures_add(figures, "keyframes", ask_number(reader, "SELECT count(*) FROM main.keyframe"));
    figures_add(figures, "keyframe_bytes_per_chunk_byte",
                ask_number(reader, "SELECT total(length(data)) FROM main.keyframe") /
                    ask_number(reader, "SELECT sum(length(data)) FROM main.chunk_data"));
    reel_reader_close(reader);
}

static double decode_ns(struct reel_cursor *cursor, uint64_t event_count, bool with_births)
{
    struct reel_error error;
    const struct reel_event *events;
    const uint32_t *births;
    size_t count;
    uint64_t first;
    reel_cursor_move(cursor, 0, UINT64_MAX);
    struct spent begin = spent_now();
    do
        stop_if(with_births ? reel_cursor_next_with_births(cursor, &events, &births, &count, &first, &error)
                            : reel_cursor_next(cursor, &events, &count, &first, &error),
                &error);
    while (count != 0);
    return spent_since(begin).cpu_s / (double)event_count * 1e9;
}

void measure_decode(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    stop_if(reel_reader_open(&reader, config->path, &error), &error);
    stop_if(reel_cursor_open(&cursor, reader, 0, UINT64_MAX, &error), &error);
    uint64_t event_count = reel_reader_event_count(reader);
    double ns = decode_ns(cursor, event_count, false);
    figures_add(figures, "decode_million_events_per_s", 1e3 / ns);
    figures_add(figures, "decode_ns_per_event", ns);
    figures_add(figures, "decode_births_ns_per_event", decode_ns(cursor, event_count, true));
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}
