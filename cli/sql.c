// SPDX-License-Identifier: MIT
// heapreel sql: a query on a reel, read-only. Without a query it is the sqlite3 shell where one can be talked to, else
// the statements on stdin are run.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"
#include "cli/parse.h"
#include "cli/rows.h"
#include "reel/sql.h"

#define PATH_BYTES 4096
#define KEY_JSON 256
#define KEY_CSV 257
#define SHELL "sqlite3"

struct settings
{
    const char *reel;
    const char *query;
    enum rows_format format;
};

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Rows as a JSON array of objects", 0},
    {"csv", KEY_CSV, NULL, 0, "Rows as CSV with a line of names", 0},
    {0},
};

static error_t take_format(struct argp_state *state, enum rows_format *format, enum rows_format wanted)
{
    if (*format != ROWS_TEXT && *format != wanted)
        return cli_usage_error(state, "--json and --csv exclude each other");
    *format = wanted;
    return 0;
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_JSON:
        return take_format(state, &settings->format, ROWS_JSON);
    case KEY_CSV:
        return take_format(state, &settings->format, ROWS_CSV);
    case ARGP_KEY_ARG:
        if (settings->reel == NULL || settings->query != NULL)
            return cli_take_reel(state, key, argument, &settings->reel);
        settings->query = argument;
        return 0;
    default:
        return cli_take_reel(state, key, argument, &settings->reel);
    }
}

// Returns only if there is no shell.
static void become_shell(const char *reel)
{
    char extension[PATH_BYTES];
    char load[PATH_BYTES + 16];
    char path[PATH_BYTES];
    if (!installed_library(INSTALLED_EXTENSION, extension, sizeof extension) || access(extension, R_OK) != 0)
        return;
    snprintf(load, sizeof load, ".load '%s'", extension);
    snprintf(path, sizeof path, "%s%s", reel[0] == '-' ? "./" : "", reel);
    execlp(SHELL, SHELL, "-readonly", "-cmd", load, path, (char *)NULL);
}

static char *read_stdin(void)
{
    char *text = NULL;
    size_t size = 0;
    if (getdelim(&text, &size, '\0', stdin) >= 0)
        return text;
    free(text);
    return ferror(stdin) ? NULL : strdup("");
}

static int run_statements(struct reel_reader *reader, const struct settings *settings)
{
    struct reel_error error = {0};
    struct sqlite3 *database = reel_reader_database(reader);
    if (reel_sql_register(database, &error) != REEL_OK)
        return cli_complain_error(&error);
    if (settings->query != NULL)
        return rows_print(database, settings->query, settings->format);
    char *text = read_stdin();
    if (text == NULL)
        return cli_complain(CLI_CANNOT, "cannot read statements from the standard input");
    int status = rows_print(database, text, settings->format);
    free(text);
    return status;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct reel_reader *reader = NULL;
    bool is_talk = settings->query == NULL && settings->format == ROWS_TEXT && isatty(STDIN_FILENO);
    int status = answer_open(&reader, settings->reel);
    if (status != CLI_OK)
        return status;
    if (is_talk)
    {
        // The shell opens the file by itself.
        reel_reader_close(reader);
        become_shell(settings->reel);
        status = answer_open(&reader, settings->reel);
        if (status != CLI_OK)
            return status;
        fprintf(stderr, "heapreel: no sqlite3 shell here; write statements and end them with ^D\n");
    }
    status = run_statements(reader, settings);
    reel_reader_close(reader);
    return status;
}

const struct cli_command cli_sql = {
    .name = "sql",
    .arguments = "F [QUERY]",
    .purpose = "Run SQL on a reel, read-only, with the heap at any moment as tables",
    .details = "Without QUERY on a terminal: the sqlite3 shell with the reel's tables. Without QUERY elsewhere: the "
               "statements on the standard input. The tables are told in docs/reel.md and docs/sql.md.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
